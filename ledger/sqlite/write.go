package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

func (w *writer) putBalance(ctx context.Context, account ledger.Account, b record.Balance) error {
	_, err := w.setBalance.ExecContext(ctx, account.Item, int64(account.Kind), account.Name, int64(b.Quantity), b.Since)
	if err != nil {
		return fmt.Errorf("writing balance: %w", err)
	}
	return nil
}

// putRef writes a state, with moveRef where the ref has a row and is linked as before.
func (b *batch) putRef(ctx context.Context, ref stock.Ref) error {
	row, err := record.RefOf(b.states[ref])
	if err == nil {
		stmt := b.w.setRef
		if stored := b.rows[ref]; stored != nil && stored.Ref.LinkedAs(&row) {
			stmt = b.w.moveRef
		}
		_, err = stmt.ExecContext(ctx, row.Values()...)
	}
	if err != nil {
		return fmt.Errorf("writing ref %s: %w", ref, err)
	}
	b.refRows[ref] = row
	return nil
}

// writeIntentions writes everything that a step decided beside entries. Lists may name a thing twice: the last one counts.
func (b *batch) writeIntentions(ctx context.Context, c ledger.Changes, marks map[string]string) error {
	for _, w := range c.Work {
		if err := b.putWork(ctx, w); err != nil {
			return fmt.Errorf("writing work of %s: %w", w.Ref, err)
		}
	}
	if err := b.putUrgency(ctx); err != nil {
		return fmt.Errorf("writing urgency: %w", err)
	}
	for key, quantity := range c.Counters {
		if _, err := b.w.setCounter.ExecContext(ctx, key.Channel, key.Order, key.Line, key.Restocked, key.Location, int64(quantity)); err != nil {
			return fmt.Errorf("writing counter: %w", err)
		}
	}
	for _, w := range c.Waiting {
		if err := b.w.putWaiting(ctx, w); err != nil {
			return fmt.Errorf("writing waiting line: %w", err)
		}
	}
	for _, call := range c.Calls {
		if err := b.w.putCall(ctx, call); err != nil {
			return fmt.Errorf("writing call %s: %w", call.Key, err)
		}
	}
	for _, brake := range c.Brakes {
		if err := b.w.putBrake(ctx, brake); err != nil {
			return fmt.Errorf("writing brake %s: %w", brake.ID, err)
		}
	}
	for _, wish := range c.Resources {
		if err := b.w.putWish(ctx, wish); err != nil {
			return fmt.Errorf("writing resource wish: %w", err)
		}
	}
	for _, item := range c.Unlinked {
		seen, err := record.Stamp(item.LastSeen)
		if err == nil {
			_, err = b.w.setUnlinked.ExecContext(ctx, item.Channel, item.Item, seen)
		}
		if err != nil {
			return fmt.Errorf("writing unlinked item: %w", err)
		}
	}
	if err := b.w.putFindings(ctx, c.Findings); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(marks)) {
		if _, err := b.w.setMark.ExecContext(ctx, name, marks[name]); err != nil {
			return fmt.Errorf("writing mark: %w", err)
		}
	}
	return b.w.addTallies(ctx, slices.Concat(c.Dispositions, c.Noted))
}

func (b *batch) putWork(ctx context.Context, w ledger.Work) error {
	if _, linked := b.states[w.Ref]; !linked {
		if err := b.loadRefs(ctx, []stock.Ref{w.Ref}, nil); err != nil {
			return err
		}
		if _, linked = b.states[w.Ref]; !linked {
			return fmt.Errorf("%w: the ref was never linked", ledger.ErrNotFound)
		}
	}
	work := w.Stored()
	row, err := record.WorkOf(work)
	if err != nil {
		return err
	}
	level, err := b.loadBalance(ctx, ledger.AvailableOn(b.states[w.Ref].Shelf))
	if err != nil {
		return err
	}
	next, key := workRow{row, int64(level.Quantity.Abs())}, []any{string(w.Ref.Channel), w.Ref.Item, w.Ref.Location}
	switch old, stored := b.storedWork(w.Ref); {
	case stored && old.row.FoundAs(&row) && old.urgency == next.urgency:
		_, err = b.w.moveWork.ExecContext(ctx, append(key, row.Remembered()...)...)
	case stored && old.row.FoundAs(&row):
		_, err = b.w.moveUrgentWork.ExecContext(ctx, append(append(key, row.Remembered()...), next.urgency)...)
	default:
		_, err = b.w.setWork.ExecContext(ctx, append(record.ValuesOfWork(work, &row), next.urgency)...)
	}
	b.work[w.Ref] = next
	return err
}

