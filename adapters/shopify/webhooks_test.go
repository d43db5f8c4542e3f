package shopify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

func topicHeader(topic string) http.Header {
	return http.Header{"X-Shopify-Topic": {topic}, "X-Shopify-Api-Version": {APIVersion}}
}

func TestDecodeGolden(t *testing.T) {
	t.Parallel()
	level := stock.Ref{Channel: "web", Item: "501", Location: "77"}
	changed := at(t, "2026-10-02T13:15:04Z")
	created := at(t, "2026-10-02T13:14:00Z")
	order := func(updated string, lines ...stock.OrderLine) *stock.Order {
		return &stock.Order{Channel: "web", ID: "900", Name: "#1001", CreatedAt: created, UpdatedAt: at(t, updated), Lines: lines}
	}
	back := func(id, location string, n int64, kind, when string) stock.Restock {
		return stock.Restock{ID: id, Location: location, Quantity: stock.Units(n), Type: kind, At: at(t, when)}
	}
	const large = "9007199254740993" // past 2^53
	for _, tc := range []struct {
		file, topic, id string
		want            stock.Event
	}{
		{"inventory_levels_update.json", topicLevel, "level/501@77/2026-10-02T13:15:04Z/", stock.Event{
			Reading: &stock.Reading{Ref: level, Status: stock.Counted, Quantity: stock.Units(4), Version: changed}}},
		{"inventory_levels_update_untracked.json", topicLevel, "level/501@77/2026-10-02T13:15:04Z/", stock.Event{
			Reading: &stock.Reading{Ref: level, Status: stock.Missing, Version: changed}}},
		{"orders_create.json", topicOrderCreate, "order/900/2026-10-02T13:14:01Z/", stock.Event{Order: order("2026-10-02T13:14:01Z",
			stock.OrderLine{ID: "10", SoldAs: "31", Taken: stock.Units(3)},
			stock.OrderLine{ID: "11", SoldAs: large, Taken: stock.Units(2)})}},
		{"orders_create_pos.json", topicOrderCreate, "order/900/2026-10-02T13:14:01Z/", stock.Event{Order: order("2026-10-02T13:14:01Z",
			stock.OrderLine{ID: "10", SoldAs: "31", Location: "78", Taken: stock.Unit})}},
		{"orders_updated_refunded.json", topicOrderUpdated, "order/900/2026-10-02T15:00:01Z/", stock.Event{Order: order("2026-10-02T15:00:01Z",
			stock.OrderLine{ID: "10", SoldAs: "31", Taken: stock.Units(3), Restocks: []stock.Restock{
				back("71", "77", 1, "cancel", "2026-10-02T14:00:00Z"), back("72", "78", 1, "return", "2026-10-02T14:00:00Z"),
				back("81", "77", 1, "return", "2026-10-02T15:00:00Z")}},
			stock.OrderLine{ID: "11", SoldAs: large, Taken: stock.Units(2)},
			stock.OrderLine{ID: "13", SoldAs: "33", Taken: stock.Unit})}},
		{"orders_cancelled.json", topicOrderCancelled, "order/900/2026-10-02T16:00:01Z/", stock.Event{Order: order("2026-10-02T16:00:01Z",
			stock.OrderLine{ID: "10", SoldAs: "31", Taken: stock.Units(3), Restocks: []stock.Restock{back("91", "77", 3, "cancel", "2026-10-02T16:00:00Z")}},
			stock.OrderLine{ID: "11", SoldAs: large, Taken: stock.Units(2), Restocks: []stock.Restock{back("92", "77", 2, "cancel", "2026-10-02T16:00:00Z")}})}},
		{"refunds_create.json", topicRefund, "refund/70/2026-10-02T14:00:00Z/", stock.Event{Hint: &stock.Hint{Resource: "order/900"}}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			body := golden(t, tc.file)
			var logged bytes.Buffer
			c := channelOn(t, ok(""), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
			arrived := at(t, "2026-10-02T18:00:00Z")
			events, err := c.Decode(topicHeader(tc.topic), body, arrived)
			if err != nil || len(events) != 1 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			want := tc.want
			want.Channel, want.Topic, want.ObservedAt, want.ID = "web", tc.topic, arrived, events[0].ID
			if !reflect.DeepEqual(events[0], want) {
				t.Errorf("got\n%s\nwant\n%s", asJSON(t, events[0]), asJSON(t, want))
			}
			if !strings.HasPrefix(events[0].ID, tc.id) {
				t.Errorf("id %s does not begin with %s", events[0].ID, tc.id)
			}
			if strings.Contains(asJSON(t, events)+logged.String(), testCanary) {
				t.Error("customer data in an event or a log")
			}
			if tc.topic != topicLevel && !bytes.Contains(body, []byte(testCanary)) {
				t.Error("the fixture holds no canary: this test proves nothing")
			}
		})
	}
}

