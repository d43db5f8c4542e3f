package shopify

import (
	"strconv"
	"strings"
)

func (s *Shop) orderObject(o *order) gqlObject {
	return gqlObject{"Order", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("Order", o.id), nil
		case "legacyResourceId":
			return strconv.FormatInt(o.id, 10), nil
		case "name":
			return o.name(), nil
		case "number":
			return o.number, nil
		case "createdAt", "processedAt":
			return gqlTime(o.createdAt), nil
		case "updatedAt":
			return gqlTime(o.updatedAt), nil
		case "cancelledAt":
			return gqlTime(o.cancelledAt), nil
		case "cancelReason":
			if o.cancelledAt.IsZero() {
				return nil, nil
			}
			return "CUSTOMER", nil
		case "test":
			return false, nil
		case "confirmed":
			return true, nil
		case "edited":
			return o.edited, nil
		case "sourceName":
			return "web", nil
		case "app", "retailLocation":
			return nil, nil
		case "displayFulfillmentStatus":
			return o.displayStatus(), nil
		case "lineItems":
			var entries []gqlEntry
			for _, line := range o.lines {
				entries = append(entries, gqlEntry{sort: line.id, id: line.id, node: s.lineObject(line)})
			}
			return paginate("LineItemConnection", entries, args, false)
		case "refunds":
			return s.refundObjects(o, args), nil
		case "fulfillmentOrders":
			var entries []gqlEntry
			for _, r := range o.routing {
				entries = append(entries, gqlEntry{sort: r.id, id: r.id, node: s.routingObject(o, r)})
			}
			return paginate("FulfillmentOrderConnection", entries, args, false)
		}
		return nil, unknownField("Order", field)
	}}
}

func (o *order) displayStatus() string {
	switch o.fulfillmentStatus() {
	case "fulfilled":
		return "FULFILLED"
	case "partial":
		return "PARTIALLY_FULFILLED"
	default:
		return "UNFULFILLED"
	}
}

func (s *Shop) lineObject(l *line) gqlObject {
	return gqlObject{"LineItem", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("LineItem", l.id), nil
		case "name", "title":
			return l.item.name, nil
		case "sku":
			return l.item.sku, nil
		case "quantity":
			return l.quantity, nil
		case "currentQuantity":
			return l.current(), nil
		case "unfulfilledQuantity":
			return l.unsent(), nil
		case "requiresShipping":
			return true, nil
		case "isGiftCard":
			return false, nil
		case "variant":
			return s.variantObject(l.item), nil
		case "lineItemGroup":
			return nil, nil
		}
		return nil, unknownField("LineItem", field)
	}}
}

// refundObjects lists an order's refunds, oldest first; the first n when that is given.
func (s *Shop) refundObjects(o *order, args map[string]any) []gqlObject {
	objects := []gqlObject{}
	limit, limited := args["first"].(int64)
	for i, r := range o.refunds {
		if limited && int64(i) >= limit {
			break
		}
		objects = append(objects, s.refundObject(o, r))
	}
	return objects
}

func (s *Shop) refundObject(o *order, r *refund) gqlObject {
	return gqlObject{"Refund", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("Refund", r.id), nil
		case "legacyResourceId":
			return strconv.FormatInt(r.id, 10), nil
		case "createdAt", "updatedAt", "processedAt":
			return gqlTime(r.createdAt), nil
		case "order":
			return s.orderObject(o), nil
		case "refundLineItems":
			var entries []gqlEntry
			for _, line := range r.lines {
				entries = append(entries, gqlEntry{sort: line.id, id: line.id, node: s.refundLineObject(line)})
			}
			return paginate("RefundLineItemConnection", entries, args, false)
		}
		return nil, unknownField("Refund", field)
	}}
}

func (s *Shop) refundLineObject(l refundLine) gqlObject {
	return gqlObject{"RefundLineItem", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("RefundLineItem", l.id), nil
		case "quantity":
			return l.quantity, nil
		case "restockType":
			return strings.ToUpper(l.restock), nil
		case "restocked":
			return l.restock != RestockNone, nil
		case "lineItem":
			return s.lineObject(l.line), nil
		case "location":
			if l.restock == RestockNone {
				return nil, nil
			}
			return s.locationObject(s.locationByID(l.line.location)), nil
		}
		return nil, unknownField("RefundLineItem", field)
	}}
}

func (s *Shop) routingObject(o *order, r *routing) gqlObject {
	return gqlObject{"FulfillmentOrder", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("FulfillmentOrder", r.id), nil
		case "status":
			return r.status(o), nil
		case "createdAt":
			return gqlTime(r.createdAt), nil
		case "updatedAt":
			return gqlTime(o.updatedAt), nil
		case "orderId":
			return gid("Order", o.id), nil
		case "order":
			return s.orderObject(o), nil
		case "assignedLocation":
			return s.assignedObject(s.locationByID(r.location)), nil
		case "lineItems":
			var entries []gqlEntry
			for _, line := range r.lines {
				entries = append(entries, gqlEntry{sort: line.id, id: line.id, node: s.routedLineObject(line)})
			}
			return paginate("FulfillmentOrderLineItemConnection", entries, args, false)
		}
		return nil, unknownField("FulfillmentOrder", field)
	}}
}

func (r *routing) status(o *order) string {
	var sent, unsent int64
	for _, l := range r.lines {
		sent, unsent = sent+l.line.fulfilled, unsent+l.line.unsent()
	}
	switch {
	case !o.cancelledAt.IsZero():
		return "CANCELLED"
	case unsent == 0:
		return "CLOSED"
	case sent > 0:
		return "IN_PROGRESS"
	default:
		return "OPEN"
	}
}

func (s *Shop) assignedObject(l *shopLocation) gqlObject {
	return gqlObject{"FulfillmentOrderAssignedLocation", func(field string, _ map[string]any) (any, error) {
		if field == "name" {
			return l.name, nil
		}
		return s.locationObject(l), nil
	}}
}

func (s *Shop) routedLineObject(r routedLine) gqlObject {
	return gqlObject{"FulfillmentOrderLineItem", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("FulfillmentOrderLineItem", r.id), nil
		case "totalQuantity":
			return r.line.quantity - r.line.released, nil
		case "remainingQuantity":
			return r.line.unsent(), nil
		case "inventoryItemId":
			return gid("InventoryItem", r.line.item.id), nil
		case "sku":
			return r.line.item.sku, nil
		case "lineItem":
			return s.lineObject(r.line), nil
		case "variant":
			return s.variantObject(r.line.item), nil
		}
		return nil, unknownField("FulfillmentOrderLineItem", field)
	}}
}
