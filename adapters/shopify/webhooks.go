package shopify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// The topics that Decode understands (https://shopify.dev/docs/api/webhooks).
const (
	topicLevel          = "inventory_levels/update"
	topicConnect        = "inventory_levels/connect"
	topicDisconnect     = "inventory_levels/disconnect"
	topicItemUpdate     = "inventory_items/update"
	topicItemDelete     = "inventory_items/delete"
	topicOrderCreate    = "orders/create"
	topicOrderUpdated   = "orders/updated"
	topicOrderCancelled = "orders/cancelled"
	topicRefund         = "refunds/create"
)

// hashBytes is how much of the body's SHA-256 an event id carries.
const hashBytes = 16

// Decode turns a verified delivery into events. The topic comes from an unsigned header, so the body must also look like
// what the topic promises. Its errors are of type *DeliveryError: what is not of an unknown topic is to be put aside, and the
// resource is to be read instead.
func (c *Channel) Decode(header http.Header, body []byte, at time.Time) ([]stock.Event, error) {
	topic, agreed := topicOf(header)
	if !agreed {
		return nil, &DeliveryError{cause: errors.New("its headers name several topics")}
	}
	event := stock.Event{Channel: c.name, Topic: topic, ObservedAt: at}
	var err error
	switch topic {
	case topicLevel:
		event.ID, event.Reading, err = c.decodeLevel(body)
	case topicConnect, topicDisconnect:
		event.ID, event.Hint, err = c.decodeConnection(topic, body)
	case topicItemUpdate, topicItemDelete:
		return c.decodeItem(topic, header, body, event)
	case topicOrderCreate, topicOrderUpdated, topicOrderCancelled:
		event.ID, event.Order, err = c.decodeOrder(body)
	case topicRefund:
		event.ID, event.Hint, err = decodeRefund(body)
	default:
		return nil, &DeliveryError{topic: topic}
	}
	if err != nil {
		return nil, &DeliveryError{topic: topic, cause: err}
	}
	// Deliveries fall forward to other versions as answers do; the fields read here have been stable for years.
	c.reportVersion(versionOf(header), "webhook")
	return []stock.Event{event}, nil
}

// decodeLevel reads inventory_levels/update. available is null for what is not tracked: Missing, for only an explicit
// tracked: false, which a read shows, says Untracked.
func (c *Channel) decodeLevel(body []byte) (string, *stock.Reading, error) {
	var item, location, global string
	var available *int64
	var updated time.Time
	err := readBody(body, members{
		"inventory_item_id": anID(&item), "location_id": anID(&location), "available": count(&available),
		"updated_at": instant(&updated), "admin_graphql_api_id": text(&global),
	})
	switch {
	case err != nil:
		return "", nil, err
	case item == "" || location == "" || updated.IsZero():
		return "", nil, errors.New("inventory_item_id, location_id or updated_at is not there")
	case global != "" && !levelNames(global, item):
		return "", nil, errors.New("admin_graphql_api_id: names another resource")
	}
	reading := &stock.Reading{Ref: stock.Ref{Channel: c.name, Item: item, Location: location}, Status: stock.Missing, Version: updated}
	if available != nil {
		reading.Status, reading.Quantity = stock.Counted, stock.Units(*available)
	}
	return eventID("level/"+item+"@"+location, updated, body), reading, nil
}

// decodeConnection reads which counter came to be or ceased. What it counts now is for an own read to say: a counter that
// begins anew says nothing of the one before it.
func (c *Channel) decodeConnection(topic string, body []byte) (string, *stock.Hint, error) {
	var item, location, global string
	var updated time.Time
	err := readBody(body, members{
		"inventory_item_id": anID(&item), "location_id": anID(&location), "updated_at": instant(&updated), "admin_graphql_api_id": text(&global),
	})
	switch {
	case err != nil:
		return "", nil, err
	case item == "" || location == "":
		return "", nil, errors.New("inventory_item_id or location_id is not there")
	case global != "" && !levelNames(global, item):
		return "", nil, errors.New("admin_graphql_api_id: names another resource")
	}
	ref := stock.Ref{Channel: c.name, Item: item, Location: location}
	return eventID(topic+"/"+item+"@"+location, updated, body), &stock.Hint{Ref: &ref}, nil
}

// decodeItem makes hints of an item that was deleted or is not counted any more, one for each of our locations. Other changes of it say
// nothing of its counters, and how often Shopify tells of them is not documented.
func (c *Channel) decodeItem(topic string, header http.Header, body []byte, event stock.Event) ([]stock.Event, error) {
	var item, global string
	var tracked *bool
	var updated time.Time
	err := readBody(body, members{"id": anID(&item), "tracked": flag(&tracked), "updated_at": instant(&updated), "admin_graphql_api_id": text(&global)})
	switch {
	case err != nil:
	case item == "":
		err = errors.New("id is not there")
	case global != "" && global != gid(typeItem, item):
		err = errors.New("admin_graphql_api_id: names another resource")
	}
	if err != nil {
		return nil, &DeliveryError{topic: topic, cause: err}
	}
	c.reportVersion(versionOf(header), "webhook")
	if topic == topicItemUpdate && (tracked == nil || *tracked) {
		return nil, nil
	}
	var events []stock.Event
	for _, location := range c.locations {
		event.ID = eventID(topic+"/"+item+"@"+location, updated, body)
		event.Hint = &stock.Hint{Ref: &stock.Ref{Channel: c.name, Item: item, Location: location}}
		events = append(events, event)
	}
	return events, nil
}

