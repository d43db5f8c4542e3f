package record

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// DueReads returns refs of the channel whose wished read is due and means something, but for baselines; none with a call in flight.
// The most urgent first: smallest |level|, then longest due, then by ref.
func (r Reader) DueReads(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	text, err := r.due(ctx, r.sql.DueReads, channel, now)
	if err != nil {
		return nil, fmt.Errorf("counting due reads: %w", err)
	}
	refs, err := rows(ctx, r, text, scanDueRef, channel, Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due reads: %w", err)
	}
	return refs, nil
}

// DueBaselines returns refs of the channel whose baseline is wanted and whose wished read is due; none with a call in flight. Longest
// due first, then by ref.
func (r Reader) DueBaselines(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	refs, err := rows(ctx, r, r.sql.DueBaselines, scanDueRef, channel, Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due baselines: %w", err)
	}
	return refs, nil
}

// BaselineProgress counts what a first sync has still to do.
func (r Reader) BaselineProgress(ctx context.Context) (ledger.BaselineProgress, error) {
	var progress ledger.BaselineProgress
	err := r.run(ctx, r.sql.BaselineStates, func(row Scanner) error {
		var state BaselineState
		var count int64
		err := row.Scan(&state, &count)
		switch state {
		case BaselineWaits:
			progress.Waiting = count
		case BaselineMissing:
			progress.Missing = count
		}
		return err
	})
	if err == nil {
		_, err = r.row(ctx, r.sql.PushesLeft, nil, &progress.PushesLeft)
	}
	if err != nil {
		return ledger.BaselineProgress{}, fmt.Errorf("counting baselines: %w", err)
	}
	return progress, nil
}

// BaselinesBegun says whether any ref of the channel has, or had, its baseline since it was linked.
func (r Reader) BaselinesBegun(ctx context.Context, channel stock.Channel) (begun bool, err error) {
	if _, err := r.row(ctx, r.sql.BaselinesBegun, []any{channel}, &begun); err != nil {
		return false, fmt.Errorf("looking for baselines: %w", err)
	}
	return begun, nil
}

// DuePushes returns a page of the pushes of the channel that are wanted and due, of live refs on open shelves; none with a
// call in flight. Order as in DueReads; after is the last push of the page before.
func (r Reader) DuePushes(ctx context.Context, channel stock.Channel, now time.Time, after ledger.DuePush, limit int) ([]ledger.DuePush, error) {
	text, err := r.due(ctx, r.sql.DuePushes, channel, now)
	if err != nil {
		return nil, fmt.Errorf("counting due pushes: %w", err)
	}
	pushes, err := rows(ctx, r, text, func(row Scanner) (ledger.DuePush, error) {
		push, due := ledger.DuePush{Ref: stock.Ref{Channel: channel}}, int64(0)
		err := row.Scan(&push.Ref.Item, &push.Ref.Location, (*int64)(&push.Level), &due, &push.Refusals)
		push.Due = Moment(due)
		return push, err
	}, channel, Nanos(now), int64(after.Level), Nanos(after.Due), after.Ref.Item, after.Ref.Location, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due pushes: %w", err)
	}
	return pushes, nil
}

// scanDueRef reads a ref with the level of its shelf.
func scanDueRef(row Scanner) (due ledger.DueRef, err error) {
	var full FullRef
	if err := row.Scan(append(full.Fields(), (*int64)(&due.Level), &due.Opened)...); err != nil {
		return due, err
	}
	due.Ref, err = full.Result()
	return due, err
}

// NextDue returns the earliest time after now at which a read, push, call or resource of the channel becomes due; zero
// when none will.
func (r Reader) NextDue(ctx context.Context, channel stock.Channel, now time.Time) (time.Time, error) {
	var due sql.NullInt64
	if _, err := r.row(ctx, r.sql.NextDue, []any{channel, Nanos(now)}, &due); err != nil {
		return time.Time{}, fmt.Errorf("reading next due time: %w", err)
	}
	return Moment(due.Int64), nil
}

