package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
)

func migrateCommand(c *CLI) *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the ledger's schema to the version of this program (a SQLite ledger follows serve by itself)"}
	status := &cobra.Command{Use: "status", Short: "Say which version the schema has; the exit code is 1 where this program cannot work on it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.migrationStatus(cmd.Context()) }}
	up := &cobra.Command{Use: "up", Short: "Migrate, as the login of database_owner_url_file; of several that try at once one does it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.migrateUp(cmd.Context()) }}
	cmd.AddCommand(status, up)
	return cmd
}

func (c *CLI) migrateUp(ctx context.Context) error {
	cfg, err := c.loadStore()
	if err != nil {
		return err
	}
	if err := c.Migrate(ctx, cfg, c.logger(cfg)); err != nil {
		return err
	}
	return c.migrationStatus(ctx)
}

func (c *CLI) migrationStatus(ctx context.Context) error {
	cfg, err := c.loadStore()
	if err != nil {
		return err
	}
	schema, err := c.Schema(ctx, cfg)
	if err != nil {
		return err
	}
	if err := c.Print(schema, func(w io.Writer) error { _, err := fmt.Fprintln(w, schemaWords(schema)); return err }); err != nil {
		return err
	}
	if err := schema.Check(); err != nil {
		return &ExitError{Code: ExitFailed, Silent: true, Err: err}
	}
	return nil
}

// loadStore reads the configuration of the one database, or of the merchant whose file it is.
func (c *CLI) loadStore() (*config.Config, error) {
	cfg, err := c.loadProcess()
	if err != nil || cfg.InCluster() {
		return cfg, err
	}
	return c.load()
}

func schemaWords(schema ledger.Schema) string {
	text := fmt.Sprintf("schema %d", schema.Current)
	if schema.Current == 0 {
		text = "no schema yet"
	}
	err := schema.Check()
	switch {
	case errors.Is(err, ledger.ErrOlder):
		return fmt.Sprintf("%s, this program knows %d: evenstock migrate up", text, schema.Known)
	case errors.Is(err, ledger.ErrNewer):
		return fmt.Sprintf("%s, this program knows %d: %s", text, schema.Known, newerWords)
	}
	return text + ", as this program knows it"
}

// newerWords is what a person can do about a ledger that a later version has written.
const newerWords = "run the version of evenstock that wrote it, or a later one"

// whatToMigrate says what a person can do about an error of a ledger's schema; empty where it is none.
func whatToMigrate(err error) string {
	switch {
	case errors.Is(err, ledger.ErrOlder):
		return "evenstock migrate up"
	case errors.Is(err, ledger.ErrNewer):
		return newerWords
	}
	return ""
}
