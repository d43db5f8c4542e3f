package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Reads need a status in which a reading means something (linked refs: a baseline that is wanted), pushes a live ref on an
// opened shelf. Most urgent is what lies nearest to zero, then what is due longest.
const (
	sqlReadable = `(w.read <> 0 AND w.in_flight = ''
		AND (r.status IN (2 /* live */, 3 /* unreadable */, 4 /* untracked */, 7 /* waiting */, 8 /* gone */) OR (r.status = 1 /* linked */ AND w.baseline IS NOT NULL)))`
	sqlPushable = `(w.push = 1 AND w.in_flight = '' AND r.status = 2 /* live */ AND h.opened = 1)`
	sqlLevel    = `coalesce(l.quantity, 0)`
	// sqlWishes follows what is selected of wishes, and a condition on them follows it. sqlWishesBy does so with an index that the condition
	// has to be that of.
	sqlWishes   = ` FROM work w` + sqlOfWishes
	sqlWishesBy = ` FROM work w INDEXED BY %s` + sqlOfWishes
	sqlOfWishes = `
		JOIN refs r ON r.channel = w.channel AND r.item = w.item AND r.location = w.location
		JOIN shelves h ON h.item = r.shelf_item AND h.location = r.shelf_location
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 /* available */ AND l.name = r.shelf_location
		LEFT JOIN balances u ON u.item = r.shelf_item AND u.kind = 8 /* unexplained */ AND u.name = r.channel || '/' || r.item || '@' || r.location
		WHERE w.channel = ?1 AND `
	// sqlReads, sqlBaselines and sqlPushes are the conditions of the indexes by which each kind of wish is found.
	sqlReads     = `w.read <> 0 AND w.baseline_state = 0`
	sqlBaselines = `w.read <> 0 AND w.baseline_state <> 0`
	sqlPushes    = `w.push = 1`

	sqlDueColumns = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, h.opened`
	sqlDueReads   = sqlDueColumns + sqlWishesBy + sqlReads + ` AND ` + sqlReadable + ` AND w.read_due <= ?2
		ORDER BY w.urgency, w.read_due, w.item, w.location LIMIT ?3`
	sqlManyReads    = `SELECT count(*) FROM (SELECT 1 FROM work w WHERE w.channel = ?1 AND ` + sqlReads + ` AND w.read_due <= ?2 LIMIT ?3)`
	sqlDueBaselines = sqlDueColumns + sqlWishes + sqlBaselines + ` AND ` + sqlReadable + ` AND w.read_due <= ?2
		ORDER BY w.read_due, w.item, w.location LIMIT ?3`
	sqlDuePushes = `SELECT r.item, r.location, ` + sqlLevel + `, w.push_due, w.refusals` + sqlWishesBy + sqlPushes + `
		AND ` + sqlPushable + ` AND w.push_due <= ?2 AND (w.urgency, w.push_due, w.item, w.location) > (abs(?3), ?4, ?5, ?6)
		ORDER BY w.urgency, w.push_due, w.item, w.location LIMIT ?7`
	sqlManyPushes = `SELECT count(*) FROM (SELECT 1 FROM work w WHERE w.channel = ?1 AND ` + sqlPushes + ` AND w.push_due <= ?2 LIMIT ?3)`
	sqlNextDue    = `SELECT min(due) FROM (
		SELECT due FROM (SELECT w.read_due AS due` + sqlWishes + sqlReads + ` AND ` + sqlReadable + ` AND w.read_due > ?2 ORDER BY w.read_due LIMIT 1)
		UNION ALL SELECT due FROM (SELECT w.read_due AS due` + sqlWishes + sqlBaselines + ` AND ` + sqlReadable + ` AND w.read_due > ?2 ORDER BY w.read_due LIMIT 1)
		UNION ALL SELECT due FROM (SELECT w.push_due AS due` + sqlWishes + sqlPushes + ` AND ` + sqlPushable + ` AND w.push_due > ?2 ORDER BY w.push_due LIMIT 1)
		UNION ALL SELECT min(due) FROM calls WHERE channel = ?1 AND state = 1 /* open */ AND due > ?2
		UNION ALL SELECT min(due) FROM resource_wishes WHERE channel = ?1 AND due > ?2)`
	sqlBaselineStates = `SELECT baseline_state, count(*) FROM work WHERE baseline_state <> 0 GROUP BY baseline_state`
	sqlBegun          = `SELECT EXISTS (SELECT 1 FROM refs WHERE channel = ?1 AND status NOT IN (1 /* linked */, 6 /* unlinked */))`
	sqlPushesLeft     = `SELECT count(*) FROM work w JOIN refs r ON r.channel = w.channel AND r.item = w.item AND r.location = w.location
		JOIN shelves h ON h.item = r.shelf_item AND h.location = r.shelf_location
		WHERE w.push = 1 AND r.status = 2 /* live */ AND h.opened = 1`
	sqlOpenCalls   = `SELECT call FROM calls WHERE channel = ?1 AND state = 1 /* open */ ORDER BY created_at, key`
	sqlDueWishes   = `SELECT resource, due FROM resource_wishes WHERE channel = ?1 AND due <= ?2 ORDER BY due, resource LIMIT ?3`
	sqlUnitsBefore = `SELECT CASE WHEN coalesce(w.before_at, 0) <> 0 AND w.before_at >= ?2 THEN w.before_level ELSE coalesce(l.quantity, 0) END FROM refs r
		LEFT JOIN work w ON w.channel = r.channel AND w.item = r.item AND w.location = r.location
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 /* available */ AND l.name = r.shelf_location
		WHERE r.channel = ?1 AND ` + sqlFollows
	sqlUncausedSince  = `SELECT item, location FROM work WHERE channel = ?1 AND uncaused_at <> 0 AND uncaused_at >= ?2`
	sqlUncausedWanted = `SELECT item, location FROM work WHERE channel = ?1 AND push = 1 AND uncaused_at <> 0`
	sqlUncaused       = sqlRefs + ` WHERE r.channel = ?1 AND (r.item, r.location) IN (` + sqlUncausedSince + ` UNION ` + sqlUncausedWanted + `)
		AND ` + sqlFollows + ` AND h.opened = 1 ORDER BY r.item, r.location`
	// sqlFollows is ledger.RefStatus.Follows.
	sqlFollows = `r.status IN (2 /* live */, 3 /* unreadable */, 5 /* set aside */)`
	sqlRefs    = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, coalesce(h.opened, 0) FROM refs r` + sqlRefJoins
)

