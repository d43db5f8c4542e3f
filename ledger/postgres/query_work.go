package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Reads need a status in which a reading means something (linked refs: a baseline that is wanted), pushes a live ref on an
// opened shelf. Most urgent is what lies nearest to zero, then what is due longest.
// Reads need a status in which a reading means something (linked refs: a baseline that is wanted), pushes a live ref on an
// opened shelf. Most urgent is what lies nearest to zero, then what is due longest.
const (
	sqlReadable = `(w.read <> 0 AND w.in_flight = ''
		AND (r.status IN (2 /* live */, 3 /* unreadable */, 4 /* untracked */, 7 /* waiting */, 8 /* gone */) OR (r.status = 1 /* linked */ AND w.baseline IS NOT NULL)))`
	sqlPushable = `(w.push AND w.in_flight = '' AND r.status = 2 /* live */ AND h.opened)`
	sqlLevel    = `coalesce(l.quantity, 0)`
	// sqlWishes follows what is selected of wishes, and a condition on them follows it.
	sqlWishes = ` FROM work w` + sqlRefOfWork + sqlShelfOf + sqlLevelOf + sqlSuspenseOf + ` WHERE w.merchant = $1 AND w.channel = $2 AND `
	// sqlReads, sqlBaselines and sqlPushes are the conditions of the indexes by which each kind of wish is found.
	sqlReads     = `w.read <> 0 AND w.baseline_state = 0`
	sqlBaselines = `w.read <> 0 AND w.baseline_state <> 0`
	sqlPushes    = `w.push`

	sqlSelectDue = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, h.opened` + sqlWishes
	sqlDueReads  = sqlSelectDue + sqlReads + ` AND ` + sqlReadable + ` AND w.read_due <= $3
		ORDER BY abs(` + sqlLevel + `), w.read_due, r.item, r.location LIMIT $4`
	sqlDueBaselines = sqlSelectDue + sqlBaselines + ` AND ` + sqlReadable + ` AND w.read_due <= $3
		ORDER BY w.read_due, w.item, w.location LIMIT $4`
	sqlDuePushes = `SELECT r.item, r.location, ` + sqlLevel + `, w.push_due, w.refusals` + sqlWishes + sqlPushes + `
		AND ` + sqlPushable + ` AND w.push_due <= $3 AND (abs(` + sqlLevel + `), w.push_due, r.item, r.location) > (abs($4::bigint), $5::bigint, $6::text, $7::text)
		ORDER BY abs(` + sqlLevel + `), w.push_due, r.item, r.location LIMIT $8`
	sqlNextDue = `SELECT min(due) FROM (
		(SELECT w.read_due AS due` + sqlWishes + sqlReads + ` AND ` + sqlReadable + ` AND w.read_due > $3 ORDER BY w.read_due LIMIT 1)
		UNION ALL (SELECT w.read_due` + sqlWishes + sqlBaselines + ` AND ` + sqlReadable + ` AND w.read_due > $3 ORDER BY w.read_due LIMIT 1)
		UNION ALL (SELECT w.push_due` + sqlWishes + sqlPushes + ` AND ` + sqlPushable + ` AND w.push_due > $3 ORDER BY w.push_due LIMIT 1)
		UNION ALL SELECT min(due) FROM calls WHERE merchant = $1 AND channel = $2 AND state = 1 /* open */ AND due > $3
		UNION ALL SELECT min(due) FROM resource_wishes WHERE merchant = $1 AND channel = $2 AND due > $3) d`
	sqlBaselineStates = `SELECT baseline_state, count(*) FROM work WHERE merchant = $1 AND baseline_state <> 0 GROUP BY baseline_state`
	sqlBegun          = `SELECT EXISTS (SELECT FROM refs WHERE merchant = $1 AND channel = $2 AND status NOT IN (1 /* linked */, 6 /* unlinked */))`
	sqlPushesLeft     = `SELECT count(*) FROM work w` + sqlRefOfWork + sqlShelfOf + `
		WHERE w.merchant = $1 AND w.push AND r.status = 2 /* live */ AND h.opened`
	sqlOpenCalls   = `SELECT call FROM calls WHERE merchant = $1 AND channel = $2 AND state = 1 /* open */ ORDER BY created_at, key`
	sqlDueWishes   = `SELECT resource, due FROM resource_wishes WHERE merchant = $1 AND channel = $2 AND due <= $3 ORDER BY due, resource LIMIT $4`
	sqlUnitsBefore = `SELECT CASE WHEN coalesce(w.before_at, 0) <> 0 AND w.before_at >= $3 THEN w.before_level ELSE coalesce(l.quantity, 0) END FROM refs r
		LEFT JOIN LATERAL (SELECT * FROM work w WHERE w.merchant = $1 AND w.channel = r.channel AND w.item = r.item AND w.location = r.location OFFSET 0) w ON true` + sqlLevelOf + `
		WHERE r.merchant = $1 AND r.channel = $2 AND ` + sqlFollows
	sqlUncausedSince  = `SELECT item, location FROM work WHERE merchant = $1 AND channel = $2 AND uncaused_at <> 0 AND uncaused_at >= $3`
	sqlUncausedWanted = `SELECT item, location FROM work WHERE merchant = $1 AND channel = $2 AND push AND uncaused_at <> 0`
	sqlUncaused       = sqlRefs + ` WHERE r.merchant = $1 AND r.channel = $2 AND (r.item, r.location) IN (` + sqlUncausedSince + ` UNION ` + sqlUncausedWanted + `)
		AND ` + sqlFollows + ` AND h.opened ORDER BY r.item, r.location`
	// sqlFollows is ledger.RefStatus.Follows.
	sqlFollows = `r.status IN (2 /* live */, 3 /* unreadable */, 5 /* set aside */)`
	sqlRefs    = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, coalesce(h.opened, false) FROM refs r` + sqlRefJoins
)

