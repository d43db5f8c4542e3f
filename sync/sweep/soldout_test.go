package sweep_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// marking is a lister whose people mark items as sold out.
type marking struct {
	*lister
	marks func(since time.Time) stock.Page
}

func (m marking) ListChanges(_ context.Context, since time.Time, _ string) (stock.CatalogChanges, error) {
	return stock.CatalogChanges{Page: m.marks(since)}, nil
}

// TestMarkedAsSoldOut: a recent sweep finds a new mark once, a full sweep finds it each time, and neither finds one where nothing is
// left anyway.
func TestMarkedAsSoldOut(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	level := s.store.Model.Ref(webRef(0)).State.Expected
	marked := stock.Reading{Ref: webRef(0), Status: stock.Counted, Quantity: level, Version: s.store.Model.Ref(webRef(0)).State.Version, SoldOut: stock.IsSoldOut}
	var asked []time.Time
	s.Sweeper.Lister = marking{s.lister, func(since time.Time) stock.Page {
		asked = append(asked, since)
		return stock.Page{Readings: []stock.Reading{marked}}
	}}
	found := func(kind string) (n int) {
		_, findings := s.sweep(kind)
		for _, f := range findings {
			if f.Class == sweep.SoldOut {
				require.Equal(t, webRef(0), f.Ref)
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, found(sweep.Recent))
	require.False(t, s.store.Model.Ref(webRef(0)).State.SoldOut.IsZero())
	require.Zero(t, found(sweep.Recent), "said once")
	require.Len(t, asked, 2)
	require.True(t, asked[1].After(asked[0]), "from where the list before began")
	s.lister.Read = func([]stock.Ref) (stock.Page, error) { return stock.Page{Readings: []stock.Reading{marked}}, nil }
	require.Equal(t, 1, found(sweep.Full))
	require.Equal(t, 1, found(sweep.Full), "as long as it lasts")
	marked.Quantity, marked.Version = 0, marked.Version.Add(time.Minute)
	require.Zero(t, found(sweep.Full))
	require.True(t, s.store.Model.Ref(webRef(0)).State.SoldOut.IsZero())
}
