package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlByItem = `SELECT e.seq, e.key, e.kind, e.item, e.location, e.opens, e.recorded_at, ` + sqlPostingColumns + `
		FROM entries e LEFT JOIN postings p ON p.seq = e.seq ORDER BY e.item, e.seq, p.row`
	sqlByRef = `SELECT ` + sqlEntryColumns + ` FROM entries e WHERE e.channel <> ''
		ORDER BY e.channel, e.ref_item, e.ref_location, e.seq`
	// progressEvery is how many rows pass between two reports of progress.
	progressEvery = 10_000
)

// querier is a connection inside a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// recomputation folds all entries again, one item after the other and then one ref after the other, so that memory holds
// one item's accounts at a time. Callbacks come in the order of the caches' primary keys.
type recomputation struct {
	balance  func(account ledger.Account, b balance) error
	shelf    func(shelf stock.Shelf, opened bool) error
	ref      func(state ledger.RefState) error
	fault    func(text string) error
	progress func()
	entries  int64
	postings int64
}

func (r *recomputation) run(ctx context.Context, q querier) error {
	if err := r.byItem(ctx, q); err != nil {
		return fmt.Errorf("recomputing balances: %w", err)
	}
	if err := r.byRef(ctx, q); err != nil {
		return fmt.Errorf("recomputing refs: %w", err)
	}
	return nil
}

// itemSums is what one item's entries come to.
type itemSums struct {
	item     stock.ItemID
	balances map[ledger.Account]balance
	shelves  map[stock.Shelf]bool
}

func (r *recomputation) byItem(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, sqlByItem)
	if err != nil {
		return err
	}
	sums := itemSums{balances: map[ledger.Account]balance{}, shelves: map[stock.Shelf]bool{}}
	last := int64(0)
	err = drain(rows, func(rows *sql.Rows) error {
		var row entryRow
		e := &row.entry
		fields := []any{&e.Seq, &e.Key, (*uint8)(&e.Kind), &e.Shelf.Item, &e.Shelf.Location, &e.Opens, &row.wrote}
		if err := rows.Scan(append(fields, row.postingFields()...)...); err != nil {
			return err
		}
		if e.Shelf.Item != sums.item {
			if err := r.flush(&sums, e.Shelf.Item); err != nil {
				return err
			}
		}
		if e.Seq != last {
			last = e.Seq
			r.entries++
			r.tick(r.entries)
			sums.shelves[e.Shelf] = sums.shelves[e.Shelf] || e.Opens
		}
		if p, has := row.posting(); has {
			r.postings++
			e.Postings = []ledger.Posting{p}
		}
		if err := e.Check(); err != nil {
			return r.fault(fmt.Sprintf("entry %d: %v", e.Seq, err))
		}
		return r.post(&sums, *e, row.wrote)
	})
	if err != nil {
		return err
	}
	return r.flush(&sums, "")
}

func (r *recomputation) post(sums *itemSums, e ledger.Entry, at int64) error {
	for _, p := range e.Postings {
		from, fits1 := sums.balances[p.From].plus(-p.Quantity, at)
		to, fits2 := sums.balances[p.To].plus(p.Quantity, at)
		sums.balances[p.From], sums.balances[p.To] = from, to
		if !fits1 || !fits2 {
			return r.fault(fmt.Sprintf("entry %d: %v", e.Seq, ledger.ErrOverflow))
		}
	}
	return nil
}

// flush hands out an item's sums and begins the next item.
func (r *recomputation) flush(sums *itemSums, next stock.ItemID) error {
	for _, account := range slices.SortedFunc(maps.Keys(sums.balances), ledger.Account.Compare) {
		if err := r.balance(account, sums.balances[account]); err != nil {
			return err
		}
	}
	for _, shelf := range slices.SortedFunc(maps.Keys(sums.shelves), stock.Shelf.Compare) {
		if err := r.shelf(shelf, sums.shelves[shelf]); err != nil {
			return err
		}
	}
	clear(sums.balances)
	clear(sums.shelves)
	sums.item = next
	return nil
}

func (r *recomputation) byRef(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, sqlByRef)
	if err != nil {
		return err
	}
	var state ledger.RefState
	count := r.entries
	err = drain(rows, func(rows *sql.Rows) error {
		var row entryRow
		if err := rows.Scan(row.fields()...); err != nil {
			return err
		}
		count++
		r.tick(count)
		e, err := row.result()
		if err != nil {
			return r.fault(fmt.Sprintf("entry %d: %v", row.entry.Seq, err))
		}
		if e.Ref != state.Ref {
			if err := r.flushRef(state); err != nil {
				return err
			}
			state = ledger.RefState{}
		}
		state = state.After(e)
		return nil
	})
	if err != nil {
		return err
	}
	return r.flushRef(state)
}

func (r *recomputation) flushRef(state ledger.RefState) error {
	if state.Ref == (stock.Ref{}) {
		return nil
	}
	return r.ref(state)
}

func (r *recomputation) tick(count int64) {
	if r.progress != nil && count%progressEvery == 0 {
		r.progress()
	}
}
