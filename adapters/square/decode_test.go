package square

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

var arrived = time.Date(2025, 6, 1, 10, 0, 1, 0, time.UTC)

func TestDecodeGoldenDelivery(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	events, err := c.Decode(nil, golden(t, "webhook_counts.json"), arrived)
	require.NoError(t, err)
	const id = "df5f3813-a913-45a1-94e9-fdc3f7d5e3b6"
	event := func(row string, reading stock.Reading) stock.Event {
		return stock.Event{ID: id + "/" + row, Channel: "till", Topic: "inventory.count.updated", ObservedAt: arrived, Reading: &reading}
	}
	assert.Equal(t, []stock.Event{
		event("0", stock.Reading{Ref: ref("VARMUG", "LOCMAIN"), Status: stock.Counted, Quantity: stock.Units(7), Version: at("2025-06-01T09:59:59.5Z")}),
		event("2", stock.Reading{Ref: ref("VARTEA", "LOCSIDE"), Status: stock.Counted, Quantity: -250_000, Version: at("2025-06-01T09:59:59.75Z")}),
		event("4", stock.Reading{Ref: ref("VARCUP", "LOCMAIN"), Status: stock.Missing, Version: at("2025-06-01T09:59:59.9Z")}),
	}, events)
	assert.Equal(t, []string{"inventory.count.updated", "catalog.version.updated"}, c.Topics())
}

// A change of the catalog names nothing, and says when to look.
func TestDecodeCatalogChange(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	events, err := c.Decode(nil, []byte(`{"type":"catalog.version.updated","event_id":"E1","data":{"type":"catalog_version","id":"","object":{"catalog_version":{"updated_at":"2025-06-01T10:00:00.1Z"}}}}`), arrived)
	require.NoError(t, err)
	assert.Equal(t, []stock.Event{{ID: "E1", Channel: "till", Topic: "catalog.version.updated", ObservedAt: arrived, Hint: &stock.Hint{Resource: stock.CatalogResource}}}, events)
	_, err = c.Decode(nil, []byte(`{"type":"catalog.version.updated","data":{}}`), arrived)
	var refusal *DeliveryError
	require.ErrorAs(t, err, &refusal)
	assert.False(t, refusal.UnknownTopic())
}

func TestDecodeUnknownTopic(t *testing.T) {
	t.Parallel()
	for topic, body := range map[string]string{
		"webhooks.test_notification": string(golden(t, "webhook_test_notification.json")),
		"order.created":              `{"type":"order.created","custom":{"a":1,"A":2}}`,
	} {
		events, err := newChannel(t).Decode(nil, []byte(body), arrived)
		assert.Empty(t, events)
		var refusal *DeliveryError
		require.ErrorAs(t, err, &refusal)
		assert.True(t, refusal.UnknownTopic())
		assert.Equal(t, topic, refusal.Topic())
	}
}

// delivery wraps one row.
func delivery(row string) string {
	return `{"type":"inventory.count.updated","event_id":"E1","data":{"object":{"inventory_counts":[` + row + `]}}}`
}

const goodRow = `{"catalog_object_id":"V","catalog_object_type":"ITEM_VARIATION","state":"IN_STOCK","location_id":"L","quantity":"7","calculated_at":"2025-06-01T10:00:00Z"}`

