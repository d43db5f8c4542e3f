package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/evenstock/evenstock/ledger/record"
)

const (
	sqlEntryColumns = `e.seq, e.key, e.fingerprint, e.kind, e.item, e.location, e.channel, e.ref_item, e.ref_location,
		e.occurred_at, e.observed_at, e.recorded_at, e.expected_delta, e.status, e.opens, e.push, e.recount, e.evidence`
	sqlPostingColumns = `p.from_kind, p.from_name, p.to_kind, p.to_name, p.quantity`
	sqlEntries        = `SELECT ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (SELECT * FROM entries WHERE seq > ?%s ORDER BY seq LIMIT ?) e
		LEFT JOIN postings p ON p.seq = e.seq ORDER BY e.seq, p.row`
	sqlPostingsAsOf = `SELECT e.item, ` + sqlPostingColumns + ` FROM entries e JOIN postings p ON p.seq = e.seq WHERE true%s ORDER BY p.seq, p.row`
	sqlBalances     = `SELECT kind, name, quantity FROM balances WHERE item = ?1`
	sqlLevels       = `SELECT item, name, quantity FROM balances WHERE kind = 1 /* available */`
	sqlShelves      = `SELECT h.item, h.location, h.opened, coalesce(l.quantity, 0) FROM shelves h
		LEFT JOIN balances l ON l.item = h.item AND l.kind = 1 /* available */ AND l.name = h.location WHERE true%s ORDER BY h.item, h.location LIMIT ?`
)

// Reads need a status in which a reading means something (linked refs: a baseline that is wanted), pushes a live ref on an
// opened shelf. Most urgent is what lies nearest to zero, then what is due longest.
const (
	sqlReadable = `(w.read_wished = 1 AND w.in_flight = ''
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
	sqlReads     = `w.read_wished = 1 AND w.baseline_state = 0`
	sqlBaselines = `w.read_wished = 1 AND w.baseline_state <> 0`
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
	sqlUncaused       = sqlFullRefs + ` WHERE r.channel = ?1 AND (r.item, r.location) IN (` + sqlUncausedSince + ` UNION ` + sqlUncausedWanted + `)
		AND ` + sqlFollows + ` AND h.opened = 1 ORDER BY r.item, r.location`
	// sqlFollows is ledger.RefStatus.Follows.
	sqlFollows    = `r.status IN (2 /* live */, 3 /* unreadable */, 5 /* set aside */)`
	sqlFullRefs   = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, coalesce(h.opened, 0) FROM refs r` + sqlRefJoins
	sqlRefs       = sqlFullRefs + ` WHERE true%s ORDER BY r.channel, r.item, r.location LIMIT ?`
	sqlRef        = sqlFullRefs + ` WHERE r.channel = ?1 AND r.item = ?2 AND r.location = ?3`
	sqlCalls      = `SELECT call FROM calls WHERE true%s ORDER BY created_at DESC, key DESC LIMIT ?`
	sqlCallsOfRef = `key IN (SELECT call_key FROM call_rows WHERE channel = ? AND item = ? AND location = ?)`
)

const (
	sqlBrakes  = `SELECT brake FROM brakes ORDER BY id`
	sqlWaiters = `SELECT channel, order_id, line, restocked, location, quantity, reason, since FROM waiting
		ORDER BY since, channel, order_id, line, restocked, location LIMIT ?1`
	// sqlUnlinkedItems leaves out what was linked since, under either name.
	sqlUnlinkedItems = `SELECT channel, item, last_seen FROM unlinked n
		WHERE NOT EXISTS (SELECT 1 FROM refs r WHERE r.channel = n.channel AND r.item = n.item AND r.status <> 6 /* unlinked */)
		AND NOT EXISTS (SELECT 1 FROM refs r WHERE r.channel = n.channel AND r.sold_as = n.item AND r.status <> 6 /* unlinked */)
		ORDER BY last_seen DESC, channel, item LIMIT ?1`
	sqlTallies     = `SELECT channel, ending, reason, count FROM tallies ORDER BY channel, ending, reason`
	sqlCursors     = `SELECT partition, next_offset FROM cursors WHERE topic = ?1`
	sqlMark        = `SELECT position FROM marks WHERE name = ?1`
	sqlUnexplained = `SELECT r.channel, r.item, r.location, r.shelf_item, r.shelf_location, b.quantity, b.since FROM balances b
		JOIN refs r ON r.shelf_item = b.item AND b.name = r.channel || '/' || r.item || '@' || r.location
		WHERE b.kind = 8 /* unexplained */ AND b.quantity <> 0 AND b.since <= ?2 AND r.channel = ?1 ORDER BY b.since, b.item, b.name LIMIT ?3`

	sqlCounts = `SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM shelves), (SELECT coalesce(max(seq), 0) FROM entries),
		(SELECT count(*) FROM calls WHERE state = 1 /* open */),
		(SELECT count(*) FROM (SELECT DISTINCT r.shelf_item, r.shelf_location FROM work w
			JOIN refs r ON r.channel = w.channel AND r.item = w.item AND r.location = w.location
			WHERE w.push = 1 AND r.status = 2 /* live */)),
		(SELECT count(*) FROM balances WHERE kind = 8 /* unexplained */ AND quantity <> 0),
		(SELECT coalesce(min(since), 0) FROM balances WHERE kind = 8 /* unexplained */ AND quantity <> 0)`
	sqlCountRefs   = `SELECT status, count(*) FROM refs GROUP BY status`
	sqlCountWishes = `SELECT channel, sum(reads), sum(pushes), sum(resources) FROM (
		SELECT channel, count(*) AS reads, 0 AS pushes, 0 AS resources FROM work WHERE read_wished = 1 AND baseline_state = 0 AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, count(*), 0, 0 FROM work WHERE read_wished = 1 AND baseline_state <> 0 AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, 0, count(*), 0 FROM work WHERE push = 1 AND in_flight = '' GROUP BY channel
		UNION ALL SELECT channel, 0, 0, count(*) FROM resource_wishes GROUP BY channel) GROUP BY channel`
)

