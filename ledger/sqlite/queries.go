package sqlite

// asked is how many refs or keys one statement asks for: the driver's work per statement is several times that per row.
const (
	asked        = 16
	sqlAskedKeys = `?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?`
	sqlKeysAgain = `?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16`
	sqlAskedRefs = `(?1,?2,?3),(?4,?5,?6),(?7,?8,?9),(?10,?11,?12),(?13,?14,?15),(?16,?17,?18),(?19,?20,?21),(?22,?23,?24),
		(?25,?26,?27),(?28,?29,?30),(?31,?32,?33),(?34,?35,?36),(?37,?38,?39),(?40,?41,?42),(?43,?44,?45),(?46,?47,?48)`
)

// Statements of the writing connection, prepared once.
const (
	sqlDataVersion = `PRAGMA data_version`

	sqlVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`

	sqlLastSeq = `SELECT coalesce(max(seq), 0) FROM entries`
	sqlKey     = `SELECT fingerprint FROM entries WHERE key = ?1`
	sqlKeys    = `SELECT key, fingerprint, kind FROM entries WHERE key IN (` + sqlAskedKeys + `)`
	// sqlBooked finds the entries of movements and of what corrected them (ledger.EditKey), with their postings. 0 follows / in ASCII.
	sqlBooked = `SELECT q.key, ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (
			SELECT e.key AS key, e.seq AS seq FROM entries e WHERE e.key IN (` + sqlKeysAgain + `)
			UNION ALL
			SELECT v.key, e.seq FROM entries v CROSS JOIN entries e ON e.key >= v.key || '/edit/' AND e.key < v.key || '/edit0'
			WHERE v.key IN (` + sqlKeysAgain + `)
		) q CROSS JOIN entries e ON e.seq = q.seq LEFT JOIN postings p ON p.seq = e.seq ORDER BY e.seq, p.row`
	sqlSoldAs = `SELECT item, location FROM refs WHERE channel = ?1 AND sold_as = ?2 AND status <> 6 /* unlinked */ ORDER BY item, location`

	// sqlSelectRef selects a ref with its work, suspense account and shelf; r is the refs row.
	sqlSelectRef = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, u.since, h.opened, l.quantity, l.since,
		w.urgency IS NOT NULL, coalesce(w.urgency, 0)`
	sqlRefJoins = ` LEFT JOIN work w ON w.channel = r.channel AND w.item = r.item AND w.location = r.location
		LEFT JOIN balances u ON u.item = r.shelf_item AND u.kind = 8 /* unexplained */ AND u.name = r.channel || '/' || r.item || '@' || r.location
		LEFT JOIN shelves h ON h.item = r.shelf_item AND h.location = r.shelf_location
		LEFT JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 /* available */ AND l.name = r.shelf_location`
	// sqlRefsAndSiblings finds refs, each with all refs that are or were of its item. Refs of one item are often asked for together: what they
	// have in common is found once.
	sqlRefsAndSiblings = sqlSelectRef + ` FROM (SELECT DISTINCT t.shelf_item AS item FROM (VALUES ` + sqlAskedRefs + `) n
			JOIN refs t ON t.channel = n.column1 AND t.item = n.column2 AND t.location = n.column3) q
		CROSS JOIN refs r ON r.shelf_item = q.item` + sqlRefJoins
	sqlRefsOfItem = sqlSelectRef + ` FROM refs r` + sqlRefJoins + ` WHERE r.shelf_item = ?1`

	sqlShelf = `SELECT h.opened, b.quantity, b.since FROM (SELECT ?1 AS item, ?2 AS location) q
		LEFT JOIN shelves h ON h.item = q.item AND h.location = q.location
		LEFT JOIN balances b ON b.item = q.item AND b.kind = 1 /* available */ AND b.name = q.location`
	sqlBalance  = `SELECT quantity, since FROM balances WHERE item = ?1 AND kind = ?2 AND name = ?3`
	sqlCounters = `SELECT line, restocked, location, quantity FROM counters WHERE channel = ?1 AND order_id = ?2`
	sqlWaiting  = `SELECT line, restocked, location, quantity, reason, since FROM waiting WHERE channel = ?1 AND order_id = ?2`
	sqlCall     = `SELECT call FROM calls WHERE key = ?1`
	sqlBrake    = `SELECT brake FROM brakes WHERE id = ?1`
	sqlActive   = `SELECT released_at, pass_until, brake FROM brakes WHERE released_at = 0 OR pass_until > ?1`
	sqlCursor   = `SELECT next_offset FROM cursors WHERE topic = ?1 AND partition = ?2`

	sqlAddEntry = `INSERT INTO entries (seq, key, fingerprint, kind, item, location, channel, ref_item, ref_location,
		occurred_at, observed_at, recorded_at, expected_delta, status, opens, push, recount, evidence)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)`
	sqlAddPosting = `INSERT INTO postings (seq, row, from_kind, from_name, to_kind, to_name, quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`
	sqlSetBalance = `INSERT INTO balances (item, kind, name, quantity, since) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO UPDATE SET quantity = excluded.quantity, since = excluded.since`
	sqlSetShelf = `INSERT INTO shelves (item, location, opened) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET opened = excluded.opened`
	sqlSetRef   = `INSERT OR REPLACE INTO refs (channel, item, location, shelf_item, shelf_location, sold_as, status, expected, version, contains,
		entries, unconfirmed, recount, contained, sold_out, joining, reason, settled)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)`
	// sqlMoveRef takes the arguments of sqlSetRef and leaves the columns alone that indexes hold: SQLite rewrites an index entry
	// when a statement names its column.
	sqlMoveRef = `UPDATE refs SET status = ?7, expected = ?8, version = ?9, contains = ?10, entries = ?11, unconfirmed = ?12, recount = ?13,
		contained = ?14, sold_out = ?15, joining = ?16, reason = ?17, settled = ?18 WHERE channel = ?1 AND item = ?2 AND location = ?3`
	sqlSetWork = `INSERT OR REPLACE INTO work (channel, item, location, seq, read, read_due, read_until, read_reason, push, push_due, refusals,
		in_flight, delivered, older, feed_from, unlink, crossed, raised, raises, baseline, uncaused, before_level, before_at, falls,
		program, hidden, uncaused_at, baseline_state, urgency, read_wished)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?5 <> 0)`
	// sqlMoveWork leaves the columns alone that indexes hold, for the same reason. The urgent one moves what is wished in their order.
	sqlMoveWork       = `UPDATE work SET ` + sqlRemembered + sqlOfWork
	sqlMoveUrgentWork = `UPDATE work SET ` + sqlRemembered + `, urgency = ?22` + sqlOfWork
	sqlSetUrgency     = `UPDATE work SET urgency = ?4` + sqlOfWork
	sqlOfWork         = ` WHERE channel = ?1 AND item = ?2 AND location = ?3`
	sqlRemembered     = `seq = ?4, read = ?5, read_until = ?6, read_reason = ?7, refusals = ?8, in_flight = ?9, delivered = ?10, older = ?11, feed_from = ?12,
		unlink = ?13, crossed = ?14, raised = ?15, raises = ?16, before_level = ?17, before_at = ?18, falls = ?19, program = ?20, hidden = ?21`
	sqlSetCounter = `INSERT INTO counters (channel, order_id, line, restocked, location, quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT DO UPDATE SET quantity = max(quantity, excluded.quantity)`
	sqlSetWaiting = `INSERT OR REPLACE INTO waiting (channel, order_id, line, restocked, location, quantity, reason, since)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`
	sqlDropWaiting = `DELETE FROM waiting WHERE channel = ?1 AND order_id = ?2 AND line = ?3 AND restocked = ?4 AND location = ?5`
	sqlSetCall     = `INSERT INTO calls (key, channel, state, due, created_at, call) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT DO UPDATE SET channel = excluded.channel, state = excluded.state, due = excluded.due,
		created_at = excluded.created_at, call = excluded.call`
	sqlAddCallRow = `INSERT OR IGNORE INTO call_rows (channel, item, location, call_key) VALUES (?1, ?2, ?3, ?4)`
	sqlSetBrake   = `INSERT OR REPLACE INTO brakes (id, released_at, pass_until, brake) VALUES (?1, ?2, ?3, ?4)`
	sqlSetWish    = `INSERT OR REPLACE INTO resource_wishes (channel, resource, due) VALUES (?1, ?2, ?3)`
	sqlDropWish   = `DELETE FROM resource_wishes WHERE channel = ?1 AND resource = ?2`
	sqlUnlinked   = `INSERT INTO unlinked (channel, item, last_seen) VALUES (?1, ?2, ?3)
		ON CONFLICT DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)`
	sqlTally = `INSERT INTO tallies (channel, ending, reason, count) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT DO UPDATE SET count = count + excluded.count`
	sqlSetCursor = `INSERT OR REPLACE INTO cursors (topic, partition, next_offset) VALUES (?1, ?2, ?3)`
	sqlSetMark   = `INSERT OR REPLACE INTO marks (name, position) VALUES (?1, ?2)`
	sqlSetItem   = `INSERT INTO items (id, sku, name) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlSetLabel  = `INSERT INTO labels (channel, item, sku, name) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlSetRun    = `INSERT OR REPLACE INTO runs (id, kind, channel, started_at, run) VALUES (?1, ?2, ?3, ?4, ?5)`
	sqlSetFound  = `INSERT OR REPLACE INTO findings (id, run, at, class, channel, finding) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`
)

const (
	sqlRefColumns = `r.channel, r.item, r.location, r.shelf_item, r.shelf_location, r.sold_as, r.status, r.expected, r.version, r.contains,
		r.entries, r.unconfirmed, r.recount, r.contained, r.sold_out, r.joining, r.reason, r.settled`
	// sqlWorkColumns reads a ref without a row in work as one of which nothing is intended.
	sqlWorkColumns = `coalesce(w.seq, 0), coalesce(w.read, 0), coalesce(w.read_due, 0), coalesce(w.read_until, 0), coalesce(w.read_reason, ''),
		coalesce(w.push, 0), coalesce(w.push_due, 0), coalesce(w.refusals, 0), coalesce(w.in_flight, ''), coalesce(w.delivered, 0),
		coalesce(w.older, 0), coalesce(w.feed_from, 0), coalesce(w.unlink, 0), w.crossed, w.raised, w.raises, w.baseline,
		w.uncaused, coalesce(w.before_level, 0), coalesce(w.before_at, 0), w.falls, w.program, coalesce(w.hidden, 0)`
)