// prepared returns the statement for a query of the reading connections. There are as many as there are texts in this
// package, times the combinations of a filter's fields.
func (s *Store) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, known := s.queries[text]; known {
		return stmt, nil
	}
	stmt, err := s.read.PrepareContext(ctx, text)
	if err == nil {
		s.queries[text] = stmt
	}
	return stmt, err
}

// query runs a query on the reading connections and calls scan for each row.
func (s *Store) query(ctx context.Context, text string, scan func(*sql.Rows) error, args ...any) error {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return err
	}
	return each(ctx, stmt, scan, args...)
}

// row runs a query of one row.
func (s *Store) row(ctx context.Context, text string, args []any, into ...any) error {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, args...).Scan(into...)
}

// dueFew is how many wishes may be due that are sorted by urgency when somebody asks for the most urgent. Of more, those are found by an
// index in that order, which has to pass over what is wished for later.
const dueFew = 300

// dueQuery finds the most urgent wishes that are due.
type dueQuery struct {
	// count says how many are, up to a limit; few sorts all of them, many follows their order.
	count, few, many string
}

var (
	dueReads  = dueQuery{sqlManyReads, fmt.Sprintf(sqlDueReads, "work_reads"), fmt.Sprintf(sqlDueReads, "work_reads_urgent")}
	duePushes = dueQuery{sqlManyPushes, fmt.Sprintf(sqlDuePushes, "work_pushes"), fmt.Sprintf(sqlDuePushes, "work_pushes_urgent")}
)

