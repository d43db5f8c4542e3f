package shopify

import "strconv"

// The payloads follow Shopify's REST shapes (https://shopify.dev/docs/api/webhooks/latest): snake case, ids as numbers,
// money as text. Order lines name the variant, not the inventory item, and no location.

// orderPayload is the whole order as of now.
func (s *Shop) orderPayload(o *order) map[string]any {
	lines, refunds, fulfillments := []any{}, []any{}, []any{}
	for _, line := range o.lines {
		lines = append(lines, linePayload(line))
	}
	for _, refund := range o.refunds {
		refunds = append(refunds, s.refundPayload(o, refund))
	}
	for _, f := range o.fulfillments {
		fulfillments = append(fulfillments, s.fulfillmentPayload(o, f))
	}
	payload := map[string]any{
		"id": o.id, "admin_graphql_api_id": gid("Order", o.id), "app_id": 580111, "name": o.name(),
		"number": o.number - 1000, "order_number": o.number,
		"created_at": s.local(o.createdAt), "updated_at": s.local(o.updatedAt), "processed_at": s.local(o.createdAt),
		"cancelled_at": nil, "cancel_reason": nil, "closed_at": nil, "test": false, "confirmed": true,
		"currency": "USD", "financial_status": o.financialStatus(), "fulfillment_status": o.fulfillmentStatus(),
		"source_name": "web", "location_id": nil, "tags": "", "total_price": "10.00",
		"line_items": lines, "refunds": refunds, "fulfillments": fulfillments, "returns": []any{}, "line_item_groups": []any{},
	}
	if !o.cancelledAt.IsZero() {
		payload["cancelled_at"], payload["cancel_reason"] = s.local(o.cancelledAt), "customer"
	}
	s.addCustomer(payload)
	return payload
}

// addCustomer fills every customer field with the canary: none of it may ever be stored or logged by a receiver.
func (s *Shop) addCustomer(order map[string]any) {
	c := s.canary
	address := map[string]any{
		"first_name": c, "last_name": c, "name": c, "company": c, "address1": c, "address2": c, "city": c, "province": c,
		"zip": c, "country": c, "country_code": "US", "phone": c, "latitude": 45.41, "longitude": -75.68,
	}
	order["email"], order["contact_email"], order["phone"], order["note"] = c, c, c, c
	order["browser_ip"], order["landing_site"], order["referring_site"] = c, c, c
	order["order_status_url"] = "https://example.com/" + c
	order["client_details"] = map[string]any{"browser_ip": c, "user_agent": c, "accept_language": c}
	order["note_attributes"] = []any{map[string]any{"name": c, "value": c}}
	order["customer"] = map[string]any{
		"id": 8_100_000_000_001, "email": c, "first_name": c, "last_name": c, "phone": c, "note": c, "tags": c,
		"default_address": address,
	}
	order["billing_address"], order["shipping_address"] = address, address
}

func linePayload(l *line) map[string]any {
	var management any
	if l.tracked {
		management = "shopify"
	}
	var status any
	switch {
	case l.fulfilled == 0:
	case l.unsent() > 0:
		status = "partial"
	default:
		status = "fulfilled"
	}
	return map[string]any{
		"id": l.id, "admin_graphql_api_id": gid("LineItem", l.id), "variant_id": l.item.variant, "product_id": l.item.product,
		"sku": l.item.sku, "name": l.item.name, "title": l.item.name, "quantity": l.quantity, "current_quantity": l.current(),
		"fulfillable_quantity": l.unsent(), "fulfillment_service": "manual", "fulfillment_status": status,
		"requires_shipping": true, "gift_card": false, "product_exists": true, "price": "10.00",
		"variant_inventory_management": management, "sales_line_item_group_id": nil, "selling_plan_id": nil,
		"properties": []any{},
	}
}

func (s *Shop) refundPayload(o *order, r *refund) map[string]any {
	lines, restocked := []any{}, false
	for _, l := range r.lines {
		line := map[string]any{
			"id": l.id, "line_item_id": l.line.id, "quantity": l.quantity, "restock_type": l.restock, "location_id": nil,
			"subtotal": "10.00", "total_tax": "0.00", "line_item": linePayload(l.line),
		}
		if l.restock != RestockNone {
			line["location_id"], restocked = l.line.location, true
		}
		lines = append(lines, line)
	}
	return map[string]any{
		"id": r.id, "admin_graphql_api_id": gid("Refund", r.id), "order_id": o.id, "created_at": s.local(r.createdAt),
		"processed_at": s.local(r.createdAt), "note": s.canary, "restock": restocked, "return": nil,
		"order_adjustments": []any{}, "transactions": []any{}, "refund_line_items": lines,
	}
}

func (s *Shop) fulfillmentPayload(o *order, f *fulfillment) map[string]any {
	lines := []any{}
	for _, part := range f.lines {
		line := linePayload(part.line)
		line["quantity"] = part.quantity
		lines = append(lines, line)
	}
	return map[string]any{
		"id": f.id, "order_id": o.id, "status": "success", "location_id": f.location, "service": "manual",
		"name": o.name() + "-" + strconv.FormatInt(f.id, 10), "created_at": s.local(f.createdAt),
		"updated_at": s.local(f.createdAt), "line_items": lines,
	}
}

// financialStatus is what was refunded of a paid order.
func (o *order) financialStatus() string {
	var ordered, current int64
	for _, l := range o.lines {
		ordered, current = ordered+l.quantity, current+l.current()
	}
	switch {
	case current == ordered:
		return "paid"
	case current == 0:
		return "refunded"
	default:
		return "partially_refunded"
	}
}

// fulfillmentStatus is nil until something was sent.
func (o *order) fulfillmentStatus() any {
	var sent, unsent int64
	for _, l := range o.lines {
		sent, unsent = sent+l.fulfilled, unsent+l.unsent()
	}
	switch {
	case sent == 0:
		return nil
	case unsent > 0:
		return "partial"
	default:
		return "fulfilled"
	}
}
