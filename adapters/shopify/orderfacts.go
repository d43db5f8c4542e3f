package shopify

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// orderFacts is what an order says of stock, in one form for webhooks and GraphQL, so that both give the same counters.
type orderFacts struct {
	id, name         string
	created, updated time.Time
	lines            []lineFacts
	refunds          []refundedFacts
}

type lineFacts struct {
	// variant is empty for custom items and deleted products.
	id, variant, location string
	// quantity was ever ordered; current is what edits and refunds left.
	quantity, current int64
}

// refundedFacts is one line of a refund.
type refundedFacts struct {
	id, line, location, restock string
	quantity                    int64
	at                          time.Time
}

// unknownMax bounds how many words an order names that we do not know.
const unknownMax = 8

// restocks says whether a refund line of that type put units back on the shelf. no_restock leaves stock alone; legacy_restock
// only marks refunds of old whose stock was settled then. A type that does not stand here has no meaning for us
// (https://shopify.dev/docs/api/admin-graphql/2026-10/enums/RefundLineItemRestockType).
var restocks = map[string]bool{"cancel": true, "return": true, "no_restock": false, "legacy_restock": false}

// order builds the counters. Lines and restocks are sorted by id and none is counted twice, whatever came in. What a refund line
// of a type that we do not know did to stock is in no counter; the order names the type, once.
func (f orderFacts) order(channel stock.Channel) *stock.Order {
	order := &stock.Order{Channel: channel, ID: f.id, Name: label(f.name), CreatedAt: f.created.UTC(), UpdatedAt: f.updated.UTC()}
	restocked := make(map[string][]stock.Restock)
	counted := make(map[string]bool)
	for _, r := range f.refunds {
		back, known := restocks[r.restock]
		if unknown := (stock.UnknownWord{What: "restock type", Word: label(r.restock)}); !known && len(order.Unknown) < unknownMax && !slices.Contains(order.Unknown, unknown) {
			order.Unknown = append(order.Unknown, unknown)
		}
		if !back || counted[r.id] {
			continue
		}
		counted[r.id] = true
		restocked[r.line] = append(restocked[r.line], stock.Restock{
			ID: r.id, Location: r.location, Quantity: stock.Units(r.quantity), Type: r.restock, At: r.at.UTC(),
		})
	}
	for _, l := range f.lines {
		if l.variant == "" {
			continue
		}
		backs := restocked[l.id]
		slices.SortFunc(backs, func(a, b stock.Restock) int { return compareNumbers(a.ID, b.ID) })
		order.Lines = append(order.Lines, stock.OrderLine{
			ID: l.id, SoldAs: l.variant, Location: l.location,
			Taken: stock.Units(max(l.quantity, l.current)), Restocks: backs,
		})
	}
	slices.SortFunc(order.Unknown, func(a, b stock.UnknownWord) int { return strings.Compare(a.Word, b.Word) })
	slices.SortFunc(order.Lines, func(a, b stock.OrderLine) int { return compareNumbers(a.ID, b.ID) })
	order.Lines = slices.CompactFunc(order.Lines, func(a, b stock.OrderLine) bool { return a.ID == b.ID })
	return order
}

// facts reads an order node. Ids of another kind than expected are an error.
func (n *orderNode) facts() (orderFacts, error) {
	number, err := numberOf(typeOrder, n.ID)
	if err != nil {
		return orderFacts{}, err
	}
	f := orderFacts{id: number, name: n.Name, created: n.CreatedAt, updated: n.UpdatedAt}
	routed, err := n.routes()
	if err != nil {
		return orderFacts{}, err
	}
	till := ""
	if n.SourceName == sourcePOS && n.RetailLocation != nil {
		if till, err = numberOf(typeLocation, n.RetailLocation.ID); err != nil {
			return orderFacts{}, err
		}
	}
	for _, l := range n.LineItems.Nodes {
		line := lineFacts{quantity: int64(l.Quantity), current: int64(l.CurrentQuantity), location: till}
		if line.id, err = numberOf(typeLine, l.ID); err != nil {
			return orderFacts{}, err
		}
		if l.Variant != nil {
			if line.variant, err = numberOf(typeVariant, l.Variant.ID); err != nil {
				return orderFacts{}, err
			}
		}
		if location, ok := routed[l.ID]; ok {
			line.location = location
		}
		f.lines = append(f.lines, line)
	}
	for _, refund := range n.Refunds {
		if f.refunds, err = refund.facts(f.refunds); err != nil {
			return orderFacts{}, err
		}
	}
	return f, nil
}

// facts appends a refund's lines. Their ids may be null in the schema: then the refund and the position name them.
func (r *refundNode) facts(to []refundedFacts) ([]refundedFacts, error) {
	refund, err := numberOf(typeRefund, r.ID)
	if err != nil {
		return nil, err
	}
	at := r.ProcessedAt
	if r.CreatedAt != nil {
		at = *r.CreatedAt
	}
	for i, l := range r.Lines.Nodes {
		fact := refundedFacts{id: refund + "-" + strconv.Itoa(i+1), restock: strings.ToLower(l.RestockType), quantity: int64(l.Quantity), at: at}
		if l.ID != nil {
			if fact.id, err = numberOf(typeRefunded, *l.ID); err != nil {
				return nil, err
			}
		}
		if fact.line, err = numberOf(typeLine, l.LineItem.ID); err != nil {
			return nil, err
		}
		if l.Location != nil {
			if fact.location, err = numberOf(typeLocation, l.Location.ID); err != nil {
				return nil, err
			}
		}
		to = append(to, fact)
	}
	return to, nil
}

// routes says for each line, by its global id, where its fulfillment orders take it from: empty when they do not say or
// name several places. What was cancelled or emptied by a move counts only while nothing else is there. Lines without
// fulfillment orders are absent.
func (n *orderNode) routes() (map[string]string, error) {
	type route struct{ live, dead []string }
	lines := make(map[string]route)
	for _, fo := range n.FulfillmentOrders.Nodes {
		location := ""
		if fo.Assigned.Location != nil {
			var err error
			if location, err = numberOf(typeLocation, fo.Assigned.Location.ID); err != nil {
				return nil, err
			}
		}
		for _, l := range fo.Lines.Nodes {
			r := lines[l.LineItem.ID]
			if fo.Status == statusCancelled || l.TotalQuantity == 0 {
				r.dead = append(r.dead, location)
			} else {
				r.live = append(r.live, location)
			}
			lines[l.LineItem.ID] = r
		}
	}
	routes := make(map[string]string, len(lines))
	for line, r := range lines {
		places := r.live
		if len(places) == 0 {
			places = r.dead
		}
		slices.SortFunc(places, cmp.Compare[string])
		if places = slices.Compact(places); len(places) == 1 {
			routes[line] = places[0]
		} else {
			routes[line] = ""
		}
	}
	return routes, nil
}
