package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlBrakes  = `SELECT brake FROM brakes WHERE merchant = $1 ORDER BY id`
	sqlWaiters = `SELECT channel, order_id, line, restocked, location, quantity, reason, since FROM waiting WHERE merchant = $1
		ORDER BY since, channel, order_id, line, restocked, location LIMIT $2`
	// sqlUnlinkedItems leaves out what was linked since, under either name.
	sqlUnlinkedItems = `SELECT channel, item, last_seen FROM unlinked n WHERE n.merchant = $1
		AND NOT EXISTS (SELECT FROM refs r WHERE r.merchant = $1 AND r.channel = n.channel AND r.item = n.item AND r.status <> 6 /* unlinked */)
		AND NOT EXISTS (SELECT FROM refs r WHERE r.merchant = $1 AND r.channel = n.channel AND r.sold_as = n.item AND r.status <> 6 /* unlinked */)
		ORDER BY last_seen DESC, channel, item LIMIT $2`
	sqlTallies     = `SELECT channel, ending, reason, count FROM tallies WHERE merchant = $1 ORDER BY channel, ending, reason`
	sqlCursors     = `SELECT partition, next_offset FROM cursors WHERE merchant = $1 AND topic = $2`
	sqlMark        = `SELECT position FROM marks WHERE merchant = $1 AND name = $2`
	sqlUnexplained = `SELECT r.channel, r.item, r.location, r.shelf_item, r.shelf_location, b.quantity, b.since FROM balances b
		CROSS JOIN LATERAL (SELECT * FROM refs r WHERE r.merchant = $1 AND r.shelf_item = b.item AND b.name = r.channel || '/' || r.item || '@' || r.location OFFSET 0) r
		WHERE b.merchant = $1 AND b.kind = 8 /* unexplained */ AND b.quantity <> 0 AND b.since <= $3 AND r.channel = $2 ORDER BY b.since, b.item, b.name LIMIT $4`

	sqlCounts = `SELECT (SELECT count(*) FROM items WHERE merchant = $1), (SELECT count(*) FROM shelves WHERE merchant = $1),
		(SELECT coalesce(max(seq), 0) FROM entries WHERE merchant = $1),
		(SELECT count(*) FROM calls WHERE merchant = $1 AND state = 1 /* open */),
		(SELECT count(*) FROM (SELECT DISTINCT r.shelf_item, r.shelf_location FROM work w` + sqlRefOfWork + `
			WHERE w.merchant = $1 AND w.push AND r.status = 2 /* live */) d),
		(SELECT count(*) FROM balances WHERE merchant = $1 AND kind = 8 /* unexplained */ AND quantity <> 0),
		(SELECT coalesce(min(since), 0) FROM balances WHERE merchant = $1 AND kind = 8 /* unexplained */ AND quantity <> 0)`
	sqlCountRefs   = `SELECT status, count(*) FROM refs WHERE merchant = $1 GROUP BY status`
	sqlCountWishes = `SELECT channel, sum(reads)::bigint, sum(pushes)::bigint, sum(resources)::bigint FROM (
		SELECT channel, count(*) AS reads, 0 AS pushes, 0 AS resources FROM work WHERE merchant = $1 AND read <> 0 AND baseline_state = 0 AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, count(*), 0, 0 FROM work WHERE merchant = $1 AND read <> 0 AND baseline_state <> 0 AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, 0, count(*), 0 FROM work WHERE merchant = $1 AND push AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, 0, 0, count(*) FROM resource_wishes WHERE merchant = $1 GROUP BY channel) w GROUP BY channel`
)

// StoredBrakes returns every brake that was ever stored, by id.
func (s *Store) StoredBrakes(ctx context.Context) ([]ledger.Brake, error) {
	brakes, err := list[ledger.Brake](ctx, s, sqlBrakes)
	if err != nil {
		return nil, fmt.Errorf("reading brakes: %w", err)
	}
	return brakes, nil
}

// Waiting returns order lines that cannot explain anything yet, oldest first.
func (s *Store) Waiting(ctx context.Context, limit int) ([]ledger.Waiting, error) {
	var lines []ledger.Waiting
	err := s.query(ctx, sqlWaiters, func(rows pgx.Rows) error {
		w, err := waitingOf(rows)
		lines = append(lines, w)
		return err
	}, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading waiting lines: %w", err)
	}
	return lines, nil
}

