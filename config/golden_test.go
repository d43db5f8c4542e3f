package config

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testdata = "../testdata/config"

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to write it")
	require.Equal(t, string(want), string(got))
}

// surroundings reads the environment and flags of a case out of its comments: "# env: NAME=value", "# flag: name=value".
func surroundings(text []byte) (env func(string) string, flags map[string]string) {
	vars, flags := map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if pair, ok := strings.CutPrefix(line, "# env: "); ok {
			name, value, _ := strings.Cut(pair, "=")
			vars[name] = value
		}
		if pair, ok := strings.CutPrefix(line, "# flag: "); ok {
			name, value, _ := strings.Cut(pair, "=")
			flags[name] = value
		}
	}
	return func(name string) string { return vars[name] }, flags
}

func cases(t testing.TB, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testdata, folder, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

// TestGoodFiles prints each file of good/ and its warnings.
func TestGoodFiles(t *testing.T) {
	t.Parallel()
	for _, path := range cases(t, "good") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			env, flags := surroundings(text)
			c, err := Parse("evenstock.yaml", text, env, flags)
			require.NoError(t, err)
			var out bytes.Buffer
			require.NoError(t, c.Print(&out))
			for _, warning := range c.Warnings() {
				out.WriteString("# warning: " + warning + "\n")
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".golden", out.Bytes())
		})
	}
}

// TestBadFiles compares every message of each file of bad/, and that each tells file, key or line, and reason.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, path := range cases(t, "bad") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			env, flags := surroundings(text)
			c, err := Parse("evenstock.yaml", text, env, flags)
			require.Nil(t, c)
			require.Error(t, err)
			for _, problem := range Problems(err) {
				require.NotEmpty(t, problem.Reason)
				require.NotEmpty(t, problem.File)
				if problem.File == "evenstock.yaml" {
					require.Positive(t, problem.Line, "%v", problem)
				}
			}
			require.NotContains(t, err.Error(), "PRIVATE", "messages must not repeat secrets")
			golden(t, strings.TrimSuffix(path, ".yaml")+".golden", []byte(err.Error()+"\n"))
		})
	}
}

// TestPrintIsLoadable reads what Print wrote back, and finds the same configuration but for what was redacted.
func TestPrintIsLoadable(t *testing.T) {
	t.Parallel()
	for _, path := range cases(t, "good") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		env, flags := surroundings(text)
		c, err := Parse("evenstock.yaml", text, env, flags)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, c.Print(&out))
		again, err := Parse("evenstock.yaml", bytes.ReplaceAll(out.Bytes(), []byte(redacted), []byte("0123456789abcdef")), env, flags)
		require.NoError(t, err, "%s\n%s", path, out.String())
		require.Equal(t, plain(c), plain(again), path)
	}
}

// plain is the configuration without where it came from.
func plain(c *Config) Config {
	p := *c
	p.at, p.warnings, p.Channels = nil, nil, nil
	for _, ch := range c.Channels {
		ch.at, ch.WebhookURL = nil, ch.RedactedWebhookURL()
		p.Channels = append(p.Channels, ch)
	}
	p.Merchants = nil
	for _, shop := range c.Merchants {
		bare := plain(shop)
		p.Merchants = append(p.Merchants, &bare)
	}
	return p
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	random := sha256.Sum256([]byte("a fixed source, so that the golden file holds"))
	text, err := Template(bytes.NewReader(bytes.Repeat(random[:], 2)))
	require.NoError(t, err)
	golden(t, filepath.Join(testdata, "template.golden"), text)
	require.NotRegexp(t, `\{[a-z_.-]+\}`, string(text), "a place was not filled")

	c, err := Parse("evenstock.yaml", text, nil, nil)
	require.NoError(t, err)
	require.Empty(t, c.Warnings())
	require.NotEqual(t, filepath.Base(c.Channels[0].WebhookPath()), filepath.Base(c.Channels[1].WebhookPath()))
	for _, s := range settings {
		require.Equal(t, s.Default, s.get(c), s.Key)
		require.NotEqual(t, defaultOrigin, c.at[s.Key].file, "%s is not in the template", s.Key)
	}

	_, err = Template(bytes.NewReader(random[:30]))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestReference(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteReference(&out))
	golden(t, filepath.Join(testdata, "reference.golden"), out.Bytes())

	seen := map[string]bool{}
	for _, o := range Reference() {
		for _, name := range []string{o.Key, o.Env, "--" + o.Flag} {
			require.False(t, seen[name] && name != "" && name != "--", "%s stands twice", name)
			seen[name] = true
		}
		require.NotEmpty(t, o.Help, o.Key)
		require.NotEmpty(t, o.Unit, o.Key)
		if strings.HasPrefix(o.Key, "channels") {
			require.Empty(t, o.Flag, "nothing of a channel comes from flags")
		}
	}
}
