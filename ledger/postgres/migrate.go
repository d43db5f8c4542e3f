package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/evenstock/evenstock/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

const sqlVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`

// Migrate brings the schema up to date, as the owner of the tables and with the right to make the role evenstock_app where the server has none.
// Of several that try at once one does it, and the others wait. A nil logger is told nothing.
func Migrate(ctx context.Context, owner *pgxpool.Pool, logger *slog.Logger) (err error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	// goose closes a database that it is handed together with its provider.
	provider, err := newProvider(owner)
	if err != nil {
		return fmt.Errorf("migrating the ledgers: %w", err)
	}
	defer func() { err = errors.Join(err, provider.Close()) }()
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrating the ledgers: %w", err)
	}
	if current > target {
		return fmt.Errorf("migrating the ledgers: %w: schema %d, this program knows %d", ledger.ErrNewer, current, target)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrating the ledgers: %w", err)
	}
	for _, r := range results {
		logger.InfoContext(ctx, "ledgers migrated", "version", r.Source.Version, "duration_ms", r.Duration.Milliseconds())
	}
	return nil
}

func newProvider(owner *pgxpool.Pool) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	// Who waits asks every second, for five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(owner), files, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}

// checkVersion refuses a database whose schema is not the one this program's queries are written for.
func checkVersion(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version int
	err = retrying(ctx, func() error { return pool.QueryRow(ctx, sqlVersion).Scan(&version) })
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if version > len(files) {
		return fmt.Errorf("%w: schema %d, this program knows %d", ledger.ErrNewer, version, len(files))
	}
	if version < len(files) {
		return fmt.Errorf("schema %d must be migrated to %d", version, len(files))
	}
	return nil
}