func TestDecodeRows(t *testing.T) {
	t.Parallel()
	replace := func(old, new string) string { return strings.Replace(goodRow, old, new, 1) }
	for name, v := range map[string]struct {
		row    string
		status stock.CountStatus // 0: no event
		want   stock.Quantity
	}{
		"counted":              {goodRow, stock.Counted, stock.Units(7)},
		"no type":              {replace(`"catalog_object_type":"ITEM_VARIATION",`, ``), stock.Counted, stock.Units(7)},
		"unknown fields":       {replace(`{`, `{"new_field":{"x":[1e999]},`), stock.Counted, stock.Units(7)},
		"minus zero":           {replace(`"7"`, `"-0"`), stock.Counted, 0},
		"null":                 {replace(`"7"`, `null`), stock.Missing, 0},
		"absent":               {replace(`"quantity":"7",`, ``), stock.Missing, 0},
		"item":                 {replace(`ITEM_VARIATION`, `ITEM`), 0, 0},
		"other state":          {replace(`IN_STOCK`, `WASTE`), 0, 0},
		"malformed, not ours":  {`{"state":"SOLD","quantity":5}`, 0, 0},
		"largest":              {replace(`"7"`, `"92233720368547.75807"`), stock.Counted, 1<<63 - 1},
		"other keys of a case": {replace(`"quantity":"7"`, `"Quantity":"7"`), stock.Missing, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := newChannel(t).Decode(nil, []byte(delivery(v.row)), arrived)
			require.NoError(t, err)
			if v.status == 0 {
				assert.Empty(t, events)
				return
			}
			require.Len(t, events, 1)
			assert.Equal(t, v.status, events[0].Reading.Status)
			assert.Equal(t, v.want, events[0].Reading.Quantity)
		})
	}
}

// A row in words of the future is told by them.
func TestDecodeUnknownWords(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]stock.UnknownWord{
		strings.Replace(goodRow, "IN_STOCK", "TELEPORTED", 1):              {What: "inventory state", Word: "TELEPORTED"},
		strings.Replace(goodRow, "ITEM_VARIATION", "BUNDLE", 1):            {What: "catalog object type", Word: "BUNDLE"},
		strings.Replace(goodRow, "IN_STOCK", `A\u0000\nB`, 1):              {What: "inventory state", Word: "AB"},
		strings.Replace(goodRow, "IN_STOCK", strings.Repeat("X", 1000), 1): {What: "inventory state", Word: strings.Repeat("X", detailMax)},
	} {
		events, err := newChannel(t).Decode(nil, []byte(delivery(row)), arrived)
		require.NoError(t, err)
		assert.Equal(t, []stock.Event{{ID: "E1/0", Channel: "till", Topic: topicCounts, ObservedAt: arrived,
			Movement: &stock.Movement{Key: "square/count/E1/0", Ref: stock.Ref{Channel: "till"}, Unknown: &want}}}, events)
	}
}

// customer must not turn up in an error.
const customer = "canary@example.com"

func malformedEnvelopes() map[string]string {
	return map[string]string{
		"no type":              `{"event_id":"E1"}`,
		"type is a number":     `{"type":1}`,
		"type with line break": `{"type":"a\nb"}`,
		"type twice":           `{"type":"inventory.count.updated","type":"order.created"}`,
		"type twice by case":   `{"type":"order.created","Type":"inventory.count.updated"}`,
		"no event id":          `{"type":"inventory.count.updated","data":{"object":{"inventory_counts":[]}}}`,
		"event id with NUL":    strings.Replace(delivery(goodRow), "E1", `E\u0000`, 1),
		"no data":              `{"type":"inventory.count.updated","event_id":"E1"}`,
		"data is a list":       `{"type":"inventory.count.updated","event_id":"E1","data":[]}`,
		"no object":            `{"type":"inventory.count.updated","event_id":"E1","data":{"deleted":true}}`,
		"counts is an object":  `{"type":"inventory.count.updated","event_id":"E1","data":{"object":{"inventory_counts":{}}}}`,
		"counts is null":       `{"type":"inventory.count.updated","event_id":"E1","data":{"object":{"inventory_counts":null}}}`,
		"row is a text":        delivery(`"` + customer + `"`),
		"row is null":          delivery(`null`),
	}
}

