package shopify

import (
	"context"
	"time"
)

// sourcePOS is the source of orders taken at a till of Shopify's own.
const sourcePOS = "pos"

// statusCancelled marks a fulfillment order that nothing leaves from.
const statusCancelled = "CANCELLED"

// The nodes below mirror the documents of operations.go; enumerations stay text, for Shopify adds values.
type orderNode struct {
	ID                string                           `json:"id"`
	Name              string                           `json:"name"`
	CreatedAt         time.Time                        `json:"createdAt"`
	UpdatedAt         time.Time                        `json:"updatedAt"`
	SourceName        string                           `json:"sourceName"`
	RetailLocation    *idNode                          `json:"retailLocation"`
	LineItems         connection[lineNode]             `json:"lineItems"`
	Refunds           []refundNode                     `json:"refunds"`
	FulfillmentOrders connection[fulfillmentOrderNode] `json:"fulfillmentOrders"`
}

type lineNode struct {
	ID              string  `json:"id"`
	Quantity        int32   `json:"quantity"`
	CurrentQuantity int32   `json:"currentQuantity"`
	Variant         *idNode `json:"variant"`
}

type refundNode struct {
	ID          string                     `json:"id"`
	CreatedAt   *time.Time                 `json:"createdAt"`
	ProcessedAt time.Time                  `json:"processedAt"`
	Lines       connection[refundLineNode] `json:"refundLineItems"`
}

type refundLineNode struct {
	ID          *string `json:"id"`
	Quantity    int32   `json:"quantity"`
	RestockType string  `json:"restockType"`
	LineItem    idNode  `json:"lineItem"`
	Location    *idNode `json:"location"`
}

type fulfillmentOrderNode struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Assigned struct {
		Location *idNode `json:"location"`
	} `json:"assignedLocation"`
	Lines connection[routedLineNode] `json:"lineItems"`
}

type routedLineNode struct {
	TotalQuantity int32  `json:"totalQuantity"`
	LineItem      idNode `json:"lineItem"`
}

// changed notes that a later page of an order was read at a later state of it: the counters may hold that state already.
func (n *orderNode) changed(at time.Time) {
	if at.After(n.UpdatedAt) {
		n.UpdatedAt = at
	}
}

// complete fetches what an order holds beyond the first page of each nested connection.
func (c *Channel) complete(ctx context.Context, n *orderNode) error {
	err := rest(ctx, opOrderLines, &n.LineItems, func(ctx context.Context, after string) (*connection[lineNode], error) {
		var data struct {
			Order *struct {
				UpdatedAt time.Time            `json:"updatedAt"`
				LineItems connection[lineNode] `json:"lineItems"`
			} `json:"order"`
		}
		if _, err := c.query(ctx, opOrderLines, continuing(n.ID, after), &data); err != nil || data.Order == nil {
			return nil, err
		}
		n.changed(data.Order.UpdatedAt)
		return &data.Order.LineItems, nil
	})
	if err != nil {
		return err
	}
	if err := c.completeRefunds(ctx, n); err != nil {
		return err
	}
	return c.completeRouting(ctx, n)
}

// completeRefunds asks for all refunds when the first list was full: it is a list without cursors.
func (c *Channel) completeRefunds(ctx context.Context, n *orderNode) error {
	if len(n.Refunds) >= firstRefunds {
		var data struct {
			Order *struct {
				UpdatedAt time.Time    `json:"updatedAt"`
				Refunds   []refundNode `json:"refunds"`
			} `json:"order"`
		}
		if _, err := c.query(ctx, opOrderRefunds, map[string]any{"id": n.ID}, &data); err != nil {
			return err
		}
		if data.Order == nil || len(data.Order.Refunds) < len(n.Refunds) {
			return badAnswer(opOrderRefunds.name, "fewer refunds than before", nil)
		}
		n.Refunds = data.Order.Refunds
		n.changed(data.Order.UpdatedAt)
	}
	for i := range n.Refunds {
		refund := &n.Refunds[i]
		err := rest(ctx, opRefundLines, &refund.Lines, func(ctx context.Context, after string) (*connection[refundLineNode], error) {
			var data struct {
				Refund *struct {
					Lines connection[refundLineNode] `json:"refundLineItems"`
				} `json:"refund"`
			}
			if _, err := c.query(ctx, opRefundLines, continuing(refund.ID, after), &data); err != nil || data.Refund == nil {
				return nil, err
			}
			return &data.Refund.Lines, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Channel) completeRouting(ctx context.Context, n *orderNode) error {
	err := rest(ctx, opOrderRouting, &n.FulfillmentOrders, func(ctx context.Context, after string) (*connection[fulfillmentOrderNode], error) {
		var data struct {
			Order *struct {
				UpdatedAt         time.Time                        `json:"updatedAt"`
				FulfillmentOrders connection[fulfillmentOrderNode] `json:"fulfillmentOrders"`
			} `json:"order"`
		}
		if _, err := c.query(ctx, opOrderRouting, continuing(n.ID, after), &data); err != nil || data.Order == nil {
			return nil, err
		}
		n.changed(data.Order.UpdatedAt)
		return &data.Order.FulfillmentOrders, nil
	})
	if err != nil {
		return err
	}
	for i := range n.FulfillmentOrders.Nodes {
		fo := &n.FulfillmentOrders.Nodes[i]
		err := rest(ctx, opRoutedLines, &fo.Lines, func(ctx context.Context, after string) (*connection[routedLineNode], error) {
			var data struct {
				FulfillmentOrder *struct {
					Lines connection[routedLineNode] `json:"lineItems"`
				} `json:"fulfillmentOrder"`
			}
			if _, err := c.query(ctx, opRoutedLines, continuing(fo.ID, after), &data); err != nil || data.FulfillmentOrder == nil {
				return nil, err
			}
			return &data.FulfillmentOrder.Lines, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func continuing(id, after string) map[string]any {
	return map[string]any{"id": id, "first": pageNested, "after": after}
}
