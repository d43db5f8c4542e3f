package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// sqlDueRefs finds refs whose read or push is due. Reads need a status in which a reading means something (linked refs: a
// baseline that is wanted), pushes a live ref on an opened shelf. The CTE names what is due, the order is |level|, then age.
const (
	sqlReadable = `(r.status IN (2, 3, 4) OR (r.status = 1 AND w.baseline = 1))`
	sqlPushable = `(r.status = 2 AND h.opened = 1)`
	sqlWished   = ` FROM work w
		JOIN refs r ON r.channel = w.channel AND r.item = w.item AND r.location = w.location
		JOIN shelves h ON h.item = r.shelf_item AND h.location = r.shelf_location
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 AND l.name = r.shelf_location
		LEFT JOIN balances u ON u.item = r.shelf_item AND u.kind = 8 AND u.name = r.channel || '/' || r.item || '@' || r.location
		WHERE w.channel = ?1 AND (w.read_at IS NOT NULL OR w.push = 1)`
	sqlDueRefs = `SELECT state, work, unexplained, level, opened FROM (
		SELECT r.state, w.work, u.quantity AS unexplained, coalesce(l.quantity, 0) AS level, h.opened, r.item, r.location,
			CASE WHEN w.read_at <= ?2 AND ` + sqlReadable + ` THEN w.read_at END AS read_at,
			CASE WHEN w.push_at <= ?2 AND ` + sqlPushable + ` THEN w.push_at END AS push_at` + sqlWished + `)
		WHERE read_at IS NOT NULL OR push_at IS NOT NULL
		ORDER BY abs(level), min(coalesce(read_at, push_at), coalesce(push_at, read_at)), item, location LIMIT ?3`
	sqlNextDue = `SELECT min(due) FROM (
		SELECT min(CASE WHEN w.read_at > ?2 AND ` + sqlReadable + ` THEN w.read_at END) AS due` + sqlWished + `
		UNION ALL SELECT min(CASE WHEN w.push_at > ?2 AND ` + sqlPushable + ` THEN w.push_at END)` + sqlWished + `
		UNION ALL SELECT min(due) FROM calls WHERE channel = ?1 AND state = 1 AND due > ?2
		UNION ALL SELECT min(due) FROM resource_wishes WHERE channel = ?1 AND due > ?2)`
	sqlOpenCalls = `SELECT call FROM calls WHERE channel = ?1 AND state = 1 ORDER BY created_at, key`
	sqlDueWishes = `SELECT resource, due FROM resource_wishes WHERE channel = ?1 AND due <= ?2 ORDER BY due, resource LIMIT ?3`
	sqlLevels    = `SELECT coalesce(l.quantity, 0) FROM refs r
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 AND l.name = r.shelf_location
		WHERE r.channel = ?1 AND r.status = 2`
	sqlWantedPushes = `SELECT r.shelf_item, r.shelf_location, coalesce(l.quantity, 0), r.expected FROM work w
		JOIN refs r ON r.channel = w.channel AND r.item = w.item AND r.location = w.location
		JOIN shelves h ON h.item = r.shelf_item AND h.location = r.shelf_location
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 AND l.name = r.shelf_location
		WHERE w.channel = ?1 AND (w.read_at IS NOT NULL OR w.push = 1) AND w.push = 1 AND ` + sqlPushable
	sqlRefs = `SELECT r.state, w.work, u.quantity, coalesce(l.quantity, 0), coalesce(h.opened, 0) FROM refs r` + sqlRefJoins
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

// DueRefs returns refs of the channel whose read is due, or whose push is wanted and due and whose shelf is open; none with
// a call in flight. Most urgent first: smallest |level|, then longest due.
func (s *Store) DueRefs(ctx context.Context, channel stock.Channel, now time.Time, limit int) ([]ledger.DueRef, error) {
	var refs []ledger.DueRef
	err := s.query(ctx, sqlDueRefs, scanDueRefs(&refs), channel, nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due refs: %w", err)
	}
	return refs, nil
}

func scanDueRefs(refs *[]ledger.DueRef) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var state string
		var work sql.NullString
		var unexplained sql.NullInt64
		var due ledger.DueRef
		err := rows.Scan(&state, &work, &unexplained, (*int64)(&due.Level), &due.Opened)
		if err != nil {
			return err
		}
		due.Ref, err = decodeRef(state, work, unexplained)
		*refs = append(*refs, due)
		return err
	}
}

