package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const sourceText = `data: ./data
locations: [main, attic]
channels:
  - {name: till, platform: square, api_url: "https://connect.squareup.com", token_file: t, locations: {L1: main}}
  - {name: web, platform: shopify, api_url: "https://a.myshopify.com", token_file: w, locations: {"77": main}}
`

// TestReread: the file of a configuration that is in use is compared with it by what it means.
func TestReread(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "evenstock.yaml")
	write := func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Minute)))
	}
	write(sourceText)
	cfg, err := Load(path, func(name string) string { return map[string]string{"EVENSTOCK_LOG_LEVEL": "warn"}[name] }, map[string]string{"listen": "127.0.0.1:9"})
	require.NoError(t, err)
	file, read := cfg.Source()
	require.Equal(t, path, file)
	require.WithinDuration(t, time.Now(), read, time.Minute)

	lines := strings.SplitAfter(sourceText, "\n")
	for name, c := range map[string]struct {
		text    string
		differs bool
		fault   string
	}{
		"as it was":                   {sourceText, false, ""},
		"a comment":                   {"# ours\n" + sourceText, false, ""},
		"another order":               {strings.Join([]string{lines[2], lines[4], lines[3], "locations: [attic, main]\n", lines[0]}, ""), false, ""},
		"line ends":                   {strings.ReplaceAll(sourceText, "\n", "\r\n"), false, ""},
		"a default, written out":      {sourceText + "brakes: {max_percent: 30}\n", false, ""},
		"what a flag replaces":        {sourceText + "listen: 127.0.0.1:8081\n", false, ""},
		"what the environment does":   {sourceText + "log: {level: debug}\n", false, ""},
		"a limit":                     {sourceText + "brakes: {max_percent: 31}\n", true, ""},
		"a place":                     {strings.Replace(sourceText, "{L1: main}", "{L1: main, L2: attic}", 1), true, ""},
		"another name of a place":     {strings.Replace(sourceText, "{L1: main}", "{L1: attic}", 1), true, ""},
		"another data folder":         {strings.Replace(sourceText, "./data", "./other", 1), true, ""},
		"another token file":          {strings.Replace(sourceText, "token_file: t", "token_file: u", 1), true, ""},
		"a channel less":              {strings.Join(lines[:4], ""), true, ""},
		"a fault":                     {strings.Replace(sourceText, "square", "squire", 1), false, `"squire" is not known`},
		"no YAML":                     {sourceText + "\t- x", false, "is not YAML"},
		"empty, as while it is saved": {"", false, "locations: is missing"},
	} {
		write(c.text)
		for range 2 { // the second look remembers the first
			differs, since, err := cfg.Reread()
			require.Equal(t, c.differs, differs, name)
			if c.fault == "" {
				require.NoError(t, err, name)
			} else {
				require.ErrorContains(t, err, c.fault, name)
			}
			require.Equal(t, c.differs || c.fault != "", since.After(read), name)
		}
	}

	write(strings.Replace(sourceText, "./data", "./other", 1))
	require.NoError(t, os.Chtimes(path, time.Time{}, read.Add(-time.Hour)))
	differs, since, err := cfg.Reread()
	require.NoError(t, err)
	require.True(t, differs, "an older file in its place")
	require.Zero(t, since)

	require.NoError(t, os.Remove(path))
	_, _, err = cfg.Reread()
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, _, err = cfg.Reread()
	require.ErrorContains(t, err, "not a regular file", "nobody waits for a pipe")
}

// TestRereadInAnotherWay: what is asked by a relative name, or was parsed only.
func TestRereadInAnotherWay(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("evenstock.yaml", []byte(sourceText), 0o600))
	cfg, err := Load("evenstock.yaml", nil, nil)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("evenstock.yaml", []byte("# ours\n"+sourceText), 0o600))
	differs, _, err := cfg.Reread()
	require.NoError(t, err)
	require.False(t, differs, "its data folder is the same")
	file, _ := cfg.Source()
	require.True(t, filepath.IsAbs(file))

	cfg, err = Parse("evenstock.yaml", []byte(sourceText), nil, nil)
	require.NoError(t, err)
	differs, _, err = cfg.Reread()
	require.NoError(t, err)
	require.False(t, differs)
	file, _ = cfg.Source()
	require.Empty(t, file)
}

func TestDataFolderOfFaultyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "evenstock.yaml")
	for text, want := range map[string]string{
		sourceText: filepath.Join(dir, "data"),
		strings.Replace(sourceText, "square", "squire", 1): filepath.Join(dir, "data"),
		"data: [x]\n":                   "",
		"data: ./d\nlocations: [x\n":    filepath.Join(dir, "d"),
		"data: ./d\n\t- x\ndata: ./e\n": filepath.Join(dir, "d"),
		"locations: [x\ndata: ./d\n":    filepath.Join(dir, "data"),
		"data: ./d\nlisten: \x00\n":     filepath.Join(dir, "d"),
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Equal(t, want, DataFolder(path, nil, nil), text)
	}
	require.NoError(t, os.WriteFile(path, []byte("data: [x"), 0o600))
	require.Equal(t, "elsewhere", DataFolder(path, nil, map[string]string{"data": "elsewhere"}), "a flag, of a file that is no YAML")
	require.Empty(t, DataFolder(filepath.Join(dir, "none"), nil, nil))
}
