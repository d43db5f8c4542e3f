package postgres_test

import (
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A database that is away, with an answer or without one, keeps nobody for ever, and what was tried meanwhile can be tried again.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	merchant := seeded(t, db).merchant
	proxy := postgrestest.NewProxy(t)
	u, err := url.Parse(os.Getenv(postgrestest.Variable))
	require.NoError(t, err)
	u.Host, u.User, u.Path = proxy.Addr, url.User(db.AppName()), "/"+db.Name
	pool, err := postgres.NewPool(t.Context(), u.String())
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := postgres.Open(t.Context(), pool, merchant)
	require.NoError(t, err)
	postgres.Impatient(s, time.Second)
	batch := ledger.Batch{At: noon.Add(time.Minute), Inputs: []ledger.Input{ledgertest.Read(till, 7*stock.Unit, noon.Add(time.Minute))}}
	for name, away := range map[string]func(){"cut": proxy.Cut, "stalled": proxy.Stall} {
		away()
		_, err = s.Items(t.Context(), "", 0)
		require.Error(t, err, name)
		_, err = s.Apply(t.Context(), ledgertest.Step, batch)
		require.Error(t, err, name)
		require.Error(t, s.SaveRun(t.Context(), ledger.Run{ID: "r2", StartedAt: noon}), name)
		proxy.Pass()
		items, err := s.Items(t.Context(), "", 0)
		require.NoError(t, err, name)
		require.Len(t, items, 1)
	}
	receipt, err := s.Apply(t.Context(), ledgertest.Step, batch)
	require.NoError(t, err)
	require.Len(t, receipt.Entries, 1)
	require.EqualValues(t, 4, receipt.LastSeq, "nothing of what failed was stored")
}
