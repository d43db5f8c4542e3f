package simulator

import (
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// busyTillActs and busyWebActs are what a busy shop with two places does all day that looks like goods received on one counter: units
// move from place to place, a person finds one more than was counted, Shopify takes an order from another place than it first said.
// Now and then goods are typed in twice indeed.
func busyTillActs() []act {
	return []act{
		{"sale", 10, func(w *world, c *counter) { c.ch.square.adjust(c, -w.some(false), stock.Sold, w.second(), "sale") }},
		{"return", 1, func(w *world, c *counter) { c.ch.square.adjust(c, stock.Unit, stock.Returned, w.second(), "return") }},
		{"recount of one more", 0.7, func(w *world, c *counter) {
			c.ch.square.recount(c, c.quantity+stock.Unit, w.clock(c.ch).Truncate(c.ch.square.posGrain), "recount")
		}},
		{"transfer", 0.5, transfer},
	}
}

func busyWebActs() []act {
	return []act{
		{"order", 10, func(w *world, c *counter) { c.ch.shopify.place([]*counter{c}, []int64{1 + int64(w.dice.IntN(3))}) }},
		{"refund", 1, onOrder(func(s *shopify, o *shopOrder, _ *counter) { s.refund(o, "return") })},
		{"transfer", 0.5, transfer},
		{"order from another place", 0.7, onOrder(func(s *shopify, o *shopOrder, _ *counter) { s.reroute(o) })},
		{"typed in twice", 0.3, typedTwice},
	}
}

// elsewhere is the counter of the same item at another place of the channel; nil: there is none.
func (c *counter) elsewhere() *counter {
	for _, other := range c.ch.counters {
		if other.shelf.name.Item == c.shelf.name.Item && other.shelf != c.shelf {
			return other
		}
	}
	return nil
}

// transfer moves units from one place of a channel to another. Neither platform tells of it.
func transfer(w *world, c *counter) {
	other := c.elsewhere()
	if other == nil || !c.tracked || !other.tracked {
		return
	}
	units := stock.Units(1 + int64(w.dice.IntN(4)))
	move := func(c *counter, delta stock.Quantity) {
		if c.ch.square != nil {
			c.ch.square.transfer(c, delta)
			return
		}
		c.ch.shopify.hand(c, delta, "transfer")
	}
	move(c, -units)
	w.after(w.dice.between(0, 3*time.Second), func() { move(other, units) })
}

// transfer changes a count and leaves no row in the feed.
func (s *square) transfer(c *counter, delta stock.Quantity) {
	s.unlisted(c, delta, "transfer")
}

// routedLongAgo is how old an order is at least whose place is known to everybody.
const routedLongAgo = 3 * time.Minute

// reroute takes an order that has a place from another one. What was told of it before stays as it is.
func (s *shopify) reroute(o *shopOrder) {
	l := o.lines[0]
	other := l.counter.elsewhere()
	if other == nil || !l.routed || l.left != l.taken || s.seconds().Sub(o.created) < routedLongAgo {
		return
	}
	s.orderMoves(l.counter, effect{by: "order from another place", delta: l.taken}, s.seconds())
	s.orderMoves(other, effect{by: "order from another place", delta: -l.taken}, s.seconds())
	l.counter = other
	s.touch(o)
}
