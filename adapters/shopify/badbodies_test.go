package shopify

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestDecodeRefusesBadJSON(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	level := func(members string) string {
		return `{"inventory_item_id":501,"location_id":77,"updated_at":"2026-10-02T09:15:04Z",` + members + `}`
	}
	order := func(members string) string {
		return `{"id":900,"updated_at":"2026-10-02T09:15:04Z",` + members + `}`
	}
	for name, tc := range map[string]struct{ topic, body string }{
		"duplicate key":          {topicLevel, level(`"available":4,"available":5`)},
		"two spellings":          {topicLevel, level(`"available":4,"Available":5`)},
		"other spelling alone":   {topicLevel, level(`"AVAILABLE":5`)},
		"text for a number":      {topicLevel, level(`"available":"5"`)},
		"fraction":               {topicLevel, level(`"available":1.5`)},
		"exponent":               {topicLevel, level(`"available":1e3`)},
		"huge exponent":          {topicLevel, level(`"available":1e999`)},
		"minus zero":             {topicLevel, level(`"available":-0`)},
		"past int64":             {topicLevel, level(`"available":9223372036854775808`)},
		"smallest int64":         {topicLevel, level(`"available":-9223372036854775808`)},
		"past the bound":         {topicLevel, level(`"available":2000000001`)},
		"NaN":                    {topicLevel, level(`"available":NaN`)},
		"Infinity":               {topicLevel, level(`"available":Infinity`)},
		"object for a number":    {topicLevel, level(`"available":{}`)},
		"item of zero":           {topicLevel, `{"inventory_item_id":0,"location_id":77,"available":4,"updated_at":"2026-10-02T09:15:04Z"}`},
		"item as text":           {topicLevel, `{"inventory_item_id":"501","location_id":77,"available":4,"updated_at":"2026-10-02T09:15:04Z"}`},
		"no version":             {topicLevel, `{"inventory_item_id":501,"location_id":77,"available":4}`},
		"version without offset": {topicLevel, `{"inventory_item_id":501,"location_id":77,"available":4,"updated_at":"2026-10-02T09:15:04"}`},
		"id of another item":     {topicLevel, level(`"available":4,"admin_graphql_api_id":"gid://shopify/InventoryLevel/9001?inventory_item_id=502"`)},
		"lines not an array":     {topicOrderCreate, order(`"line_items":{}`)},
		"lines absent":           {topicOrderCreate, order(`"name":"#1"`)},
		"lines null":             {topicOrderCreate, order(`"line_items":null`)},
		"line without quantity":  {topicOrderCreate, order(`"line_items":[{"id":1,"variant_id":2}]`)},
		"line with null":         {topicOrderCreate, order(`"line_items":[{"id":1,"variant_id":2,"quantity":null}]`)},
		"line below zero":        {topicOrderCreate, order(`"line_items":[{"id":1,"variant_id":2,"quantity":-1}]`)},
		"line twice quantity":    {topicOrderCreate, order(`"line_items":[{"id":1,"variant_id":2,"quantity":1,"quantity":9}]`)},
		"refund below zero":      {topicOrderCreate, order(`"line_items":[],"refunds":[{"refund_line_items":[{"id":1,"line_item_id":2,"quantity":-5,"restock_type":"return"}]}]`)},
		"order of another id":    {topicOrderCreate, order(`"line_items":[],"admin_graphql_api_id":"gid://shopify/DraftOrder/900"`)},
		"refund without order":   {topicRefund, `{"id":70}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := c.Decode(topicHeader(tc.topic), []byte(tc.body), time.Time{})
			if !isMalformed(err) || events != nil {
				t.Fatalf("%d events, %v", len(events), err)
			}
			var r interface{ Retryable() bool }
			if !errors.As(err, &r) || r.Retryable() {
				t.Error("a bad body says it is worth repeating")
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	topics := []string{topicLevel, topicOrderCreate, topicRefund}
	for i, file := range []string{"inventory_levels_update.json", "orders_updated_refunded.json", "refunds_create.json"} {
		f.Add(i, golden(f, file))
	}
	f.Add(0, []byte(`{"inventory_item_id":1,"location_id":2,"available":-0,"updated_at":"2026-10-02T09:15:04Z"}`))
	c := channelOn(f, ok(""))
	f.Fuzz(func(t *testing.T, topic int, body []byte) {
		if topic < 0 || topic >= len(topics) {
			return
		}
		events, err := c.Decode(topicHeader(topics[topic]), body, time.Time{})
		if err != nil {
			if !isMalformed(err) || events != nil {
				t.Fatalf("%d events, %v", len(events), err)
			}
			return
		}
		again, err := c.Decode(topicHeader(topics[topic]), body, time.Time{})
		if err != nil || !reflect.DeepEqual(events, again) {
			t.Fatalf("a second decoding differs: %v", err)
		}
		for _, event := range events {
			checkBounds(t, event)
			var back stock.Event
			if err := json.Unmarshal([]byte(asJSON(t, event)), &back); err != nil || !reflect.DeepEqual(back, event) {
				t.Fatalf("does not survive the stream: %v\n%s\n%s", err, asJSON(t, back), asJSON(t, event))
			}
		}
	})
}

// checkBounds asserts what every event keeps, whatever came in.
func checkBounds(t *testing.T, event stock.Event) {
	t.Helper()
	bad := func(q stock.Quantity) bool { return q.Abs() > stock.Units(quantityAtMost) || q%stock.Unit != 0 }
	if r := event.Reading; r != nil && (bad(r.Quantity) || r.Status != stock.Counted && r.Quantity != 0 || r.Version.IsZero()) {
		t.Fatalf("reading %+v", r)
	}
	if event.Order == nil {
		return
	}
	for _, line := range event.Order.Lines {
		if bad(line.Taken) || line.Taken < 0 || checkNumeric(line.ID) != nil || checkNumeric(line.SoldAs) != nil {
			t.Fatalf("line %+v", line)
		}
		for _, r := range line.Restocks {
			if bad(r.Quantity) || r.Quantity < 0 || !restocks[r.Type] {
				t.Fatalf("restock %+v", r)
			}
		}
	}
}