// OpenCalls returns the calls of the channel that are not definite, oldest first.
func (r Reader) OpenCalls(ctx context.Context, channel stock.Channel) ([]ledger.Call, error) {
	calls, err := rows(ctx, r, r.sql.OpenCalls, ScanJSON[ledger.Call], channel)
	if err != nil {
		return nil, fmt.Errorf("reading open calls: %w", err)
	}
	return calls, nil
}

// DueResources returns the resource wishes of the channel that are due, oldest first.
func (r Reader) DueResources(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.ResourceWish, error) {
	wishes, err := rows(ctx, r, r.sql.DueResources, func(row Scanner) (ledger.ResourceWish, error) {
		wish, due := ledger.ResourceWish{Channel: channel}, int64(0)
		err := row.Scan(&wish.Resource, &due)
		wish.Due = Moment(due)
		return wish, err
	}, channel, Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due resources: %w", err)
	}
	return wishes, nil
}

// Uncaused returns the refs of the channel that follow opened shelves and remember changes without a cause which were pushed since or
// later, or are still to be pushed; by ref.
func (r Reader) Uncaused(ctx context.Context, channel stock.Channel, since time.Time) ([]ledger.DueRef, error) {
	refs, err := rows(ctx, r, r.sql.Uncaused, scanDueRef, channel, Nanos(since))
	if err != nil {
		return nil, fmt.Errorf("reading uncaused changes: %w", err)
	}
	return refs, nil
}

// UnitsBefore sums |level| over the refs of the channel that follow their shelves: of one that changed since then, the level before.
func (r Reader) UnitsBefore(ctx context.Context, channel stock.Channel, since time.Time) (load ledger.PushLoad, err error) {
	err = r.run(ctx, r.sql.UnitsBefore, func(row Scanner) error {
		var level int64
		err := row.Scan(&level)
		load.AddBefore(stock.Quantity(level))
		return err
	}, channel, Nanos(since))
	if err != nil {
		return load, fmt.Errorf("reading levels: %w", err)
	}
	return load, nil
}

// Refs returns a page of refs in order.
func (r Reader) Refs(ctx context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error) {
	var c conditions
	c.is("r.channel", string(filter.Channel))
	c.is("r.item", filter.Article)
	c.is("r.shelf_item", string(filter.Item))
	if filter.After != (stock.Ref{}) {
		c.and("(r.channel, r.item, r.location) > (?, ?, ?)", filter.After.Channel, filter.After.Item, filter.After.Location)
	}
	refs, err := rows(ctx, r, c.in(r.sql.Refs), scanDueRef, append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	return refs, nil
}

// Ref returns one ref with its shelf's level, or ErrNotFound when it was never linked.
func (r Reader) Ref(ctx context.Context, ref stock.Ref) (ledger.DueRef, error) {
	refs, err := rows(ctx, r, r.sql.Ref, scanDueRef, ref.Channel, ref.Item, ref.Location)
	if err == nil && len(refs) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.DueRef{}, fmt.Errorf("reading ref %s: %w", ref, err)
	}
	return refs[0], nil
}

// Calls returns calls, youngest first.
func (r Reader) Calls(ctx context.Context, filter ledger.CallFilter) ([]ledger.Call, error) {
	var c conditions
	if filter.Ref != (stock.Ref{}) {
		c.and(r.sql.CallsOfRef, filter.Ref.Channel, filter.Ref.Item, filter.Ref.Location)
	}
	if filter.State != 0 {
		c.and("state = ?", int64(filter.State))
	}
	calls, err := rows(ctx, r, c.in(r.sql.Calls), ScanJSON[ledger.Call], append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading calls: %w", err)
	}
	return calls, nil
}

// Call returns one stored call, or ErrNotFound.
func (r Reader) Call(ctx context.Context, key string) (ledger.Call, error) {
	calls, err := rows(ctx, r, r.sql.Call, ScanJSON[ledger.Call], key)
	if err == nil && len(calls) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Call{}, fmt.Errorf("reading call %s: %w", key, err)
	}
	return calls[0], nil
}