const (
	sqlItems     = `SELECT id, sku, name FROM items WHERE id > ?1 ORDER BY id LIMIT ?2`
	sqlItem      = `SELECT id, sku, name FROM items WHERE id = ?1`
	sqlItemBySKU = `SELECT id, sku, name FROM items WHERE sku = ?1 UNION
		SELECT i.id, i.sku, i.name FROM labels l JOIN refs r ON r.channel = l.channel AND r.item = l.item AND r.status <> 6 /* unlinked */
		JOIN items i ON i.id = r.shelf_item WHERE l.sku = ?1 AND l.sku <> '' ORDER BY id`
	sqlLabels = `SELECT DISTINCT l.channel, l.item, l.sku, l.name FROM refs r JOIN labels l ON l.channel = r.channel AND l.item = r.item
		WHERE r.shelf_item IN (SELECT value FROM json_each(?1)) AND r.status <> 6 /* unlinked */ ORDER BY l.channel, l.item`
	sqlRuns     = `SELECT run FROM runs WHERE true%s ORDER BY started_at DESC, id DESC LIMIT ?`
	sqlFindings = `SELECT finding FROM findings WHERE true%s ORDER BY at, id LIMIT ?`
)

var (
	dueReads  = record.Due{Count: sqlManyReads, Few: fmt.Sprintf(sqlDueReads, "work_reads"), Many: fmt.Sprintf(sqlDueReads, "work_reads_urgent")}
	duePushes = record.Due{Count: sqlManyPushes, Few: fmt.Sprintf(sqlDuePushes, "work_pushes"), Many: fmt.Sprintf(sqlDuePushes, "work_pushes_urgent")}
)

// reading are the texts of a ledger that is only read.
var reading = record.Queries{
	Items: sqlItems, Item: sqlItem, ItemBySKU: sqlItemBySKU, Labels: sqlLabels, Runs: sqlRuns, Findings: sqlFindings,
	Entries: sqlEntries, PostingsAsOf: sqlPostingsAsOf, Balances: sqlBalances, Levels: sqlLevels, Shelves: sqlShelves,
	Brakes: sqlBrakes, Waiters: sqlWaiters, UnlinkedItems: sqlUnlinkedItems, Tallies: sqlTallies, Cursors: sqlCursors, Mark: sqlMark,
	Unexplained: sqlUnexplained, Counts: sqlCounts, CountRefs: sqlCountRefs, CountWishes: sqlCountWishes,
	NextDue: sqlNextDue, DueBaselines: sqlDueBaselines, BaselineStates: sqlBaselineStates, BaselinesBegun: sqlBegun, PushesLeft: sqlPushesLeft,
	OpenCalls: sqlOpenCalls, DueResources: sqlDueWishes, Uncaused: sqlUncaused, UnitsBefore: sqlUnitsBefore,
	Refs: sqlRefs, Ref: sqlRef, Calls: sqlCalls, CallsOfRef: sqlCallsOfRef, Call: sqlCall,
	DueReads: dueReads, DuePushes: duePushes,
}

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
func (s *Store) query(ctx context.Context, text string, scan func(record.Scanner) error, args ...any) error {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return err
	}
	return each(ctx, stmt, func(rows *sql.Rows) error { return scan(rows) }, args...)
}
