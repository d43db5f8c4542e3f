package square

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Inventory states that the API can write
// (https://developer.squareup.com/reference/square/enums/InventoryState).
const (
	stateInStock        = "IN_STOCK"
	stateWaste          = "WASTE"
	stateSold           = "SOLD"
	stateNone           = "NONE"
	stateUnlinkedReturn = "UNLINKED_RETURN"
)

// Kinds of change.
const (
	kindAdjustment = "ADJUSTMENT"
	kindRecount    = "PHYSICAL_COUNT"
)

// counted says whether Square keeps a count of a state; the others are sources and sinks.
func counted(state string) bool { return state == stateInStock || state == stateWaste }

// transitionAllowed says whether an adjustment may move units between two states.
func transitionAllowed(from, to string) bool {
	switch from {
	case stateInStock:
		return to == stateSold || to == stateWaste
	case stateNone, stateUnlinkedReturn:
		return to == stateInStock
	}
	return false
}

// cell names a counter.
type cell struct{ item, location, state string }

// row is one row of the inventory history. Once received only its quantity changes, when somebody edits it.
type row struct {
	id, kind       string
	item, location string
	from, to       string // of an adjustment
	state          string // of a recount
	quantity       stock.Quantity
	occurred       time.Time // the client's clock: orders history
	created        time.Time // when Square received it; strictly increasing
	reference      string
	source         source
	transaction    string // of a sale
	price          *money
	// edited is when the quantity was last edited; zero: never.
	edited time.Time
}

// before orders history: by when it occurred, then by when it was received.
func (c *row) before(o *row) bool {
	if !c.occurred.Equal(o.occurred) {
		return c.occurred.Before(o.occurred)
	}
	return c.created.Before(o.created)
}

// deltaOn is what an adjustment asks of a state's counter.
func (c *row) deltaOn(state string) stock.Quantity {
	switch {
	case c.kind != kindAdjustment:
		return 0
	case c.to == state:
		return c.quantity
	case c.from == state:
		return -c.quantity
	}
	return 0
}

// states are the counted states that a change touches.
func (c *row) states() []string {
	var touched []string
	for _, state := range []string{c.state, c.from, c.to} {
		if counted(state) {
			touched = append(touched, state)
		}
	}
	return touched
}

// counter is the count of one cell and the history behind it.
type counter struct {
	state    string
	quantity stock.Quantity
	// calculated is when the latest change that touched the count was received.
	calculated time.Time
	// recount is the latest physical count by the time it occurred; nil before the first.
	recount *row
	// history is in the order of row.before.
	history []*row
}

// take puts a change into the history and returns what it did to the count. An absorbed change did nothing, because a
// physical count that occurred after it was received before it
// (https://developer.squareup.com/docs/inventory-api/how-it-works).
func (c *counter) take(ch *row) (effect stock.Quantity, absorbed bool) {
	at, _ := slices.BinarySearchFunc(c.history, ch, func(have, ch *row) int {
		if have.before(ch) {
			return -1
		}
		return 1
	})
	c.history = slices.Insert(c.history, at, ch)
	if c.recount != nil && ch.before(c.recount) {
		return 0, true
	}
	if ch.kind == kindAdjustment {
		effect = ch.deltaOn(c.state)
		c.quantity += effect
		return effect, false
	}
	quantity := ch.quantity
	for _, later := range c.history[at+1:] {
		quantity += later.deltaOn(c.state)
	}
	effect = quantity - c.quantity
	c.quantity, c.recount = quantity, ch
	return effect, false
}

// written is what receiving one change did.
type written struct {
	change *row
	// touched are the counters it belongs to, moved those of them that now show something else.
	touched, moved []cell
	// delta is what it did to the IN_STOCK counter; absorbed says that a later recount had it already.
	delta    stock.Quantity
	absorbed bool
}

// receive gives a change its receive time and id, and takes it into history and counters. The caller holds the mutex.
func (s *Shop) receive(ch *row) written {
	ch.id, ch.created = s.newID(24), s.tick()
	if ch.occurred.IsZero() {
		ch.occurred = ch.created
	}
	s.received = append(s.received, ch)
	out := written{change: ch}
	for _, state := range ch.states() {
		at := cell{ch.item, ch.location, state}
		c := s.counters[at]
		isNew := c == nil
		if isNew {
			c = &counter{state: state}
			s.counters[at] = c
		}
		effect, absorbed := c.take(ch)
		s.note(&out, at, effect, absorbed)
		if effect == 0 && isNew {
			out.moved = append(out.moved, at)
		}
	}
	return out
}

// note adds to what receiving a change did what it did to one counter. The caller holds the mutex.
func (s *Shop) note(out *written, at cell, effect stock.Quantity, absorbed bool) {
	if !absorbed || s.opts.AbsorbedTouches {
		s.counters[at].calculated = out.change.created
	}
	out.touched = append(out.touched, at)
	if effect != 0 {
		out.moved = append(out.moved, at)
	}
	if at.state == stateInStock {
		out.delta, out.absorbed = effect, absorbed
	}
}

// record writes what a change did to the IN_STOCK counter into the Truth. The caller holds the mutex.
func (s *Shop) record(w written, by, key string) {
	if !slices.Contains(w.touched, cell{w.change.item, w.change.location, stateInStock}) {
		return
	}
	effect := shop.Effect{
		At: w.change.created, Shop: shop.Square, Item: w.change.item, Location: w.change.location, Delta: w.delta, By: by,
		Key: key, Note: w.change.id,
	}
	if by != shop.ByApp {
		effect.Explained = w.change.deltaOn(stateInStock)
	} else if w.change.reference != "" {
		effect.Note = w.change.reference
	}
	s.truth.Add(effect)
}