// waitingOf reads a row of sqlWaiters or sqlWaiting.
func waitingOf(rows pgx.Rows) (w ledger.Waiting, err error) {
	var since int64
	err = rows.Scan(&w.Counter.Channel, &w.Counter.Order, &w.Counter.Line, &w.Counter.Restocked, &w.Counter.Location,
		(*int64)(&w.Quantity), &w.Reason, &since)
	w.Since = record.Moment(since)
	return w, err
}

// Unlinked returns channel items that facts arrived for although no shelf is tied to them, latest first.
func (s *Store) Unlinked(ctx context.Context, limit int) ([]ledger.UnlinkedItem, error) {
	var items []ledger.UnlinkedItem
	err := s.query(ctx, sqlUnlinkedItems, func(rows pgx.Rows) error {
		var item ledger.UnlinkedItem
		var seen int64
		err := rows.Scan(&item.Channel, &item.Item, &seen)
		item.LastSeen = record.Moment(seen)
		items = append(items, item)
		return err
	}, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading unlinked items: %w", err)
	}
	return items, nil
}

// Tallies returns how often inputs ended in which way.
func (s *Store) Tallies(ctx context.Context) ([]ledger.Tally, error) {
	var tallies []ledger.Tally
	err := s.query(ctx, sqlTallies, func(rows pgx.Rows) error {
		var t ledger.Tally
		err := rows.Scan(&t.Channel, (*uint8)(&t.Ending), &t.Reason, &t.Count)
		tallies = append(tallies, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading tallies: %w", err)
	}
	return tallies, nil
}

// Cursors returns the next offset of each partition of the topic.
func (s *Store) Cursors(ctx context.Context, topic string) (map[int]int64, error) {
	offsets := map[int]int64{}
	err := s.query(ctx, sqlCursors, func(rows pgx.Rows) error {
		var partition int
		var next int64
		err := rows.Scan(&partition, &next)
		offsets[partition] = next
		return err
	}, topic)
	if err != nil {
		return nil, fmt.Errorf("reading offsets: %w", err)
	}
	return offsets, nil
}

// Mark returns a sweep's named position; "" when there is none.
func (s *Store) Mark(ctx context.Context, name string) (string, error) {
	var position string
	if err := s.row(ctx, sqlMark, []any{name}, &position); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("reading mark %s: %w", name, err)
	}
	return position, nil
}

// Unexplained returns a channel's suspense accounts that are on their side of zero since before or at a time, oldest first. What
// a ref left behind on an item that it is no longer tied to is not among them.
func (s *Store) Unexplained(ctx context.Context, channel stock.Channel, before time.Time, limit int) ([]ledger.Suspense, error) {
	var accounts []ledger.Suspense
	err := s.query(ctx, sqlUnexplained, func(rows pgx.Rows) error {
		var a ledger.Suspense
		var since int64
		err := rows.Scan(&a.Ref.Channel, &a.Ref.Item, &a.Ref.Location, &a.Shelf.Item, &a.Shelf.Location, (*int64)(&a.Quantity), &since)
		a.Since = record.Moment(since)
		accounts = append(accounts, a)
		return err
	}, channel, record.Nanos(before), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading unexplained: %w", err)
	}
	return accounts, nil
}

// Summary returns the ledger in a few figures.
func (s *Store) Summary(ctx context.Context) (ledger.Summary, error) {
	sum := ledger.Summary{Refs: map[ledger.RefStatus]int64{}, Wishes: map[stock.Channel]ledger.Wishes{}}
	var oldest int64
	err := s.row(ctx, sqlCounts, nil, &sum.Items, &sum.Shelves, &sum.Entries, &sum.OpenCalls, &sum.Uneven, &sum.Unexplained, &oldest)
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting: %w", err)
	}
	sum.OldestUnexplained = record.Moment(oldest)
	err = s.query(ctx, sqlCountRefs, func(rows pgx.Rows) error {
		var status ledger.RefStatus
		var count int64
		err := rows.Scan((*uint8)(&status), &count)
		sum.Refs[status] = count
		return err
	})
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting refs: %w", err)
	}
	err = s.query(ctx, sqlCountWishes, func(rows pgx.Rows) error {
		var channel stock.Channel
		var w ledger.Wishes
		err := rows.Scan(&channel, &w.Reads, &w.Pushes, &w.Resources)
		sum.Wishes[channel] = w
		return err
	})
	if err != nil {
		return ledger.Summary{}, fmt.Errorf("counting wishes: %w", err)
	}
	return sum, nil
}
