package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/registry/registrytest"
)

// registryOf opens the registry of a database, with connections of its own.
func registryOf(t *testing.T, db *postgrestest.Database) *postgres.Registry {
	t.Helper()
	config, err := db.Config(db.AppName())
	require.NoError(t, err)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	r, err := postgres.OpenRegistry(t.Context(), pool)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	registrytest.Run(t, func(t *testing.T) (registry.Store, func() registry.Store) {
		db := postgrestest.New(t)
		open := func() registry.Store { return registryOf(t, db) }
		return open(), open
	})
}
