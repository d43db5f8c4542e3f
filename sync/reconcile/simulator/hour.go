package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// hour is how long the shops sell.
const hour = time.Hour

// act is one kind of thing that people do to a counter.
type act struct {
	name   string
	weight float64
	do     func(w *world, c *counter)
}

// tillActs and webActs are what happens to a Square and to a Shopify counter. Weights vary per run.
func tillActs(w *world) []act {
	fraction := w.dice.chance(0.15)
	return []act{
		{"sale", 10, func(w *world, c *counter) { c.ch.square.adjust(c, -w.some(fraction), stock.Sold, w.second(), "sale") }},
		{"late sale", 2, func(w *world, c *counter) {
			c.ch.square.adjust(c, -w.some(false), stock.Sold, w.dice.between(time.Second, 25*time.Minute), "late sale")
		}},
		{"return", 1, func(w *world, c *counter) {
			c.ch.square.adjust(c, w.some(fraction), stock.Returned, w.second(), "return")
		}},
		{"received", 1, func(w *world, c *counter) {
			c.ch.square.adjust(c, w.some(false)+4*stock.Unit, stock.Received, 0, "received")
		}},
		{"shrinkage", 0.5, func(w *world, c *counter) { c.ch.square.adjust(c, -stock.Unit, stock.Shrinkage, 0, "shrinkage") }},
		{"other app", 0.5, func(w *world, c *counter) {
			c.ch.square.adjust(c, stock.Units(int64(w.dice.IntN(5)-2)), stock.Moved, 0, "other app")
		}},
		{"row edited", 1, func(w *world, c *counter) { c.ch.square.editRow(c) }},
		{"recount", 2, func(w *world, c *counter) { w.recount(c, 0) }},
		{"late recount", 0.7, func(w *world, c *counter) { w.recount(c, w.dice.between(0, 3*time.Minute)) }},
		{"untrack", 0.15, untrack},
		{"unlink", 0.4, unlink},
		{"delete", 0.15, remove},
		{"recreate", 0.15, recreate},
	}
}

func webActs() []act {
	return []act{
		{"order", 8, func(w *world, c *counter) {
			counters, units := []*counter{c}, []int64{1 + int64(w.dice.IntN(3))}
			if other := c.ch.counters[w.dice.IntN(len(c.ch.counters))]; w.dice.chance(0.2) && other.shelf.name.Location == c.shelf.name.Location {
				counters, units = append(counters, other), append(units, 1)
			}
			c.ch.shopify.place(counters, units)
		}},
		{"edit", 1.5, onOrder(func(s *shopify, o *shopOrder, c *counter) { s.edit(o, o.lines[0].counter) })},
		{"cancel", 1, onOrder(func(s *shopify, o *shopOrder, _ *counter) { s.cancel(o, s.w.dice.chance(0.8)) })},
		{"refund", 2, onOrder(func(s *shopify, o *shopOrder, _ *counter) {
			s.refund(o, []string{"return", "cancel", "no_restock"}[s.w.dice.IntN(3)])
		})},
		{"hand edit", 1, func(w *world, c *counter) { c.ch.shopify.hand(c, stock.Units(int64(w.dice.IntN(9)-4)), "hand edit") }},
		{"receipt typed", 0.7, func(w *world, c *counter) {
			c.ch.shopify.hand(c, stock.Units(1+int64(w.dice.IntN(6))), "receipt typed")
		}},
		{"hand edit undone", 0.3, func(w *world, c *counter) {
			c.ch.shopify.hand(c, 3*stock.Unit, "hand edit")
			w.after(w.dice.between(0, 2*time.Second), func() { c.ch.shopify.hand(c, -3*stock.Unit, "hand edit undone") })
		}},
		{"typed in twice", 0.3, typedTwice},
		{"untrack", 0.15, untrack},
		{"unlink", 0.4, unlink},
		{"delete", 0.15, remove},
	}
}

func onOrder(do func(*shopify, *shopOrder, *counter)) func(*world, *counter) {
	return func(w *world, c *counter) {
		if orders := c.ch.shopify.orders; len(orders) > 0 {
			do(c.ch.shopify, orders[w.dice.IntN(len(orders))], c)
		}
	}
}

// some is one to three units, or a part of one.
func (w *world) some(fraction bool) stock.Quantity {
	if fraction && w.dice.chance(0.4) {
		w.reached("fractions")
		return stock.Unit/4 + stock.Quantity(w.dice.IntN(3))*stock.Unit/2
	}
	return stock.Units(1 + int64(w.dice.IntN(3)))
}

// second is how long a till takes to send a sale.
func (w *world) second() time.Duration { return w.dice.between(0, 1500*time.Millisecond) }

// recount counts a counter some time ago; people miscount.
func (w *world) recount(c *counter, ago time.Duration) {
	counted := max(0, c.quantity+stock.Units(int64(w.dice.IntN(5)-2))).FloorTo(stock.Unit)
	c.ch.square.recount(c, counted, w.clock(c.ch).Add(-ago).Truncate(c.ch.square.posGrain), "recount")
}

