package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// What a person settles is no longer unexplained; explain says who said it. A sale that the till tells of later takes it back, and the
// ledger stays sound.
func TestSettledAndToldLater(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Open(8, 8)
	sold := b.Deliver(apptest.TillTee, 6)
	a := app.New(b.Options())
	before := b.Written()
	would, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", DryRun: true})
	require.NoError(t, err)
	require.Equal(t, before, b.Written())
	settled, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Note: "looked everywhere"})
	require.NoError(t, err)
	require.Equal(t, would, settled)
	require.Equal(t, stock.Units(-2), settled.Quantity)

	explained := func() explain.Shelf {
		t.Helper()
		e, err := a.Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M"})
		require.NoError(t, err)
		require.Empty(t, e.Shelves[0].Faults)
		require.Equal(t, stock.Units(6), e.Shelves[0].Level)
		return e.Shelves[0]
	}
	shelf := explained()
	require.Empty(t, shelf.Unexplained)
	require.Equal(t, "ann", shelf.Trail[len(shelf.Trail)-1].Settled.By)

	b.Pass(time.Hour)
	b.Read(apptest.TillTee, 6, sold, ledger.OwnRead{Movements: []stock.Movement{{Key: "square/adjustment/A1", Ref: apptest.TillTee, Quantity: -stock.Unit,
		Cause: stock.Sold, OccurredAt: sold.Add(-time.Second), ChannelTime: sold}}})
	shelf = explained()
	require.Empty(t, shelf.Unexplained)
	units := map[string]stock.Quantity{}
	for _, cause := range shelf.Causes {
		units[cause.Cause] += cause.Quantity
	}
	require.Equal(t, map[string]stock.Quantity{"opening": stock.Units(8), "shrinkage": -stock.Unit, "sold": -stock.Unit}, units)

	report, err := b.Store.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, report.Faults)
	require.NoError(t, b.Store.Rebuild(t.Context()))
	require.Equal(t, shelf, explained())
	reopened, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", Reopen: true})
	require.NoError(t, err, "what is rebuilt can still be reopened")
	require.Equal(t, stock.Unit, reopened.Quantity, "the rest of it")
}

// Which counter is meant must be said where several have unexplained units.
func TestWhichCounterIsSettled(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Open(8, 8)
	b.Deliver(apptest.TillTee, 6)
	b.Read(apptest.WebTee, 9, b.Now(), ledger.OwnRead{})
	a := app.New(b.Options())
	_, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage"})
	several := errorIs(t, err, app.Conflict)
	require.Equal(t, []string{"till V1 at main", "web 45 at main"}, several.Meant)
	one, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Item: "V1", Units: stock.Unit})
	require.NoError(t, err)
	require.Equal(t, stock.Units(-1), one.Unexplained)
	found, err := a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "found", Channel: "web"})
	require.NoError(t, err)
	require.Equal(t, stock.Unit, found.Quantity)
	_, err = a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Location: "attic"})
	require.Equal(t, "no counter of TEE-M has unexplained units there", errorIs(t, err, app.NotFound).What)
	_, err = a.Settle(t.Context(), ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage", Location: "main"})
	require.NoError(t, err, "one is left")
}
