package config

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kept is what a person does to the files of a channel whose keys are in use.
type kept struct {
	*Keys
	t    *testing.T
	dir  string
	logs *bytes.Buffer
}

func keepKeys(t *testing.T, env map[string]string) kept {
	t.Helper()
	secrets := goodSecrets()
	c, dir := loadChannel(t, secrets)
	k := kept{t: t, dir: dir, logs: &bytes.Buffer{}}
	var err error
	k.Keys, err = c.Keys(func(name string) string { return env[name] }, slog.New(slog.NewTextHandler(k.logs, nil)))
	require.NoError(t, err)
	return k
}

// write replaces a file's content. Its time stays what it was: no clock decides whether a file is new.
func (k kept) write(name, content string) {
	k.t.Helper()
	path := filepath.Join(k.dir, name)
	require.NoError(k.t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(k.t, os.Chtimes(path, time.Unix(1e9, 0), time.Unix(1e9, 0)))
}

func (k kept) hooks() []string { return Reveal(k.WebhookSecrets()) }

func TestKeysFollowTheirFiles(t *testing.T) {
	t.Parallel()
	k := keepKeys(t, nil)
	require.Equal(t, "EAAA-token", k.Token().Reveal())
	require.Equal(t, []string{"new-key", "old-key"}, k.hooks())
	first := k.Version()
	require.Equal(t, first, k.Version())

	k.write("till.token", "FAAA-token\n")
	require.NotEqual(t, first, k.Version())
	require.Equal(t, "FAAA-token", k.Token().Reveal())
	second := k.Version()
	k.write("till.token", "FAAA-token") // the same, written in another way
	require.Equal(t, second, k.Version())

	k.write("till.hook", "newer-key")
	k.write("till.hook.old", "new-key")
	require.Equal(t, []string{"newer-key", "new-key"}, k.hooks())
	require.Equal(t, second, k.Version(), "of the token")

	other := filepath.Join(k.dir, "mounted") // as Kubernetes replaces a secret
	require.NoError(t, os.WriteFile(other, []byte("GAAA-token"), 0o600))
	require.NoError(t, os.Remove(filepath.Join(k.dir, "till.token")))
	require.NoError(t, os.Symlink(other, filepath.Join(k.dir, "till.token")))
	require.Equal(t, "GAAA-token", k.Token().Reveal())
	for _, secret := range []string{"AAA-token", "-key"} {
		require.NotContains(t, k.logs.String(), secret)
	}
	require.Equal(t, 4, bytes.Count(k.logs.Bytes(), []byte("secret read again")), "%s", k.logs)
}

// TestKeysThatCannotBeRead: what was in force stays in force while a file is being written, and until it is mended.
func TestKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	k := keepKeys(t, nil)
	first := k.Version()
	for _, content := range []string{"", "\n", "two words", "BAAA\nBAAA\n"} {
		k.write("till.token", content)
		k.write("till.hook", content)
		require.Equal(t, "EAAA-token", k.Token().Reveal(), "%q", content)
		require.Equal(t, []string{"new-key", "old-key"}, k.hooks(), "%q", content)
		require.Equal(t, first, k.Version(), "%q", content)
	}
	require.NotContains(t, k.logs.String(), "BAAA")
	k.logs.Reset()
	for range 10 {
		k.Token()
	}
	require.Empty(t, k.logs.String(), "said once")

	require.NoError(t, os.Remove(filepath.Join(k.dir, "till.token")))
	require.Equal(t, "EAAA-token", k.Token().Reveal(), "a request without a token is of no use")
	require.NoError(t, os.Remove(filepath.Join(k.dir, "till.hook.old")))
	require.Equal(t, []string{"new-key"}, k.hooks(), "a key whose file is gone is no longer in force")
	k.write("till.hook.old", "old-key")
	require.Equal(t, []string{"new-key", "old-key"}, k.hooks())
}

func TestKeysOfTheEnvironmentStay(t *testing.T) {
	t.Parallel()
	env := map[string]string{"EVENSTOCK_CHANNELS_TILL_TOKEN": "from-env", "EVENSTOCK_CHANNELS_TILL_WEBHOOK_SECRET": "hook-from-env"}
	k := keepKeys(t, env)
	k.write("till.token", "FAAA-token")
	k.write("till.hook", "newer-key")
	require.Equal(t, "from-env", k.Token().Reveal())
	require.Equal(t, []string{"hook-from-env"}, k.hooks())
}

func TestKeysRefused(t *testing.T) {
	t.Parallel()
	c, _ := loadChannel(t, nil)
	_, err := c.Keys(nil, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "till.token cannot be read")
}
