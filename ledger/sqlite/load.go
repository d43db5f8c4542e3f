package sqlite

import (
	"context"
	"database/sql"
	"errors"
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
	// shown are the items whose refs are in the snapshot.
	shown map[stock.ItemID]struct{}
	// What the batch comes to so far, in copies that the step cannot reach. opened holds the shelves that have a row, with whether they are
	// open.
	states   map[stock.Ref]ledger.RefState
	balances map[ledger.Account]record.Balance
	opened   map[stock.Shelf]bool
	// What was written, and with what as it was stored before.
	accounts set[ledger.Account]
	refs     set[stock.Ref]
	rows     map[stock.Ref]*record.KnownRef
	refRows  map[stock.Ref]record.Ref
	work     map[stock.Ref]workRow
}

// workRow is a row of work that a batch has written.
type workRow struct {
	row     record.Work
	urgency int64
}

func newBatch(w *writer, at time.Time) *batch {
	return &batch{
		w: w, at: at, shown: map[stock.ItemID]struct{}{}, states: map[stock.Ref]ledger.RefState{}, balances: map[ledger.Account]record.Balance{},
		opened: map[stock.Shelf]bool{}, rows: map[stock.Ref]*record.KnownRef{}, refRows: map[stock.Ref]record.Ref{}, work: map[stock.Ref]workRow{},
		snapshot: &ledger.Snapshot{
			Refs: map[stock.Ref]ledger.Ref{}, Shelves: map[stock.Shelf]ledger.ShelfState{}, SoldAs: map[ledger.SoldAs][]stock.Ref{},
			Keys: map[string]string{}, Booked: map[string][]ledger.Entry{}, Counters: map[ledger.CounterKey]stock.Quantity{}, Waiting: map[ledger.CounterKey]ledger.Waiting{},
			Calls: map[string]ledger.Call{}, Brakes: map[string]ledger.Brake{},
		},
	}
}

// load fills the snapshot with what the scope names and what follows from it.
func (b *batch) load(ctx context.Context, scope ledger.Scope) error {
	lastSeq, err := b.w.last(ctx)
	if err != nil {
		return fmt.Errorf("reading last entry: %w", err)
	}
	b.lastSeq, b.snapshot.LastSeq = lastSeq, lastSeq
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
	if err := b.w.readItems(ctx, refs); err != nil {
		return fmt.Errorf("reading refs: %w", err)
	}
	for _, ref := range refs {
		item, known := b.w.known.Of(ref)
		if !known {
			continue
		}
		if err := b.show(item); err != nil {
			return err
		}
		// An unlinked ref is of no item, but is shown itself.
		if err := b.take(item, item.Ref(ref)); err != nil {
			return err
		}
	}
	for _, shelf := range shelves {
		item, err := b.w.item(ctx, shelf.Item)
		if err != nil {
			return err
		}
		if err := b.show(item); err != nil {
			return err
		}
		if err := b.loadShelf(ctx, shelf); err != nil {
			return err
		}
	}
	return nil
}

// show takes all refs of an item into the snapshot.
func (b *batch) show(item *record.Item) error {
	if _, shown := b.shown[item.ID]; shown {
		return nil
	}
	b.shown[item.ID] = struct{}{}
	for _, row := range item.Refs {
		if row.Ref.Status() == ledger.Unlinked {
			continue
		}
		if err := b.take(item, row); err != nil {
			return err
		}
	}
	return nil
}

// take takes a ref into the snapshot, with its shelf and its suspense account, unless it is there.
func (b *batch) take(item *record.Item, row *record.KnownRef) error {
	ref := row.Ref.Ref()
	if _, loaded := b.states[ref]; loaded {
		return nil
	}
	state, err1 := row.Ref.Result()
	work, err2 := row.Work.Result()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	work.Ref = ref
	account := ledger.UnexplainedBy(state.Shelf.Item, ref)
	suspense, _, _ := item.Balance(account)
	b.remember(account, suspense)
	b.snapshot.Refs[ref] = ledger.Ref{State: state, Work: work, Unexplained: suspense.Quantity}
	b.states[ref], b.rows[ref] = state, row
	b.keepShelf(item, state.Shelf)
	return nil
}

// remember keeps a balance as stored, unless the batch has moved it already.
func (b *batch) remember(account ledger.Account, stored record.Balance) {
	if _, known := b.balances[account]; !known {
		b.balances[account] = stored
	}
}

func (b *batch) loadShelf(ctx context.Context, shelf stock.Shelf) error {
	item, err := b.w.item(ctx, shelf.Item)
	if err != nil {
		return err
	}
	if _, known := item.Shelf(shelf.Location); !known {
		if err := b.w.readShelf(ctx, item, shelf); err != nil {
			return err
		}
	}
	b.keepShelf(item, shelf)
	return nil
}

// keepShelf takes a shelf that is known into the snapshot, unless it is there. A shelf without a row has no entries yet.
func (b *batch) keepShelf(item *record.Item, shelf stock.Shelf) {
	if _, loaded := b.snapshot.Shelves[shelf]; loaded {
		return
	}
	row, _ := item.Shelf(shelf.Location)
	if row.Stored {
		b.opened[shelf] = row.Opened
	}
	account := ledger.AvailableOn(shelf)
	level, _, _ := item.Balance(account)
	b.remember(account, level)
	b.snapshot.Shelves[shelf] = ledger.ShelfState{Shelf: shelf, Level: level.Quantity, Opened: row.Opened}
}

// loadBalance loads what an account holds.
func (b *batch) loadBalance(ctx context.Context, account ledger.Account) (record.Balance, error) {
	if balance, loaded := b.balances[account]; loaded {
		return balance, nil
	}
	item, err := b.w.item(ctx, account.Item)
	if err != nil {
		return record.Balance{}, err
	}
	balance, _, known := item.Balance(account)
	if !known {
		if balance, err = b.w.readBalance(ctx, item, account); err != nil {
			return record.Balance{}, err
		}
	}
	b.balances[account] = balance
	return balance, nil
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
	active, err := b.w.activeBrakes(ctx, record.Nanos(b.at))
	if err != nil {
		return fmt.Errorf("reading brakes: %w", err)
	}
	for _, text := range active {
		var brake ledger.Brake
		if err := record.Decode(text, &brake); err != nil {
			return fmt.Errorf("reading brakes: %w", err)
		}
		_, shelf := b.snapshot.Shelves[brake.Shelf]
		if shelf || slices.Contains(channels, brake.Channel) {
			b.snapshot.Brakes[brake.ID] = brake
		}
	}
	return nil
}