func TestEventIDNamesTheContentOnly(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	body := golden(t, "orders_create.json")
	id := func(topic, webhook string, body []byte, when time.Time) string {
		header := topicHeader(topic)
		header.Set("X-Shopify-Webhook-Id", webhook)
		events, err := c.Decode(header, body, when)
		if err != nil {
			t.Fatal(err)
		}
		return events[0].ID
	}
	first := id(topicOrderCreate, "a", body, time.Unix(1, 0))
	if again := id(topicOrderUpdated, "b", body, time.Unix(2, 0)); again != first {
		t.Errorf("the same content has ids %s and %s", first, again)
	}
	if other := id(topicOrderCreate, "a", bytes.Replace(body, []byte(`"quantity": 3`), []byte(`"quantity": 4`), 1), time.Unix(1, 0)); other == first {
		t.Error("other content has the same id")
	}
}

func TestDecodeRefusesUnknownTopics(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	for _, header := range []http.Header{
		{}, topicHeader(""), topicHeader("products/update"), topicHeader("INVENTORY_LEVELS_UPDATE"),
		{"Shopify-Topic": {"Product"}, "Shopify-Action": {"update"}}, {"X-Shopify-Topic": {"products/update"}, "Shopify-Topic": {topicLevel}},
	} {
		if _, err := c.Decode(header, golden(t, "inventory_levels_update.json"), time.Time{}); !isUnknownTopic(err) {
			t.Errorf("%v: %v", header, err)
		}
	}
	for _, topic := range c.Topics() {
		if _, err := c.Decode(topicHeader(topic), []byte("{}"), time.Time{}); isUnknownTopic(err) {
			t.Errorf("%s is listed and unknown", topic)
		}
	}
}

