package postgres

import "github.com/evenstock/evenstock/ledger/record"

const (
	sqlEntries = `SELECT ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (SELECT * FROM entries WHERE merchant = $1 AND seq > ?%s ORDER BY seq LIMIT ?) e
		` + sqlPostingsOf + ` ORDER BY e.seq, p.row`
	sqlPostingsAsOf = `SELECT e.item, ` + sqlPostingColumns + ` FROM entries e CROSS JOIN LATERAL (SELECT * FROM postings p WHERE p.merchant = $1 AND p.seq = e.seq OFFSET 0) p
		WHERE e.merchant = $1%s ORDER BY p.seq, p.row`
	sqlBalances = `SELECT kind, name, quantity FROM balances WHERE merchant = $1 AND item = $2`
	sqlLevels   = `SELECT item, name, quantity FROM balances WHERE merchant = $1 AND kind = 1 /* available */`
	sqlShelves  = `SELECT h.item, h.location, h.opened, coalesce(l.quantity, 0) FROM shelves h
		LEFT JOIN LATERAL (SELECT l.quantity FROM balances l WHERE l.merchant = $1 AND l.item = h.item AND l.kind = 1 /* available */ AND l.name = h.location OFFSET 0) l ON true
		WHERE h.merchant = $1%s ORDER BY h.item, h.location LIMIT ?`
)

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
	sqlUncaused       = sqlFullRefs + ` WHERE r.merchant = $1 AND r.channel = $2 AND (r.item, r.location) IN (` + sqlUncausedSince + ` UNION ` + sqlUncausedWanted + `)
		AND ` + sqlFollows + ` AND h.opened ORDER BY r.item, r.location`
	// sqlFollows is ledger.RefStatus.Follows.
	sqlFollows  = `r.status IN (2 /* live */, 3 /* unreadable */, 5 /* set aside */)`
	sqlFullRefs = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, ` + sqlLevel + `, coalesce(h.opened, false) FROM refs r` + sqlRefJoins
	sqlRefs     = sqlFullRefs + ` WHERE r.merchant = $1%s ORDER BY r.channel, r.item, r.location LIMIT ?`
	sqlRef      = sqlFullRefs + ` WHERE r.merchant = $1 AND r.channel = $2 AND r.item = $3 AND r.location = $4`
	// sqlCalls compares with the time of a call, whatever it is, so that they are read by the index that is ordered by it.
	sqlCalls      = `SELECT call FROM calls WHERE merchant = $1%s AND created_at >= 0 ORDER BY created_at DESC, key DESC LIMIT ?`
	sqlCallsOfRef = `key IN (SELECT call_key FROM call_rows WHERE merchant = $1 AND channel = ? AND item = ? AND location = ?)`
	sqlCall       = `SELECT call FROM calls WHERE merchant = $1 AND key = $2`
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

const (
	sqlItems     = `SELECT id, sku, name FROM items WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3`
	sqlItem      = `SELECT id, sku, name FROM items WHERE merchant = $1 AND id = $2`
	sqlItemBySKU = `SELECT id, sku, name FROM items WHERE merchant = $1 AND sku = $2 UNION
		SELECT i.id, i.sku, i.name FROM labels l JOIN refs r ON r.merchant = $1 AND r.channel = l.channel AND r.item = l.item AND r.status <> 6 /* unlinked */
		JOIN items i ON i.merchant = $1 AND i.id = r.shelf_item WHERE l.merchant = $1 AND l.sku = $2 AND l.sku <> '' ORDER BY id`
	sqlLabels = `SELECT DISTINCT l.channel, l.item, l.sku, l.name FROM refs r JOIN labels l ON l.merchant = $1 AND l.channel = r.channel AND l.item = r.item
		WHERE r.merchant = $1 AND r.shelf_item IN (SELECT jsonb_array_elements_text($2::text::jsonb)) AND r.status <> 6 /* unlinked */ ORDER BY l.channel, l.item`
	sqlRuns     = `SELECT run FROM runs WHERE merchant = $1%s ORDER BY started_at DESC, id DESC LIMIT ?`
	sqlFindings = `SELECT finding FROM findings WHERE merchant = $1%s ORDER BY at, id LIMIT ?`
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
	DueReads: record.Due{Few: sqlDueReads}, DuePushes: record.Due{Few: sqlDuePushes},
}