// levelNames checks gid://shopify/InventoryLevel/<any number>?inventory_item_id=<item>. The number is not the location's id.
func levelNames(global, item string) bool {
	return strings.HasPrefix(global, gidPrefix+typeLevel+"/") && strings.HasSuffix(global, "?inventory_item_id="+item)
}

// decodeOrder reads the whole order that every orders/* topic but orders/edited carries.
func (c *Channel) decodeOrder(body []byte) (string, *stock.Order, error) {
	var facts orderFacts
	var global, source, till string
	var hasLines, hasRefunds bool
	err := readBody(body, members{
		"id": anID(&facts.id), "admin_graphql_api_id": text(&global), "name": text(&facts.name),
		"created_at": instant(&facts.created), "updated_at": instant(&facts.updated),
		"source_name": text(&source), "location_id": anID(&till),
		"line_items": each(&hasLines, readLine(&facts.lines)),
		"refunds":    each(&hasRefunds, readRefund(&facts.refunds)),
	})
	switch {
	case err != nil:
		return "", nil, err
	case facts.id == "" || facts.updated.IsZero() || !hasLines:
		return "", nil, errors.New("id, updated_at or line_items is not there")
	case global != "" && global != gid(typeOrder, facts.id):
		return "", nil, errors.New("admin_graphql_api_id: names another resource")
	}
	// Elsewhere location_id says where an order was taken, not where it leaves from.
	if source == sourcePOS {
		for i := range facts.lines {
			facts.lines[i].location = till
		}
	}
	return eventID("order/"+facts.id, facts.updated, body), facts.order(c.name), nil
}

func readLine(into *[]lineFacts) reader {
	return func(dec *json.Decoder) error {
		var line lineFacts
		var quantity, current *int64
		err := members{
			"id": anID(&line.id), "variant_id": anID(&line.variant),
			"quantity": count(&quantity), "current_quantity": count(&current),
		}.read(dec)
		switch {
		case err != nil:
			return err
		case line.id == "" || quantity == nil || *quantity < 0 || current != nil && *current < 0:
			return errors.New("a line without id or quantity, or below zero")
		}
		line.quantity = *quantity
		if current != nil {
			line.current = *current
		}
		*into = append(*into, line)
		return nil
	}
}

func readRefund(into *[]refundedFacts) reader {
	return func(dec *json.Decoder) error {
		var created, processed time.Time
		var lines []refundedFacts
		var hasLines bool
		err := members{
			"created_at": instant(&created), "processed_at": instant(&processed),
			"refund_line_items": each(&hasLines, readRefundLine(&lines)),
		}.read(dec)
		if err != nil {
			return err
		}
		at := created
		if at.IsZero() {
			at = processed
		}
		for _, line := range lines {
			line.at = at
			*into = append(*into, line)
		}
		return nil
	}
}

func readRefundLine(into *[]refundedFacts) reader {
	return func(dec *json.Decoder) error {
		var line refundedFacts
		var quantity *int64
		err := members{
			"id": anID(&line.id), "line_item_id": anID(&line.line), "quantity": count(&quantity),
			"restock_type": text(&line.restock), "location_id": anID(&line.location),
		}.read(dec)
		switch {
		case err != nil:
			return err
		case line.id == "" || line.line == "" || quantity == nil || *quantity < 0:
			return errors.New("a refund line without id, line_item_id or quantity, or below zero")
		}
		line.quantity = *quantity
		*into = append(*into, line)
		return nil
	}
}

// decodeRefund reads of a refund only which order it belongs to: the order is read again, with all its refunds.
func decodeRefund(body []byte) (string, *stock.Hint, error) {
	var refund, order, global string
	var created, processed time.Time
	err := readBody(body, members{
		"id": anID(&refund), "order_id": anID(&order), "admin_graphql_api_id": text(&global),
		"created_at": instant(&created), "processed_at": instant(&processed),
	})
	switch {
	case err != nil:
		return "", nil, err
	case refund == "" || order == "":
		return "", nil, errors.New("id or order_id is not there")
	case global != "" && global != gid(typeRefund, refund):
		return "", nil, errors.New("admin_graphql_api_id: names another resource")
	}
	return eventID("refund/"+refund, created, body), &stock.Hint{Resource: stock.OrderResource(order)}, nil
}

// eventID names a fact by what its signed body says, so that retries and deliveries through several subscriptions share it:
// the webhook id is an unsigned header and differs per subscription.
func eventID(resource string, at time.Time, body []byte) string {
	hash := sha256.Sum256(body)
	return resource + "/" + at.UTC().Format(time.RFC3339) + "/" + hex.EncodeToString(hash[:hashBytes])
}
