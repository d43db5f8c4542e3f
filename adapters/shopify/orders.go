package shopify

import (
	"context"
	"fmt"
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
	for len(ids) > 0 {
		chunk := ids[:min(len(ids), c.ordersPerRead())]
		ids = ids[len(chunk):]
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

// ordersPerRead is how many orders fit into one request, by what each cost in the last one.
func (c *Channel) ordersPerRead() int {
	each := c.budget.Cost(opReadOrders.name, 1, pointsMax/readOrders)
	return max(1, min(int(pointsMax/each), pageOrders))
}

// ListMovements lists the orders that were updated at that second or later (zero: the 60 days that read_orders sees), oldest
// update first, one page at a time. An order updated meanwhile may come twice; its counters only grow.
func (c *Channel) ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	nodes, date, at, err := listOrders[orderNode](ctx, c, opListOrders, pageOrders, since, cursor)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	page := stock.Page{ReadAt: date, Orders: make([]stock.Order, 0, len(nodes.Nodes))}
	last := ""
	for i := range nodes.Nodes {
		last = nodes.Nodes[i].UpdatedAt.UTC().Format(time.RFC3339) // where the list stands; the order may change meanwhile
		order, err := c.build(ctx, &nodes.Nodes[i])
		if err != nil {
			return stock.Page{}, fmt.Errorf("listing orders: %w", err)
		}
		page.Orders = append(page.Orders, order...)
	}
	if page.Next, err = nextOrders(opListOrders, nodes, at, last); err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	return page, nil
}

// ListOrders lists when the orders changed that were updated at that second or later (zero: the 60 days that read_orders sees),
// oldest update first, one page at a time. It costs a small part of what it costs to list them with their lines.
func (c *Channel) ListOrders(ctx context.Context, since time.Time, cursor string) (stock.OrderList, error) {
	nodes, date, at, err := listOrders[timesNode](ctx, c, opOrderTimes, pageWide, since, cursor)
	if err != nil {
		return stock.OrderList{}, fmt.Errorf("listing when orders changed: %w", err)
	}
	list := stock.OrderList{ReadAt: date, Orders: make([]stock.OrderTime, 0, len(nodes.Nodes))}
	last := ""
	for _, node := range nodes.Nodes {
		last = node.UpdatedAt.UTC().Format(time.RFC3339)
		id, err := numberOf(typeOrder, node.ID)
		if err != nil {
			c.log.Error("order left out", "channel", string(c.name), "order", bounded(node.ID), "error", err)
			continue
		}
		list.Orders = append(list.Orders, stock.OrderTime{ID: id, UpdatedAt: node.UpdatedAt.UTC()})
	}
	if list.Next, err = nextOrders(opOrderTimes, nodes, at, last); err != nil {
		return stock.OrderList{}, fmt.Errorf("listing when orders changed: %w", err)
	}
	return list, nil
}

// timesNode is an order of which only the last change is read.
type timesNode struct {
	ID        string    `json:"id"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// listOrders asks for one page of the orders that changed since then, and returns where the list was.
func listOrders[T any](ctx context.Context, c *Channel, op operation, size int, since time.Time, cursor string) (nodes connection[T], date time.Time, at listCursor, err error) {
	if at, err = parseListCursor(cursor); err != nil {
		return nodes, date, at, err
	}
	if at.from != "" {
		if since, err = time.Parse(time.RFC3339, at.from); err != nil {
			return nodes, date, at, fmt.Errorf("%w: not a time", ErrCursor)
		}
	}
	var data struct {
		Orders connection[T] `json:"orders"`
	}
	date, err = c.query(ctx, op, map[string]any{"first": size, "after": optional(at.after), "query": updatedSince(since)}, &data)
	return data.Orders, date, at, err
}

// nextOrders is where the list goes on behind a page; last is when the last order of it was updated.
func nextOrders[T any](op operation, nodes connection[T], at listCursor, last string) (string, error) {
	after, err := nodes.next(op.name, at.after)
	if err != nil {
		return "", err
	}
	return at.advance(op.name, len(nodes.Nodes), after, last)
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
