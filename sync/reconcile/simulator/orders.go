package simulator

import (
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// shopOrder is an order of a naive Shopify.
type shopOrder struct {
	id      string
	created time.Time
	updated time.Time
	lines   []*shopLine
}

// shopLine is one line: units taken from a counter, and put back.
type shopLine struct {
	id       string
	counter  *counter
	soldAs   string
	taken    stock.Quantity
	left     stock.Quantity // units that can still be put back or dropped
	routed   bool
	restocks []stock.Restock
}

func takenKey(line string) string     { return "line/" + line + "/taken" }
func restockedKey(line string) string { return "line/" + line + "/restocked" }

// takes is what units that the line already counts as taken do to its counter.
func (l *shopLine) takes(units stock.Quantity, by string) effect {
	return effect{by: by, delta: -units, explained: -units, line: takenKey(l.id), lineTotal: l.taken}
}

// puts is what units that the line already counts as put back do.
func (l *shopLine) puts(units stock.Quantity, by string) effect {
	e := effect{by: by, delta: units, explained: units, line: restockedKey(l.id)}
	for _, restock := range l.restocks {
		e.lineTotal += restock.Quantity
	}
	return e
}

// place is a new order of some units from each of the counters.
func (s *shopify) place(counters []*counter, units []int64) {
	now := s.seconds()
	o := &shopOrder{id: strconv.Itoa(900 + len(s.orders)), created: now, updated: now}
	for i, c := range counters {
		o.lines = append(o.lines, s.line(c, stock.Units(units[i])))
		s.orderMoves(c, o.lines[i].takes(stock.Units(units[i]), "order"), now)
	}
	s.orders = append(s.orders, o)
	s.w.courier.order(s, o)
	if s.w.dice.chance(0.5) {
		s.route(o, o.lines)
		return
	}
	s.w.after(s.w.dice.between(time.Second, 90*time.Second), func() {
		s.w.reached("location of an order known later")
		s.route(o, o.lines)
		s.w.courier.hint(s, o)
	})
}

func (s *shopify) line(c *counter, taken stock.Quantity) *shopLine {
	s.lineID++
	return &shopLine{id: strconv.Itoa(s.lineID), counter: c, soldAs: c.shelf.soldAs(s.ch), taken: taken, left: taken}
}

func (s *shopify) route(o *shopOrder, lines []*shopLine) {
	for _, l := range lines {
		l.routed = true
	}
	if s.routingTouches {
		o.updated = s.seconds()
	}
}

// touch notes a change of the order and tells about it.
func (s *shopify) touch(o *shopOrder) {
	o.updated = s.seconds()
	if s.w.dice.chance(0.3) {
		s.w.courier.hint(s, o)
		return
	}
	s.w.courier.order(s, o)
}

// edit adds units to a line, adds a line, or takes units off one.
func (s *shopify) edit(o *shopOrder, c *counter) {
	l := o.lines[s.w.dice.IntN(len(o.lines))]
	switch s.w.dice.IntN(3) {
	case 0:
		l.taken, l.left = l.taken+stock.Unit, l.left+stock.Unit
		s.orderMoves(l.counter, l.takes(stock.Unit, "edit"), s.seconds())
	case 1:
		added := s.line(c, stock.Unit)
		added.routed = true
		o.lines = append(o.lines, added)
		s.orderMoves(c, added.takes(stock.Unit, "edit"), s.seconds())
	default:
		if l.left <= 0 {
			return
		}
		l.left -= stock.Unit
		if s.editsShow {
			s.restock(l, stock.Unit, "cancel")
			break
		}
		s.w.reached("edit that the order does not show")
		s.orderMoves(l.counter, effect{by: "hidden edit", delta: stock.Unit}, s.seconds())
	}
	s.touch(o)
}

func (s *shopify) restock(l *shopLine, quantity stock.Quantity, kind string) {
	s.lineID++
	l.restocks = append(l.restocks, stock.Restock{
		ID: strconv.Itoa(s.lineID), Location: l.counter.ref.Location, Quantity: quantity, Type: kind, At: s.seconds(),
	})
	s.orderMoves(l.counter, l.puts(quantity, kind), s.seconds())
}

// cancel drops everything that is left; with restock it goes back to the shelf.
func (s *shopify) cancel(o *shopOrder, restock bool) {
	for _, l := range o.lines {
		if l.left > 0 && restock {
			s.restock(l, l.left, "cancel")
		}
		l.left = 0
	}
	s.touch(o)
}

// refund takes one unit off a line. no_restock leaves the stock alone.
func (s *shopify) refund(o *shopOrder, kind string) {
	l := o.lines[s.w.dice.IntN(len(o.lines))]
	if l.left <= 0 {
		return
	}
	l.left -= stock.Unit
	if kind != "no_restock" {
		s.restock(l, stock.Unit, kind)
	} else {
		s.w.reached("refund without restock")
	}
	s.touch(o)
}

// show is the order as the adapter decodes it now.
func (s *shopify) show(o *shopOrder) stock.Order {
	view := stock.Order{Channel: s.ch.name, ID: o.id, CreatedAt: o.created, UpdatedAt: o.updated, Lines: make([]stock.OrderLine, 0, len(o.lines))}
	for _, l := range o.lines {
		line := stock.OrderLine{ID: l.id, SoldAs: l.soldAs, Taken: l.taken, Restocks: slices.Clone(l.restocks)}
		if l.routed {
			line.Location = l.counter.ref.Location
		}
		view.Lines = append(view.Lines, line)
	}
	return view
}

// list is the orders updated since a time, as orders(query: "updated_at:>=...") lists them.
func (s *shopify) list(since time.Time) []stock.Order {
	var orders []stock.Order
	for _, o := range s.orders {
		if !o.updated.Before(since) {
			orders = append(orders, s.show(o))
		}
	}
	return orders
}
