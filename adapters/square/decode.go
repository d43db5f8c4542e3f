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
	// topicCounts is the one topic that carries stock.
	// https://developer.squareup.com/reference/square/webhooks/inventory.count.updated
	topicCounts = "inventory.count.updated"
	// topicMax is the longest topic an error repeats, in characters.
	topicMax = 100
	// rowsPerDelivery bounds the counts of one delivery; Square splits after 100.
	// https://developer.squareup.com/docs/inventory-api/webhooks
	rowsPerDelivery = 1000
)

// Topics are the event types to subscribe to.
func (c *Channel) Topics() []string { return []string{topicCounts} }

// Decode turns a verified delivery into events, one for each row that counts IN_STOCK of an item variation. Only the
// fields named here are looked at. Its errors are of type *DeliveryError: one of an unknown topic for the test notification of
// Square's console, for example. One row that cannot be understood refuses the whole delivery, for its neighbours are suspect too and
// are read again anyway.
func (c *Channel) Decode(_ http.Header, body []byte, at time.Time) ([]stock.Event, error) {
	topic, envelope, err := openEnvelope(body)
	if err != nil {
		return nil, &DeliveryError{topic: topic, reason: err.Error()}
	}
	if topic != topicCounts {
		return nil, &DeliveryError{topic: topic}
	}
	events, err := c.decodeCounts(envelope, at)
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
		reading, counts, err := c.decodeRow(raw)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		if counts {
			events = append(events, stock.Event{
				ID: eventID + "/" + strconv.Itoa(i), Channel: c.name, Topic: topicCounts, ObservedAt: at, Reading: &reading,
			})
		}
	}
	return events, nil
}

// decodeRow reads one count; false for other states and for ITEM rows, which are never looked at further.
func (c *Channel) decodeRow(raw json.RawMessage) (stock.Reading, bool, error) {
	row, err := openObject("count", raw)
	if err != nil {
		return stock.Reading{}, false, err
	}
	state, err := row.text("state")
	if err != nil {
		return stock.Reading{}, false, err
	}
	kind, err := row.optional("catalog_object_type")
	if err != nil {
		return stock.Reading{}, false, err
	}
	if state != string(sdk.InventoryStateInStock) || !countsVariation(kind) {
		return stock.Reading{}, false, nil
	}
	reading := stock.Reading{Ref: stock.Ref{Channel: c.name}, Status: stock.Missing}
	if reading.Ref.Item, err = row.id("catalog_object_id"); err != nil {
		return stock.Reading{}, false, err
	}
	if reading.Ref.Location, err = row.id("location_id"); err != nil {
		return stock.Reading{}, false, err
	}
	calculatedAt, err := row.text("calculated_at")
	if err != nil {
		return stock.Reading{}, false, err
	}
	if reading.Version, err = time.Parse(time.RFC3339Nano, calculatedAt); err != nil {
		return stock.Reading{}, false, fmt.Errorf("calculated_at is not a time")
	}
	reading.Version = reading.Version.UTC()
	quantity, err := row.optional("quantity")
	if err != nil {
		return stock.Reading{}, false, err
	}
	if quantity == nil { // null: unknown, never zero
		return reading, true, nil
	}
	if reading.Quantity, err = stock.ParseQuantity(*quantity); err != nil {
		return stock.Reading{}, false, fmt.Errorf("quantity is not a decimal number with at most 5 decimals")
	}
	reading.Status = stock.Counted
	return reading, true, nil
}
