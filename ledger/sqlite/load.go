package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// batch is one Apply inside its transaction: what was loaded for the step, and what its entries come to.
type batch struct {
	w        *writer
	at       time.Time
	snapshot *ledger.Snapshot
	lastSeq  int64
	// Copies that the step cannot reach. known holds the shelves that have a row, with whether they are open.
	// linked holds, for each ref that has a row, what the indexes of refs hold about it.
	states   map[stock.Ref]ledger.RefState
	linked   map[stock.Ref]link
	balances map[ledger.Account]record.Balance
	known    map[stock.Shelf]bool
}

// link is the part of a RefState that changes only when the ref is linked.
type link struct {
	shelf  stock.Shelf
	soldAs string
}

func newBatch(w *writer, at time.Time) *batch {
	return &batch{
		w: w, at: at, states: map[stock.Ref]ledger.RefState{}, linked: map[stock.Ref]link{}, balances: map[ledger.Account]record.Balance{}, known: map[stock.Shelf]bool{},
		snapshot: &ledger.Snapshot{
			Refs: map[stock.Ref]ledger.Ref{}, Shelves: map[stock.Shelf]ledger.ShelfState{}, SoldAs: map[ledger.SoldAs][]stock.Ref{},
			Keys: map[string]string{}, Booked: map[string][]ledger.Entry{}, Counters: map[ledger.CounterKey]stock.Quantity{}, Waiting: map[ledger.CounterKey]ledger.Waiting{},
			Calls: map[string]ledger.Call{}, Brakes: map[string]ledger.Brake{},
		},
	}
}

// load fills the snapshot with what the scope names and what follows from it.
func (b *batch) load(ctx context.Context, scope ledger.Scope) error {
	if err := b.w.lastSeq.QueryRowContext(ctx).Scan(&b.lastSeq); err != nil {
		return fmt.Errorf("reading last entry: %w", err)
	}
	b.snapshot.LastSeq = b.lastSeq
	refs, shelves := slices.Clone(scope.Refs), slices.Clone(scope.Shelves)
	if err := b.loadKeys(ctx, scope.Keys); err != nil {
		return fmt.Errorf("reading keys: %w", err)
	}
	for _, order := range scope.Orders {
		if err := b.loadOrder(ctx, order); err != nil {
			return fmt.Errorf("reading counters: %w", err)
		}
	}
	for _, key := range scope.Calls {
		rows, err := b.loadCall(ctx, key)
		if err != nil {
			return fmt.Errorf("reading call: %w", err)
		}
		refs = append(refs, rows...)
	}
	for _, id := range scope.Brakes {
		brake, known, err := b.loadBrake(ctx, id)
		if err != nil {
			return fmt.Errorf("reading brake: %w", err)
		}
		if known && brake.Ref != (stock.Ref{}) {
			refs = append(refs, brake.Ref)
		}
		if known && brake.Shelf != (stock.Shelf{}) {
			shelves = append(shelves, brake.Shelf)
		}
	}
	for _, sold := range scope.SoldAs {
		linked, err := b.loadSoldAs(ctx, sold)
		if err != nil {
			return fmt.Errorf("reading links: %w", err)
		}
		refs = append(refs, linked...)
	}
	if err := b.loadRefs(ctx, refs, shelves); err != nil {
		return err
	}
	if err := b.loadInFlight(ctx); err != nil {
		return fmt.Errorf("reading calls in flight: %w", err)
	}
	return b.loadActiveBrakes(ctx, scope.Channels)
}

