package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// typed runs a command line without a stage.
func typed(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, func(string) string { return "" }, &out, &errs)
	return out.String(), errs.String(), code
}

// TestInit begins an installation in a folder that is not there yet, checks it, and does not write over it.
func TestInit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shop")
	file := filepath.Join(dir, "evenstock.yaml")
	stdout, _, code := typed(t, "init", dir, "--dry-run")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "would write "+file)
	require.NoDirExists(t, dir)

	stdout, _, code = typed(t, "init", dir, "--json")
	require.Equal(t, exitOK, code)
	var result begun
	require.NoError(t, json.Unmarshal([]byte(stdout), &result))
	require.Equal(t, []string{dir, filepath.Join(dir, "secrets"), file, filepath.Join(dir, ".gitignore")}, result.Written)
	for path, mode := range map[string]os.FileMode{file: 0o600, filepath.Join(dir, "secrets"): 0o700} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)

	_, stderr, code := typed(t, "init", dir)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "is there already")
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, text, again)

	stdout, _, code = typed(t, "--config", file, "config", "check", "--without-secrets")
	require.Equal(t, exitOK, code)
	require.Equal(t, file+" is good\n", stdout)
	stdout, _, code = typed(t, "--config", file, "config", "check", "--json")
	require.Equal(t, exitFailed, code)
	var checked checkedConfig
	require.NoError(t, json.Unmarshal([]byte(stdout), &checked))
	require.Len(t, checked.Problems, 4)
	for _, problem := range checked.Problems {
		require.Positive(t, problem.Line)
		require.NotEmpty(t, problem.Remedy)
	}

	other := filepath.Join(filepath.Dir(dir), "other")
	stdout, _, code = typed(t, "init", other)
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "evenstock baseline plan --authority till")
	fresh, err := os.ReadFile(filepath.Join(other, "evenstock.yaml"))
	require.NoError(t, err)
	require.NotEqual(t, text, fresh, "hook tokens must be fresh")
}

func TestInitKeeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("mine\n"), 0o600))
	stdout, _, code := typed(t, "init", dir)
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "kept "+filepath.Join(dir, ".gitignore"))
	text, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	require.NoError(t, err)
	require.Equal(t, "mine\n", string(text))
}

func TestConfigCheckListsEverything(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "evenstock.yaml")
	require.NoError(t, os.WriteFile(file, []byte("data: ./data\nlocations: [main, main]\nsomething: else\nchannels: []\n"), 0o600))
	stdout, stderr, code := typed(t, "--config", file, "config", "check")
	require.Equal(t, exitFailed, code)
	require.Empty(t, stderr)
	for _, want := range []string{file + ":2: locations[1]", file + ":3: something", file + ":4: channels"} {
		require.Contains(t, stdout, want)
	}
	require.Equal(t, 3, strings.Count(stdout, "\n"), stdout)
	_, _, code = typed(t, "--config", file, "config", "print")
	require.Equal(t, exitFailed, code)
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, t.TempDir(), "https://connect.squareup.com", "https://example.myshopify.com")
	stdout, _, code := typed(t, "--config", file, "config", "print", "--brakes-max-percent", "12")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "max_percent: 12 # flag --brakes-max-percent")
	require.NotContains(t, stdout, "AbCdEfGhIjKlMnOp")
	stdout, _, code = typed(t, "--config", file, "config", "print", "--json")
	require.Equal(t, exitOK, code)
	var values struct {
		Locations []string
		Channels  []struct{ Locations map[string]string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &values))
	require.Equal(t, []string{"main"}, values.Locations)
	require.Equal(t, map[string]string{"77": "main"}, values.Channels[1].Locations)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	stdout, _, code := typed(t, "version", "--json")
	require.Equal(t, exitOK, code)
	var b build
	require.NoError(t, json.Unmarshal([]byte(stdout), &b))
	require.NotEmpty(t, b.Version)
	require.True(t, strings.HasPrefix(b.Go, "go"), b.Go)

	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-11-23T09:00:00Z"}, {Key: "vcs.modified", Value: "true"}}}
	info.Main.Version = "v1.2.3"
	b = buildOf(info)
	require.Equal(t, "v1.2.3", b.Version)
	require.Contains(t, b.String(), "evenstock v1.2.3 (revision abc, modified) go")
	require.Equal(t, "unknown", buildOf(nil).Version)
}