// due returns the text of a query by how many wishes are due.
func (s *Store) due(ctx context.Context, q dueQuery, channel stock.Channel, now time.Time) (text string, err error) {
	var count int
	if err := s.row(ctx, q.count, []any{channel, record.Nanos(now), dueFew}, &count); err != nil {
		return "", err
	}
	if count < dueFew {
		return q.few, nil
	}
	return q.many, nil
}

// DueReads returns refs of the channel whose wished read is due and means something, but for baselines; none with a call in flight.
// The most urgent first: smallest |level|, then longest due, then by ref.
func (s *Store) DueReads(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	text, err := s.due(ctx, dueReads, channel, now)
	if err != nil {
		return nil, fmt.Errorf("counting due reads: %w", err)
	}
	refs, err := s.dueRefs(ctx, text, channel, record.Nanos(now), ledger.PageSize(limit))
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
	err := s.query(ctx, sqlBaselineStates, func(rows *sql.Rows) error {
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
	text, err := s.due(ctx, duePushes, channel, now)
	if err != nil {
		return nil, fmt.Errorf("counting due pushes: %w", err)
	}
	var pushes []ledger.DuePush
	err = s.query(ctx, text, func(rows *sql.Rows) error {
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
	err := s.query(ctx, text, func(rows *sql.Rows) error {
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
	err := s.query(ctx, text, func(rows *sql.Rows) error {
		value, err := scanJSON[T](rows)
		values = append(values, value)
		return err
	}, args...)
	return values, err
}

// DueResources returns the resource wishes of the channel that are due, oldest first.
func (s *Store) DueResources(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.ResourceWish, error) {
	var wishes []ledger.ResourceWish
	err := s.query(ctx, sqlDueWishes, func(rows *sql.Rows) error {
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
	err = s.query(ctx, sqlUnitsBefore, func(rows *sql.Rows) error {
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

// where collects conditions and their arguments.
type where struct {
	text strings.Builder
	args []any
}

func (w *where) and(condition string, args ...any) {
	if w.text.Len() == 0 {
		w.text.WriteString(" WHERE ")
	} else {
		w.text.WriteString(" AND ")
	}
	w.text.WriteString(condition)
	w.args = append(w.args, args...)
}

// Refs returns a page of refs in order.
func (s *Store) Refs(ctx context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error) {
	var w where
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
	text := sqlRefs + w.text.String() + " ORDER BY r.channel, r.item, r.location LIMIT ?"
	refs, err := s.dueRefs(ctx, text, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	return refs, nil
}

// Ref returns one ref with its shelf's level, or ErrNotFound when it was never linked.
func (s *Store) Ref(ctx context.Context, ref stock.Ref) (ledger.DueRef, error) {
	text := sqlRefs + " WHERE r.channel = ?1 AND r.item = ?2 AND r.location = ?3"
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
	var w where
	if filter.Ref != (stock.Ref{}) {
		w.and("key IN (SELECT call_key FROM call_rows WHERE channel = ? AND item = ? AND location = ?)",
			filter.Ref.Channel, filter.Ref.Item, filter.Ref.Location)
	}
	if filter.State != 0 {
		w.and("state = ?", int64(filter.State))
	}
	text := "SELECT call FROM calls" + w.text.String() + " ORDER BY created_at DESC, key DESC LIMIT ?"
	calls, err := list[ledger.Call](ctx, s, text, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading calls: %w", err)
	}
	return calls, nil
}

// Call returns one stored call, or ErrNotFound.
func (s *Store) Call(ctx context.Context, key string) (ledger.Call, error) {
	calls, err := list[ledger.Call](ctx, s, sqlCall, key)
	if err == nil && len(calls) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Call{}, fmt.Errorf("reading call %s: %w", key, err)
	}
	return calls[0], nil
}
