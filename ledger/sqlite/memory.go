package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// memory is what the writing connection remembers of the file as its last transaction left it. It is forgotten whenever a transaction is
// rolled back, and whenever another connection has written: SQLite counts those commits.
type memory struct {
	known   record.Known
	version int64
	lastSeq int64 // -1: not known
	cursors map[partition]int64
	brakes  *brakes
}

type partition struct {
	topic  string
	number int
}

// brakes are those that were active at a moment: what is active later is among them, unless one was written since.
type brakes struct {
	at     int64
	active []activeBrake
}

type activeBrake struct {
	released, passUntil int64
	text                string
}

func (m *memory) forget() {
	m.known.Forget()
	m.lastSeq, m.brakes = -1, nil
	m.cursors = map[partition]int64{}
}

// look forgets everything if somebody else has written since the last transaction. It is called inside one, so that nobody can meanwhile.
func (w *writer) look(ctx context.Context) error {
	var version int64
	if err := w.dataVersion.QueryRowContext(ctx).Scan(&version); err != nil {
		return fmt.Errorf("looking for other writers: %w", err)
	}
	if version != w.version {
		w.forget()
		w.version = version
	}
	return nil
}

// last is the number of the last entry.
func (w *writer) last(ctx context.Context) (int64, error) {
	if w.memory.lastSeq >= 0 {
		return w.memory.lastSeq, nil
	}
	var seq int64
	err := w.lastSeq.QueryRowContext(ctx).Scan(&seq)
	return seq, err
}

// readItems reads the items of refs that are not known, so that they are.
func (w *writer) readItems(ctx context.Context, refs []stock.Ref) error {
	missing := slices.DeleteFunc(slices.Clone(refs), func(ref stock.Ref) bool { _, known := w.known.Of(ref); return known })
	found := map[stock.ItemID]*record.Item{}
	for part := range slices.Chunk(missing, asked) {
		var args [3 * asked]any // a name that is NULL finds nothing
		for i, ref := range part {
			args[3*i], args[3*i+1], args[3*i+2] = string(ref.Channel), ref.Item, ref.Location
		}
		if err := each(ctx, w.refsAndSiblings, scanInto(found), args[:]...); err != nil {
			return err
		}
	}
	for _, item := range found {
		w.known.Keep(item)
	}
	return nil
}

// item finds an item with all of its refs.
func (w *writer) item(ctx context.Context, id stock.ItemID) (*record.Item, error) {
	if item, known := w.known.Item(id); known {
		return item, nil
	}
	found := map[stock.ItemID]*record.Item{id: {ID: id}}
	if err := each(ctx, w.refsOfItem, scanInto(found), id); err != nil {
		return nil, fmt.Errorf("reading refs of item: %w", err)
	}
	w.known.Keep(found[id])
	return found[id], nil
}

// scanInto reads refs, each into its item. Two of the refs that were asked for may have the same, which is then read twice.
func scanInto(found map[stock.ItemID]*record.Item) func(rows *sql.Rows) error {
	return func(rows *sql.Rows) error {
		var row record.FullRef
		var since, opened, level, levelSince sql.NullInt64
		known := &record.KnownRef{}
		if err := rows.Scan(append(row.Fields(), &since, &opened, &level, &levelSince, &known.HasWork, &known.Urgency)...); err != nil {
			return err
		}
		known.Ref, known.Work = row.Ref, row.Work
		shelf, ref := row.Ref.Shelf(), row.Ref.Ref()
		item := found[shelf.Item]
		if item == nil {
			item = &record.Item{ID: shelf.Item}
			found[shelf.Item] = item
		}
		if item.Ref(ref) != nil {
			return nil
		}
		item.Refs = append(item.Refs, known)
		item.SetShelf(shelf.Location, record.ShelfRow{Stored: opened.Valid, Opened: opened.Int64 == 1})
		item.SetBalance(ledger.AvailableOn(shelf), record.Balance{Quantity: record.QuantityOf(level), Since: levelSince.Int64}, level.Valid)
		item.SetBalance(ledger.UnexplainedBy(shelf.Item, ref), record.Balance{Quantity: record.QuantityOf(row.Unexplained), Since: since.Int64}, row.Unexplained.Valid)
		return nil
	}
}

// readShelf reads a shelf of an item, with its level.
func (w *writer) readShelf(ctx context.Context, item *record.Item, shelf stock.Shelf) error {
	var opened, level, since sql.NullInt64
	if err := w.shelf.QueryRowContext(ctx, shelf.Item, shelf.Location).Scan(&opened, &level, &since); err != nil {
		return fmt.Errorf("reading shelf: %w", err)
	}
	item.SetShelf(shelf.Location, record.ShelfRow{Stored: opened.Valid, Opened: opened.Int64 == 1})
	item.SetBalance(ledger.AvailableOn(shelf), record.Balance{Quantity: record.QuantityOf(level), Since: since.Int64}, level.Valid)
	return nil
}

// readBalance reads what an account of an item holds.
func (w *writer) readBalance(ctx context.Context, item *record.Item, account ledger.Account) (record.Balance, error) {
	var b record.Balance
	err := w.balance.QueryRowContext(ctx, account.Item, int64(account.Kind), account.Name).Scan((*int64)(&b.Quantity), &b.Since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return b, fmt.Errorf("reading balance: %w", err)
	}
	item.SetBalance(account, b, err == nil)
	return b, nil
}

// activeBrakes are the texts of the brakes that are not released, or pass something at a moment.
func (w *writer) activeBrakes(ctx context.Context, at int64) (texts []string, err error) {
	if w.brakes == nil || at < w.brakes.at {
		read := &brakes{at: at}
		err := each(ctx, w.active, func(rows *sql.Rows) error {
			var brake activeBrake
			err := rows.Scan(&brake.released, &brake.passUntil, &brake.text)
			read.active = append(read.active, brake)
			return err
		}, at)
		if err != nil {
			return nil, err
		}
		w.brakes = read
	}
	for _, brake := range w.brakes.active {
		if brake.released == 0 || brake.passUntil > at {
			texts = append(texts, brake.text)
		}
	}
	return texts, nil
}

// settle remembers what a batch has written, when it is committed.
func (b *batch) settle(in ledger.Batch, changes ledger.Changes) {
	m := &b.w.memory
	m.lastSeq = b.lastSeq
	if c := in.Cursor; c != nil {
		m.cursors[partition{c.Topic, c.Partition}] = c.Next
	}
	if len(changes.Brakes) > 0 {
		m.brakes = nil
	}
	for _, account := range b.accounts.list {
		if item, known := m.known.Item(account.Item); known {
			item.SetBalance(account, b.balances[account], true)
		}
	}
	for shelf, opened := range b.opened {
		if item, known := m.known.Item(shelf.Item); known {
			item.SetShelf(shelf.Location, record.ShelfRow{Stored: true, Opened: opened})
		}
	}
	for ref, written := range b.work {
		if row := b.rows[ref]; row != nil {
			row.Work, row.HasWork, row.Urgency = written.row, true, written.urgency
		}
	}
	for ref, written := range b.refRows {
		row := b.rows[ref]
		if row == nil || row.Ref.Shelf() != written.Shelf() {
			// It has another item than before, or one more.
			m.known.Drop(written.Shelf().Item)
			if row != nil {
				m.known.Drop(row.Ref.Shelf().Item)
			}
			continue
		}
		row.Ref = written
	}
}
