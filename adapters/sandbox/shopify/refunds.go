package shopify

import (
	"fmt"
	"time"
)

// Restock types of refund lines (https://shopify.dev/docs/api/admin-graphql/latest/enums/RefundLineItemRestockType).
const (
	// RestockCancel gives units back that were not sent yet, RestockReturn units that came back; RestockNone leaves the
	// stock alone.
	RestockCancel = "cancel"
	RestockReturn = "return"
	RestockNone   = "no_restock"
)

type refund struct {
	id        int64
	createdAt time.Time
	lines     []refundLine
}

type refundLine struct {
	id, quantity int64
	line         *line
	restock      string
}

// OrderEditRemove takes unsent units out of an order. With Restock they become available again, else they are written
// off. How an edit shows is not documented, so both ways exist: as a refund line, or, with CurrentOnly, only as a lower
// current_quantity, which explains nothing.
type OrderEditRemove struct {
	Order       string `json:"order"`
	Line        string `json:"line"`
	Quantity    int64  `json:"quantity"`
	Restock     bool   `json:"restock"`
	CurrentOnly bool   `json:"current_only"`
}

// OrderCancel cancels a whole order of which nothing has been sent.
type OrderCancel struct {
	Order   string `json:"order"`
	Restock bool   `json:"restock"`
}

// OrderFulfil sends units of one line, or with an empty line all that is still to be sent.
type OrderFulfil struct {
	Order    string `json:"order"`
	Line     string `json:"line,omitempty"`
	Quantity int64  `json:"quantity,omitempty"`
}

// OrderRefund refunds units of a line with one of the restock types.
type OrderRefund struct {
	Order    string `json:"order"`
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
	Restock  string `json:"restock"`
}

// EditRemove takes unsent units out of an order.
func (s *Shop) EditRemove(e OrderEditRemove) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, line, err := s.findOpenLine(e.Order, e.Line, e.Quantity)
	if err != nil {
		return Order{}, err
	}
	if e.Quantity > line.unsent() {
		return Order{}, fmt.Errorf("%w: removing %d units of %d unsent", ErrRefused, e.Quantity, line.unsent())
	}
	line.released += e.Quantity
	order.edited = true
	event := s.newEvent()
	restock, available := RestockNone, int64(0)
	if e.Restock {
		restock, available = RestockCancel, e.Quantity
	}
	explained := available
	if e.CurrentOnly {
		explained = 0
		s.touch(event, order)
	} else {
		s.refund(event, order, []refundLine{{line: line, quantity: e.Quantity, restock: restock}})
	}
	s.applyOrder(event, order.move(line, available, -e.Quantity, explained, "edit"))
	return order.view(), nil
}

// Cancel cancels an order; every line is refunded, with restock type "cancel" or "no_restock".
func (s *Shop) Cancel(c OrderCancel) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, err := s.findOpenOrder(c.Order)
	if err != nil {
		return Order{}, err
	}
	if len(order.fulfillments) > 0 {
		return Order{}, fmt.Errorf("%w: order %d is sent in part", ErrRefused, order.id)
	}
	restock := RestockNone
	if c.Restock {
		restock = RestockCancel
	}
	var lines []refundLine
	var moves []move
	for _, line := range order.lines {
		quantity := line.unsent()
		if quantity == 0 {
			continue
		}
		line.released += quantity
		lines = append(lines, refundLine{line: line, quantity: quantity, restock: restock})
		available := int64(0)
		if c.Restock {
			available = quantity
		}
		moves = append(moves, order.move(line, available, -quantity, available, "cancel")...)
	}
	order.cancelledAt = s.now()
	event := s.newEvent()
	if len(lines) > 0 {
		s.refund(event, order, lines)
	} else {
		s.touch(event, order)
	}
	s.sendOrder(event, "orders/cancelled", order)
	s.applyOrder(event, moves)
	return order.view(), nil
}