// DueReads returns refs of the channel whose wished read is due and means something, but for baselines; none with a call in flight.
// The most urgent first: smallest |level|, then longest due, then by ref.
func (s *Store) DueReads(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	refs, err := s.dueRefs(ctx, sqlDueReads, channel, record.Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due reads: %w", err)
	}
	return refs, nil
}

// DueBaselines returns refs of the channel whose baseline is wanted and whose wished read is due; none with a call in flight. Longest
// due first, then by ref.
func (s *Store) DueBaselines(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	refs, err := s.dueRefs(ctx, sqlDueBaselines, channel, record.Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due baselines: %w", err)
	}
	return refs, nil
}

// BaselineProgress counts what a first sync has still to do.
func (s *Store) BaselineProgress(ctx context.Context) (ledger.BaselineProgress, error) {
	var progress ledger.BaselineProgress
	err := s.query(ctx, sqlBaselineStates, func(rows pgx.Rows) error {
		var state record.BaselineState
		var count int64
		err := rows.Scan(&state, &count)
		switch state {
		case record.BaselineWaits:
			progress.Waiting = count
		case record.BaselineMissing:
			progress.Missing = count
		}
		return err
	})
	if err == nil {
		err = s.row(ctx, sqlPushesLeft, nil, &progress.PushesLeft)
	}
	if err != nil {
		return ledger.BaselineProgress{}, fmt.Errorf("counting baselines: %w", err)
	}
	return progress, nil
}

// BaselinesBegun says whether any ref of the channel has, or had, its baseline since it was linked.
func (s *Store) BaselinesBegun(ctx context.Context, channel stock.Channel) (begun bool, err error) {
	if err := s.row(ctx, sqlBegun, []any{channel}, &begun); err != nil {
		return false, fmt.Errorf("looking for baselines: %w", err)
	}
	return begun, nil
}