// storedWork is the row of a ref's work, as the batch has left it so far.
func (b *batch) storedWork(ref stock.Ref) (workRow, bool) {
	if row, written := b.work[ref]; written {
		return row, true
	}
	if known := b.rows[ref]; known != nil && known.HasWork {
		return workRow{known.Work, known.Urgency}, true
	}
	return workRow{}, false
}

// putUrgency writes how far from zero the shelves of refs are now, where the level or the shelf is another than before, something is wished of
// the ref, and its work was not written anyway.
func (b *batch) putUrgency(ctx context.Context) error {
	for _, account := range b.accounts.list {
		if account.Kind != ledger.Available {
			continue
		}
		item, err := b.w.item(ctx, account.Item)
		if err != nil {
			return err
		}
		for _, row := range item.Refs {
			if string(row.Ref.Shelf().Location) == account.Name {
				if err := b.moveUrgency(ctx, row); err != nil {
					return err
				}
			}
		}
	}
	for _, ref := range b.refs.list {
		if row, written := b.rows[ref], b.refRows[ref]; row != nil && row.Ref.Shelf() != written.Shelf() {
			if err := b.moveUrgency(ctx, row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *batch) moveUrgency(ctx context.Context, row *record.KnownRef) error {
	ref, shelf := row.Ref.Ref(), row.Ref.Shelf()
	if written, relinked := b.refRows[ref]; relinked {
		shelf = written.Shelf()
	}
	level, err := b.loadBalance(ctx, ledger.AvailableOn(shelf))
	if err != nil {
		return err
	}
	b.rows[ref] = row
	work, stored := b.storedWork(ref)
	if urgency := int64(level.Quantity.Abs()); stored && work.row.Wished() && work.urgency != urgency {
		work.urgency = urgency
		b.work[ref] = work
		_, err = b.w.setUrgency.ExecContext(ctx, string(ref.Channel), ref.Item, ref.Location, urgency)
	}
	return err
}

func (w *writer) putWaiting(ctx context.Context, line ledger.Waiting) error {
	key := line.Counter
	if line.Quantity == 0 {
		_, err := w.dropWaiting.ExecContext(ctx, key.Channel, key.Order, key.Line, key.Restocked, key.Location)
		return err
	}
	since, err := record.Stamp(line.Since)
	if err != nil {
		return err
	}
	_, err = w.setWaiting.ExecContext(ctx, key.Channel, key.Order, key.Line, key.Restocked, key.Location, int64(line.Quantity), line.Reason, since)
	return err
}

// putCall writes a call. Its rows are indexed by ref; they never change under one key.
func (w *writer) putCall(ctx context.Context, call ledger.Call) error {
	due, err1 := record.Stamp(call.Due)
	created, err2 := record.Stamp(call.CreatedAt)
	text, err3 := record.Encode(call)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if _, err := w.setCall.ExecContext(ctx, call.Key, call.Channel, int64(call.State), due, created, text); err != nil {
		return err
	}
	for _, row := range call.Rows {
		if _, err := w.addCallRow.ExecContext(ctx, row.Ref.Channel, row.Ref.Item, row.Ref.Location, call.Key); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putBrake(ctx context.Context, brake ledger.Brake) error {
	released, err1 := record.Stamp(brake.ReleasedAt)
	pass, err2 := record.Stamp(brake.PassUntil)
	text, err3 := record.Encode(brake)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	_, err := w.setBrake.ExecContext(ctx, brake.ID, released, pass, text)
	return err
}

func (w *writer) putWish(ctx context.Context, wish ledger.ResourceWish) error {
	due, err := record.Stamp(wish.Due)
	switch {
	case err != nil:
		return err
	case due == 0:
		_, err = w.dropWish.ExecContext(ctx, wish.Channel, wish.Resource)
	default:
		_, err = w.setWish.ExecContext(ctx, wish.Channel, wish.Resource, due)
	}
	return err
}

// addTallies counts how inputs ended, one statement per way to end.
func (w *writer) addTallies(ctx context.Context, endings []ledger.Disposition) error {
	counts := map[ledger.Disposition]int64{}
	for _, d := range endings {
		counts[d]++
	}
	for d, count := range counts {
		if _, err := w.addTally.ExecContext(ctx, d.Channel, int64(d.Ending), d.Reason, count); err != nil {
			return fmt.Errorf("writing tally: %w", err)
		}
	}
	return nil
}
