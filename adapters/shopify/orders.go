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
// update first, one page at a time. An order updated meanwhile may come twice; its counters only grow. A page is listed for little, and
// then its orders are read: a list of whole orders must have the points for a full page, however few there are.
func (c *Channel) ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	list, err := c.orderTimes(ctx, pageOrders, since, cursor)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	ids := make([]string, len(list.Orders))
	for i, order := range list.Orders {
		ids[i] = order.ID
	}
	read, err := c.ReadOrders(ctx, ids)
	if err != nil {
		return stock.Page{}, fmt.Errorf("listing orders: %w", err)
	}
	return stock.Page{ReadAt: list.ReadAt, Orders: read.Orders, Next: list.Next}, nil
}

// ListOrders lists when the orders changed that were updated at that second or later (zero: the 60 days that read_orders sees),
// oldest update first, one page at a time. It costs a small part of what it costs to list them with their lines.
func (c *Channel) ListOrders(ctx context.Context, since time.Time, cursor string) (stock.OrderList, error) {
	list, err := c.orderTimes(ctx, pageWide, since, cursor)
	if err != nil {
		return stock.OrderList{}, fmt.Errorf("listing when orders changed: %w", err)
	}
	return list, nil
}

// timesNode is an order of which only the last change is read.
type timesNode struct {
	ID        string    `json:"id"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// orderTimes asks for one page of at most size of when orders changed, and where the list goes on.
func (c *Channel) orderTimes(ctx context.Context, size int, since time.Time, cursor string) (stock.OrderList, error) {
	at, err := parseListCursor(cursor)
	if err != nil {
		return stock.OrderList{}, err
	}
	if at.from != "" {
		if since, err = time.Parse(time.RFC3339, at.from); err != nil {
			return stock.OrderList{}, fmt.Errorf("%w: not a time", ErrCursor)
		}
	}
	var data struct {
		Orders connection[timesNode] `json:"orders"`
	}
	date, err := c.query(ctx, opOrderTimes.of(size), map[string]any{"first": size, "after": optional(at.after), "query": updatedSince(since)}, &data)
	if err != nil {
		return stock.OrderList{}, err
	}
	nodes := data.Orders
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
	after, err := nodes.next(opOrderTimes.name, at.after)
	if err != nil {
		return stock.OrderList{}, err
	}
	list.Next, err = at.advance(opOrderTimes.name, len(nodes.Nodes), after, last)
	return list, err
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
