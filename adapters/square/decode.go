package square

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// topicCounts carries stock.
	// https://developer.squareup.com/reference/square/webhooks/inventory.count.updated
	topicCounts = "inventory.count.updated"
	// topicCatalog says that something in the catalog changed, and not what.
	// https://developer.squareup.com/reference/square/webhooks/catalog.version.updated
	topicCatalog = "catalog.version.updated"
	// topicMax is the longest topic an error repeats, in characters.
	topicMax = 100
	// rowsPerDelivery bounds the counts of one delivery; Square splits after 100.
	// https://developer.squareup.com/docs/inventory-api/webhooks
	rowsPerDelivery = 1000
)

// Topics are the event types to subscribe to.
func (c *Channel) Topics() []string { return []string{topicCounts, topicCatalog} }

// Decode turns a verified delivery into events, one for each row that counts IN_STOCK of an item variation, or a hint that the catalog
// changed. Only the fields named here are looked at. Its errors are of type *DeliveryError: one of an unknown topic for the test notification of
// Square's console, for example. One row that cannot be understood refuses the whole delivery, for its neighbours are suspect too and
// are read again anyway.
func (c *Channel) Decode(_ http.Header, body []byte, at time.Time) ([]stock.Event, error) {
	topic, envelope, err := openEnvelope(body)
	if err != nil {
		return nil, &DeliveryError{topic: topic, reason: err.Error()}
	}
	var events []stock.Event
	switch topic {
	case topicCounts:
		events, err = c.decodeCounts(envelope, at)
	case topicCatalog:
		events, err = c.decodeCatalog(envelope, at)
	default:
		return nil, &DeliveryError{topic: topic}
	}
	if err != nil {
		return nil, &DeliveryError{topic: topic, reason: err.Error()}
	}
	return events, nil
}

// openEnvelope reads as much as every topic has.
func openEnvelope(body []byte) (topic string, envelope object, err error) {
	switch {
	case !utf8.Valid(body):
		return "", nil, fmt.Errorf("body is not UTF-8")
	case !json.Valid(body):
		return "", nil, fmt.Errorf("body is not one JSON document")
	}
	envelope, err = openObject("body", body)
	if err != nil {
		return "", nil, err
	}
	topic, err = envelope.text("type")
	if err != nil {
		return "", nil, err
	}
	if topic == "" || len(topic) > topicMax || printable(topic) != topic {
		return "", nil, fmt.Errorf("type is empty, too long or not printable")
	}
	return topic, envelope, nil
}

// decodeCatalog makes a hint of a change in the catalog.
func (c *Channel) decodeCatalog(envelope object, at time.Time) ([]stock.Event, error) {
	eventID, err := envelope.id("event_id")
	if err != nil {
		return nil, err
	}
	return []stock.Event{{ID: eventID, Channel: c.name, Topic: topicCatalog, ObservedAt: at, Hint: &stock.Hint{Resource: stock.CatalogResource}}}, nil
}

func (c *Channel) decodeCounts(envelope object, at time.Time) ([]stock.Event, error) {
	eventID, err := envelope.id("event_id")
	if err != nil {
		return nil, err
	}
	data, err := openObject("data", envelope["data"])
	if err != nil {
		return nil, err
	}
	inner, err := openObject("data.object", data["object"])
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	if raw := inner["inventory_counts"]; !bytes.HasPrefix(raw, []byte("[")) || json.Unmarshal(raw, &rows) != nil {
		return nil, fmt.Errorf("inventory_counts is not a list")
	}
	if len(rows) > rowsPerDelivery {
		return nil, fmt.Errorf("%d rows, at most %d", len(rows), rowsPerDelivery)
	}
	var events []stock.Event
	for i, raw := range rows {
		reading, unknown, err := c.decodeRow(raw)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		event := stock.Event{ID: eventID + "/" + strconv.Itoa(i), Channel: c.name, Topic: topicCounts, ObservedAt: at, Reading: reading}
		if unknown != nil {
			row := c.unread("square/count/"+event.ID, unknown)
			event.Movement = &row
		}
		if reading != nil || unknown != nil {
			events = append(events, event)
		}
	}
	return events, nil
}

// decodeRow reads one count. Rows of other states and ITEM rows are neither a reading nor looked at further; one with a word
// that we do not know is that word alone.
func (c *Channel) decodeRow(raw json.RawMessage) (*stock.Reading, *stock.UnknownWord, error) {
	row, err := openObject("count", raw)
	if err != nil {
		return nil, nil, err
	}
	text, err := row.text("state")
	if err != nil {
		return nil, nil, err
	}
	kind, err := row.optional("catalog_object_type")
	if err != nil {
		return nil, nil, err
	}
	switch state := sdk.InventoryState(text); {
	case state != sdk.InventoryStateInStock:
		return nil, unknownState(state), nil
	case !countsVariation(value(kind)):
		return nil, unknownKind(value(kind)), nil
	}
	reading, err := c.decodeCounted(row)
	return reading, nil, err
}

// decodeCounted reads the count of a variation that is IN_STOCK.
func (c *Channel) decodeCounted(row object) (*stock.Reading, error) {
	var err error
	reading := &stock.Reading{Ref: stock.Ref{Channel: c.name}, Status: stock.Missing}
	if reading.Ref.Item, err = row.id("catalog_object_id"); err != nil {
		return nil, err
	}
	if reading.Ref.Location, err = row.id("location_id"); err != nil {
		return nil, err
	}
	calculatedAt, err := row.text("calculated_at")
	if err != nil {
		return nil, err
	}
	if reading.Version, err = time.Parse(time.RFC3339Nano, calculatedAt); err != nil {
		return nil, fmt.Errorf("calculated_at is not a time")
	}
	reading.Version = reading.Version.UTC()
	quantity, err := row.optional("quantity")
	if err != nil {
		return nil, err
	}
	if quantity == nil { // null: unknown, never zero
		return reading, nil
	}
	if reading.Quantity, err = stock.ParseQuantity(*quantity); err != nil {
		return nil, fmt.Errorf("quantity is not a decimal number with at most 5 decimals")
	}
	reading.Status = stock.Counted
	return reading, nil
}
