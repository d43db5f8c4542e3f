package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlAddEntries = `INSERT INTO entries (merchant, seq, key, fingerprint, kind, item, location, channel, ref_item, ref_location,
		occurred_at, observed_at, recorded_at, expected_delta, status, opens, push, recount, evidence)
		SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::boolean[], $17::text[], $18::text[], $19::text[])`
	sqlAddPostings = `INSERT INTO postings (merchant, seq, row, from_kind, from_name, to_kind, to_name, quantity)
		SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[])`
	// sqlMoveBalances adds to each account the sum of its postings; lowest and highest are what the sum was on the way. Of an account that
	// stayed on its side of zero all the way since remains. Both sides of <> are always computed, so that a sum that leaves the range
	// on the way is refused.
	sqlMoveBalances = `INSERT INTO balances (merchant, item, kind, name, quantity, since)
		SELECT $1, d.item, d.kind, d.name, coalesce(b.quantity, 0) + d.sum, CASE WHEN coalesce(b.quantity, 0) + d.sum = 0 THEN 0
			WHEN (least(b.quantity, b.quantity + d.lowest) > 0) <> (greatest(b.quantity, b.quantity + d.highest) < 0) THEN b.since ELSE $8 END
		FROM unnest($2::text[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) d (item, kind, name, sum, lowest, highest)
		LEFT JOIN LATERAL (SELECT * FROM balances b WHERE b.merchant = $1 AND b.item = d.item AND b.kind = d.kind AND b.name = d.name OFFSET 0) b ON true
		ON CONFLICT (merchant, item, kind, name) DO UPDATE SET quantity = excluded.quantity, since = excluded.since`
	sqlSetShelves = `INSERT INTO shelves (merchant, item, location, opened) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[])
		ON CONFLICT (merchant, item, location) DO UPDATE SET opened = true WHERE excluded.opened AND NOT shelves.opened`
	sqlSetRefs = `INSERT INTO refs (merchant, channel, item, location, shelf_item, shelf_location, sold_as, status, expected, version, contains,
		entries, unconfirmed, recount, contained, sold_out, joining, reason, settled)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[],
		$11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[], $19::text[])
		ON CONFLICT (merchant, channel, item, location) DO UPDATE SET shelf_item = excluded.shelf_item, shelf_location = excluded.shelf_location,
		sold_as = excluded.sold_as, status = excluded.status, expected = excluded.expected, version = excluded.version, contains = excluded.contains,
		entries = excluded.entries, unconfirmed = excluded.unconfirmed, recount = excluded.recount, contained = excluded.contained,
		sold_out = excluded.sold_out, joining = excluded.joining, reason = excluded.reason, settled = excluded.settled`
	sqlSetWork = `INSERT INTO work (merchant, channel, item, location, seq, read, read_due, read_until, read_reason, push, push_due, refusals,
		in_flight, delivered, older, feed_from, unlink, crossed, raised, raises, baseline, uncaused, before_level, before_at, falls,
		program, hidden, uncaused_at, baseline_state)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::boolean[],
		$11::bigint[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::boolean[], $18::text[], $19::text[], $20::text[],
		$21::text[], $22::text[], $23::bigint[], $24::bigint[], $25::text[], $26::text[], $27::boolean[], $28::bigint[], $29::bigint[])
		ON CONFLICT (merchant, channel, item, location) DO UPDATE SET seq = excluded.seq, read = excluded.read, read_due = excluded.read_due,
		read_until = excluded.read_until, read_reason = excluded.read_reason, push = excluded.push, push_due = excluded.push_due,
		refusals = excluded.refusals, in_flight = excluded.in_flight, delivered = excluded.delivered, older = excluded.older,
		feed_from = excluded.feed_from, unlink = excluded.unlink, crossed = excluded.crossed, raised = excluded.raised, raises = excluded.raises,
		baseline = excluded.baseline, uncaused = excluded.uncaused, before_level = excluded.before_level, before_at = excluded.before_at,
		falls = excluded.falls, program = excluded.program, hidden = excluded.hidden, uncaused_at = excluded.uncaused_at, baseline_state = excluded.baseline_state`
	sqlSetCounters = `INSERT INTO counters (merchant, channel, order_id, line, restocked, location, quantity)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::bigint[])
		ON CONFLICT (merchant, channel, order_id, line, restocked, location) DO UPDATE SET quantity = greatest(counters.quantity, excluded.quantity)`
	sqlSetWaiting = `INSERT INTO waiting (merchant, channel, order_id, line, restocked, location, quantity, reason, since)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::bigint[], $8::text[], $9::bigint[])
		ON CONFLICT (merchant, channel, order_id, line, restocked, location) DO UPDATE SET quantity = excluded.quantity, reason = excluded.reason, since = excluded.since`
	sqlDropWaiting = `DELETE FROM waiting WHERE merchant = $1 AND (channel, order_id, line, restocked, location) IN
		(SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[]))`
	sqlSetCalls = `INSERT INTO calls (merchant, key, channel, state, due, created_at, call)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
		ON CONFLICT (merchant, key) DO UPDATE SET channel = excluded.channel, state = excluded.state, due = excluded.due,
		created_at = excluded.created_at, call = excluded.call`
	sqlAddCallRows = `INSERT INTO call_rows (merchant, channel, item, location, call_key)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`
	sqlSetBrakes = `INSERT INTO brakes (merchant, id, released_at, pass_until, brake)
		SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET released_at = excluded.released_at, pass_until = excluded.pass_until, brake = excluded.brake`
	sqlSetWishes = `INSERT INTO resource_wishes (merchant, channel, resource, due) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])
		ON CONFLICT (merchant, channel, resource) DO UPDATE SET due = excluded.due`
	sqlDropWishes  = `DELETE FROM resource_wishes WHERE merchant = $1 AND (channel, resource) IN (SELECT * FROM unnest($2::text[], $3::text[]))`
	sqlSetUnlinked = `INSERT INTO unlinked (merchant, channel, item, last_seen) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])
		ON CONFLICT (merchant, channel, item) DO UPDATE SET last_seen = greatest(unlinked.last_seen, excluded.last_seen)`
	sqlAddTallies = `INSERT INTO tallies (merchant, channel, ending, reason, count)
		SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[])
		ON CONFLICT (merchant, channel, ending, reason) DO UPDATE SET count = tallies.count + excluded.count`
	sqlSetCursor = `INSERT INTO cursors (merchant, topic, partition, next_offset) VALUES ($1, $2, $3, $4)
		ON CONFLICT (merchant, topic, partition) DO UPDATE SET next_offset = excluded.next_offset`
	sqlSetMarks = `INSERT INTO marks (merchant, name, position) SELECT $1, * FROM unnest($2::text[], $3::text[])
		ON CONFLICT (merchant, name) DO UPDATE SET position = excluded.position`
)