// loadInFlight loads the calls that are in flight for loaded refs.
func (b *batch) loadInFlight(ctx context.Context) error {
	for _, ref := range b.snapshot.Refs {
		key := ref.Work.InFlight
		if _, loaded := b.snapshot.Calls[key]; key == "" || loaded {
			continue
		}
		if _, err := b.loadCall(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// loadRefs loads refs and shelves, each with all refs of its item.
func (b *batch) loadRefs(ctx context.Context, refs []stock.Ref, shelves []stock.Shelf) error {
	for part := range slices.Chunk(refs, asked) {
		var args [3 * asked]any // a name that is NULL finds nothing
		for i, ref := range part {
			if _, loaded := b.states[ref]; !loaded {
				args[3*i], args[3*i+1], args[3*i+2] = string(ref.Channel), ref.Item, ref.Location
			}
		}
		if err := each(ctx, b.w.refsAndSiblings, b.scanRef, args[:]...); err != nil {
			return fmt.Errorf("reading refs: %w", err)
		}
	}
	for _, shelf := range shelves {
		if _, loaded := b.snapshot.Shelves[shelf]; loaded {
			continue
		}
		if err := each(ctx, b.w.refsOfItem, b.scanRef, shelf.Item); err != nil {
			return fmt.Errorf("reading refs of item: %w", err)
		}
		if err := b.loadShelf(ctx, shelf); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) scanRef(rows *sql.Rows) error {
	var row record.FullRef
	var since, opened, level, levelSince sql.NullInt64
	if err := rows.Scan(append(row.Fields(), &since, &opened, &level, &levelSince)...); err != nil {
		return err
	}
	r, err := row.Result()
	if err != nil {
		return err
	}
	if _, loaded := b.states[r.State.Ref]; loaded {
		return nil
	}
	b.snapshot.Refs[r.State.Ref] = r
	b.states[r.State.Ref] = r.State
	b.linked[r.State.Ref] = link{r.State.Shelf, r.State.SoldAs}
	b.keepShelf(r.State.Shelf, opened, record.Balance{Quantity: record.QuantityOf(level), Since: levelSince.Int64})
	b.remember(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), record.Balance{Quantity: r.Unexplained, Since: since.Int64})
	return nil
}

// remember keeps a balance as stored, unless the batch has moved it already.
func (b *batch) remember(account ledger.Account, stored record.Balance) {
	if _, known := b.balances[account]; !known {
		b.balances[account] = stored
	}
}

func (b *batch) loadShelf(ctx context.Context, shelf stock.Shelf) error {
	if _, loaded := b.snapshot.Shelves[shelf]; loaded {
		return nil
	}
	var opened, level, since sql.NullInt64
	if err := b.w.shelf.QueryRowContext(ctx, shelf.Item, shelf.Location).Scan(&opened, &level, &since); err != nil {
		return fmt.Errorf("reading shelf: %w", err)
	}
	b.keepShelf(shelf, opened, record.Balance{Quantity: record.QuantityOf(level), Since: since.Int64})
	return nil
}

// keepShelf takes a shelf into the snapshot, unless it is there. A shelf without a row has no entries yet.
func (b *batch) keepShelf(shelf stock.Shelf, opened sql.NullInt64, level record.Balance) {
	if _, loaded := b.snapshot.Shelves[shelf]; loaded {
		return
	}
	if opened.Valid {
		b.known[shelf] = opened.Int64 == 1
	}
	b.remember(ledger.AvailableOn(shelf), level)
	b.snapshot.Shelves[shelf] = ledger.ShelfState{Shelf: shelf, Level: level.Quantity, Opened: opened.Int64 == 1}
}

func (b *batch) loadKeys(ctx context.Context, keys []string) error {
	var movements []string
	for part := range slices.Chunk(keys, asked) {
		var args [asked]any
		for i, key := range part {
			args[i] = key
		}
		err := each(ctx, b.w.keys, func(rows *sql.Rows) error {
			var key, fingerprint string
			var kind ledger.EntryKind
			err := rows.Scan(&key, &fingerprint, (*uint8)(&kind))
			b.snapshot.Keys[key] = fingerprint
			if kind == ledger.KindMovement {
				movements = append(movements, key)
			}
			return err
		}, args[:]...)
		if err != nil {
			return err
		}
	}
	return b.loadBooked(ctx, movements)
}

// loadBooked loads the entries of movements, each with its corrections.
func (b *batch) loadBooked(ctx context.Context, keys []string) error {
	for part := range slices.Chunk(keys, asked) {
		var args [asked]any
		for i, key := range part {
			args[i] = key
		}
		if err := each(ctx, b.w.booked, b.scanBooked, args[:]...); err != nil {
			return fmt.Errorf("reading movements: %w", err)
		}
	}
	return nil
}

func (b *batch) scanBooked(rows *sql.Rows) error {
	var r record.Entry
	var key string
	if err := rows.Scan(append(append([]any{&key}, r.Fields()...), r.PostingFields()...)...); err != nil {
		return err
	}
	booked, err := r.AppendTo(b.snapshot.Booked[key])
	b.snapshot.Booked[key] = booked
	return err
}

func (b *batch) loadSoldAs(ctx context.Context, sold ledger.SoldAs) ([]stock.Ref, error) {
	var refs []stock.Ref
	err := each(ctx, b.w.soldAs, func(rows *sql.Rows) error {
		ref := stock.Ref{Channel: sold.Channel}
		refs = append(refs, ref)
		return rows.Scan(&refs[len(refs)-1].Item, &refs[len(refs)-1].Location)
	}, sold.Channel, sold.Item)
	if len(refs) > 0 {
		b.snapshot.SoldAs[sold] = slices.Clone(refs)
	}
	return refs, err
}

func (b *batch) loadOrder(ctx context.Context, order ledger.OrderID) error {
	err := each(ctx, b.w.counters, func(rows *sql.Rows) error {
		key := ledger.CounterKey{Channel: order.Channel, Order: order.Order}
		var quantity stock.Quantity
		if err := rows.Scan(&key.Line, &key.Restocked, &key.Location, (*int64)(&quantity)); err != nil {
			return err
		}
		b.snapshot.Counters[key] = quantity
		return nil
	}, order.Channel, order.Order)
	if err != nil {
		return err
	}
	return each(ctx, b.w.waiting, func(rows *sql.Rows) error {
		w := ledger.Waiting{Counter: ledger.CounterKey{Channel: order.Channel, Order: order.Order}}
		var since int64
		if err := rows.Scan(&w.Counter.Line, &w.Counter.Restocked, &w.Counter.Location, (*int64)(&w.Quantity), &w.Reason, &since); err != nil {
			return err
		}
		w.Since = record.Moment(since)
		b.snapshot.Waiting[w.Counter] = w
		return nil
	}, order.Channel, order.Order)
}

// loadCall loads a call and returns the refs of its rows, which an answer concerns.
func (b *batch) loadCall(ctx context.Context, key string) ([]stock.Ref, error) {
	var refs []stock.Ref
	return refs, each(ctx, b.w.call, func(rows *sql.Rows) error {
		call, err := record.ScanJSON[ledger.Call](rows)
		if err != nil {
			return err
		}
		b.snapshot.Calls[key] = call
		for _, row := range call.Rows {
			refs = append(refs, row.Ref)
		}
		return nil
	}, key)
}

func (b *batch) loadBrake(ctx context.Context, id string) (brake ledger.Brake, known bool, err error) {
	err = each(ctx, b.w.brake, func(rows *sql.Rows) error {
		brake, err = record.ScanJSON[ledger.Brake](rows)
		b.snapshot.Brakes[id], known = brake, true
		return err
	}, id)
	return brake, known, err
}

// loadActiveBrakes loads every unreleased or still passing brake of the loaded shelves and the touched channels.
func (b *batch) loadActiveBrakes(ctx context.Context, channels []stock.Channel) error {
	err := each(ctx, b.w.active, func(rows *sql.Rows) error {
		brake, err := record.ScanJSON[ledger.Brake](rows)
		if err != nil {
			return err
		}
		_, shelf := b.snapshot.Shelves[brake.Shelf]
		if shelf || slices.Contains(channels, brake.Channel) {
			b.snapshot.Brakes[brake.ID] = brake
		}
		return nil
	}, record.Nanos(b.at))
	if err != nil {
		return fmt.Errorf("reading brakes: %w", err)
	}
	return nil
}
