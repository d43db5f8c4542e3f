package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

func (w *writer) loadBalance(ctx context.Context, account ledger.Account) (record.Balance, error) {
	var b record.Balance
	err := w.balance.QueryRowContext(ctx, account.Item, int64(account.Kind), account.Name).Scan((*int64)(&b.Quantity), &b.Since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return record.Balance{}, fmt.Errorf("reading balance: %w", err)
	}
	return b, nil
}

func (w *writer) putBalance(ctx context.Context, account ledger.Account, b record.Balance) error {
	_, err := w.setBalance.ExecContext(ctx, account.Item, int64(account.Kind), account.Name, int64(b.Quantity), b.Since)
	if err != nil {
		return fmt.Errorf("writing balance: %w", err)
	}
	return nil
}

// putRef writes a state with setRef, or with moveRef where the ref has a row and is linked as before.
func putRef(ctx context.Context, stmt *sql.Stmt, s ledger.RefState) error {
	values, err := record.RefValues(s)
	if err == nil {
		_, err = stmt.ExecContext(ctx, values...)
	}
	if err != nil {
		return fmt.Errorf("writing ref %s: %w", s.Ref, err)
	}
	return nil
}

// writeIntentions writes everything that a step decided beside entries. Lists may name a thing twice: the last one counts.
func (b *batch) writeIntentions(ctx context.Context, c ledger.Changes, marks map[string]string) error {
	for _, w := range c.Work {
		if err := b.putWork(ctx, w); err != nil {
			return fmt.Errorf("writing work of %s: %w", w.Ref, err)
		}
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
	values, err := record.WorkValues(w.Stored())
	if err != nil {
		return err
	}
	level, err := b.levelOf(ctx, b.states[w.Ref].Shelf)
	if err == nil {
		_, err = b.w.setWork.ExecContext(ctx, append(values, int64(level))...)
	}
	return err
}

// levelOf is the level of a shelf after the batch's entries.
func (b *batch) levelOf(ctx context.Context, shelf stock.Shelf) (stock.Quantity, error) {
	account := ledger.AvailableOn(shelf)
	if level, loaded := b.balances[account]; loaded {
		return level.Quantity, nil
	}
	level, err := b.w.loadBalance(ctx, account)
	return level.Quantity, err
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