func malformedCounts() map[string]string {
	quantity := func(text string) string { return delivery(strings.Replace(goodRow, `"7"`, text, 1)) }
	row := func(old, new string) string { return delivery(strings.Replace(goodRow, old, new, 1)) }
	return map[string]string{
		"too many rows":           delivery(strings.Repeat(goodRow+",", rowsPerDelivery) + goodRow),
		"second row":              delivery(goodRow + `,{"state":1}`),
		"no state":                row(`"state":"IN_STOCK",`, ``),
		"no item":                 row(`"catalog_object_id":"V",`, ``),
		"item with NUL":           row(`"V"`, `"V\u0000"`),
		"item too long":           row(`"V"`, `"`+strings.Repeat("V", idMax+1)+`"`),
		"location is empty":       row(`"L"`, `""`),
		"no time":                 row(`,"calculated_at":"2025-06-01T10:00:00Z"`, ``),
		"hour 25":                 row(`T10:`, `T25:`),
		"quantity twice":          row(`"quantity":"7"`, `"quantity":"7","quantity":"0"`),
		"quantity twice by case":  row(`"quantity":"7"`, `"quantity":"7","Quantity":"0"`),
		"quantity is a number":    quantity(`5`),
		"quantity is 1e999":       quantity(`1e999`),
		"quantity is boolean":     quantity(`true`),
		"quantity is a list":      quantity(`["7"]`),
		"quantity is empty":       quantity(`""`),
		"quantity NaN":            quantity(`"NaN"`),
		"quantity Infinity":       quantity(`"Infinity"`),
		"quantity with exponent":  quantity(`"1e3"`),
		"quantity with plus":      quantity(`"+7"`),
		"quantity with spaces":    quantity(`" 7"`),
		"quantity with comma":     quantity(`"7,5"`),
		"quantity, six decimals":  quantity(`"7.000001"`),
		"quantity above int64":    quantity(`"9223372036854775808"`),
		"quantity below int64":    quantity(`"-9223372036854775808"`),
		"quantity is an address":  quantity(`"` + customer + `"`),
		"quantity in other digit": quantity(`"７"`),
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	bodies := malformedEnvelopes()
	maps.Copy(bodies, malformedCounts())
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := newChannel(t).Decode(nil, []byte(body), arrived)
			assert.Empty(t, events)
			var refusal *DeliveryError
			require.ErrorAs(t, err, &refusal)
			assert.False(t, refusal.UnknownTopic())
			assert.NotContains(t, err.Error(), customer, "no text of the body in errors")
			assert.Less(t, len(err.Error()), 200)
			var class interface {
				Retryable() bool
				RetryAfter() time.Duration
			}
			require.ErrorAs(t, err, &class)
			assert.False(t, class.Retryable())
			assert.Zero(t, class.RetryAfter())
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(golden(f, "webhook_counts.json"))
	f.Add(golden(f, "webhook_test_notification.json"))
	f.Add([]byte(delivery(goodRow)))
	f.Add([]byte(delivery(strings.Replace(goodRow, `"7"`, `"-2.50000"`, 1))))
	f.Add([]byte(delivery(`{"state":"IN_STOCK","quantity":"7","quantity":"8"}`)))
	c := newChannel(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := c.Decode(nil, body, arrived)
		if err != nil {
			if len(events) > 0 {
				t.Fatal("events beside an error")
			}
			if refusal := new(DeliveryError); !errors.As(err, &refusal) {
				t.Fatalf("error of no class: %v", err)
			}
			return
		}
		again, err := c.Decode(nil, body, arrived)
		if err != nil || fmt.Sprint(ids(again)) != fmt.Sprint(ids(events)) {
			t.Fatalf("second decoding differs: %v", err)
		}
		for _, e := range events {
			if m := e.Movement; m != nil {
				if m.Unknown == nil || e.Reading != nil {
					t.Fatalf("a movement that is more than a word: %+v", e)
				}
				continue
			}
			switch r := e.Reading; {
			case r == nil || !validID(r.Ref.Item) || !validID(r.Ref.Location) || r.Ref.Channel != "till":
				t.Fatalf("unusable ref in %+v", e)
			case r.Status == stock.Missing && r.Quantity != 0, r.Status != stock.Missing && r.Status != stock.Counted:
				t.Fatalf("status and quantity disagree in %+v", r)
			}
			if _, err := json.Marshal(e); err != nil {
				t.Fatalf("event cannot be stored: %v", err)
			}
		}
	})
}

func ids(events []stock.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.ID)
	}
	return all
}
