package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
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
		return fmt.Errorf("migrating the ledgers: %w", ledger.Schema{Current: current, Known: target}.Check())
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

// SchemaOf reads the version of the ledgers' schema. Whoever can log in may ask.
func SchemaOf(ctx context.Context, pool *pgxpool.Pool) (schema ledger.Schema, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return schema, err
	}
	schema.Known = int64(len(files))
	err = retrying(ctx, func() error { return pool.QueryRow(ctx, sqlVersion).Scan(&schema.Current) })
	if isUndefined(err) {
		return schema, nil
	}
	if err != nil {
		return schema, fmt.Errorf("reading schema version: %w", err)
	}
	return schema, nil
}

// errOwnsTables and errNoMember: the login must not work on the ledgers, or cannot.
var (
	errOwnsTables = errors.New("owns the tables or is above the rules of row-level security, so that nothing would keep it from another merchant's rows or from changing history: " +
		"the program needs a login of its own that is only a member of evenstock_app")
	errNoMember = errors.New("is not a member of evenstock_app")
)

const sqlLogin = `SELECT current_user, r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('entries') AND pg_has_role(c.relowner, 'MEMBER')),
	coalesce((SELECT pg_has_role(a.oid, 'USAGE') FROM pg_roles a WHERE a.rolname = 'evenstock_app'), false)
	FROM pg_roles r WHERE r.rolname = current_user`

// checkLogin refuses a login for whom the fences do not hold.
func checkLogin(ctx context.Context, pool *pgxpool.Pool) error {
	var login string
	var above, member bool
	err := retrying(ctx, func() error { return pool.QueryRow(ctx, sqlLogin).Scan(&login, &above, &member) })
	switch {
	case err != nil:
		return fmt.Errorf("asking for the rights of the login: %w", err)
	case above:
		return fmt.Errorf("login %s %w", login, errOwnsTables)
	case !member:
		return fmt.Errorf("login %s %w: GRANT evenstock_app TO %s", login, errNoMember, pgx.Identifier{login}.Sanitize())
	}
	return nil
}

// Admit makes the login of the program a member of evenstock_app, unless it is one, as whoever made that role or a superuser.
func Admit(ctx context.Context, owner, program *pgxpool.Pool) error {
	err := checkLogin(ctx, program)
	if !errors.Is(err, errNoMember) {
		return err
	}
	statement := "GRANT evenstock_app TO " + pgx.Identifier{program.Config().ConnConfig.User}.Sanitize()
	if _, err := owner.Exec(ctx, statement); err != nil {
		return fmt.Errorf("a superuser has to say %s: %w", statement, err)
	}
	return nil
}
