package shopify

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// linesMax is how many lines one order may have; Shopify's own limit is 500.
const linesMax = 500

// order is an order with everything that happened to it.
type order struct {
	id, number           int64
	createdAt, updatedAt time.Time
	cancelledAt          time.Time // zero while not cancelled
	lines                []*line
	refunds              []*refund
	fulfillments         []*fulfillment
	// routing is the fulfillment orders, one per location, in the order of their lines; empty before the order is routed.
	routing []*routing
	edited  bool
}

// line is one order line. Its counters only grow.
type line struct {
	id       int64
	item     *item
	location int64 // where its units come from; webhooks do not say
	// tracked is whether the item was when the line was sold; lines of uncounted items never move a level.
	tracked bool
	// quantity is the units ordered ever; fulfilled the units sent; returned those sent and come back; released the units
	// taken out before they were sent; keptSent and keptUnsent the units refunded without touching stock.
	quantity, fulfilled, returned, released, keptSent, keptUnsent int64
}

// current is Shopify's current_quantity: without what was removed or refunded.
func (l *line) current() int64 {
	return l.quantity - l.released - l.returned - l.keptSent - l.keptUnsent
}

// unsent is the units still to be fulfilled.
func (l *line) unsent() int64 { return l.quantity - l.fulfilled - l.released - l.keptUnsent }

// returnable is the sent units that may still come back.
func (l *line) returnable() int64 { return l.fulfilled - l.returned - l.keptSent }

type fulfillment struct {
	id        int64
	location  int64
	createdAt time.Time
	lines     []lineQuantity
}

type lineQuantity struct {
	line     *line
	quantity int64
}

// routing is one fulfillment order.
type routing struct {
	id        int64
	location  int64
	createdAt time.Time
	lines     []routedLine
}

type routedLine struct {
	id   int64
	line *line
}

// OrderedLine is an item and the units wanted of it. An empty location lets the shop choose.
type OrderedLine struct {
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Location string `json:"location,omitempty"`
}

// NewOrder is what PlaceOrder places.
type NewOrder struct {
	Lines []OrderedLine `json:"lines"`
}

// OrderEditAdd adds units to an order. With Line that line grows (Shopify's quantity and current_quantity both); with
// Item they come as a line of their own. Which of the two a shop shows for more units of the same item is not documented.
type OrderEditAdd struct {
	Order    string `json:"order"`
	Line     string `json:"line,omitempty"`
	Item     string `json:"item,omitempty"`
	Quantity int64  `json:"quantity"`
}

// PlaceOrder sells. The units leave available and become committed; available may become negative. Fulfillment orders
// follow after the routing delay, levels after the level lag.
func (s *Shop) PlaceOrder(o NewOrder) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(o.Lines) == 0 || len(o.Lines) > linesMax {
		return Order{}, fmt.Errorf("%w: an order of %d lines", ErrRefused, len(o.Lines))
	}
	var lines []*line
	for _, wanted := range o.Lines {
		line, err := s.newLine(wanted)
		if err != nil {
			return Order{}, err
		}
		lines = append(lines, line)
	}
	now := s.now()
	order := &order{id: s.nextID("Order"), number: int64(1001 + len(s.orders)), createdAt: now, updatedAt: now, lines: lines}
	s.orders = append(s.orders, order)
	var moves []move
	for _, line := range lines {
		line.id = s.nextID("LineItem")
		moves = append(moves, order.move(line, -line.quantity, line.quantity, -line.quantity, "order")...)
	}
	event := s.newEvent()
	s.sendOrder(event, "orders/create", order)
	s.after(s.opts.RoutingDelay, func() { s.route(order) })
	s.applyOrder(event, moves)
	return order.view(), nil
}

// newLine is a line without an id yet.
func (s *Shop) newLine(wanted OrderedLine) (*line, error) {
	item, err := s.findItem(wanted.Item)
	if err != nil {
		return nil, err
	}
	if wanted.Quantity <= 0 || wanted.Quantity > quantityMax {
		return nil, fmt.Errorf("%w: a line of %d units", ErrRefused, wanted.Quantity)
	}
	location := s.chooseLocation(item, wanted.Quantity)
	if wanted.Location != "" {
		if location, err = s.findLocation(wanted.Location); err != nil {
			return nil, err
		}
	}
	return &line{item: item, location: location, tracked: item.tracked, quantity: wanted.Quantity}, nil
}