// untrack switches tracking off for some minutes.
func untrack(w *world, c *counter) {
	if !c.tracked {
		return
	}
	w.setTracked(c, false)
	w.after(w.dice.between(20*time.Second, 8*time.Minute), func() { w.setTracked(c, true) })
}

// remove deletes an item for some minutes: it comes back under its id, as from a backup of the catalog.
func remove(w *world, c *counter) {
	if !c.tracked || c.deleted {
		return
	}
	c.deleted = true
	w.setTracked(c, false)
	w.after(w.dice.between(20*time.Second, 8*time.Minute), func() { w.restore(c) })
}

// recreate deletes an item of the till for good and makes it anew under another id, as an edit of its options does. Somebody counts
// the new one and links it, sooner or later.
func recreate(w *world, c *counter) {
	if !c.tracked || c.deleted || c.untied || !c.exists || !c.shelf.truth.opened {
		return
	}
	ref := c.ref
	ref.Item += "+"
	made := newCounter(ref, len(c.ch.counters), c.shelf, c.ch)
	c.successor, c.deleted, made.untied = made, true, true
	w.setTracked(c, false)
	c.ch.counters, c.ch.byRef[ref] = append(c.ch.counters, made), made
	c.shelf.counters = append(c.shelf.counters, made)
	c.ch.square.histories, c.ch.square.latest = append(c.ch.square.histories, nil), append(c.ch.square.latest, -1)
	c.ch.square.open(made, max(0, c.quantity+stock.Units(int64(w.dice.IntN(3)-1))).FloorTo(stock.Unit))
	w.after(w.dice.between(5*time.Second, 10*time.Minute), func() { w.person.link(made) })
}

func (w *world) restore(c *counter) {
	if c.deleted && c.successor == nil {
		c.deleted = false
		w.setTracked(c, true)
	}
}

func (w *world) setTracked(c *counter, tracked bool) {
	if c.tracked == tracked {
		return
	}
	c.tracked, c.trackedAt = tracked, w.now
	if w.tracing {
		w.tracef("shop    %s tracked: %t", c.ref, tracked)
	}
	if c.ch.shopify != nil {
		if at := c.ch.shopify.seconds(); at.After(c.version) {
			c.version = at
		}
		w.courier.level(c)
	}
}

// typedTwice is goods received that somebody types in on every channel.
func typedTwice(w *world, c *counter) {
	units := stock.Units(3 + int64(w.dice.IntN(8)))
	goods := &typedGoods{shelf: c.shelf, units: units}
	w.typed = append(w.typed, goods)
	for _, other := range c.shelf.counters {
		if other.twin {
			continue
		}
		w.after(w.dice.between(0, min(10*time.Minute, hour-w.now)), func() {
			goods.came(other, units)
			receive(other, units)
		})
	}
	w.reached("goods typed in twice")
}

// sell fills the hour. Now and then several things happen within a second.
func (w *world) sell(events int, without []string) {
	till, web := tillActs(w), webActs()
	if w.busy {
		till, web = busyTillActs(), busyWebActs()
	}
	for _, acts := range [][]act{till, web} {
		for i := range acts {
			if i > 0 {
				acts[i].weight *= w.dice.weight(0.15, 0.2, 2)
			}
			if slices.Contains(without, acts[i].name) {
				acts[i].weight = 0
			}
		}
	}
	for range events {
		at := w.dice.between(0, hour-time.Second)
		burst := 1
		if w.dice.chance(0.1) {
			burst = 2 + w.dice.IntN(3)
			at = at.Truncate(time.Second)
			w.reached("burst within a second")
		}
		for range burst {
			ch := w.channels[w.dice.IntN(len(w.channels))]
			c := ch.counters[w.dice.IntN(len(ch.counters))]
			acts := web
			if ch.square != nil {
				acts = till
			}
			chosen := w.choose(acts)
			w.queue.add(at+w.dice.between(0, 900*time.Millisecond), 0, func() {
				w.happened(chosen.name)
				chosen.do(w, c.now())
			})
		}
	}
}

func (w *world) choose(acts []act) act {
	var sum float64
	for _, a := range acts {
		sum += a.weight
	}
	at := w.dice.Float64() * sum
	for _, a := range acts {
		if at -= a.weight; at < 0 {
			return a
		}
	}
	return acts[0]
}

// countLate counts an item that nobody has counted yet, as somebody does who sees the empty line some time after the first sync.
func (w *world) countLate(c *counter) {
	if !c.exists {
		w.reached("first count came late")
		c.ch.square.recount(c, stock.Units(5), w.clock(c.ch).Truncate(c.ch.square.posGrain), "first count")
	}
}

// heal ends every fault: what was untracked is tracked again, what was never counted is counted.
func (w *world) heal() {
	w.calm = true
	w.tracef("CALM: faults have stopped")
	for _, ch := range w.channels {
		for _, c := range ch.counters {
			if c.successor != nil {
				continue
			}
			w.restore(c)
			w.setTracked(c, true)
			c.hidden = false
			w.countLate(c)
		}
		if ch.square != nil {
			ch.square.feedLag = 0
		}
	}
	w.start()
	for _, ch := range w.channels {
		for _, c := range ch.counters {
			w.person.link(c)
		}
	}
}
