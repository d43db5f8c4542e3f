package postgres_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
)

// Of processes that start together one migrates, and the others wait for it.
func TestMigratesOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := db.Owner.Exec(t.Context(), `DROP OWNED BY CURRENT_USER; CREATE SCHEMA IF NOT EXISTS public`)
	require.NoError(t, err)
	errs := make([]error, 4)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = postgres.Migrate(t.Context(), db.Owner, nil) })
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	seeded(t, db)
	require.NoError(t, postgres.Migrate(t.Context(), db.Owner, nil), "there is nothing to do")
}

func TestOpenRefusesOtherSchemas(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := db.Super.Exec(t.Context(), `UPDATE goose_db_version SET is_applied = false WHERE version_id > 0`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "m")
	require.ErrorIs(t, err, ledger.ErrOlder)
	_, err = db.Super.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "m")
	require.ErrorIs(t, err, ledger.ErrNewer)
	require.ErrorIs(t, postgres.Migrate(t.Context(), db.Owner, nil), ledger.ErrNewer)
}
