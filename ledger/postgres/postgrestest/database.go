// Package postgrestest gives tests databases of their own, on the Postgres that EVENSTOCK_TEST_POSTGRES names.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/postgres"
)

// Variable names the variable that says where a Postgres is, as a superuser logs in to it. make test-cluster sets it.
const Variable = "EVENSTOCK_TEST_POSTGRES"

// Database is one test's own, with a pool for each of those who use one.
type Database struct {
	// Name is the database's, and what the names of its roles begin with.
	Name string
	// Super may do anything, Owner owns the tables, App is what the program works as.
	Super, Owner, App *pgxpool.Pool
}

// New makes a database with the schema as it is now, and drops it when the test ends. Without a server the test is left out: make
// test-cluster leaves none out.
func New(t testing.TB) *Database {
	t.Helper()
	if os.Getenv(Variable) == "" {
		t.Skipf("no Postgres: %s is not set; make test-cluster starts one", Variable)
	}
	db := &Database{Name: fmt.Sprintf("evenstock_test_%016x", rand.Uint64())}
	t.Cleanup(func() { require.NoError(t, db.drop(context.WithoutCancel(t.Context()))) })
	require.NoError(t, db.make(t.Context()))
	return db
}

// Config is that of a pool for a user of the database.
func (db *Database) Config(user string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(os.Getenv(Variable))
	if err != nil {
		return nil, err
	}
	config.ConnConfig.Database, config.MaxConns = db.Name, 12
	if user != "" {
		config.ConnConfig.User = user
	}
	return config, nil
}

// OwnerName and AppName are the roles that own the tables and that the program works as.
func (db *Database) OwnerName() string { return db.Name + "_owner" }

// AppName is the role that the program works as.
func (db *Database) AppName() string { return db.Name + "_app" }

func (db *Database) make(ctx context.Context) error {
	// Roles are the server's: what other tests make is of other names. The order of the database's locale is not that of bytes.
	err := onServer(ctx, `CREATE ROLE `+db.OwnerName()+` LOGIN CREATEROLE`, `CREATE ROLE `+db.AppName()+` LOGIN`,
		`CREATE DATABASE `+db.Name+` OWNER `+db.OwnerName()+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'`)
	if err != nil {
		return err
	}
	for pool, user := range map[**pgxpool.Pool]string{&db.Super: "", &db.Owner: db.OwnerName(), &db.App: db.AppName()} {
		config, err := db.Config(user)
		if err != nil {
			return err
		}
		if *pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, db.Owner, nil); err != nil {
		return err
	}
	_, err = db.Super.Exec(ctx, `GRANT evenstock_app TO `+db.AppName())
	return err
}

func (db *Database) drop(ctx context.Context) error {
	for _, pool := range []*pgxpool.Pool{db.App, db.Owner, db.Super} {
		if pool != nil {
			pool.Close()
		}
	}
	return onServer(ctx, `DROP DATABASE IF EXISTS `+db.Name+` WITH (FORCE)`, `DROP ROLE IF EXISTS `+db.AppName(), `DROP ROLE IF EXISTS `+db.OwnerName())
}

// onServer runs statements outside of any database of ours.
func onServer(ctx context.Context, texts ...string) error {
	conn, err := pgx.Connect(ctx, os.Getenv(Variable))
	if err != nil {
		return err
	}
	for _, text := range texts {
		if _, execErr := conn.Exec(ctx, text); execErr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", text, execErr))
		}
	}
	return errors.Join(err, conn.Close(ctx))
}