// TestDecodeTakesTheTopicOfEitherFamily: the forms of the two differ, so that of the subscription counts where both are there; what
// one family says twice it must say alike.
func TestDecodeTakesTheTopicOfEitherFamily(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	for what, header := range map[string]http.Header{
		"classic": {"X-Shopify-Topic": {topicLevel}}, "events": {"shopify-topic": {topicLevel}},
		"both, equal": {"X-Shopify-Topic": {topicLevel}, "Shopify-Topic": {topicLevel}}, "both, forms differ": {"X-Shopify-Topic": {topicLevel}, "Shopify-Topic": {"InventoryLevel"}, "Shopify-Action": {"update"}},
		"twice": {"X-Shopify-Topic": {topicLevel, topicLevel}}, "twice in one line": {"X-Shopify-Topic": {topicLevel + ", " + topicLevel}},
	} {
		events, err := c.Decode(header, golden(t, "inventory_levels_update.json"), time.Time{})
		if err != nil || len(events) != 1 || events[0].Topic != topicLevel {
			t.Errorf("%s: %d events, %v", what, len(events), err)
		}
	}
	for what, header := range map[string]http.Header{
		"two topics": {"X-Shopify-Topic": {topicLevel, topicOrderCreate}}, "two topics in one line": {"X-Shopify-Topic": {topicLevel + "," + topicOrderCreate}},
	} {
		if _, err := c.Decode(header, golden(t, "inventory_levels_update.json"), time.Time{}); !isMalformed(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestDecodeConnections: a counter that comes to be or ceases is read. Shopify documents no more of them than the two ids.
func TestDecodeConnections(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	want := stock.Ref{Channel: "web", Item: "501", Location: "77"}
	for _, topic := range []string{topicConnect, topicDisconnect} {
		for _, body := range []string{`{"inventory_item_id":501,"location_id":77}`, string(golden(t, "inventory_levels_update.json"))} {
			event := decodeOne(t, c, topic, body)
			if event.Hint == nil || event.Hint.Ref == nil || *event.Hint.Ref != want || event.Topic != topic || !strings.HasPrefix(event.ID, topic+"/501@77/") {
				t.Errorf("%s: %s", topic, asJSON(t, event))
			}
		}
		for _, body := range []string{`{"inventory_item_id":501}`, `{"inventory_item_id":"501","location_id":77}`,
			`{"inventory_item_id":501,"location_id":77,"admin_graphql_api_id":"gid://shopify/InventoryLevel/1?inventory_item_id=502"}`} {
			if _, err := c.Decode(topicHeader(topic), []byte(body), time.Time{}); !isMalformed(err) {
				t.Errorf("%s %s: %v", topic, body, err)
			}
		}
	}
}

// TestDecodeItems: an item that was deleted, or is not counted any more, is read at each of our locations. Shopify documents no more of a
// deleted one than its id.
func TestDecodeItems(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	for body, topic := range map[string]string{
		`{"id":501}`: topicItemDelete, `{"id":501,"admin_graphql_api_id":"gid://shopify/InventoryItem/501"}`: topicItemDelete,
		`{"id":501,"sku":"TEE","tracked":false,"updated_at":"2026-10-02T09:15:04-04:00"}`: topicItemUpdate,
	} {
		events, err := c.Decode(topicHeader(topic), []byte(body), time.Time{})
		if err != nil || len(events) != len(c.locations) || len(events) == 0 {
			t.Fatalf("%s %s: %d events, %v", topic, body, len(events), err)
		}
		for i, event := range events {
			want := stock.Ref{Channel: "web", Item: "501", Location: c.locations[i]}
			if event.Hint == nil || event.Hint.Ref == nil || *event.Hint.Ref != want || event.Topic != topic || !strings.HasPrefix(event.ID, topic+"/501@"+want.Location+"/") {
				t.Errorf("%s: %s", topic, asJSON(t, event))
			}
		}
	}
	for _, body := range []string{`{"id":501,"tracked":true}`, `{"id":501,"tracked":null}`, `{"id":501}`} {
		if events, err := c.Decode(topicHeader(topicItemUpdate), []byte(body), time.Time{}); err != nil || len(events) > 0 {
			t.Errorf("%s: %d events, %v", body, len(events), err)
		}
	}
	for _, body := range []string{`{}`, `{"id":"501"}`, `{"id":501,"tracked":"no"}`, `{"id":501,"admin_graphql_api_id":"gid://shopify/Product/501"}`} {
		if _, err := c.Decode(topicHeader(topicItemUpdate), []byte(body), time.Time{}); !isMalformed(err) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestDecodeRefusesBodiesOfAnotherTopic(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	kind := map[string]string{
		"inventory_levels_update.json": topicLevel, "orders_create.json": topicOrderCreate, "refunds_create.json": topicRefund,
	}
	for file, of := range kind {
		for _, topic := range kind {
			if topic == of {
				continue
			}
			if _, err := c.Decode(topicHeader(topic), golden(t, file), time.Time{}); !isMalformed(err) {
				t.Errorf("%s as %s: %v", file, topic, err)
			}
		}
	}
	fulfillment := `{"id":1,"order_id":900,"updated_at":"2026-10-02T09:15:04Z","line_items":[],"admin_graphql_api_id":"gid://shopify/Fulfillment/1"}`
	if _, err := c.Decode(topicHeader(topicOrderUpdated), []byte(fulfillment), time.Time{}); !isMalformed(err) {
		t.Errorf("a fulfillment as an order: %v", err)
	}
}

func TestDecodeTakesOddButTrueBodies(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	order := decodeOne(t, c, topicOrderUpdated, `{"id":900,"updated_at":"2026-10-02T09:15:04+02:00","line_items":[],"refunds":null,"x":`+deep+
		`,"name":"#1\u0000\u001b[31m`+strings.Repeat("n", 500<<10)+`"}`).Order
	if len(order.Lines) != 0 || len(order.Name) != labelRunes || strings.ContainsAny(order.Name, "\x00\x1b") {
		t.Errorf("an order edited to nothing: %d lines, name of %d bytes", len(order.Lines), len(order.Name))
	}
	raised := decodeOne(t, c, topicOrderUpdated, `{"id":900,"updated_at":"2026-10-02T09:15:04Z","line_items":[{"id":1,"variant_id":2,"quantity":1,"current_quantity":3}]}`).Order
	if raised.Lines[0].Taken != stock.Units(3) {
		t.Errorf("an edit that raised current_quantity only: taken %s", raised.Lines[0].Taken)
	}
	more := decodeOne(t, c, topicOrderUpdated, `{"id":900,"updated_at":"2026-10-02T09:15:04Z","line_items":[{"id":1,"variant_id":2,"quantity":1},{"id":1,"variant_id":2,"quantity":1}],
		"refunds":[{"created_at":"2026-10-02T09:15:04Z","refund_line_items":[{"id":7,"line_item_id":1,"quantity":5,"restock_type":"return","location_id":77},
		{"id":7,"line_item_id":1,"quantity":5,"restock_type":"return","location_id":77},{"id":8,"line_item_id":1,"quantity":1,"restock_type":"legacy_restock","location_id":77}]}]}`).Order
	if len(more.Lines) != 1 || len(more.Lines[0].Restocks) != 1 || more.Lines[0].Restocks[0].Quantity != stock.Units(5) {
		t.Errorf("repeated ids and more refunded than sold: %s", asJSON(t, more))
	}
	negative := decodeOne(t, c, topicLevel, `{"inventory_item_id":9223372036854775807,"location_id":77,"available":-3,"updated_at":"2026-10-02T09:15:04Z"}`).Reading
	if negative.Quantity != stock.Units(-3) || negative.Ref.Item != "9223372036854775807" {
		t.Errorf("an oversold level: %s", asJSON(t, negative))
	}
}

func TestDecodeReportsAnotherVersionOnce(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	c := channelOn(t, ok(""), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	for range 3 {
		header := topicHeader(topicLevel)
		header.Set("X-Shopify-API-Version", "2027-01")
		if _, err := c.Decode(header, golden(t, "inventory_levels_update.json"), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(logged.String(), "version=2027-01"); n != 1 {
		t.Errorf("reported %d times: %s", n, logged.String())
	}
}

func decodeOne(t *testing.T, c *Channel, topic, body string) stock.Event {
	t.Helper()
	events, err := c.Decode(topicHeader(topic), []byte(body), time.Time{})
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return events[0]
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(fmt.Errorf("encoding for the message: %w", err))
	}
	return string(text)
}
