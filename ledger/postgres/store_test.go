package postgres_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
)

// opened is a store under test with the database behind it.
type opened struct {
	*postgres.Store
	db       *postgrestest.Database
	merchant string
}

var merchants atomic.Int64

// open is the ledger of a new merchant.
func open(t testing.TB, db *postgrestest.Database) opened {
	t.Helper()
	return openFor(t, db, fmt.Sprintf("m%d", merchants.Add(1)))
}

func openFor(t testing.TB, db *postgrestest.Database, merchant string) opened {
	t.Helper()
	store, err := postgres.Open(t.Context(), db.App, merchant)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return opened{store, db, merchant}
}

func (o opened) Reopen(t *testing.T) ledger.Store {
	require.NoError(t, o.Close())
	return openFor(t, o.db, o.merchant)
}

// Tamper falsifies a cache, as who owns the database can.
func (o opened) Tamper(t *testing.T, cache string) {
	_, err := o.db.Super.Exec(t.Context(), map[string]string{
		"balances": `UPDATE balances SET quantity = quantity + 1 WHERE merchant = $1 AND kind = 1`,
		"refs":     `UPDATE refs SET entries = entries + 1 WHERE merchant = $1 AND channel = 'till'`,
		"shelves":  `INSERT INTO shelves (merchant, item, location, opened) VALUES ($1, 'mug', 'nowhere', true)`,
	}[cache], o.merchant)
	require.NoError(t, err)
}

func TestStore(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	ledgertest.Run(t, func(t *testing.T) ledger.Store { return open(t, db) })
}

func TestNumbersOfEnumsHaveTheirNames(t *testing.T) {
	t.Parallel()
	ledgertest.NumbersHaveTheirNames(t, 40, 8)
}

func TestEveryFieldHasAColumn(t *testing.T) {
	t.Parallel()
	postgres.EveryFieldHasAColumn(t, open(t, postgrestest.New(t)).Store)
}

func TestPlansOfEmptyTables(t *testing.T) {
	t.Parallel()
	postgres.RequirePlans(t, postgrestest.New(t).App)
}