// rows are values for one table. Of rows with one key the last counts, or what merge makes of it and the one before: a statement may not
// meet a row twice.
type rows[K comparable] struct {
	at     map[K]int
	values [][]any
	merge  func(old, new []any) []any
}

func (r *rows[K]) put(key K, values []any, err error) error {
	if err != nil {
		return err
	}
	if at, known := r.at[key]; known {
		if r.merge != nil {
			values = r.merge(r.values[at], values)
		}
		r.values[at] = values
		return nil
	}
	if r.at == nil {
		r.at = map[K]int{}
	}
	r.at[key] = len(r.values)
	r.values = append(r.values, values)
	return nil
}

// write queues a statement with the rows' columns; without rows there is nothing to write.
func (t *transaction) write(q *pgx.Batch, text string, rows [][]any, more ...any) {
	if len(rows) > 0 {
		t.queue(q, text, append(columns(rows), more...)...)
	}
}

// queueWrites queues everything that was decided.
func (b *batch) queueWrites(q *pgx.Batch, entries []ledger.Entry, c ledger.Changes, in ledger.Batch) error {
	if err := b.queueEntries(q, entries); err != nil {
		return fmt.Errorf("writing entries: %w", err)
	}
	if err := b.queueIntentions(q, c); err != nil {
		return err
	}
	if in.Cursor != nil {
		b.t.queue(q, sqlSetCursor, in.Cursor.Topic, in.Cursor.Partition, in.Cursor.Next)
	}
	var marks [][]any
	for _, name := range slices.Sorted(maps.Keys(in.Marks)) {
		marks = append(marks, []any{name, in.Marks[name]})
	}
	b.t.write(q, sqlSetMarks, marks)
	return nil
}

