package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// newConfigFile writes a configuration with a till and a web shop that nobody answers for.
func newConfigFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "evenstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`locations: [main]
channels:
  - {name: till, platform: square, api_url: "http://127.0.0.1:1", token_file: till.token, locations: {L1: main}}
  - {name: web, platform: shopify, api_url: "http://127.0.0.1:1", token_file: web.token, locations: {"77": main}}
`), 0o600))
	return path
}

// commandLines are the command lines of a text, as words.
func commandLines(text string) (lines [][]string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
		for part := range strings.SplitSeq(line, ";") {
			if part = strings.TrimSpace(part); strings.HasPrefix(part, "evenstock ") {
				part, _, _ = strings.Cut(part, " > ")
				part, _, _ = strings.Cut(part, " && ")
				lines = append(lines, strings.Fields(strings.TrimSuffix(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(part, "2026-11-23"), " &")))
			}
		}
	}
	return lines
}

// root is the whole command tree.
func root() *cobra.Command {
	return (&cli.CLI{Program: program(noEnv), Env: noEnv, Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}).Root()
}

// readable says why a command line cannot be read.
func readable(words []string) error {
	cmd, args, err := root().Find(words[1:])
	if err != nil {
		return err
	}
	if len(args) == 1 && args[0] == "--help" {
		return nil
	}
	if err := cmd.ParseFlags(args); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// Every command says what it does and shows how it is typed, and what it shows can be typed.
func TestEveryCommandHasExamples(t *testing.T) {
	t.Parallel()
	var look func(cmd *cobra.Command)
	look = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.Name() == "help" || sub.Name() == "completion" {
				continue // cobra's own
			}
			require.NotEmpty(t, sub.Short, sub.CommandPath())
			lines := commandLines(sub.Example)
			require.NotEmpty(t, lines, sub.CommandPath())
			for _, words := range lines {
				require.NoError(t, readable(words), "%s: %s", sub.CommandPath(), strings.Join(words, " "))
			}
			look(sub)
		}
	}
	look(root())
}

// What the README tells a person to type can be typed.
func TestReadmeCommandsCanBeTyped(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	var lines [][]string
	for i, part := range strings.Split(string(text), "```") {
		if i%2 == 1 {
			lines = append(lines, commandLines(part)...)
			continue
		}
		for _, quoted := range regexp.MustCompile("`(evenstock [^`]+)`").FindAllStringSubmatch(part, -1) {
			lines = append(lines, commandLines(quoted[1])...)
		}
	}
	require.Greater(t, len(lines), 12)
	for _, words := range lines {
		require.NoError(t, readable(words), strings.Join(words, " "))
	}
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, says string }{
		{"explian TEE-M", `evenstock has no command "explian": did you mean "explain"? (see: evenstock --help)`},
		{"link improt x.csv", `evenstock link has no command "improt": did you mean "import"?`},
		{"brakes x", `evenstock brakes has no command "x": (see: evenstock brakes --help)`},
		{"explain", `write "evenstock explain SKU [flags]" (see: evenstock explain --help)`},
		{"stock A B", `write "evenstock stock [SKU] [flags]"`},
		{"serve now", `write "evenstock serve [flags]"`},
		{"stock --uneevn", `unknown flag: --uneevn (see: evenstock stock --help)`},
		{"stock --limit -1", `must be a whole number that is not negative`},
		{"reconcile run --kind all", `--kind must be recent or full`},
		{"baseline plan", `--authority must name the channel whose counts are right`},
		{"baseline apply", `--authority must name the channel whose counts are right`},
		{"push resolve CALL ITEM", `--applied must be yes or no`},
		{"dlq retry", `name the dead letters to send again, or --all`},
		{"explain TEE-M --as-of yesterday", `"yesterday" is not a time`},
		{"settle TEE-M --as nonsense", `--as is one of found, moved, received, returned, shrinkage, sold, not "nonsense"`},
		{"demo --rate 0", `--rate must be more than 0`},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			cfg := newConfigFile(t)
			code := run(t.Context(), append(strings.Fields(test.line), "--config", cfg), noEnv, &stdout, &stderr)
			require.Equal(t, cli.ExitUsage, code, stderr.String())
			require.Contains(t, strings.ReplaceAll(stderr.String(), " --config "+cfg, ""), test.says)
			require.Empty(t, stdout.String())
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"--help", "link", "explain --help", "brakes --help", "openapi --help", "sandbox --help"} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, cli.ExitOK, run(t.Context(), strings.Fields(line), noEnv, &stdout, &stderr), stderr.String())
		name := strings.Fields(line)[0] + ".txt"
		golden(t, filepath.Join("..", "help", strings.ReplaceAll(name, "--help", "root")), stdout.Bytes())
	}
}
