package postgres

// The columns of the tables, in the order in which package record reads and writes them.
const (
	sqlEntryColumns = `e.seq, e.key, e.fingerprint, e.kind, e.item, e.location, e.channel, e.ref_item, e.ref_location,
		e.occurred_at, e.observed_at, e.recorded_at, e.expected_delta, e.status, e.opens, e.push, e.recount, e.evidence`
	sqlPostingColumns = `p.from_kind, p.from_name, p.to_kind, p.to_name, p.quantity`
	sqlRefColumns     = `r.channel, r.item, r.location, r.shelf_item, r.shelf_location, r.sold_as, r.status, r.expected, r.version, r.contains,
		r.entries, r.unconfirmed, r.recount, r.contained, r.sold_out, r.joining, r.reason, r.settled`
	// sqlWorkColumns reads a ref without a row in work as one of which nothing is intended.
	sqlWorkColumns = `coalesce(w.seq, 0), coalesce(w.read, 0), coalesce(w.read_due, 0), coalesce(w.read_until, 0), coalesce(w.read_reason, ''),
		coalesce(w.push, false), coalesce(w.push_due, 0), coalesce(w.refusals, 0), coalesce(w.in_flight, ''), coalesce(w.delivered, 0),
		coalesce(w.older, 0), coalesce(w.feed_from, 0), coalesce(w.unlink, false), w.crossed, w.raised, w.raises, w.baseline,
		w.uncaused, coalesce(w.before_level, 0), coalesce(w.before_at, 0), w.falls, w.program, coalesce(w.hidden, false)`
)

// Rows that are looked up by their keys, one lookup for each row before. OFFSET 0 keeps the planner from another way: it knows a table as it
// was when the plan was made or its statistics were taken, and would read a merchant's rows whole.
const (
	sqlPostingsOf = `LEFT JOIN LATERAL (SELECT * FROM postings p WHERE p.merchant = $1 AND p.seq = e.seq OFFSET 0) p ON true`
	sqlSuspenseOf = ` LEFT JOIN LATERAL (SELECT u.quantity FROM balances u WHERE u.merchant = $1 AND u.item = r.shelf_item AND u.kind = 8 /* unexplained */
		AND u.name = r.channel || '/' || r.item || '@' || r.location OFFSET 0) u ON true`
	sqlLevelOf = ` LEFT JOIN LATERAL (SELECT l.quantity FROM balances l WHERE l.merchant = $1 AND l.item = r.shelf_item AND l.kind = 1 /* available */
		AND l.name = r.shelf_location OFFSET 0) l ON true`
	sqlRefOfWork = ` CROSS JOIN LATERAL (SELECT * FROM refs r WHERE r.merchant = $1 AND r.channel = w.channel AND r.item = w.item AND r.location = w.location OFFSET 0) r`
	sqlShelfOf   = ` CROSS JOIN LATERAL (SELECT * FROM shelves h WHERE h.merchant = $1 AND h.item = r.shelf_item AND h.location = r.shelf_location OFFSET 0) h`
)
