package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
)

// ignored keeps stock data and secrets out of a repository that holds the configuration.
const ignored = "# Written by evenstock init: neither belongs in a repository.\n/data/\n/secrets/\n"

func initCommand(c *CLI) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{Use: "init [DIR]", Short: "Write a commented configuration to begin with", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return c.begin(dir, dryRun, rand.Reader)
		}}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written")
	return cmd
}

// begun says what init wrote, and what was there already and stays as it is.
type begun struct {
	Dir     string   `json:"dir"`
	Written []string `json:"written"`
	Kept    []string `json:"kept"`
	DryRun  bool     `json:"dry_run,omitempty"`
}

// begin writes the files of a new installation. An existing configuration is an error; nothing is ever overwritten.
func (c *CLI) begin(dir string, dryRun bool, random io.Reader) error {
	text, err := config.Template(random)
	if err != nil {
		return err
	}
	result := begun{Dir: dir, Written: []string{}, Kept: []string{}, DryRun: dryRun}
	file := filepath.Join(dir, "evenstock.yaml")
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already: init writes over nothing; look at it with evenstock --config %s config check", printable(file), printable(shellQuoted(file)))
	}
	if err := result.folder(dir, 0o755); err != nil {
		return err
	}
	if err := result.folder(filepath.Join(dir, "secrets"), 0o700); err != nil {
		return err
	}
	// The configuration holds the unguessable ends of the webhook addresses, so it is nobody else's to read.
	if err := result.file(file, text, 0o600); err != nil {
		return err
	}
	if err := result.file(filepath.Join(dir, ".gitignore"), []byte(ignored), 0o644); err != nil {
		return err
	}
	return c.Print(result, func(io.Writer) error { return result.print(c.Stdout) }) // what comes next is typed in that folder
}

// folder creates a folder; one that is there is kept, but a secrets folder that others may enter is pointed out by doctor.
func (b *begun) folder(path string, mode fs.FileMode) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if path != b.Dir {
			b.Kept = append(b.Kept, path)
		}
		return nil
	}
	b.Written = append(b.Written, path)
	if b.DryRun {
		return nil
	}
	if err := os.MkdirAll(path, mode); err != nil {
		return fmt.Errorf("creating a folder: %w", err)
	}
	return nil
}

// file writes a new file completely, or keeps the one that is there.
func (b *begun) file(path string, text []byte, mode fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		b.Kept = append(b.Kept, path)
		return nil
	}
	b.Written = append(b.Written, path)
	if b.DryRun {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("creating a file: %w", err)
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", printable(path), err)
	}
	return nil
}

func (b begun) print(w io.Writer) error {
	verb := "wrote"
	if b.DryRun {
		verb = "would write"
	}
	var text strings.Builder
	for _, path := range b.Written {
		fmt.Fprintf(&text, "%s %s\n", verb, printable(path))
	}
	for _, path := range b.Kept {
		fmt.Fprintf(&text, "kept %s, which was there\n", printable(path))
	}
	if !b.DryRun {
		fmt.Fprintf(&text, `
Next, in %s:
  1. Put your shops' addresses, location ids and webhook addresses into evenstock.yaml.
  2. Put each token and webhook secret into its file in secrets/ (chmod 600).
  3. evenstock config check                      every problem, with its line
  4. evenstock doctor                            asks the platforms, writes nothing
  5. evenstock link suggest > links.csv          look it through, then: evenstock link import links.csv
  6. evenstock serve                             only observes until step 7
  7. evenstock baseline plan --authority till    look, then: evenstock baseline apply --authority till
`, printable(b.Dir))
	}
	_, err := io.WriteString(w, text.String())
	return err
}
