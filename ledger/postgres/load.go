package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

// batch is one try of an Apply: what was loaded for the step, and what its entries come to.
type batch struct {
	t        *transaction
	at       time.Time
	snapshot *ledger.Snapshot
	// states are copies that the step cannot reach. asked are refs that were looked for; opened are the shelves that have a row, with whether
	// they are open; touched are the refs that entries concern.
	states  map[stock.Ref]ledger.RefState
	asked   map[stock.Ref]struct{}
	opened  map[stock.Shelf]bool
	touched set[stock.Ref]
}

// set remembers what was touched, in the order of the first touch.
type set[K comparable] struct {
	list []K
	has  map[K]struct{}
}

func (s *set[K]) add(key K) {
	if _, member := s.has[key]; member {
		return
	}
	if s.has == nil {
		s.has = map[K]struct{}{}
	}
	s.has[key] = struct{}{}
	s.list = append(s.list, key)
}

func newBatch(t *transaction, at time.Time) *batch {
	return &batch{
		t: t, at: at, states: map[stock.Ref]ledger.RefState{}, asked: map[stock.Ref]struct{}{}, opened: map[stock.Shelf]bool{},
		snapshot: &ledger.Snapshot{
			Refs: map[stock.Ref]ledger.Ref{}, Shelves: map[stock.Shelf]ledger.ShelfState{}, SoldAs: map[ledger.SoldAs][]stock.Ref{},
			Keys: map[string]string{}, Booked: map[string][]ledger.Entry{}, Counters: map[ledger.CounterKey]stock.Quantity{}, Waiting: map[ledger.CounterKey]ledger.Waiting{},
			Calls: map[string]ledger.Call{}, Brakes: map[string]ledger.Brake{},
		},
	}
}

