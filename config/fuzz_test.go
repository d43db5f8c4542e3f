package config

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse holds Parse to its promises for any file: no panic; every fault with its line and on one line of text; and
// what is accepted prints to YAML that is accepted again, with equal values.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, path := range cases(f, folder) {
			text, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		env, flags := surroundings(text)
		c, err := Parse("evenstock.yaml", text, env, flags)
		if err != nil {
			require.Nil(t, c)
			problems := Problems(err)
			require.NotEmpty(t, problems)
			for _, problem := range problems {
				require.NotEmpty(t, problem.Reason)
				require.True(t, problem.Line > 0 || problem.File != "evenstock.yaml" || problem.Key == "", "%v", problem)
				require.NotContains(t, problem.Error(), "\n")
			}
			return
		}
		var out bytes.Buffer
		require.NoError(t, c.Print(&out))
		again, err := Parse("evenstock.yaml", []byte(strings.ReplaceAll(out.String(), redacted, "0123456789abcdef")), env, flags)
		require.NoError(t, err, "%s", out.String())
		require.Equal(t, plain(c), plain(again))
	})
}
