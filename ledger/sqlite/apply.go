package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Apply decides about a batch and writes what was decided in one transaction; see ledger.Store.
func (s *Store) Apply(ctx context.Context, step ledger.Step, in ledger.Batch) (ledger.Receipt, error) {
	var receipt ledger.Receipt
	err := s.writing(ctx, func(ctx context.Context, w *writer) error {
		if in.Cursor != nil {
			if err := w.moveCursor(ctx, *in.Cursor); err != nil {
				return err
			}
		}
		w.known.Age(in.At)
		b := newBatch(w, in.At)
		if err := b.load(ctx, in.Scope()); err != nil {
			return err
		}
		changes, err := step.Decide(b.snapshot, in)
		if err != nil {
			return err
		}
		entries, err := b.writeEntries(ctx, changes.Entries)
		if err != nil {
			return err
		}
		if err := b.writeIntentions(ctx, changes, in.Marks); err != nil {
			return err
		}
		w.settle = func() { b.settle(in, changes) }
		receipt = ledger.Receipt{
			LastSeq: b.lastSeq, Entries: entries, Dispositions: changes.Dispositions, Calls: changes.Calls, Wanted: changes.Wanted(),
		}
		return nil
	})
	if err != nil {
		return ledger.Receipt{}, err
	}
	return receipt, nil
}

// moveCursor is a compare-and-set of the consumed offset. The first batch of a partition may begin anywhere.
func (w *writer) moveCursor(ctx context.Context, c ledger.Cursor) error {
	next, known := w.cursors[partition{c.Topic, c.Partition}]
	if !known {
		next = c.From
		err := w.cursor.QueryRowContext(ctx, c.Topic, c.Partition).Scan(&next)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading offset: %w", err)
		}
	}
	if !c.Reset && (next != c.From || c.Next < c.From) {
		return fmt.Errorf("%w: %s/%d is at %d, batch is from %d to %d", ledger.ErrCursorMoved, c.Topic, c.Partition, next, c.From, c.Next)
	}
	if _, err := w.setCursor.ExecContext(ctx, c.Topic, c.Partition, c.Next); err != nil {
		return fmt.Errorf("writing offset: %w", err)
	}
	return nil
}

// writeEntries numbers and writes the entries, and everything that follows from them.
func (b *batch) writeEntries(ctx context.Context, decided []ledger.Entry) ([]ledger.Entry, error) {
	var entries []ledger.Entry
	for _, d := range decided {
		e, err := d.Recorded(b.lastSeq+1, b.at)
		if err != nil {
			return nil, fmt.Errorf("writing entry: %w", err)
		}
		if err := b.insert(ctx, e); err != nil {
			return nil, fmt.Errorf("writing entry %s: %w", e.Key, err)
		}
		b.lastSeq = e.Seq
		entries = append(entries, e)
		if err := b.post(ctx, e); err != nil {
			return nil, fmt.Errorf("writing entry %s: %w", e.Key, err)
		}
		if err := b.fold(ctx, e); err != nil {
			return nil, fmt.Errorf("writing entry %s: %w", e.Key, err)
		}
	}
	for _, account := range b.accounts.list {
		if err := b.w.putBalance(ctx, account, b.balances[account]); err != nil {
			return nil, err
		}
	}
	for _, ref := range b.refs.list {
		if err := b.putRef(ctx, ref); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// set remembers what was touched, in the order of the first touch.
type set[K comparable] struct {
	list []K
	has  map[K]struct{}
}

func (s *set[K]) add(key K) {
	if _, member := s.has[key]; member {
		return
	}
	if s.has == nil {
		s.has = map[K]struct{}{}
	}
	s.has[key] = struct{}{}
	s.list = append(s.list, key)
}

func (b *batch) insert(ctx context.Context, e ledger.Entry) error {
	values, err := record.EntryValues(e)
	if err != nil {
		return err
	}
	_, err = b.w.addEntry.ExecContext(ctx, values...)
	if isUnique(err) {
		return b.keyTaken(ctx, e)
	}
	if err != nil {
		return err
	}
	for row, p := range e.Postings {
		_, err := b.w.addPosting.ExecContext(ctx, e.Seq, row, int64(p.From.Kind), p.From.Name, int64(p.To.Kind), p.To.Name, int64(p.Quantity))
		if err != nil {
			return fmt.Errorf("writing posting %d: %w", row, err)
		}
	}
	opened, known := b.opened[e.Shelf]
	if known && (opened || !e.Opens) {
		return nil
	}
	if !known {
		if err := b.loadShelf(ctx, e.Shelf); err != nil {
			return err
		}
	}
	b.opened[e.Shelf] = b.opened[e.Shelf] || e.Opens
	_, err = b.w.setShelf.ExecContext(ctx, e.Shelf.Item, e.Shelf.Location, b.opened[e.Shelf])
	return err
}

// keyTaken says why a key could not be used: the step wrote it twice, or it stands for another content.
func (b *batch) keyTaken(ctx context.Context, e ledger.Entry) error {
	var fingerprint string
	if err := b.w.key.QueryRowContext(ctx, e.Key).Scan(&fingerprint); err != nil {
		return fmt.Errorf("reading key: %w", err)
	}
	if fingerprint == e.Fingerprint {
		return fmt.Errorf("key %s is written twice", e.Key)
	}
	return fmt.Errorf("%w: %s", ledger.ErrKeyReused, e.Key)
}

func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// post adds the entry's postings to the balances in memory.
func (b *batch) post(ctx context.Context, e ledger.Entry) error {
	at := record.Nanos(e.RecordedAt)
	for _, p := range e.Postings {
		for _, side := range []struct {
			account  ledger.Account
			quantity stock.Quantity
		}{{p.From, -p.Quantity}, {p.To, p.Quantity}} {
			old, err := b.loadBalance(ctx, side.account)
			if err != nil {
				return err
			}
			sum, fits := old.Plus(side.quantity, at)
			if !fits {
				return fmt.Errorf("%w: %s from %s to %s", ledger.ErrOverflow, p.Quantity, p.From, p.To)
			}
			b.balances[side.account] = sum
			b.accounts.add(side.account)
		}
	}
	return nil
}

// fold takes the entry into its ref's state in memory.
func (b *batch) fold(ctx context.Context, e ledger.Entry) error {
	if e.Ref == (stock.Ref{}) {
		return nil
	}
	state, loaded := b.states[e.Ref]
	if !loaded {
		if err := b.loadRefs(ctx, []stock.Ref{e.Ref}, nil); err != nil {
			return err
		}
		state = b.states[e.Ref]
	}
	if _, fits := state.Expected.Plus(e.ExpectedDelta); !fits {
		return fmt.Errorf("%w: expected %s and %s", ledger.ErrOverflow, state.Expected, e.ExpectedDelta)
	}
	b.states[e.Ref] = state.After(e)
	b.refs.add(e.Ref)
	return nil
}
