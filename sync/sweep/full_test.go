package sweep_test

import (
	"context"
	"testing"
	"time"

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

// awaiting is a ledger that takes a page only when the platform was asked for the next one.
type awaiting struct {
	*store
	asked chan struct{}
}

func (a *awaiting) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	if len(batch.Inputs) > 0 {
		select {
		case <-a.asked:
		case <-ctx.Done():
			return ledger.Receipt{}, ctx.Err()
		}
	}
	return a.store.Apply(ctx, step, batch)
}

// A full sweep asks for a page while the one before is applied, of counters and of movements.
func TestFullAsksAhead(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.lister.maxReads = 1
	waits := &awaiting{store: s.store, asked: make(chan struct{}, 10)}
	s.Ledger = waits
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		if refs[0] != webRef(0) {
			waits.asked <- struct{}{}
		}
		if refs[0] == webRef(2) {
			waits.asked <- struct{}{} // for the last page, behind which there is nothing
		}
		return stock.Page{Readings: []stock.Reading{reading(refs[0], 7, at(-30))}}, nil
	}
	s.lister.Movements = func(_ time.Time, cursor string) (stock.Page, error) {
		if cursor == "" {
			return stock.Page{Next: "2", Movements: []stock.Movement{written("A", "", "")}}, nil
		}
		waits.asked <- struct{}{}
		waits.asked <- struct{}{}
		return stock.Page{Movements: []stock.Movement{written("B", "", "")}}, nil
	}
	run, _ := s.sweep(sweep.Full)
	require.Equal(t, 3, run.Read)
	require.Empty(t, waits.asked, "every page was applied")
}
