package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// redacted stands for every secret wherever it is printed.
const redacted = "[redacted]"

// maxSecretBytes is the largest secret, in a file or the environment. Tokens and signing keys have less than 200 bytes.
const maxSecretBytes = 4 << 10

// Secret is a token or signing key that does not print itself, in no format and at no depth. The zero value is empty.
type Secret struct {
	// A pointer, because fmt prints what is in unexported fields of other structs without asking their methods.
	value *string
}

// NewSecret wraps text as it is.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text, for the one place that sends or compares it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsEmpty says whether there is no text.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// String says "[redacted]".
func (s Secret) String() string { return redacted }

// GoString says "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format says "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, redacted) // fmt reports its own failures
}

// LogValue says "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText says "[redacted]", in YAML and as a key too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON says "[redacted]".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Secrets returns the access token and the webhook signing keys, the newest first as the file lists them. The environment
// replaces the files of a secret. Relative files begin at the folder of the configuration; a file that others than its
// owner can read is refused on Unix. Every fault is an *Error, all joined.
func (c Channel) Secrets(env func(string) string) (token Secret, webhookSecrets []Secret, err error) {
	var problems []*Error
	read := func(key, file string) Secret {
		text, fault := readSecret(filepath.Join(c.dirOf(file), file))
		if fault != nil {
			fault.Reason = printablePath(file) + " " + fault.Reason
			problems = append(problems, c.placed(fault, key))
		}
		return NewSecret(text)
	}
	fromEnv := func(suffix string) (Secret, bool) {
		name := channelEnv(c.Name, suffix)
		value := c.env(env)(name)
		if value == "" {
			return Secret{}, false
		}
		text, fault := cleanSecret([]byte(value))
		if fault != nil {
			fault.File = "env " + name
			problems = append(problems, fault)
		}
		return NewSecret(text), true
	}
	var found bool
	if token, found = fromEnv(tokenSuffix); !found {
		if c.TokenFile == "" {
			problems = append(problems, c.placed(&Error{Reason: "is missing",
				Remedy: "name the file that holds the access token" + orEnv(c.filesOnly, c.Name, tokenSuffix)}, ".token_file"))
		} else {
			token = read(".token_file", c.TokenFile)
		}
	}
	if secret, found := fromEnv(webhookSecretSuffix); found {
		webhookSecrets = []Secret{secret}
	} else {
		for i, file := range c.WebhookSecretFiles {
			webhookSecrets = append(webhookSecrets, read(fmt.Sprintf(".webhook_secret_files[%d]", i), file))
		}
	}
	if len(problems) > 0 {
		return Secret{}, nil, joined(problems)
	}
	return token, webhookSecrets, nil
}

// dirOf is the folder a file of the configuration is relative to; empty for absolute files.
func (c Channel) dirOf(file string) string {
	if filepath.IsAbs(file) {
		return ""
	}
	return c.dir
}

// placed gives a fault the line of a key of the channel.
func (c Channel) placed(fault *Error, key string) *Error {
	fault.Key = strings.TrimPrefix(c.key+key, ".")
	at := c.at.nearest(fault.Key)
	fault.File, fault.Line = at.file, at.line
	return fault
}

// printablePath quotes a file name only where it must be.
func printablePath(file string) string {
	if printed := fmt.Sprintf("%q", file); printed != `"`+file+`"` || strings.Contains(file, " ") {
		return printed
	}
	return file
}

// readSecret reads a secret of a regular file (or a link to one) that only its owner can read.
func readSecret(path string) (string, *Error) {
	unreadable := func(err error) *Error {
		remedy := "let this user read it"
		if errors.Is(err, fs.ErrNotExist) {
			remedy = "write the secret into it, mode 0600"
		}
		return &Error{Reason: "cannot be read: " + bareReason(err), Remedy: remedy, err: err}
	}
	// Asked before opening: opening a named pipe would wait for a writer for ever.
	info, err := os.Stat(path)
	if err != nil {
		return "", unreadable(err)
	}
	if !info.Mode().IsRegular() {
		return "", &Error{Reason: "is not a regular file", Remedy: "name a file that holds the secret alone"}
	}
	file, err := os.Open(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer file.Close()                       // opened for reading: nothing can be lost
	if info, err = file.Stat(); err != nil { // again, of what was opened
		return "", unreadable(err)
	}
	if fault := checkMode(info.Mode(), path); fault != nil {
		return "", fault
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSecretBytes+1))
	if err != nil {
		return "", unreadable(err)
	}
	return cleanSecret(content)
}

// checkMode refuses what others than the owner can reach. Windows has no such bits; its folders protect the file.
func checkMode(mode fs.FileMode, path string) *Error {
	if runtime.GOOS == "windows" || mode.Perm()&0o077 == 0 {
		return nil
	}
	return &Error{
		Reason: fmt.Sprintf("is open to others than its owner (mode %04o)", mode.Perm()),
		Remedy: "chmod 600 " + printablePath(path),
	}
}

// enclosed says whether a text stands in quotes or angle brackets, as a chat or a shell script shows it. No platform's secret does.
func enclosed(content []byte) bool {
	for _, pair := range []string{`""`, "''", "``", "<>"} {
		if len(content) > 1 && content[0] == pair[0] && content[len(content)-1] == pair[1] {
			return true
		}
	}
	return false
}

// cleanSecret removes one newline at the end and refuses what cannot be a token: it would fail later as a wrong one.
func cleanSecret(content []byte) (string, *Error) {
	if len(content) > maxSecretBytes {
		return "", &Error{Reason: fmt.Sprintf("is larger than %d bytes", maxSecretBytes), Remedy: "keep the secret alone in it"}
	}
	if trimmed, had := bytes.CutSuffix(content, []byte("\n")); had {
		content = bytes.TrimSuffix(trimmed, []byte("\r"))
	}
	switch {
	case len(content) == 0:
		return "", &Error{Reason: "is empty", Remedy: "write the secret into it"}
	case enclosed(content):
		return "", &Error{Reason: "holds the secret in quotes or brackets", Remedy: "write the secret alone, without them"}
	case bytes.ContainsFunc(content, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "", &Error{Reason: "holds blanks, several lines or characters outside ASCII", Remedy: "keep the secret alone in it, on one line"}
	}
	return string(content), nil
}
