package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// typed runs a command line without a stage.
func typed(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), bare, args, noEnv, &out, &errs)
	return out.String(), errs.String(), code
}

// TestInit begins an installation in a folder that is not there yet, checks it, and does not write over it.
func TestInit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shop")
	file := filepath.Join(dir, "evenstock.yaml")
	stdout, _, code := typed(t, "init", dir, "--dry-run")
	require.Equal(t, ExitOK, code)
	require.Contains(t, stdout, "would write "+file)
	require.NoDirExists(t, dir)

	stdout, _, code = typed(t, "init", dir, "--json")
	require.Equal(t, ExitOK, code)
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
	require.Equal(t, ExitFailed, code)
	require.Contains(t, stderr, "is there already")
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, text, again)

	stdout, _, code = typed(t, "--config", file, "config", "check", "--without-secrets")
	require.Equal(t, ExitOK, code)
	require.Equal(t, file+" is good\n", stdout)
	stdout, _, code = typed(t, "--config", file, "config", "check", "--json")
	require.Equal(t, ExitFailed, code)
	var checked checkedConfig
	require.NoError(t, json.Unmarshal([]byte(stdout), &checked))
	require.Len(t, checked.Problems, 4)
	for _, problem := range checked.Problems {
		require.Positive(t, problem.Line)
		require.NotEmpty(t, problem.Remedy)
	}

	other := filepath.Join(filepath.Dir(dir), "other")
	stdout, _, code = typed(t, "init", other)
	require.Equal(t, ExitOK, code)
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
	require.Equal(t, ExitOK, code)
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
	require.Equal(t, ExitFailed, code)
	require.Empty(t, stderr)
	for _, want := range []string{file + ":2: locations[1]", file + ":3: something", file + ":4: channels"} {
		require.Contains(t, stdout, want)
	}
	require.Equal(t, 3, strings.Count(stdout, "\n"), stdout)
	_, _, code = typed(t, "--config", file, "config", "print")
	require.Equal(t, ExitFailed, code)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	stdout, _, code := typed(t, "version", "--json")
	require.Equal(t, ExitOK, code)
	var b struct{ Version, Go string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &b))
	require.NotEmpty(t, b.Version)
	require.True(t, strings.HasPrefix(b.Go, "go"), b.Go)
}