// queueEntries writes entries, and what follows from them.
func (b *batch) queueEntries(q *pgx.Batch, entries []ledger.Entry) error {
	var added, postings, shelves, refs [][]any
	var sums sums
	for _, e := range entries {
		values, err := record.EntryValues(e)
		if err != nil {
			return err
		}
		added = append(added, values)
		postings = append(postings, postingValues(e)...)
		for _, p := range e.Postings {
			if !sums.add(p.From, -p.Quantity) || !sums.add(p.To, p.Quantity) {
				return fmt.Errorf("%w: %s from %s to %s", ledger.ErrOverflow, p.Quantity, p.From, p.To)
			}
		}
		if opened, known := b.opened[e.Shelf]; !known || e.Opens && !opened {
			b.opened[e.Shelf] = e.Opens
			shelves = append(shelves, []any{string(e.Shelf.Item), string(e.Shelf.Location), e.Opens})
		}
	}
	for _, ref := range b.touched.list {
		values, err := record.RefValues(b.states[ref])
		if err != nil {
			return err
		}
		refs = append(refs, values)
	}
	b.t.write(q, sqlAddEntries, added)
	b.t.write(q, sqlAddPostings, postings)
	if accounts := sums.columns(); len(sums.accounts) > 0 {
		b.t.queue(q, sqlMoveBalances, append(accounts, record.Nanos(b.at))...)
	}
	b.t.writeShelves(q, shelves)
	b.t.write(q, sqlSetRefs, refs)
	return nil
}

// postingValues are the columns of an entry's postings.
func postingValues(e ledger.Entry) (values [][]any) {
	for row, p := range e.Postings {
		values = append(values, []any{e.Seq, int64(row), int64(p.From.Kind), p.From.Name, int64(p.To.Kind), p.To.Name, int64(p.Quantity)})
	}
	return values
}

// writeShelves writes shelves of which one may be named closed first and opened then.
func (t *transaction) writeShelves(q *pgx.Batch, shelves [][]any) {
	var once rows[[2]any]
	for _, values := range shelves {
		_ = once.put([2]any{values[0], values[1]}, values, nil)
	}
	t.write(q, sqlSetShelves, once.values)
}

// sums are what postings add to accounts, in their order, and the least and the most that each sum was on the way.
type sums struct {
	at                   map[ledger.Account]int
	accounts             []ledger.Account
	sum, lowest, highest []int64
}

// add reports whether the sum fits.
func (s *sums) add(account ledger.Account, quantity stock.Quantity) bool {
	at, known := s.at[account]
	if !known {
		if s.at == nil {
			s.at = map[ledger.Account]int{}
		}
		at = len(s.accounts)
		s.at[account] = at
		s.accounts = append(s.accounts, account)
		s.sum, s.lowest, s.highest = append(s.sum, 0), append(s.lowest, math.MaxInt64), append(s.highest, math.MinInt64)
	}
	sum, fits := stock.Quantity(s.sum[at]).Plus(quantity)
	s.sum[at] = int64(sum)
	s.lowest[at], s.highest[at] = min(s.lowest[at], s.sum[at]), max(s.highest[at], s.sum[at])
	return fits
}

func (s *sums) columns() []any {
	items, names, kinds := make([]string, len(s.accounts)), make([]string, len(s.accounts)), make([]int64, len(s.accounts))
	for i, account := range s.accounts {
		items[i], names[i], kinds[i] = text(string(account.Item)), text(account.Name), int64(account.Kind)
	}
	return []any{items, kinds, names, s.sum, s.lowest, s.highest}
}

// queueIntentions writes everything that a step decided beside entries. Lists may name a thing twice: the last one counts.
func (b *batch) queueIntentions(q *pgx.Batch, c ledger.Changes) error {
	var work rows[stock.Ref]
	for _, w := range c.Work {
		values, err := record.WorkValues(w.Stored())
		if err := work.put(w.Ref, values, err); err != nil {
			return fmt.Errorf("writing work of %s: %w", w.Ref, err)
		}
	}
	b.t.write(q, sqlSetWork, work.values)
	var counters [][]any
	for key, quantity := range c.Counters {
		counters = append(counters, append(counterValues(key), int64(quantity)))
	}
	b.t.write(q, sqlSetCounters, counters)
	for _, queue := range []func(*pgx.Batch, ledger.Changes) error{b.queueWaiting, b.queueCalls, b.queueBrakes, b.queueWishes, b.queueUnlinked} {
		if err := queue(q, c); err != nil {
			return err
		}
	}
	if err := b.t.queueFindings(q, c.Findings); err != nil {
		return err
	}
	b.queueTallies(q, slices.Concat(c.Dispositions, c.Noted))
	return nil
}

func counterValues(key ledger.CounterKey) []any {
	return []any{string(key.Channel), key.Order, key.Line, key.Restocked, key.Location}
}