const (
	sqlKeys = `SELECT e.key, e.fingerprint FROM unnest($2::text[]) q (key)
		CROSS JOIN LATERAL (SELECT * FROM entries e WHERE e.merchant = $1 AND e.key = q.key OFFSET 0) e`
	sqlMovements = `unnest($2::text[]) q (key)
			CROSS JOIN LATERAL (SELECT * FROM entries v WHERE v.merchant = $1 AND v.key = q.key AND v.kind = 3 /* movement */ OFFSET 0) v`
	// sqlBooked finds the entries of movements and of what corrected them (ledger.EditKey), with their postings. 0 follows / in ASCII.
	sqlBooked = `SELECT q.key, ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (
			SELECT v.key, v.seq FROM ` + sqlMovements + `
			UNION ALL
			SELECT v.key, o.seq FROM ` + sqlMovements + `
			CROSS JOIN LATERAL (SELECT o.seq FROM entries o WHERE o.merchant = $1 AND o.key >= v.key || '/edit/' AND o.key < v.key || '/edit0' OFFSET 0) o
		) q CROSS JOIN LATERAL (SELECT * FROM entries e WHERE e.merchant = $1 AND e.seq = q.seq OFFSET 0) e ` + sqlPostingsOf + ` ORDER BY e.seq, p.row`
	sqlCounters = `SELECT c.channel, c.order_id, c.line, c.restocked, c.location, c.quantity
		FROM unnest($2::text[], $3::text[]) q (channel, order_id)
		CROSS JOIN LATERAL (SELECT * FROM counters c WHERE c.merchant = $1 AND c.channel = q.channel AND c.order_id = q.order_id OFFSET 0) c`
	sqlWaiting = `SELECT w.channel, w.order_id, w.line, w.restocked, w.location, w.quantity, w.reason, w.since
		FROM unnest($2::text[], $3::text[]) q (channel, order_id)
		CROSS JOIN LATERAL (SELECT * FROM waiting w WHERE w.merchant = $1 AND w.channel = q.channel AND w.order_id = q.order_id OFFSET 0) w`
	sqlCallsByKey  = `SELECT c.call FROM unnest($2::text[]) q (key) CROSS JOIN LATERAL (SELECT * FROM calls c WHERE c.merchant = $1 AND c.key = q.key OFFSET 0) c`
	sqlBrakesByID  = `SELECT b.brake FROM unnest($2::text[]) q (id) CROSS JOIN LATERAL (SELECT * FROM brakes b WHERE b.merchant = $1 AND b.id = q.id OFFSET 0) b`
	sqlActive      = `SELECT brake FROM brakes WHERE merchant = $1 AND (released_at = 0 OR pass_until > $2)`
	sqlAskedSoldAs = `unnest($2::text[], $3::text[]) q (channel, sold_as) CROSS JOIN LATERAL (SELECT * FROM refs r
		WHERE r.merchant = $1 AND r.channel = q.channel AND r.sold_as = q.sold_as AND r.status <> 6 /* unlinked */ OFFSET 0) r`
	sqlSoldAs = `SELECT r.channel, r.sold_as, r.item, r.location FROM ` + sqlAskedSoldAs + ` ORDER BY r.item, r.location`

	// sqlSelectRef selects a ref with its work, suspense account and shelf; r is the refs row.
	sqlSelectRef = `SELECT ` + sqlRefColumns + `, ` + sqlWorkColumns + `, u.quantity, h.opened, l.quantity`
	// sqlRefJoins looks each row up by its key.
	sqlRefJoins = ` LEFT JOIN LATERAL (SELECT * FROM work w WHERE w.merchant = $1 AND w.channel = r.channel AND w.item = r.item AND w.location = r.location OFFSET 0) w ON true` +
		sqlSuspenseOf + ` LEFT JOIN LATERAL (SELECT h.opened FROM shelves h WHERE h.merchant = $1 AND h.item = r.shelf_item AND h.location = r.shelf_location OFFSET 0) h ON true` +
		sqlLevelOf
	// sqlRefsAndSiblings finds refs, those that order lines name and all refs of some items, each with all refs of its item; an unlinked ref
	// is of none, but is found itself where it was asked for.
	sqlRefsAndSiblings = `WITH asked AS MATERIALIZED (
			SELECT t.channel, t.item, t.location, t.shelf_item, t.status FROM unnest($4::text[], $5::text[], $6::text[]) q (channel, item, location)
			CROSS JOIN LATERAL (SELECT * FROM refs t WHERE t.merchant = $1 AND t.channel = q.channel AND t.item = q.item AND t.location = q.location OFFSET 0) t
		), items AS MATERIALIZED (
			SELECT a.shelf_item AS item FROM asked a UNION SELECT r.shelf_item FROM ` + sqlAskedSoldAs + ` UNION SELECT unnest($7::text[])
		), found AS MATERIALIZED (
			SELECT f.channel, f.item, f.location FROM items i
			CROSS JOIN LATERAL (SELECT * FROM refs f WHERE f.merchant = $1 AND f.shelf_item = i.item AND f.status <> 6 /* unlinked */ OFFSET 0) f
			UNION ALL SELECT a.channel, a.item, a.location FROM asked a WHERE a.status = 6 /* unlinked */
		) ` + sqlSelectRef + ` FROM found f
		CROSS JOIN LATERAL (SELECT * FROM refs r WHERE r.merchant = $1 AND r.channel = f.channel AND r.item = f.item AND r.location = f.location OFFSET 0) r` + sqlRefJoins
	sqlShelvesByKey = `SELECT q.item, q.location, h.opened, l.quantity FROM unnest($2::text[], $3::text[]) q (item, location)
		LEFT JOIN LATERAL (SELECT h.opened FROM shelves h WHERE h.merchant = $1 AND h.item = q.item AND h.location = q.location OFFSET 0) h ON true
		LEFT JOIN LATERAL (SELECT l.quantity FROM balances l WHERE l.merchant = $1 AND l.item = q.item AND l.kind = 1 /* available */ AND l.name = q.location OFFSET 0) l ON true`
)

// load locks the head and fills the snapshot with what the scope names and what follows from it.
func (b *batch) load(ctx context.Context, in ledger.Batch) error {
	scope := in.Scope()
	q, next := b.t.begin(), int64(0)
	if in.Cursor != nil {
		next = in.Cursor.From
		b.t.queue(q, sqlCursor, in.Cursor.Topic, in.Cursor.Partition).Query(each(func(rows pgx.Rows) error { return rows.Scan(&next) }))
	}
	b.queueMemory(q, scope)
	// What a stored call or brake concerns is known when it is read.
	follows := len(scope.Calls) > 0 || len(scope.Brakes) > 0
	if !follows {
		b.queueRefs(q, scope.Refs, scope.Shelves, scope.SoldAs)
	}
	if err := b.t.send(ctx, q); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	b.snapshot.LastSeq = b.t.lastSeq
	if in.Cursor != nil {
		if err := checkCursor(*in.Cursor, next); err != nil {
			return err
		}
	}
	if follows {
		if err := b.loadFollowing(ctx, scope); err != nil {
			return fmt.Errorf("reading refs: %w", err)
		}
	}
	if err := b.loadInFlight(ctx); err != nil {
		return fmt.Errorf("reading calls in flight: %w", err)
	}
	b.dropOtherBrakes(scope)
	return nil
}

