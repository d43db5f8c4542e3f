package record

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// StoredBrakes returns every brake that was ever stored, by id.
func (r Reader) StoredBrakes(ctx context.Context) ([]ledger.Brake, error) {
	brakes, err := rows(ctx, r, r.sql.Brakes, ScanJSON[ledger.Brake])
	if err != nil {
		return nil, fmt.Errorf("reading brakes: %w", err)
	}
	return brakes, nil
}

// Waiting returns order lines that cannot explain anything yet, oldest first.
func (r Reader) Waiting(ctx context.Context, limit int) ([]ledger.Waiting, error) {
	lines, err := rows(ctx, r, r.sql.Waiters, ScanWaiting, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading waiting lines: %w", err)
	}
	return lines, nil
}

// ScanWaiting reads all columns of an order line that waits.
func ScanWaiting(row Scanner) (w ledger.Waiting, err error) {
	var since int64
	err = row.Scan(&w.Counter.Channel, &w.Counter.Order, &w.Counter.Line, &w.Counter.Restocked, &w.Counter.Location,
		(*int64)(&w.Quantity), &w.Reason, &since)
	w.Since = Moment(since)
	return w, err
}

// Unlinked returns channel items that facts arrived for although no shelf is tied to them, latest first.
func (r Reader) Unlinked(ctx context.Context, limit int) ([]ledger.UnlinkedItem, error) {
	items, err := rows(ctx, r, r.sql.UnlinkedItems, func(row Scanner) (item ledger.UnlinkedItem, err error) {
		var seen int64
		err = row.Scan(&item.Channel, &item.Item, &seen)
		item.LastSeen = Moment(seen)
		return item, err
	}, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading unlinked items: %w", err)
	}
	return items, nil
}

// Tallies returns how often inputs ended in which way.
func (r Reader) Tallies(ctx context.Context) ([]ledger.Tally, error) {
	tallies, err := rows(ctx, r, r.sql.Tallies, func(row Scanner) (t ledger.Tally, err error) {
		return t, row.Scan(&t.Channel, (*uint8)(&t.Ending), &t.Reason, &t.Count)
	})
	if err != nil {
		return nil, fmt.Errorf("reading tallies: %w", err)
	}
	return tallies, nil
}

// Cursors returns the next offset of each partition of the topic.
func (r Reader) Cursors(ctx context.Context, topic string) (map[int]int64, error) {
	offsets := map[int]int64{}
	err := r.run(ctx, r.sql.Cursors, func(row Scanner) error {
		var partition int
		var next int64
		err := row.Scan(&partition, &next)
		offsets[partition] = next
		return err
	}, topic)
	if err != nil {
		return nil, fmt.Errorf("reading offsets: %w", err)
	}
	return offsets, nil
}

// Mark returns a sweep's named position; "" when there is none.
func (r Reader) Mark(ctx context.Context, name string) (position string, err error) {
	if _, err := r.row(ctx, r.sql.Mark, []any{name}, &position); err != nil {
		return "", fmt.Errorf("reading mark %s: %w", name, err)
	}
	return position, nil
}

// Unexplained returns a channel's suspense accounts that are on their side of zero since before or at a time, oldest first. What
// a ref left behind on an item that it is no longer tied to is not among them.
func (r Reader) Unexplained(ctx context.Context, channel stock.Channel, before time.Time, limit int) ([]ledger.Suspense, error) {
	accounts, err := rows(ctx, r, r.sql.Unexplained, func(row Scanner) (a ledger.Suspense, err error) {
		var since int64
		err = row.Scan(&a.Ref.Channel, &a.Ref.Item, &a.Ref.Location, &a.Shelf.Item, &a.Shelf.Location, (*int64)(&a.Quantity), &since)
		a.Since = Moment(since)
		return a, err
	}, channel, Nanos(before), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading unexplained: %w", err)
	}
	return accounts, nil
}

// Summary returns the ledger in a few figures.
func (r Reader) Summary(ctx context.Context) (ledger.Summary, error) {
	sum := ledger.Summary{Refs: map[ledger.RefStatus]int64{}, Wishes: map[stock.Channel]ledger.Wishes{}}
	var oldest int64
	_, err := r.row(ctx, r.sql.Counts, nil, &sum.Items, &sum.Shelves, &sum.Entries, &sum.OpenCalls, &sum.Uneven, &sum.Unexplained, &oldest)
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting: %w", err)
	}
	sum.OldestUnexplained = Moment(oldest)
	err = r.run(ctx, r.sql.CountRefs, func(row Scanner) error {
		var status ledger.RefStatus
		var count int64
		err := row.Scan((*uint8)(&status), &count)
		sum.Refs[status] = count
		return err
	})
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting refs: %w", err)
	}
	err = r.run(ctx, r.sql.CountWishes, func(row Scanner) error {
		var channel stock.Channel
		var w ledger.Wishes
		err := row.Scan(&channel, &w.Reads, &w.Pushes, &w.Resources)
		sum.Wishes[channel] = w
		return err
	})
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting wishes: %w", err)
	}
	return sum, nil
}
