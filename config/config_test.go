package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func smallest(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testdata, "good", "smallest.yaml"))
	require.NoError(t, err)
	return text
}

// TestPrecedence sets each single value in every combination of file, environment and flag.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	values := map[string][3]string{ // file, environment, flag
		"data":               {"/a", "/b", "/c"},
		"listen":             {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
		"sweep.recent":       {"@every 2m", "@every 3m", "@every 4m"},
		"sweep.full":         {"1 1 * * *", "2 2 * * *", "3 3 * * *"},
		"brakes.max_shelves": {"1", "2", "3"},
		"brakes.max_percent": {"4", "5", "6"},
		"log.level":          {"debug", "warn", "error"},
		"log.format":         {"json", "text", "json"},
	}
	for _, s := range settings {
		given, ok := values[s.Key]
		require.True(t, ok, "no case for %s", s.Key)
		for mask := range 8 {
			text, env, flags := string(smallest(t)), map[string]string{}, map[string]string{}
			want, from := s.Default, defaultOrigin
			if mask&1 != 0 {
				line, quoted := s.Key+": ", given[0]
				if section, key, nested := strings.Cut(s.Key, "."); nested {
					line = section + ":\n  " + key + ": "
				}
				if s.number == nil {
					quoted = fmt.Sprintf("%q", given[0])
				}
				text, want, from = text+line+quoted+"\n", given[0], "evenstock.yaml"
			}
			if mask&2 != 0 {
				env[s.Env], want, from = given[1], given[1], "env "+s.Env
			}
			if mask&4 != 0 {
				flags[s.Flag], want, from = given[2], given[2], "flag --"+s.Flag
			}
			c, err := Parse("evenstock.yaml", []byte(text), func(name string) string { return env[name] }, flags)
			require.NoError(t, err, "%s %03b", s.Key, mask)
			require.Equal(t, want, s.get(c), "%s %03b", s.Key, mask)
			require.Equal(t, from, c.at[s.Key].file, "%s %03b", s.Key, mask)
		}
	}
}

func TestDataFolder(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, line, env, want string }{
		{"default beside the file", "/etc/evenstock/evenstock.yaml", "", "", "/etc/evenstock/data"},
		{"default in the working directory", "evenstock.yaml", "", "", "./data"},
		{"of the file", "conf/evenstock.yaml", "data: ../d", "", "d"},
		{"absolute", "conf/evenstock.yaml", "data: /srv/d", "", "/srv/d"},
		{"of the environment", "conf/evenstock.yaml", "data: ../d", "elsewhere", "elsewhere"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := func(name string) string { return map[string]string{"EVENSTOCK_DATA": test.env}[name] }
			c, err := Parse(test.file, append(smallest(t), test.line...), env, nil)
			require.NoError(t, err)
			require.Equal(t, filepath.FromSlash(test.want), c.Data)
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.yaml")
	_, err := Load(missing, nil, nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, missing+`: cannot be read: no such file or directory: write one with "evenstock init", or name another file with --config`)
	require.Len(t, Problems(err), 1)

	_, err = Load(dir, nil, nil)
	require.ErrorContains(t, err, "cannot be read: is a directory: name another file with --config")

	large := filepath.Join(dir, "large.yaml")
	require.NoError(t, os.WriteFile(large, []byte(strings.Repeat("# filler\n", maxFileBytes/9+1)), 0o600))
	_, err = Load(large, nil, nil)
	require.ErrorContains(t, err, "is larger than 262144 bytes")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "l%d, ", i)
		}
		return "[" + b.String() + "]"
	}
	tests := []struct{ name, text, want string }{
		{"locations", "locations: " + names(maxLocations+1), "locations: has more than 256 entries"},
		{"channels", "channels: " + names(maxChannels+1), "channels: has more than 64 channels"},
		{"channel locations", "channels: [{locations: {" + strings.Trim(strings.ReplaceAll(names(maxLocations+1), ",", ": x,"), "[]") + "}}]",
			"channels[0].locations: has more than 256 locations"},
		{"keys", strings.Repeat("a: b\n", maxKeys+1), "evenstock.yaml:1: has more than 256 keys"},
		{"long value", "data: " + strings.Repeat("x", maxTextBytes+1), "data: is longer than 2048 bytes"},
		{"several lines", "data: |\n  a\n  b\n", "data: goes over several lines"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("evenstock.yaml", []byte(test.text), nil, nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range maxKeys {
		fmt.Fprintf(&text, "unknown%d: x\n", i)
	}
	_, err := Parse("evenstock.yaml", []byte(text.String()), nil, nil)
	problems := Problems(err)
	require.Len(t, problems, maxReportedProblems+1)
	require.Equal(t, "158 more faults", problems[maxReportedProblems].Reason) // and locations, channels
	require.Nil(t, Problems(errors.New("of somebody else")))
	require.Nil(t, Problems(nil))
}

func TestUnknownEnv(t *testing.T) {
	t.Parallel()
	c, err := Parse("evenstock.yaml", smallest(t), nil, nil)
	require.NoError(t, err)
	warnings := c.UnknownEnv([]string{
		"PATH=/bin", "EVENSTOCK_LISTEN=:1", "EVENSTOCK_CHANNELS_TILL_TOKEN=PRIVATE", "EVENSTOCK_CONFIG=x",
		"EVENSTOCK_LISTN=PRIVATE", "EVENSTOCK_CHANNELS_WEB_TOKEN=PRIVATE",
	}, "EVENSTOCK_CONFIG")
	require.Equal(t, []string{
		`env EVENSTOCK_CHANNELS_WEB_TOKEN: is not known: did you mean "EVENSTOCK_CHANNELS_TILL_TOKEN"?`,
		`env EVENSTOCK_LISTN: is not known: did you mean "EVENSTOCK_LISTEN"?`,
	}, warnings)
}

// brokenWriter refuses everything.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenStreams(t *testing.T) {
	t.Parallel()
	c, err := Parse("evenstock.yaml", smallest(t), nil, nil)
	require.NoError(t, err)
	require.Error(t, c.Print(brokenWriter{}))
	require.ErrorIs(t, WriteReference(brokenWriter{}), io.ErrClosedPipe)
	_, err = NewHookToken(iotest.ErrReader(io.ErrClosedPipe))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