// queueMemory reads what the scope names but refs and shelves.
func (b *batch) queueMemory(q *pgx.Batch, scope ledger.Scope) {
	if len(scope.Keys) > 0 {
		b.t.queue(q, sqlKeys, strs(scope.Keys...)).Query(scanKeys(b.snapshot.Keys))
		b.t.queue(q, sqlBooked, strs(scope.Keys...)).Query(each(b.scanBooked))
	}
	if len(scope.Orders) > 0 {
		var channels, orders []string
		for _, order := range scope.Orders {
			channels, orders = append(channels, text(string(order.Channel))), append(orders, text(order.Order))
		}
		b.t.queue(q, sqlCounters, channels, orders).Query(each(b.scanCounter))
		b.t.queue(q, sqlWaiting, channels, orders).Query(each(b.scanWaiting))
	}
	if len(scope.Calls) > 0 {
		b.t.queue(q, sqlCallsByKey, strs(scope.Calls...)).Query(each(b.scanCall))
	}
	keep := func(rows pgx.Rows) error {
		brake, err := record.ScanJSON[ledger.Brake](rows)
		b.snapshot.Brakes[brake.ID] = brake
		return err
	}
	if len(scope.Brakes) > 0 {
		b.t.queue(q, sqlBrakesByID, strs(scope.Brakes...)).Query(each(keep))
	}
	b.t.queue(q, sqlActive, record.Nanos(b.at)).Query(each(keep))
}

// loadFollowing loads refs and shelves, also those that calls and brakes of the scope concern.
func (b *batch) loadFollowing(ctx context.Context, scope ledger.Scope) error {
	refs, shelves := slices.Clone(scope.Refs), slices.Clone(scope.Shelves)
	for _, call := range b.snapshot.Calls {
		for _, row := range call.Rows {
			refs = append(refs, row.Ref)
		}
	}
	for _, id := range scope.Brakes {
		brake := b.snapshot.Brakes[id]
		if brake.Ref != (stock.Ref{}) {
			refs = append(refs, brake.Ref)
		}
		if brake.Shelf != (stock.Shelf{}) {
			shelves = append(shelves, brake.Shelf)
		}
	}
	q := &pgx.Batch{}
	b.queueRefs(q, refs, shelves, scope.SoldAs)
	return b.t.send(ctx, q)
}

// queueRefs loads refs, shelves and the refs of order lines, each with all refs of its item.
func (b *batch) queueRefs(q *pgx.Batch, refs []stock.Ref, shelves []stock.Shelf, sold []ledger.SoldAs) {
	var channels, items, locations, soldChannels, soldItems, shelfItems, shelfLocations []string
	for _, ref := range refs {
		b.asked[ref] = struct{}{}
		channels, items, locations = append(channels, text(string(ref.Channel))), append(items, text(ref.Item)), append(locations, text(ref.Location))
	}
	for _, s := range sold {
		soldChannels, soldItems = append(soldChannels, text(string(s.Channel))), append(soldItems, text(s.Item))
	}
	for _, shelf := range shelves {
		shelfItems, shelfLocations = append(shelfItems, text(string(shelf.Item))), append(shelfLocations, text(string(shelf.Location)))
	}
	if len(sold) > 0 {
		b.t.queue(q, sqlSoldAs, soldChannels, soldItems).Query(each(b.scanSoldAs))
	}
	if len(refs)+len(sold)+len(shelves) > 0 {
		b.t.queue(q, sqlRefsAndSiblings, soldChannels, soldItems, channels, items, locations, shelfItems).Query(each(b.scanRef))
	}
	if len(shelves) > 0 {
		b.t.queue(q, sqlShelvesByKey, shelfItems, shelfLocations).Query(each(b.scanShelf))
	}
}

// loadMissing loads the refs that changes concern and nobody asked for.
func (b *batch) loadMissing(ctx context.Context, changes ledger.Changes) error {
	var missing set[stock.Ref]
	consider := func(ref stock.Ref) {
		_, loaded := b.states[ref]
		if _, asked := b.asked[ref]; !loaded && !asked && ref != (stock.Ref{}) {
			missing.add(ref)
		}
	}
	for _, e := range changes.Entries {
		consider(e.Ref)
	}
	for _, w := range changes.Work {
		consider(w.Ref)
	}
	if len(missing.list) == 0 {
		return nil
	}
	q := &pgx.Batch{}
	b.queueRefs(q, missing.list, nil, nil)
	if err := b.t.send(ctx, q); err != nil {
		return fmt.Errorf("reading refs: %w", err)
	}
	return nil
}