// DuePushes returns a page of the pushes of the channel that are wanted and due, of live refs on open shelves; none with a
// call in flight. Order as in DueReads; after is the last push of the page before.
func (s *Store) DuePushes(ctx context.Context, channel stock.Channel, now time.Time, after ledger.DuePush, limit int) ([]ledger.DuePush, error) {
	var pushes []ledger.DuePush
	err := s.query(ctx, sqlDuePushes, func(rows pgx.Rows) error {
		push, due := ledger.DuePush{Ref: stock.Ref{Channel: channel}}, int64(0)
		err := rows.Scan(&push.Ref.Item, &push.Ref.Location, (*int64)(&push.Level), &due, &push.Refusals)
		push.Due = record.Moment(due)
		pushes = append(pushes, push)
		return err
	}, channel, record.Nanos(now), int64(after.Level), record.Nanos(after.Due), after.Ref.Item, after.Ref.Location, ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due pushes: %w", err)
	}
	return pushes, nil
}

// dueRefs returns refs with the level of their shelf.
func (s *Store) dueRefs(ctx context.Context, text string, args ...any) ([]ledger.DueRef, error) {
	var refs []ledger.DueRef
	err := s.query(ctx, text, func(rows pgx.Rows) error {
		var row record.FullRef
		var due ledger.DueRef
		err := rows.Scan(append(row.Fields(), (*int64)(&due.Level), &due.Opened)...)
		if err != nil {
			return err
		}
		due.Ref, err = row.Result()
		refs = append(refs, due)
		return err
	}, args...)
	return refs, err
}

// NextDue returns the earliest time after now at which a read, push, call or resource of the channel becomes due; zero
// when none will.
func (s *Store) NextDue(ctx context.Context, channel stock.Channel, now time.Time) (time.Time, error) {
	var due sql.NullInt64
	if err := s.row(ctx, sqlNextDue, []any{channel, record.Nanos(now)}, &due); err != nil {
		return time.Time{}, fmt.Errorf("reading next due time: %w", err)
	}
	return record.Moment(due.Int64), nil
}

// OpenCalls returns the calls of the channel that are not definite, oldest first.
func (s *Store) OpenCalls(ctx context.Context, channel stock.Channel) ([]ledger.Call, error) {
	calls, err := list[ledger.Call](ctx, s, sqlOpenCalls, channel)
	if err != nil {
		return nil, fmt.Errorf("reading open calls: %w", err)
	}
	return calls, nil
}

// list returns the rows of a query whose only column is a JSON text.
func list[T any](ctx context.Context, s *Store, text string, args ...any) ([]T, error) {
	var values []T
	err := s.query(ctx, text, func(rows pgx.Rows) error {
		value, err := scanJSON[T](rows)
		values = append(values, value)
		return err
	}, args...)
	return values, err
}

// DueResources returns the resource wishes of the channel that are due, oldest first.
func (s *Store) DueResources(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.ResourceWish, error) {
	var wishes []ledger.ResourceWish
	err := s.query(ctx, sqlDueWishes, func(rows pgx.Rows) error {
		wish, due := ledger.ResourceWish{Channel: channel}, int64(0)
		err := rows.Scan(&wish.Resource, &due)
		wish.Due = record.Moment(due)
		wishes = append(wishes, wish)
		return err
	}, channel, record.Nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due resources: %w", err)
	}
	return wishes, nil
}

// Uncaused returns the refs of the channel that follow opened shelves and remember changes without a cause which were pushed since or
// later, or are still to be pushed; by ref.
func (s *Store) Uncaused(ctx context.Context, channel stock.Channel, since time.Time) ([]ledger.DueRef, error) {
	refs, err := s.dueRefs(ctx, sqlUncaused, channel, record.Nanos(since))
	if err != nil {
		return nil, fmt.Errorf("reading uncaused changes: %w", err)
	}
	return refs, nil
}

// UnitsBefore sums |level| over the refs of the channel that follow their shelves: of one that changed since then, the level before.
func (s *Store) UnitsBefore(ctx context.Context, channel stock.Channel, since time.Time) (load ledger.PushLoad, err error) {
	err = s.query(ctx, sqlUnitsBefore, func(rows pgx.Rows) error {
		var level int64
		err := rows.Scan(&level)
		load.AddBefore(stock.Quantity(level))
		return err
	}, channel, record.Nanos(since))
	if err != nil {
		return load, fmt.Errorf("reading levels: %w", err)
	}
	return load, nil
}

