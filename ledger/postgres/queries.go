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
		w.uncaused, coalesce(w.before_level, 0), coalesce(w.before_at, 0), w.falls, w.program`
)