func (b *batch) queueWaiting(q *pgx.Batch, c ledger.Changes) error {
	var lines rows[ledger.CounterKey]
	for _, line := range c.Waiting {
		since, err := record.Stamp(line.Since)
		if line.Quantity == 0 {
			err = nil
		}
		if err := lines.put(line.Counter, append(counterValues(line.Counter), int64(line.Quantity), line.Reason, since), err); err != nil {
			return fmt.Errorf("writing waiting line: %w", err)
		}
	}
	kept, dropped := withoutZero(lines.values, 5)
	b.t.write(q, sqlSetWaiting, kept)
	b.t.write(q, sqlDropWaiting, dropped)
	return nil
}

// queueCalls writes calls. Their rows are indexed by ref; they never change under one key.
func (b *batch) queueCalls(q *pgx.Batch, c ledger.Changes) error {
	var calls rows[string]
	var refs [][]any
	for _, call := range c.Calls {
		due, err1 := record.Stamp(call.Due)
		created, err2 := record.Stamp(call.CreatedAt)
		text, err3 := record.Encode(call)
		values := []any{call.Key, string(call.Channel), int64(call.State), due, created, text}
		if err := calls.put(call.Key, values, errors.Join(err1, err2, err3)); err != nil {
			return fmt.Errorf("writing call %s: %w", call.Key, err)
		}
		for _, row := range call.Rows {
			refs = append(refs, []any{string(row.Ref.Channel), row.Ref.Item, row.Ref.Location, call.Key})
		}
	}
	b.t.write(q, sqlSetCalls, calls.values)
	b.t.write(q, sqlAddCallRows, refs)
	return nil
}

func (b *batch) queueBrakes(q *pgx.Batch, c ledger.Changes) error {
	var brakes rows[string]
	for _, brake := range c.Brakes {
		released, err1 := record.Stamp(brake.ReleasedAt)
		pass, err2 := record.Stamp(brake.PassUntil)
		text, err3 := record.Encode(brake)
		if err := brakes.put(brake.ID, []any{brake.ID, released, pass, text}, errors.Join(err1, err2, err3)); err != nil {
			return fmt.Errorf("writing brake %s: %w", brake.ID, err)
		}
	}
	b.t.write(q, sqlSetBrakes, brakes.values)
	return nil
}

func (b *batch) queueWishes(q *pgx.Batch, c ledger.Changes) error {
	var wishes rows[[2]string]
	for _, wish := range c.Resources {
		due, err := record.Stamp(wish.Due)
		if err := wishes.put([2]string{string(wish.Channel), wish.Resource}, []any{string(wish.Channel), wish.Resource, due}, err); err != nil {
			return fmt.Errorf("writing resource wish: %w", err)
		}
	}
	kept, dropped := withoutZero(wishes.values, 2)
	b.t.write(q, sqlSetWishes, kept)
	b.t.write(q, sqlDropWishes, dropped)
	return nil
}

// withoutZero parts rows whose value in a column is zero from the others. They are to be dropped: of them it returns the key, which is the
// columns before that.
func withoutZero(values [][]any, column int) (kept, dropped [][]any) {
	for _, row := range values {
		if row[column] == int64(0) {
			dropped = append(dropped, row[:column])
		} else {
			kept = append(kept, row)
		}
	}
	return kept, dropped
}

func (b *batch) queueUnlinked(q *pgx.Batch, c ledger.Changes) error {
	items := rows[[2]string]{merge: func(old, seen []any) []any {
		return []any{old[0], old[1], max(old[2].(int64), seen[2].(int64))}
	}}
	for _, item := range c.Unlinked {
		seen, err := record.Stamp(item.LastSeen)
		if err := items.put([2]string{string(item.Channel), item.Item}, []any{string(item.Channel), item.Item, seen}, err); err != nil {
			return fmt.Errorf("writing unlinked item: %w", err)
		}
	}
	b.t.write(q, sqlSetUnlinked, items.values)
	return nil
}

// queueTallies counts how inputs ended, in a fixed order.
func (b *batch) queueTallies(q *pgx.Batch, endings []ledger.Disposition) {
	counts := map[ledger.Disposition]int64{}
	for _, d := range endings {
		counts[d]++
	}
	var tallies [][]any
	for _, d := range slices.SortedFunc(maps.Keys(counts), func(a, b ledger.Disposition) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Ending, b.Ending), cmp.Compare(a.Reason, b.Reason))
	}) {
		tallies = append(tallies, []any{string(d.Channel), int64(d.Ending), d.Reason, counts[d]})
	}
	b.t.write(q, sqlAddTallies, tallies)
}
