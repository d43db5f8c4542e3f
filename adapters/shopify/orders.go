package shopify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// orderPages bounds one listing of orders that is read whole, in pages of pageOrders: 100,000 orders.
const orderPages = 5_000

// ReadOrders reads orders by their numeric ids, with the locations their lines were routed to. An order that the token does not
// see is left out: one that is gone, or one older than 60 days for a token without read_all_orders
// (https://shopify.dev/docs/api/usage/access-scopes); webhooks still tell of those.
func (c *Channel) ReadOrders(ctx context.Context, ids []string) (stock.Page, error) {
	var page stock.Page
	for chunk := range slices.Chunk(ids, readOrders) {
		gids := make([]string, len(chunk))
		for i, id := range chunk {
			if err := checkNumeric(id); err != nil {
				return stock.Page{}, fmt.Errorf("reading orders: %w", &Error{Operation: opReadOrders.name, Code: codeNotSent, cause: err})
			}
			gids[i] = gid(typeOrder, id)
		}
		var data struct {
			Nodes []*orderNode `json:"nodes"`
		}
		date, err := c.query(ctx, opReadOrders.of(len(chunk)), map[string]any{"ids": gids}, &data)
		if err != nil {
			return stock.Page{}, fmt.Errorf("reading orders: %w", err)
		}
		if len(data.Nodes) != len(chunk) {
			return stock.Page{}, fmt.Errorf("reading orders: %w", badAnswer(opReadOrders.name, fmt.Sprintf("%d nodes for %d ids", len(data.Nodes), len(chunk)), nil))
		}
		page.ReadAt = first(page.ReadAt, date)
		for _, node := range data.Nodes {
			if node == nil {
				continue
			}
			order, err := c.build(ctx, node)
			if err != nil {
				return stock.Page{}, fmt.Errorf("reading orders: %w", err)
			}
			page.Orders = append(page.Orders, order...)
		}
	}
	return page, nil
}

// ListMovements lists the orders that were updated at that second or later (zero: the 60 days that read_orders sees), oldest
// update first, one page at a time. An order updated meanwhile may come twice; its counters only grow.
func (c *Channel) ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	at, err := parseListCursor(cursor)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	if at.from != "" {
		if since, err = time.Parse(time.RFC3339, at.from); err != nil {
			return stock.Page{}, fmt.Errorf("listing orders: %w: not a time", ErrCursor)
		}
	}
	var data struct {
		Orders connection[orderNode] `json:"orders"`
	}
	vars := map[string]any{"first": pageOrders, "after": optional(at.after), "query": updatedSince(since)}
	date, err := c.query(ctx, opListOrders, vars, &data)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	page := stock.Page{ReadAt: date, Orders: make([]stock.Order, 0, len(data.Orders.Nodes))}
	last := ""
	for i := range data.Orders.Nodes {
		last = data.Orders.Nodes[i].UpdatedAt.UTC().Format(time.RFC3339) // where the list stands; the order may change meanwhile
		order, err := c.build(ctx, &data.Orders.Nodes[i])
		if err != nil {
			return stock.Page{}, fmt.Errorf("listing orders: %w", err)
		}
		page.Orders = append(page.Orders, order...)
	}
	after, err := data.Orders.next(opListOrders.name, at.after)
	if err == nil {
		page.Next, err = at.advance(opListOrders.name, len(data.Orders.Nodes), after, last)
	}
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	return page, nil
}

// build completes an order's nested pages and makes its counters. One that cannot be understood is left out, for it only
// explains, and would else keep every later order from being read.
func (c *Channel) build(ctx context.Context, node *orderNode) ([]stock.Order, error) {
	if err := c.complete(ctx, node); err != nil {
		return nil, err
	}
	facts, err := node.facts()
	if err != nil {
		c.log.Error("order left out", "channel", string(c.name), "order", bounded(node.ID), "error", err)
		return nil, nil
	}
	return []stock.Order{*facts.order(c.name)}, nil
}
