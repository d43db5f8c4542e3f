package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const channelFile = `locations: [main]
channels:
  - name: till
    platform: square
    api_url: https://connect.squareup.com
    token_file: till.token
    webhook_url: https://hooks.example.com/hooks/till/k3JmX0aWq7Zt_P2b
    webhook_secret_files: [till.hook, till.hook.old]
    locations: {L8A1XYZ: main}
`

// loadChannel writes the configuration and the secrets, each of mode 0600, and loads the channel.
func loadChannel(t *testing.T, secrets map[string]string) (c Channel, dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range secrets {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	path := filepath.Join(dir, "evenstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(channelFile), 0o644))
	cfg, err := Load(path, nil, nil)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "data"), cfg.Data, "the default folder begins at the file's")
	return cfg.Channels[0], dir
}

func goodSecrets() map[string]string {
	return map[string]string{"till.token": "EAAA-token\n", "till.hook": "new-key\r\n", "till.hook.old": "old-key"}
}

func TestSecretsOfFiles(t *testing.T) {
	t.Parallel()
	c, _ := loadChannel(t, goodSecrets())
	token, hooks, err := c.Secrets(nil)
	require.NoError(t, err)
	require.Equal(t, "EAAA-token", token.Reveal())
	require.Len(t, hooks, 2)
	require.Equal(t, "new-key", hooks[0].Reveal())
	require.Equal(t, "old-key", hooks[1].Reveal())
}

func TestSecretsOfEnvironmentReplaceFiles(t *testing.T) {
	t.Parallel()
	c, _ := loadChannel(t, nil) // the files are not even there
	env := map[string]string{
		"EVENSTOCK_CHANNELS_TILL_TOKEN":          "from-env",
		"EVENSTOCK_CHANNELS_TILL_WEBHOOK_SECRET": "hook-from-env\n",
	}
	token, hooks, err := c.Secrets(func(name string) string { return env[name] })
	require.NoError(t, err)
	require.Equal(t, "from-env", token.Reveal())
	require.Len(t, hooks, 1)
	require.Equal(t, "hook-from-env", hooks[0].Reveal())

	env["EVENSTOCK_CHANNELS_TILL_TOKEN"] = "Bearer PRIVATE"
	_, _, err = c.Secrets(func(name string) string { return env[name] })
	require.ErrorContains(t, err, "env EVENSTOCK_CHANNELS_TILL_TOKEN: holds blanks")
	require.NotContains(t, err.Error(), "PRIVATE")

	_, _, err = Channel{Name: "x"}.Secrets(nil)
	require.EqualError(t, err, "token_file: is missing: name the file that holds the access token, or set EVENSTOCK_CHANNELS_X_TOKEN")
}

func TestSecretsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, content, want string
	}{
		{"empty", "", "till.token is empty: write the secret into it"},
		{"only a newline", "\n", "till.token is empty"},
		{"two newlines", "PRIVATE\n\n", "till.token holds blanks, several lines"},
		{"two lines", "PRIVATE\nPRIVATE\n", "till.token holds blanks, several lines"},
		{"blank", " PRIVATE", "till.token holds blanks"},
		{"in quotes", `"PRIVATE"` + "\n", "in quotes or brackets"},
		{"in single quotes", "'PRIVATE'", "in quotes or brackets"},
		{"in brackets", "<PRIVATE>", "in quotes or brackets"},
		{"umlaut", "PRIVATE-\u00fc", "characters outside ASCII"},
		{"not text", "PRIVATE\xff", "characters outside ASCII"},
		{"too large", strings.Repeat("PRIVATE", 600), "till.token is larger than 4096 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			secrets := goodSecrets()
			secrets["till.token"] = test.content
			c, dir := loadChannel(t, secrets)
			token, hooks, err := c.Secrets(nil)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, filepath.Join(dir, "evenstock.yaml")+":6: channels[0].token_file: ")
			require.NotContains(t, err.Error(), "PRIVATE")
			require.True(t, token.IsEmpty())
			require.Empty(t, hooks)
		})
	}
}

