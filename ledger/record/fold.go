package record

import (
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// ProgressEvery is how many rows pass between two reports of progress.
const ProgressEvery = 10_000

// Scanner is a row of a query.
type Scanner interface{ Scan(into ...any) error }

// EntryRows are a ledger's entries in the two orders in which they are folded. Each calls scan for every row.
type EntryRows struct {
	// ByItem has seq, key, kind, item, location, opens and recorded_at of each entry, and its postings' columns, or NULLs where it has none;
	// by item, seq and row. ByRef has the columns of the entries that concern a ref; by ref and seq. Text is ordered by its bytes.
	ByItem, ByRef func(scan func(Scanner) error) error
}

// Fold folds all entries again, one item after the other and then one ref after the other, so that memory holds one item's
// accounts at a time. Callbacks come in the order of the caches' primary keys; Progress may be nil.
type Fold struct {
	Balance  func(account ledger.Account, b Balance) error
	Shelf    func(shelf stock.Shelf, opened bool) error
	Ref      func(state ledger.RefState) error
	Fault    func(text string) error
	Progress func()

	entries  int64
	postings int64
}

// Run folds the entries.
func (r *Fold) Run(rows EntryRows) error {
	if err := r.byItem(rows); err != nil {
		return fmt.Errorf("recomputing balances: %w", err)
	}
	if err := r.byRef(rows); err != nil {
		return fmt.Errorf("recomputing refs: %w", err)
	}
	return nil
}

// itemSums is what one item's entries come to.
type itemSums struct {
	item     stock.ItemID
	balances map[ledger.Account]Balance
	shelves  map[stock.Shelf]bool
}

func (r *Fold) byItem(rows EntryRows) error {
	sums := itemSums{balances: map[ledger.Account]Balance{}, shelves: map[stock.Shelf]bool{}}
	last := int64(0)
	err := rows.ByItem(func(scanner Scanner) error {
		var row Entry
		e := &row.entry
		fields := []any{&e.Seq, &e.Key, (*uint8)(&e.Kind), &e.Shelf.Item, &e.Shelf.Location, &e.Opens, &row.wrote}
		if err := scanner.Scan(append(fields, row.PostingFields()...)...); err != nil {
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
		if p, has := row.Posting(); has {
			r.postings++
			e.Postings = []ledger.Posting{p}
		}
		if err := e.Check(); err != nil {
			return r.Fault(fmt.Sprintf("entry %d: %v", e.Seq, err))
		}
		return r.post(&sums, *e, row.wrote)
	})
	if err != nil {
		return err
	}
	return r.flush(&sums, "")
}

func (r *Fold) post(sums *itemSums, e ledger.Entry, at int64) error {
	for _, p := range e.Postings {
		from, fits1 := sums.balances[p.From].Plus(-p.Quantity, at)
		to, fits2 := sums.balances[p.To].Plus(p.Quantity, at)
		sums.balances[p.From], sums.balances[p.To] = from, to
		if !fits1 || !fits2 {
			return r.Fault(fmt.Sprintf("entry %d: %v", e.Seq, ledger.ErrOverflow))
		}
	}
	return nil
}

// flush hands out an item's sums and begins the next item.
func (r *Fold) flush(sums *itemSums, next stock.ItemID) error {
	for _, account := range slices.SortedFunc(maps.Keys(sums.balances), ledger.Account.Compare) {
		if err := r.Balance(account, sums.balances[account]); err != nil {
			return err
		}
	}
	for _, shelf := range slices.SortedFunc(maps.Keys(sums.shelves), stock.Shelf.Compare) {
		if err := r.Shelf(shelf, sums.shelves[shelf]); err != nil {
			return err
		}
	}
	clear(sums.balances)
	clear(sums.shelves)
	sums.item = next
	return nil
}

func (r *Fold) byRef(rows EntryRows) error {
	var state ledger.RefState
	count := r.entries
	err := rows.ByRef(func(scanner Scanner) error {
		var row Entry
		if err := scanner.Scan(row.Fields()...); err != nil {
			return err
		}
		count++
		r.tick(count)
		e, err := row.Result()
		if err != nil {
			return r.Fault(fmt.Sprintf("entry %d: %v", row.entry.Seq, err))
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

func (r *Fold) flushRef(state ledger.RefState) error {
	if state.Ref == (stock.Ref{}) {
		return nil
	}
	return r.Ref(state)
}

func (r *Fold) tick(count int64) {
	if r.Progress != nil && count%ProgressEvery == 0 {
		r.Progress()
	}
}
