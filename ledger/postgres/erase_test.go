package postgres_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/registry"
)

func TestEraseLeavesNothingOfAMerchant(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	own, other := seeded(t, db), seeded(t, db)
	merchants := registryOf(t, db)
	err := postgres.Erase(t.Context(), db.Owner, own.merchant)
	require.Equal(t, "23001", codeOf(err), "nobody said that it is to be erased")
	report, err := own.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, report.Entries)

	require.NoError(t, merchants.SetState(t.Context(), own.merchant, registry.Erasing, "ann", noon))
	require.NoError(t, postgres.Erase(t.Context(), db.Owner, own.merchant))
	require.NoError(t, postgres.Erase(t.Context(), db.Owner, own.merchant), "again, after a crash")
	found, searched, err := postgres.Search(t.Context(), db.Owner, own.merchant, []string{"no such text"})
	require.NoError(t, err)
	require.Equal(t, []postgres.Found{{Table: "merchant_channels", Rows: 1}, {Table: "merchants", Rows: 1}}, found, "who erases is known until the end")
	require.Equal(t, 25, searched)
	require.NoError(t, merchants.RemoveMerchant(t.Context(), own.merchant))
	found, _, err = postgres.Search(t.Context(), db.Owner, own.merchant, []string{own.merchant + " "})
	require.NoError(t, err)
	require.Empty(t, found)

	report, err = other.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
	require.EqualValues(t, 3, report.Entries)
	_, err = postgres.OpenToRead(t.Context(), db.App, own.merchant)
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

// TestSearchFindsWhatIsHidden: a search that finds nothing anywhere would prove nothing.
func TestSearchFindsWhatIsHidden(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	own, other := seeded(t, db), seeded(t, db)
	found, _, err := postgres.Search(t.Context(), db.Owner, own.merchant, nil)
	require.NoError(t, err)
	require.Len(t, found, 24, "each table has rows of it")
	require.NoError(t, other.SaveRun(t.Context(), ledger.Run{ID: "r", Channel: "canary-4711", StartedAt: noon}))
	found, _, err = postgres.Search(t.Context(), db.Owner, "nobody", []string{"canary-4711"})
	require.NoError(t, err)
	require.Equal(t, []postgres.Found{{Table: "runs", Rows: 1}}, found, "in another merchant's row")
}

// What lets a merchant go lets nobody change what happened.
func TestErasingOpensNoWayToChangeHistory(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	own, other := seeded(t, db), seeded(t, db)
	require.NoError(t, registryOf(t, db).SetState(t.Context(), own.merchant, registry.Erasing, "ann", noon))
	say := `SELECT set_config('evenstock.erase', '` + own.merchant + `', true)`
	for _, text := range history(own.merchant) {
		_, err := attempt(t, db.App, own.merchant, say, text)
		require.Contains(t, []string{"42501", "23001"}, codeOf(err), "the application: %s", text)
	}
	for _, text := range []string{`UPDATE entries SET key = 'x'`, `UPDATE postings SET quantity = 1`, `TRUNCATE entries`, `TRUNCATE postings`,
		`DELETE FROM entries WHERE merchant = '` + other.merchant + `'`, `DELETE FROM postings WHERE merchant = '` + other.merchant + `'`} {
		_, err := attempt(t, db.Owner, own.merchant, say, text)
		require.Equal(t, "23001", codeOf(err), "the owner of the tables: %s", text)
	}
}

func TestEraseWaitsForWhoeverWorks(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	s := seeded(t, db)
	require.NoError(t, registryOf(t, db).SetState(t.Context(), s.merchant, registry.Erasing, "ann", noon))
	owner, err := postgres.Own(t.Context(), s.Store, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, postgres.Erase(ctx, db.Owner, s.merchant), ledger.ErrOwned)
	require.NoError(t, owner.Close())
	require.NoError(t, postgres.Erase(t.Context(), db.Owner, s.merchant))
}