// NextDue returns the earliest time after now at which a read, push, call or resource of the channel becomes due; zero
// when none will.
func (s *Store) NextDue(ctx context.Context, channel stock.Channel, now time.Time) (time.Time, error) {
	var due sql.NullInt64
	if err := s.row(ctx, sqlNextDue, []any{channel, nanos(now)}, &due); err != nil {
		return time.Time{}, fmt.Errorf("reading next due time: %w", err)
	}
	return moment(due.Int64), nil
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
		wish.Due = moment(due)
		wishes = append(wishes, wish)
		return err
	}, channel, nanos(now), ledger.PageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("reading due resources: %w", err)
	}
	return wishes, nil
}

// WantedPushes returns how much the wanted pushes of the channel would change, for the mass change brake.
func (s *Store) WantedPushes(ctx context.Context, channel stock.Channel) (ledger.PushLoad, error) {
	var load ledger.PushLoad
	shelves := map[stock.Shelf]struct{}{}
	err := s.query(ctx, sqlWantedPushes, func(rows *sql.Rows) error {
		var shelf stock.Shelf
		var level, expected int64
		if err := rows.Scan(&shelf.Item, &shelf.Location, &level, &expected); err != nil {
			return err
		}
		shelves[shelf] = struct{}{}
		load.AddPush(stock.Quantity(level), stock.Quantity(expected))
		return nil
	}, channel)
	if err != nil {
		return ledger.PushLoad{}, fmt.Errorf("reading wanted pushes: %w", err)
	}
	load.Shelves = len(shelves)
	err = s.query(ctx, sqlLevels, func(rows *sql.Rows) error {
		var level int64
		err := rows.Scan(&level)
		load.AddLevel(stock.Quantity(level))
		return err
	}, channel)
	if err != nil {
		return ledger.PushLoad{}, fmt.Errorf("reading levels: %w", err)
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
	if filter.Item != "" {
		w.and("r.shelf_item = ?", filter.Item)
	}
	if filter.After != (stock.Ref{}) {
		w.and("(r.channel, r.item, r.location) > (?, ?, ?)", filter.After.Channel, filter.After.Item, filter.After.Location)
	}
	var refs []ledger.DueRef
	text := sqlRefs + w.text.String() + " ORDER BY r.channel, r.item, r.location LIMIT ?"
	if err := s.query(ctx, text, scanDueRefs(&refs), append(w.args, ledger.PageSize(filter.Limit))...); err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	return refs, nil
}

// Ref returns one ref with its shelf's level, or ErrNotFound when it was never linked.
func (s *Store) Ref(ctx context.Context, ref stock.Ref) (ledger.DueRef, error) {
	var refs []ledger.DueRef
	text := sqlRefs + " WHERE r.channel = ?1 AND r.item = ?2 AND r.location = ?3"
	if err := s.query(ctx, text, scanDueRefs(&refs), ref.Channel, ref.Item, ref.Location); err != nil {
		return ledger.DueRef{}, fmt.Errorf("reading ref %s: %w", ref, err)
	}
	if len(refs) == 0 {
		return ledger.DueRef{}, fmt.Errorf("reading ref %s: %w", ref, ledger.ErrNotFound)
	}
	return refs[0], nil
}

// ShelfOf returns the shelf a ref is tied to, or was tied to last; ErrNotFound when it was never linked.
func (s *Store) ShelfOf(ctx context.Context, ref stock.Ref) (ledger.ShelfState, error) {
	due, err := s.Ref(ctx, ref)
	if err != nil {
		return ledger.ShelfState{}, err
	}
	return ledger.ShelfState{Shelf: due.State.Shelf, Level: due.Level, Opened: due.Opened}, nil
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