func TestLargestSecretIsAccepted(t *testing.T) {
	t.Parallel()
	secrets := goodSecrets()
	secrets["till.token"] = strings.Repeat("x", maxSecretBytes)
	c, _ := loadChannel(t, secrets)
	_, _, err := c.Secrets(nil)
	require.NoError(t, err)
}

func TestSecretFileModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits for group and others")
	}
	modes := map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true,
		0o640: false, 0o644: false, 0o604: false, 0o660: false, 0o602: false, 0o601: false, 0o666: false,
	}
	for mode, allowed := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			c, dir := loadChannel(t, goodSecrets())
			file := filepath.Join(dir, "till.hook.old")
			require.NoError(t, os.Chmod(file, mode))
			_, _, err := c.Secrets(nil)
			if allowed {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, fmt.Sprintf(
				"%s/evenstock.yaml:8: channels[0].webhook_secret_files[1]: till.hook.old is open to others than its owner (mode %04o): chmod 600 %s",
				dir, mode, file))
		})
	}
}

// TestSecretsCollected reports every faulty file at once, with the operating system's error inside.
func TestSecretsCollected(t *testing.T) {
	t.Parallel()
	c, dir := loadChannel(t, map[string]string{"till.hook": ""})
	require.NoError(t, os.Mkdir(filepath.Join(dir, "till.hook.old"), 0o700))
	_, _, err := c.Secrets(nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	problems := Problems(err)
	require.Len(t, problems, 3)
	require.Equal(t, "till.token cannot be read: no such file or directory", problems[0].Reason)
	require.Equal(t, "till.hook is empty", problems[1].Reason)
	require.Equal(t, "till.hook.old is not a regular file", problems[2].Reason)
}

func TestSecretDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	secret := NewSecret("PRIVATE")
	type holder struct {
		hidden Secret
		Shown  Secret
		Map    map[string]Secret
	}
	h := holder{secret, secret, map[string]Secret{"k": secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", secret, h, &h)
	}
	require.NoError(t, json.NewEncoder(&out).Encode(h))
	require.NoError(t, yaml.NewEncoder(&out).Encode(h.Map))
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "secret", secret, "holder", h)
	}
	fmt.Fprint(&out, secret.String(), secret.GoString(), fmt.Errorf("sending: %v", secret))
	require.NotContains(t, out.String(), "PRIVATE")
	require.NotContains(t, strings.ToLower(out.String()), fmt.Sprintf("%x", "PRIVATE"))
	require.Contains(t, out.String(), redacted)

	require.Equal(t, "PRIVATE", secret.Reveal())
	require.False(t, secret.IsEmpty())
	require.True(t, Secret{}.IsEmpty())
}

func TestChannelKeepsWebhookURLOutOfLogs(t *testing.T) {
	t.Parallel()
	c, _ := loadChannel(t, nil)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "channel", c)
	fmt.Fprintf(&out, "%v %+v %s", c, []Channel{c}, c)
	require.NotContains(t, out.String(), "k3JmX0aWq7Zt_P2b")
	require.Contains(t, out.String(), "till (square)")
	require.Equal(t, "/hooks/till/k3JmX0aWq7Zt_P2b", c.WebhookPath())
	require.Equal(t, "https://hooks.example.com/hooks/till/[redacted]", c.RedactedWebhookURL())
	c.WebhookURL += "/"
	require.Equal(t, "/hooks/till/k3JmX0aWq7Zt_P2b", c.WebhookPath())
	require.Equal(t, "https://hooks.example.com/hooks/till/[redacted]", c.RedactedWebhookURL())
	require.Empty(t, Channel{}.WebhookPath())
	require.Empty(t, Channel{}.RedactedWebhookURL())
}
