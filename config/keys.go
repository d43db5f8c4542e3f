package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
)

// Keys are a channel's secrets while the process runs. Each use reads their files, so that who replaces one needs to tell nobody:
// not stopping, not waiting, and no clock decides whether a file is new. A file that cannot be read now, for instance because it is
// just being written, changes nothing; only a webhook secret whose file is gone is no longer in force. What comes from the
// environment stays as it was at the start. Keys are safe for concurrent use.
type Keys struct {
	log *slog.Logger

	mu      sync.Mutex
	token   *key
	hooks   []*key
	version uint64
}

// key is one secret and where it is read.
type key struct {
	// name is its key in the configuration, path its file; empty: it does not change.
	name, path string
	// optional says that it is in force only while its file is there; gone, that it is not.
	optional, gone bool
	value          Secret
	// fault is why it could not be read the last time; empty when it could.
	fault string
}

// Keys reads the channel's secrets, as Secrets does, and goes on reading them. Changes are told to the logger, without their text.
func (c Channel) Keys(env func(string) string, logger *slog.Logger) (*Keys, error) {
	token, hooks, err := c.Secrets(env)
	if err != nil {
		return nil, err
	}
	at := func(file string) string { return filepath.Join(c.dirOf(file), file) }
	k := &Keys{log: logger.With("channel", c.Name), token: &key{name: "token_file", value: token}}
	if c.env(env)(channelEnv(c.Name, tokenSuffix)) == "" {
		k.token.path = at(c.TokenFile)
	}
	fromEnv := c.env(env)(channelEnv(c.Name, webhookSecretSuffix)) != ""
	for i, secret := range hooks {
		hook := &key{name: fmt.Sprintf("webhook_secret_files[%d]", i), value: secret, optional: true}
		if !fromEnv {
			hook.path = at(c.WebhookSecretFiles[i])
		}
		k.hooks = append(k.hooks, hook)
	}
	return k, nil
}

// Token is the access token in force.
func (k *Keys) Token() Secret {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refreshToken()
	return k.token.value
}

// Version is a number that changes whenever the access token does.
func (k *Keys) Version() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refreshToken()
	return k.version
}

// WebhookSecrets are the signing keys in force, the newest first as the configuration lists them.
func (k *Keys) WebhookSecrets() []Secret {
	k.mu.Lock()
	defer k.mu.Unlock()
	var secrets []Secret
	for _, hook := range k.hooks {
		k.refresh(hook)
		if !hook.gone {
			secrets = append(secrets, hook.value)
		}
	}
	return secrets
}

func (k *Keys) refreshToken() {
	if k.refresh(k.token) {
		k.version++
	}
}

// refresh reads a secret again and reports whether it is another one. The caller holds the mutex.
func (k *Keys) refresh(of *key) (changed bool) {
	if of.path == "" {
		return false
	}
	text, fault := readSecret(of.path)
	if fault != nil {
		of.gone = of.optional && errors.Is(fault, fs.ErrNotExist)
		if of.fault != fault.Reason {
			of.fault = fault.Reason
			k.log.Warn("secret cannot be read", "key", of.name, "reason", fault.Reason, "in_force", !of.gone)
		}
		return false
	}
	changed = text != of.value.Reveal()
	if changed || of.fault != "" {
		k.log.Info("secret read again", "key", of.name, "changed", changed)
	}
	of.fault, of.gone = "", false
	if changed {
		of.value = NewSecret(text)
	}
	return changed
}

// Reveal returns the texts of secrets, for the one place that compares them.
func Reveal(secrets []Secret) []string {
	texts := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		texts = append(texts, secret.Reveal())
	}
	return texts
}
