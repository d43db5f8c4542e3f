package shopify

import (
	"strconv"
	"time"
)

// Order is an order as the shop's people see it. Ids are text, for they exceed what a float64 holds.
type Order struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	UpdatedAt time.Time   `json:"updated_at"`
	Cancelled bool        `json:"cancelled"`
	Routed    bool        `json:"routed"`
	Lines     []OrderLine `json:"lines"`
	// Refunds are the refund lines so far.
	Refunds []RefundLine `json:"refunds"`
}

// OrderLine is one line: Quantity was ordered ever, Current is without what was removed or refunded, Unsent is
// still to be fulfilled, Returnable was sent and may come back.
type OrderLine struct {
	ID         string `json:"id"`
	Item       string `json:"item"`
	Variant    string `json:"variant"`
	Location   string `json:"location"`
	Quantity   int64  `json:"quantity"`
	Current    int64  `json:"current"`
	Unsent     int64  `json:"unsent"`
	Returnable int64  `json:"returnable"`
}

// RefundLine is one line of a refund.
type RefundLine struct {
	ID       string `json:"id"`
	Line     string `json:"line"`
	Quantity int64  `json:"quantity"`
	Restock  string `json:"restock"`
}

// Orders lists all orders, oldest first.
func (s *Shop) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	orders := make([]Order, 0, len(s.orders))
	for _, o := range s.orders {
		orders = append(orders, o.view())
	}
	return orders
}

// Variants lists all variants, oldest first.
func (s *Shop) Variants() []Variant {
	s.mu.Lock()
	defer s.mu.Unlock()
	variants := make([]Variant, 0, len(s.items))
	for _, it := range s.items {
		variants = append(variants, Variant{Item: strconv.FormatInt(it.id, 10), Variant: strconv.FormatInt(it.variant, 10)})
	}
	return variants
}

func (o *order) name() string { return "#" + strconv.FormatInt(o.number, 10) }

func (o *order) view() Order {
	view := Order{
		ID: strconv.FormatInt(o.id, 10), Name: o.name(), UpdatedAt: o.updatedAt, Cancelled: !o.cancelledAt.IsZero(),
		Routed: len(o.routing) > 0, Lines: make([]OrderLine, 0, len(o.lines)), Refunds: []RefundLine{},
	}
	for _, l := range o.lines {
		view.Lines = append(view.Lines, OrderLine{
			ID: strconv.FormatInt(l.id, 10), Item: strconv.FormatInt(l.item.id, 10), Variant: strconv.FormatInt(l.item.variant, 10),
			Location: strconv.FormatInt(l.location, 10), Quantity: l.quantity, Current: l.current(), Unsent: l.unsent(),
			Returnable: l.returnable(),
		})
	}
	for _, r := range o.refunds {
		for _, l := range r.lines {
			view.Refunds = append(view.Refunds, RefundLine{
				ID: strconv.FormatInt(l.id, 10), Line: strconv.FormatInt(l.line.id, 10), Quantity: l.quantity, Restock: l.restock,
			})
		}
	}
	return view
}