// where collects conditions and their arguments, behind that the rows are the merchant's. Each ? is the next argument.
type where struct {
	text strings.Builder
	args []any
}

// ofMerchant begins with the condition on the column of the merchant.
func ofMerchant(column string) *where {
	w := &where{}
	w.text.WriteString(" WHERE " + column + " = $1")
	return w
}

func (w *where) and(condition string, args ...any) {
	w.text.WriteString(" AND ")
	w.write(condition, args...)
}

// write adds a part of the statement with its arguments.
func (w *where) write(part string, args ...any) {
	for _, arg := range args {
		before, after, _ := strings.Cut(part, "?")
		w.args = append(w.args, arg)
		fmt.Fprintf(&w.text, "%s$%d", before, len(w.args)+1)
		part = after
	}
	w.text.WriteString(part)
}

// upTo restricts a time column, inclusively; a zero time does not.
func (w *where) upTo(column string, t time.Time) {
	if !t.IsZero() {
		w.and(column+" <= ?", record.Nanos(t))
	}
}

// Refs returns a page of refs in order.
func (s *Store) Refs(ctx context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error) {
	w := ofMerchant("r.merchant")
	if filter.Channel != "" {
		w.and("r.channel = ?", filter.Channel)
	}
	if filter.Article != "" {
		w.and("r.item = ?", filter.Article)
	}
	if filter.Item != "" {
		w.and("r.shelf_item = ?", filter.Item)
	}
	if filter.After != (stock.Ref{}) {
		w.and("(r.channel, r.item, r.location) > (?, ?, ?)", filter.After.Channel, filter.After.Item, filter.After.Location)
	}
	w.write(" ORDER BY r.channel, r.item, r.location LIMIT ?", ledger.PageSize(filter.Limit))
	refs, err := s.dueRefs(ctx, sqlRefs+w.text.String(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	return refs, nil
}

// Ref returns one ref with its shelf's level, or ErrNotFound when it was never linked.
func (s *Store) Ref(ctx context.Context, ref stock.Ref) (ledger.DueRef, error) {
	text := sqlRefs + " WHERE r.merchant = $1 AND r.channel = $2 AND r.item = $3 AND r.location = $4"
	refs, err := s.dueRefs(ctx, text, ref.Channel, ref.Item, ref.Location)
	if err != nil {
		return ledger.DueRef{}, fmt.Errorf("reading ref %s: %w", ref, err)
	}
	if len(refs) == 0 {
		return ledger.DueRef{}, fmt.Errorf("reading ref %s: %w", ref, ledger.ErrNotFound)
	}
	return refs[0], nil
}

// Calls returns calls, youngest first.
func (s *Store) Calls(ctx context.Context, filter ledger.CallFilter) ([]ledger.Call, error) {
	w := ofMerchant("merchant")
	if filter.Ref != (stock.Ref{}) {
		w.and("key IN (SELECT call_key FROM call_rows WHERE merchant = $1 AND channel = ? AND item = ? AND location = ?)",
			filter.Ref.Channel, filter.Ref.Item, filter.Ref.Location)
	}
	if filter.State != 0 {
		w.and("state = ?", int64(filter.State))
	}
	w.write(" AND created_at >= 0 ORDER BY created_at DESC, key DESC LIMIT ?", ledger.PageSize(filter.Limit))
	calls, err := list[ledger.Call](ctx, s, "SELECT call FROM calls"+w.text.String(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading calls: %w", err)
	}
	return calls, nil
}

// Call returns one stored call, or ErrNotFound.
func (s *Store) Call(ctx context.Context, key string) (ledger.Call, error) {
	calls, err := list[ledger.Call](ctx, s, sqlCallsByKey, []string{key})
	if err == nil && len(calls) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Call{}, fmt.Errorf("reading call %s: %w", key, err)
	}
	return calls[0], nil
}
