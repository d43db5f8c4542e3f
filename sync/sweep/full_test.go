package sweep_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// listening is a ledger that remembers the readings it was given.
type listening struct {
	*store
	readings []stock.Reading
}

func (l *listening) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	for _, input := range batch.Inputs {
		if told, is := input.(ledger.Delivered); is && told.Event.Reading != nil {
			l.readings = append(l.readings, *told.Event.Reading)
		}
	}
	return l.store.Apply(ctx, step, batch)
}

// A full sweep hands over what the ledger does not say already, and counts all that it read.
func TestFullHandsOverNews(t *testing.T) {
	t.Parallel()
	s := newStage(t, 6)
	heard := &listening{store: s.store}
	s.Ledger = heard
	sold := reading(webRef(1), 7, at(-30))
	newer := reading(webRef(2), 8, at(-30))
	gone := stock.Reading{Ref: webRef(3), Status: stock.Missing, Version: at(-600)}
	marked := reading(webRef(4), 8, at(-600))
	marked.SoldOut = stock.IsSoldOut
	unmarked := reading(webRef(5), 8, at(-600))
	unmarked.SoldOut = stock.IsNotSoldOut
	shows := map[stock.Ref]stock.Reading{webRef(0): reading(webRef(0), 8, at(-600)), sold.Ref: sold, newer.Ref: newer, gone.Ref: gone, marked.Ref: marked, unmarked.Ref: unmarked}
	s.lister.Read = func(refs []stock.Ref) (page stock.Page, err error) {
		for _, ref := range refs {
			page.Readings = append(page.Readings, shows[ref])
		}
		return page, nil
	}
	run, _ := s.sweep(sweep.Full)
	require.Equal(t, []stock.Reading{sold, newer, gone, marked}, heard.readings)
	require.Equal(t, 6, run.Read)
	require.Equal(t, stock.Units(7), s.store.Level(shelf(1)))

	unmarked.Ref = marked.Ref
	heard.readings, shows[marked.Ref] = nil, unmarked
	s.sweep(sweep.Full)
	require.Equal(t, []stock.Reading{gone, unmarked}, heard.readings, "the mark was taken back")
}
