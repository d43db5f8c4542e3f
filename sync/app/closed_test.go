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

// closedShelves are stories of a shelf that is not open, and why.
var closedShelves = []struct {
	name   string
	tell   func(b *apptest.Book)
	closed explain.Closure
	remedy app.Remedy
}{
	{"linked", func(b *apptest.Book) { b.Link() }, explain.Closure{Why: explain.ClosedNoBaseline}, app.RemedyApplyBaseline},
	{"a baseline was begun", func(b *apptest.Book) { wanted(b) }, explain.Closure{Why: explain.ClosedReading}, app.RemedyOpens},
	{"the authority shows no count", func(b *apptest.Book) { wanted(b); missing(b, apptest.WebTee); missing(b, apptest.TillTee) },
		explain.Closure{Why: explain.ClosedNoCount, Channel: "till"}, app.RemedyCount},
	{"not on the authority", func(b *apptest.Book) {
		wanted(b)
		b.Apply(ledger.UnlinkRef{Ref: apptest.TillTee})
		version := b.Now().Add(-time.Hour)
		b.Read(apptest.WebTee, 3, version, ledger.OwnRead{})
		b.Pass(time.Minute)
		b.Read(apptest.WebTee, 3, version, ledger.OwnRead{})
	}, explain.Closure{Why: explain.ClosedNoAuthority}, app.RemedyAuthority},
}

func wanted(b *apptest.Book) {
	b.Link()
	b.Apply(ledger.WantBaseline{Ref: apptest.WebTee}, ledger.WantBaseline{Ref: apptest.TillTee, Authority: true})
}

func missing(b *apptest.Book, ref stock.Ref) {
	b.Apply(ledger.OwnRead{Reading: stock.Reading{Ref: ref, Status: stock.Missing, Version: b.Now()}, ReadAt: b.Now(), Mark: 1_000})
}

// TestWhyAShelfIsClosed expects that whatever lists a shelf without a level says the true reason and what opens it.
func TestWhyAShelfIsClosed(t *testing.T) {
	t.Parallel()
	for _, c := range closedShelves {
		b := newBook(t)
		c.tell(b)
		a := app.New(b.Options())
		brakes, err := a.Brakes(t.Context())
		require.NoError(t, err, c.name)
		require.Len(t, brakes, 1, c.name)
		require.Equal(t, &c.closed, brakes[0].Closed, c.name)
		require.Equal(t, c.remedy, brakes[0].Remedy, c.name)
		list, err := a.Stock(t.Context(), app.StockQuery{})
		require.NoError(t, err, c.name)
		require.Equal(t, &c.closed, list.Shelves[0].Closed, c.name)
		explained, err := a.Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M"})
		require.NoError(t, err, c.name)
		require.Equal(t, &c.closed, explained.Shelves[0].Closed, c.name)
	}
}