// loadInFlight loads the calls that are in flight for loaded refs.
func (b *batch) loadInFlight(ctx context.Context) error {
	missing := map[string]struct{}{}
	for _, ref := range b.snapshot.Refs {
		key := ref.Work.InFlight
		if _, loaded := b.snapshot.Calls[key]; key != "" && !loaded {
			missing[key] = struct{}{}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	q := &pgx.Batch{}
	b.t.queue(q, sqlCallsByKey, strs(slices.Sorted(maps.Keys(missing))...)).Query(each(b.scanCall))
	return b.t.send(ctx, q)
}

// dropOtherBrakes leaves those that the scope names, and the active ones of loaded shelves and of touched channels.
func (b *batch) dropOtherBrakes(scope ledger.Scope) {
	maps.DeleteFunc(b.snapshot.Brakes, func(id string, brake ledger.Brake) bool {
		_, shelf := b.snapshot.Shelves[brake.Shelf]
		return !shelf && !slices.Contains(scope.Channels, brake.Channel) && !slices.Contains(scope.Brakes, id)
	})
}

// each is scan for all rows of a query in a batch.
func each(scan func(rows pgx.Rows) error) func(rows pgx.Rows) error {
	return func(rows pgx.Rows) error { return drain(rows, scan) }
}

func scanKeys(into map[string]string) func(rows pgx.Rows) error {
	return each(func(rows pgx.Rows) error {
		var key, fingerprint string
		err := rows.Scan(&key, &fingerprint)
		into[key] = fingerprint
		return err
	})
}

func (b *batch) scanBooked(rows pgx.Rows) error {
	var r record.Entry
	var key string
	if err := rows.Scan(append(append([]any{&key}, r.Fields()...), r.PostingFields()...)...); err != nil {
		return err
	}
	booked, err := r.AppendTo(b.snapshot.Booked[key])
	b.snapshot.Booked[key] = booked
	return err
}

func (b *batch) scanCounter(rows pgx.Rows) error {
	var key ledger.CounterKey
	var quantity stock.Quantity
	err := rows.Scan(&key.Channel, &key.Order, &key.Line, &key.Restocked, &key.Location, (*int64)(&quantity))
	b.snapshot.Counters[key] = quantity
	return err
}

func (b *batch) scanWaiting(rows pgx.Rows) error {
	w, err := record.ScanWaiting(rows)
	b.snapshot.Waiting[w.Counter] = w
	return err
}

func (b *batch) scanCall(rows pgx.Rows) error {
	call, err := record.ScanJSON[ledger.Call](rows)
	b.snapshot.Calls[call.Key] = call
	return err
}

func (b *batch) scanSoldAs(rows pgx.Rows) error {
	var sold ledger.SoldAs
	var ref stock.Ref
	err := rows.Scan(&sold.Channel, &sold.Item, &ref.Item, &ref.Location)
	ref.Channel = sold.Channel
	b.snapshot.SoldAs[sold] = append(b.snapshot.SoldAs[sold], ref)
	return err
}

func (b *batch) scanRef(rows pgx.Rows) error {
	var row record.FullRef
	var opened sql.NullBool
	var level sql.NullInt64
	if err := rows.Scan(append(row.Fields(), &opened, &level)...); err != nil {
		return err
	}
	r, err := row.Result()
	if err != nil {
		return err
	}
	if _, loaded := b.states[r.State.Ref]; loaded {
		return nil
	}
	b.snapshot.Refs[r.State.Ref] = r
	b.states[r.State.Ref] = r.State
	b.keepShelf(r.State.Shelf, opened, level)
	return nil
}

func (b *batch) scanShelf(rows pgx.Rows) error {
	var shelf stock.Shelf
	var opened sql.NullBool
	var level sql.NullInt64
	err := rows.Scan(&shelf.Item, &shelf.Location, &opened, &level)
	b.keepShelf(shelf, opened, level)
	return err
}

// keepShelf takes a shelf into the snapshot. A shelf without a row has no entries yet.
func (b *batch) keepShelf(shelf stock.Shelf, opened sql.NullBool, level sql.NullInt64) {
	if opened.Valid {
		b.opened[shelf] = opened.Bool
	}
	b.snapshot.Shelves[shelf] = ledger.ShelfState{Shelf: shelf, Level: record.QuantityOf(level), Opened: opened.Bool}
}