// Fulfil sends units: they leave committed and on hand; available stays. An order that is not routed yet is routed.
func (s *Shop) Fulfil(f OrderFulfil) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, err := s.findOpenOrder(f.Order)
	if err != nil {
		return Order{}, err
	}
	var parts []lineQuantity
	if f.Line == "" {
		for _, line := range order.lines {
			if line.unsent() > 0 {
				parts = append(parts, lineQuantity{line, line.unsent()})
			}
		}
	} else {
		_, line, err := s.findOpenLine(f.Order, f.Line, f.Quantity)
		if err != nil {
			return Order{}, err
		}
		if f.Quantity > line.unsent() {
			return Order{}, fmt.Errorf("%w: sending %d units of %d unsent", ErrRefused, f.Quantity, line.unsent())
		}
		parts = append(parts, lineQuantity{line, f.Quantity})
	}
	if len(parts) == 0 {
		return Order{}, fmt.Errorf("%w: order %d has nothing to send", ErrRefused, order.id)
	}
	s.route(order)
	var moves []move
	for _, part := range parts {
		part.line.fulfilled += part.quantity
		order.fulfillments = append(order.fulfillments, &fulfillment{
			id: s.nextID("Fulfillment"), location: part.line.location, createdAt: s.now(), lines: []lineQuantity{part},
		})
		moves = append(moves, order.move(part.line, 0, -part.quantity, 0, "fulfilled")...)
	}
	event := s.newEvent()
	s.touch(event, order)
	s.applyOrder(event, moves)
	return order.view(), nil
}

// Refund refunds units of a line. "cancel" takes unsent units, "return" sent ones, "no_restock" sent ones first; unsent
// units refunded without restock stay committed.
func (s *Shop) Refund(r OrderRefund) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, line, err := s.findOpenLine(r.Order, r.Line, r.Quantity)
	if err != nil {
		return Order{}, err
	}
	q := r.Quantity
	var allowed int64
	var moves []move
	switch r.Restock {
	case RestockCancel:
		allowed = line.unsent()
		moves = order.move(line, q, -q, q, "refund")
	case RestockReturn:
		allowed = line.returnable()
		moves = order.move(line, q, 0, q, "return")
	case RestockNone:
		allowed = line.current()
	default:
		return Order{}, fmt.Errorf("%w: restock type %.20q", ErrRefused, r.Restock)
	}
	if q > allowed {
		return Order{}, fmt.Errorf("%w: refund with %s of %d units where %d are left", ErrRefused, r.Restock, q, allowed)
	}
	switch r.Restock {
	case RestockCancel:
		line.released += q
	case RestockReturn:
		line.returned += q
	default:
		sent := min(q, line.returnable())
		line.keptSent += sent
		line.keptUnsent += q - sent
	}
	event := s.newEvent()
	s.refund(event, order, []refundLine{{line: line, quantity: q, restock: r.Restock}})
	s.applyOrder(event, moves)
	return order.view(), nil
}

// refund adds a refund to an order and sends refunds/create and orders/updated.
func (s *Shop) refund(event string, o *order, lines []refundLine) {
	for i := range lines {
		lines[i].id = s.nextID("RefundLineItem")
	}
	refund := &refund{id: s.nextID("Refund"), createdAt: s.now(), lines: lines}
	o.refunds = append(o.refunds, refund)
	s.sendRefund(event, o, refund)
	s.touch(event, o)
}

// findOpenLine finds a line of an order that is not cancelled and checks that the quantity can be one.
func (s *Shop) findOpenLine(orderID, lineID string, quantity int64) (*order, *line, error) {
	order, err := s.findOpenOrder(orderID)
	if err != nil {
		return nil, nil, err
	}
	line, err := order.findLine(lineID)
	if err != nil {
		return nil, nil, err
	}
	if quantity <= 0 {
		return nil, nil, fmt.Errorf("%w: %d units", ErrRefused, quantity)
	}
	return order, line, nil
}