// chooseLocation takes the first active level that has enough, else the first active level: Shopify prefers an adequately
// stocked place to the first one.
func (s *Shop) chooseLocation(item *item, quantity int64) int64 {
	choice := int64(0)
	for _, location := range s.locations {
		level := s.levels[levelKey{item.id, location.id}]
		if level == nil || !level.active {
			continue
		}
		if level.quantity(nameAvailable) >= quantity {
			return location.id
		}
		if choice == 0 {
			choice = location.id
		}
	}
	if choice == 0 {
		return s.locations[0].id
	}
	return choice
}

// move is what an order does to the level of one of its lines; nothing when the line was sold uncounted.
func (o *order) move(l *line, available, committed, explained int64, by string) []move {
	if !l.tracked {
		return nil
	}
	return []move{{
		item: l.item, location: l.location, available: available, committed: committed, explained: explained, by: by,
		note: fmt.Sprintf("order %d line %d", o.id, l.id),
	}}
}

// route gives every line that has none its place in a fulfillment order.
func (s *Shop) route(o *order) {
	if len(o.routing) > 0 {
		return
	}
	for _, line := range o.lines {
		s.routeLine(o, line)
	}
	if s.opts.RoutingTouchesOrder && s.opts.RoutingDelay > 0 {
		s.touch(s.newEvent(), o)
	}
}

func (s *Shop) routeLine(o *order, line *line) {
	i := slices.IndexFunc(o.routing, func(r *routing) bool { return r.location == line.location })
	if i < 0 {
		i = len(o.routing)
		o.routing = append(o.routing, &routing{
			id: s.nextID("FulfillmentOrder"), location: line.location, createdAt: s.now(),
		})
	}
	o.routing[i].lines = append(o.routing[i].lines, routedLine{id: s.nextID("FulfillmentOrderLineItem"), line: line})
}

// touch marks an order as updated and sends it.
func (s *Shop) touch(event string, o *order) {
	o.updatedAt = s.now()
	s.sendOrder(event, "orders/updated", o)
}

// EditAdd adds units to an order that is not cancelled.
func (s *Shop) EditAdd(e OrderEditAdd) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, err := s.findOpenOrder(e.Order)
	if err != nil {
		return Order{}, err
	}
	if e.Quantity <= 0 || e.Quantity > quantityMax {
		return Order{}, fmt.Errorf("%w: adding %d units", ErrRefused, e.Quantity)
	}
	var line *line
	if e.Line != "" {
		if line, err = order.findLine(e.Line); err != nil {
			return Order{}, err
		}
		line.quantity += e.Quantity
	} else {
		if line, err = s.addLine(order, OrderedLine{Item: e.Item, Quantity: e.Quantity}); err != nil {
			return Order{}, err
		}
	}
	order.edited = true
	event := s.newEvent()
	s.touch(event, order)
	s.applyOrder(event, order.move(line, -e.Quantity, e.Quantity, -e.Quantity, "edit"))
	return order.view(), nil
}

func (s *Shop) addLine(o *order, wanted OrderedLine) (*line, error) {
	if len(o.lines) >= linesMax {
		return nil, fmt.Errorf("%w: an order of more than %d lines", ErrRefused, linesMax)
	}
	line, err := s.newLine(wanted)
	if err != nil {
		return nil, err
	}
	line.id = s.nextID("LineItem")
	o.lines = append(o.lines, line)
	if len(o.routing) > 0 {
		s.routeLine(o, line)
	}
	return line, nil
}

// findOrder finds an order by its id as text.
func (s *Shop) findOrder(id string) (*order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err == nil {
		if order := s.orderByID(n); order != nil {
			return order, nil
		}
	}
	return nil, fmt.Errorf("%w: order %.20q", ErrUnknown, id)
}

// findOpenOrder finds an order that is not cancelled.
func (s *Shop) findOpenOrder(id string) (*order, error) {
	order, err := s.findOrder(id)
	if err == nil && !order.cancelledAt.IsZero() {
		return nil, fmt.Errorf("%w: order %d is cancelled", ErrRefused, order.id)
	}
	return order, err
}

func (s *Shop) orderByID(id int64) *order {
	i, found := slices.BinarySearchFunc(s.orders, id, func(o *order, id int64) int { return int(o.id - id) })
	if !found {
		return nil
	}
	return s.orders[i]
}

func (o *order) findLine(id string) (*line, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err == nil {
		if i := slices.IndexFunc(o.lines, func(l *line) bool { return l.id == n }); i >= 0 {
			return o.lines[i], nil
		}
	}
	return nil, fmt.Errorf("%w: line %.20q of order %d", ErrUnknown, id, o.id)
}
