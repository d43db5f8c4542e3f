package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/postgres"
)

// serverVariable names the variable that says where a Postgres is, as a superuser logs in to it. make test-cluster sets it.
const serverVariable = "EVENSTOCK_TEST_POSTGRES"

// database is one of this run's own, with a pool for each of those who use one.
type database struct {
	name string
	// super may do anything, owner owns the tables, app is what the program works as.
	super, owner, app *pgxpool.Pool
}

// shared is the database of the tests that need no schema of their own, made by the first of them.
var shared = sync.OnceValues(func() (*database, error) { return newDatabase(context.Background()) })

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv(serverVariable) != "" {
		if db, err := shared(); err == nil {
			if err := db.drop(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// server is where the Postgres is.
func server(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv(serverVariable)
	if dsn == "" {
		t.Skipf("no Postgres: %s is not set; make test-cluster starts one", serverVariable)
	}
	return dsn
}

// testDatabase is the shared one, with the schema as it is now.
func testDatabase(t *testing.T) *database {
	t.Helper()
	server(t)
	db, err := shared()
	require.NoError(t, err)
	return db
}

func newDatabase(ctx context.Context) (*database, error) {
	db := &database{name: fmt.Sprintf("evenstock_test_%016x", rand.Uint64())}
	server, err := pgx.Connect(ctx, os.Getenv(serverVariable))
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close(ctx) }()
	// Roles are the server's: what other runs make is of other names. The locale is one whose order is not that of bytes, if there is one.
	for _, text := range []string{
		`CREATE ROLE ` + db.name + `_owner LOGIN CREATEROLE`, `CREATE ROLE ` + db.name + `_app LOGIN`,
		`CREATE DATABASE ` + db.name + ` OWNER ` + db.name + `_owner TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'`,
	} {
		if _, err := server.Exec(ctx, text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	for pool, user := range map[**pgxpool.Pool]string{&db.super: server.Config().User, &db.owner: db.name + "_owner", &db.app: db.name + "_app"} {
		config, err := pgxpool.ParseConfig(os.Getenv(serverVariable))
		if err != nil {
			return nil, err
		}
		config.ConnConfig.Database, config.ConnConfig.User, config.MaxConns = db.name, user, 12
		if *pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
			return nil, err
		}
	}
	if err := postgres.Migrate(ctx, db.owner, nil); err != nil {
		return nil, err
	}
	_, err = db.super.Exec(ctx, `GRANT evenstock_app TO `+db.name+`_app`)
	return db, err
}

func (db *database) drop(ctx context.Context) error {
	db.owner.Close()
	db.app.Close()
	db.super.Close()
	server, err := pgx.Connect(ctx, os.Getenv(serverVariable))
	if err != nil {
		return err
	}
	var errs []error
	for _, text := range []string{`DROP DATABASE ` + db.name, `DROP ROLE ` + db.name + `_app`, `DROP ROLE ` + db.name + `_owner`} {
		_, err := server.Exec(ctx, text)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, server.Close(ctx))...)
}
