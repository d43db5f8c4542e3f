package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// TestWebhookAndGraphQLGiveTheSameCounters is what lets events come by either way, in any order.
func TestWebhookAndGraphQLGiveTheSameCounters(t *testing.T) {
	t.Parallel()
	c := channelOn(t, orderBook(t, golden(t, "graphql_orders.json")))
	page, err := c.ListMovements(t.Context(), time.Time{}, "")
	if err != nil || len(page.Orders) != 1 {
		t.Fatalf("%d orders, %v", len(page.Orders), err)
	}
	listed := page.Orders[0]
	events, err := c.Decode(topicHeader(topicOrderUpdated), golden(t, "orders_updated_refunded.json"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	// Line 10 left from 77, a cancelled fulfillment order aside; line 11 is split; line 13 is not routed.
	places := []string{}
	for i := range listed.Lines {
		places = append(places, listed.Lines[i].Location)
		listed.Lines[i].Location = ""
	}
	if want := []string{"77", "", ""}; !slices.Equal(places, want) {
		t.Errorf("locations %q, want %q", places, want)
	}
	if !reflect.DeepEqual(&listed, events[0].Order) {
		t.Errorf("GraphQL\n%s\nwebhook\n%s", asJSON(t, listed), asJSON(t, events[0].Order))
	}
}

func TestTillOrdersLeaveFromTheirTill(t *testing.T) {
	t.Parallel()
	webhook, err := channelOn(t, ok("")).Decode(topicHeader(topicOrderCreate), golden(t, "orders_create_pos.json"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	node := orderNode{
		ID: "gid://shopify/Order/900", Name: "#1001", SourceName: sourcePOS, RetailLocation: &idNode{"gid://shopify/Location/78"},
		CreatedAt: at(t, "2026-10-02T13:14:00Z"), UpdatedAt: at(t, "2026-10-02T13:14:01Z"),
	}
	node.LineItems.Nodes = []lineNode{{ID: "gid://shopify/LineItem/10", Quantity: 1, CurrentQuantity: 1, Variant: &idNode{"gid://shopify/ProductVariant/31"}}}
	facts, err := node.facts()
	if err != nil {
		t.Fatal(err)
	}
	if got := facts.order("web"); !reflect.DeepEqual(got, webhook[0].Order) {
		t.Errorf("GraphQL\n%s\nwebhook\n%s", asJSON(t, got), asJSON(t, webhook[0].Order))
	}
	// Shipped from elsewhere: the routing knows better than the till.
	fo := fulfillmentOrderNode{ID: "gid://shopify/FulfillmentOrder/1", Status: "OPEN"}
	fo.Assigned.Location = &idNode{"gid://shopify/Location/77"}
	fo.Lines.Nodes = []routedLineNode{{TotalQuantity: 1, LineItem: idNode{"gid://shopify/LineItem/10"}}}
	node.FulfillmentOrders.Nodes = []fulfillmentOrderNode{fo}
	if facts, err = node.facts(); err != nil || facts.lines[0].location != "77" {
		t.Errorf("routed to %q, %v", facts.lines[0].location, err)
	}
	// Everything cancelled: it left from there all the same.
	node.FulfillmentOrders.Nodes[0].Status = statusCancelled
	if facts, err = node.facts(); err != nil || facts.lines[0].location != "77" {
		t.Errorf("after a cancellation routed to %q, %v", facts.lines[0].location, err)
	}
}

// bigOrder plays an order of 45 lines, 7 refunds and 6 fulfillment orders, page by page.
type bigOrder struct{ t *testing.T }

func page(nodes []string, next string) string {
	return fmt.Sprintf(`{"nodes":[%s],"pageInfo":{"hasNextPage":%v,"endCursor":%q}}`, strings.Join(nodes, ","), next != "", next)
}

func several(from, to int, node func(int) string) []string {
	var nodes []string
	for i := from; i <= to; i++ {
		nodes = append(nodes, node(i))
	}
	return nodes
}

func (b bigOrder) line(i int) string {
	return fmt.Sprintf(`{"id":"gid://shopify/LineItem/%d","quantity":2,"currentQuantity":2,"variant":{"id":"gid://shopify/ProductVariant/%d"}}`, i, i+1000)
}

func (b bigOrder) refundLine(i int) string {
	return fmt.Sprintf(`{"id":"gid://shopify/RefundLineItem/%d","quantity":1,"restockType":"RETURN","lineItem":{"id":"gid://shopify/LineItem/1"},"location":{"id":"gid://shopify/Location/77"}}`, i)
}

// refund i has one line; refund 7 has 12, of which the first page holds 10.
func (b bigOrder) refund(i int) string {
	lines := page(several(i*100, i*100, b.refundLine), "")
	if i == 7 {
		lines = page(several(700, 709, b.refundLine), "r10")
	}
	return fmt.Sprintf(`{"id":"gid://shopify/Refund/%d","createdAt":null,"processedAt":"2026-10-02T13:00:00Z","refundLineItems":%s}`, i, lines)
}

func (b bigOrder) routed(i int) string {
	return fmt.Sprintf(`{"totalQuantity":2,"lineItem":{"id":"gid://shopify/LineItem/%d"}}`, i)
}

// fulfillment order 1 holds lines 1 to 25, the first page 20 of them; the others hold 4 each.
func (b bigOrder) fulfillmentOrder(i int) string {
	lines := page(several(22+4*(i-1), 25+4*(i-1), b.routed), "")
	if i == 1 {
		lines = page(several(1, 20, b.routed), "f20")
	}
	return fmt.Sprintf(`{"id":"gid://shopify/FulfillmentOrder/%d","status":"OPEN","assignedLocation":{"location":{"id":"gid://shopify/Location/%d"}},"lineItems":%s}`, i, 70+i, lines)
}

func (b bigOrder) answer(_ int, op string, vars map[string]any) (int, map[string]string, string) {
	data := map[string]string{
		opReadOrders.name: fmt.Sprintf(`{"nodes":[null,{"id":"gid://shopify/Order/900","name":"#1","createdAt":"2026-10-02T12:00:00Z","updatedAt":"2026-10-02T13:00:00Z",
			"lineItems":%s,"refunds":[%s],"fulfillmentOrders":%s}]}`, page(several(1, 20, b.line), "l20"), strings.Join(several(1, 5, b.refund), ","), page(several(1, 5, b.fulfillmentOrder), "o5")),
		opOrderLines.name + " l20":  `{"order":{"lineItems":` + page(several(21, 40, b.line), "l40") + `}}`,
		opOrderLines.name + " l40":  `{"order":{"lineItems":` + page(several(41, 45, b.line), "") + `}}`,
		opOrderRefunds.name:         `{"order":{"refunds":[` + strings.Join(several(1, 7, b.refund), ",") + `]}}`,
		opRefundLines.name + " r10": `{"refund":{"refundLineItems":` + page(several(710, 711, b.refundLine), "") + `}}`,
		opOrderRouting.name + " o5": `{"order":{"fulfillmentOrders":` + page(several(6, 6, b.fulfillmentOrder), "") + `}}`,
		opRoutedLines.name + " f20": `{"fulfillmentOrder":{"lineItems":` + page(several(21, 25, b.routed), "") + `}}`,
	}
	key := op
	if after, ok := vars["after"].(string); ok {
		key += " " + after
	}
	if _, known := data[key]; !known {
		b.t.Errorf("asked %s", key)
	}
	return 200, nil, `{"data":` + data[key] + `}`
}

func TestNothingNestedIsCut(t *testing.T) {
	t.Parallel()
	c := channelOn(t, &pretend{answer: bigOrder{t}.answer})
	page, err := c.ReadOrders(t.Context(), []string{"899", "900"})
	if err != nil || len(page.Orders) != 1 {
		t.Fatalf("%d orders, %v", len(page.Orders), err)
	}
	order := page.Orders[0]
	if len(order.Lines) != 45 || len(order.Lines[0].Restocks) != 6+12 {
		t.Fatalf("%d lines, %d restocks", len(order.Lines), len(order.Lines[0].Restocks))
	}
	for i, line := range order.Lines {
		want := "71"
		if i+1 > 25 {
			want = fmt.Sprint(71 + (i+1-22)/4)
		}
		if line.ID != fmt.Sprint(i+1) || line.Location != want || line.Taken != stock.Units(2) {
			t.Errorf("line %+v, want location %s", line, want)
		}
	}
	if when := order.Lines[0].Restocks[0].At; !when.Equal(at(t, "2026-10-02T13:00:00Z")) {
		t.Errorf("a refund without created time is of %s", when)
	}
}

func TestNestedPagesEnd(t *testing.T) {
	t.Parallel()
	big := bigOrder{t}
	for name, answer := range map[string]string{
		"vanished":     `{"data":{"order":null}}`,
		"stands still": `{"data":{"order":{"lineItems":` + page(nil, "l20") + `}}}`,
		"no cursor":    `{"data":{"order":{"lineItems":{"nodes":[],"pageInfo":{"hasNextPage":true}}}}}`,
		"an error":     `{"errors":[{"message":"m"}]}`,
	} {
		p := &pretend{answer: func(call int, op string, vars map[string]any) (int, map[string]string, string) {
			if call == 0 {
				return big.answer(call, op, vars)
			}
			return 200, nil, answer
		}}
		if page, err := channelOn(t, p).ReadOrders(t.Context(), []string{"899", "900"}); err == nil || page.Orders != nil {
			t.Errorf("%s: %d orders, %v", name, len(page.Orders), err)
		}
	}
	endless := &pretend{answer: func(call int, op string, vars map[string]any) (int, map[string]string, string) {
		if call == 0 {
			return big.answer(call, op, vars)
		}
		return 200, nil, `{"data":{"order":{"lineItems":` + page(nil, fmt.Sprint("c", call)) + `}}}`
	}}
	_, err := channelOn(t, endless).ReadOrders(t.Context(), []string{"899", "900"})
	wantRetry(t, err, false, 0)
	if n := len(endless.operations()); n != nestedPages+1 {
		t.Errorf("%d requests", n)
	}
}

// An order that is edited between two of its pages is as young as its youngest page: a baseline must not take the edit for old.
// The list still stands where the order stood in it.
func TestOrderEditedBetweenItsPages(t *testing.T) {
	t.Parallel()
	big := bigOrder{t}
	for op, want := range map[string]string{opOrderLines.name: "13:00:07", opOrderRefunds.name: "13:00:08", opOrderRouting.name: "13:00:09"} {
		p := &pretend{answer: func(call int, asked string, vars map[string]any) (int, map[string]string, string) {
			status, header, body := big.answer(call, asked, vars)
			if asked == op {
				body = strings.Replace(body, `{"order":{`, `{"order":{"updatedAt":"2026-10-02T`+want+`Z",`, 1)
			}
			return status, header, body
		}}
		read, err := channelOn(t, p).ReadOrders(t.Context(), []string{"899", "900"})
		if err != nil || len(read.Orders) != 1 || !read.Orders[0].UpdatedAt.Equal(at(t, "2026-10-02T"+want+"Z")) {
			t.Errorf("%s: %v, updated %v", op, err, read.Orders)
		}
	}
}

// orderBook lists the orders of an answer, and shows those that are asked for.
func orderBook(t *testing.T, list []byte) *pretend {
	t.Helper()
	var book struct {
		Data struct {
			Orders struct {
				Nodes []map[string]any `json:"nodes"`
			} `json:"orders"`
		} `json:"data"`
	}
	if err := json.Unmarshal(list, &book); err != nil {
		t.Fatal(err)
	}
	return &pretend{answer: func(_ int, op string, vars map[string]any) (int, map[string]string, string) {
		if op != opReadOrders.name {
			return 200, nil, string(list)
		}
		var nodes []any
		for _, id := range vars["ids"].([]any) {
			for _, order := range book.Data.Orders.Nodes {
				if order["id"] == id {
					nodes = append(nodes, order)
				}
			}
		}
		return 200, nil, asJSON(t, map[string]any{"data": map[string]any{"nodes": nodes}})
	}}
}

// A long list goes on where its last order stood in it, not where that order has moved to while its pages were read: else what
// stood between would be skipped.
func TestListMovementsGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	p := orderBook(t, golden(t, "graphql_orders.json"))
	listed := p.answer
	p.answer = func(call int, asked string, vars map[string]any) (int, map[string]string, string) {
		status, header, body := listed(call, asked, vars)
		if asked == opReadOrders.name {
			return status, header, strings.ReplaceAll(body, `"updatedAt":"2026-10-02T15:00:01Z"`, `"updatedAt":"2026-10-02T16:00:00Z"`)
		}
		end := strings.LastIndex(body, `"hasNextPage": false`)
		return status, header, body[:end] + strings.Replace(strings.Replace(body[end:], "false", "true", 1), `"endCursor": null`, `"endCursor": "on"`, 1)
	}
	got, err := channelOn(t, p).ListMovements(t.Context(), time.Time{}, fmt.Sprintf("%d||c", renewAfter-1))
	if err != nil || got.Next != "0|2026-10-02T15:00:01Z|" || !got.Orders[0].UpdatedAt.Equal(at(t, "2026-10-02T16:00:00Z")) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Where no order changed, none is asked for: a question for whole orders must have the points for a full page.
func TestListMovementsOfNone(t *testing.T) {
	t.Parallel()
	p := ok(`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}`)
	page, err := channelOn(t, p).ListMovements(t.Context(), at(t, "2026-10-01T00:00:00Z"), "")
	if err != nil || len(page.Orders) != 0 || page.Next != "" || !slices.Equal(p.operations(), []string{opOrderTimes.name}) {
		t.Errorf("%+v after %v, %v", page, p.operations(), err)
	}
}

// One order that cannot be understood does not keep the others of its page, nor those of the pages after it, from being read.
func TestOrderThatCannotBeRead(t *testing.T) {
	t.Parallel()
	list := strings.Replace(string(golden(t, "graphql_orders.json")), `"nodes": [`, `"nodes": [{"id":"gid://shopify/DraftOrder/1","updatedAt":"2026-10-02T12:00:00Z"},`, 1)
	var logged bytes.Buffer
	c := channelOn(t, orderBook(t, []byte(list)), func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	page, err := c.ListMovements(t.Context(), time.Time{}, "")
	if err != nil || len(page.Orders) != 1 || !strings.Contains(logged.String(), "DraftOrder/1") {
		t.Errorf("%d orders, %v, logged %s", len(page.Orders), err, logged.String())
	}
}

func TestReadOrdersInSmallChunks(t *testing.T) {
	t.Parallel()
	p := &pretend{answer: func(_ int, _ string, vars map[string]any) (int, map[string]string, string) {
		ids := vars["ids"].([]any)
		if len(ids) > readOrders {
			t.Errorf("%d ids at once", len(ids))
		}
		return 200, map[string]string{"Date": today}, `{"data":{"nodes":[null` + strings.Repeat(",null", len(ids)-1) + `]}}`
	}}
	c := channelOn(t, p)
	ids := strings.Fields(strings.Repeat("7 ", 2*readOrders+1))
	if page, err := c.ReadOrders(t.Context(), ids); err != nil || len(page.Orders) != 0 || len(p.operations()) != 3 || page.ReadAt.IsZero() {
		t.Errorf("%+v after %d requests, %v", page, len(p.operations()), err)
	}
	if _, err := c.ReadOrders(t.Context(), []string{"gid://shopify/Order/7"}); err == nil {
		t.Error("a global id was taken for a number")
	}
	if page, err := c.ReadOrders(t.Context(), nil); err != nil || page.Orders != nil {
		t.Errorf("no ids: %+v, %v", page, err)
	}
}

// As soon as an answer has told what an order costs, as many are asked for as one request may.
func TestReadOrdersToTheLimit(t *testing.T) {
	t.Parallel()
	for cost, want := range map[int][]int{20: {5, 20, 15}, 60: {5, 15, 15, 5}, 150: {5, 6, 6, 6, 6, 6, 5}} {
		var asked []int
		c := channelOn(t, &pretend{answer: func(_ int, _ string, vars map[string]any) (int, map[string]string, string) {
			n := len(vars["ids"].([]any))
			asked = append(asked, n)
			return 200, map[string]string{"Date": today}, fmt.Sprintf(`{"data":{"nodes":[null%s]},"extensions":{"cost":{"requestedQueryCost":%d,"throttleStatus":
				{"maximumAvailable":20000,"currentlyAvailable":20000,"restoreRate":1000}}}}`, strings.Repeat(",null", n-1), n*cost)
		}})
		if _, err := c.ReadOrders(t.Context(), strings.Fields(strings.Repeat("7 ", 40))); err != nil || !slices.Equal(asked, want) {
			t.Errorf("orders of %d points: %v at once, want %v, %v", cost, asked, want, err)
		}
	}
}

func TestListMovementsRenewsItsSearch(t *testing.T) {
	t.Parallel()
	var answer struct {
		Data struct {
			Orders map[string]any `json:"orders"`
		} `json:"data"`
	}
	if err := json.Unmarshal(golden(t, "graphql_orders.json"), &answer); err != nil {
		t.Fatal(err)
	}
	answer.Data.Orders["pageInfo"] = map[string]any{"hasNextPage": true, "endCursor": "c|9"}
	p := orderBook(t, []byte(asJSON(t, answer)))
	c := channelOn(t, p)
	since := at(t, "2026-10-01T00:00:00Z")
	got, err := c.ListMovements(t.Context(), since, "")
	if err != nil || got.Next != "1||c|9" {
		t.Fatalf("next %q, %v", got.Next, err)
	}
	if got, err = c.ListMovements(t.Context(), since, fmt.Sprintf("%d||c|8", renewAfter-1)); err != nil || got.Next != "0|2026-10-02T15:00:01Z|" || p.vars[2]["after"] != "c|8" {
		t.Fatalf("next %q, asked %v, %v", got.Next, p.vars[2], err)
	}
	if _, err = c.ListMovements(t.Context(), since, got.Next); err != nil || p.vars[4]["query"] != "updated_at:>'2026-10-02T15:00:00Z'" || p.vars[4]["after"] != nil {
		t.Fatalf("asked %v, %v", p.vars[4], err)
	}
	// 20,000 orders in one second would begin the same search for ever.
	_, err = c.ListMovements(t.Context(), since, fmt.Sprintf("%d|2026-10-02T15:00:01Z|c", renewAfter-1))
	wantRetry(t, err, false, 0)
}

// When orders changed is listed by as few points as flat nodes cost, with where the list goes on; an order of another kind keeps no
// other from being listed.
func TestListOrders(t *testing.T) {
	t.Parallel()
	nodes := `{"id":"gid://shopify/Order/900","updatedAt":"2026-10-02T15:00:01+02:00"},{"id":"gid://shopify/DraftOrder/1","updatedAt":"2026-10-02T15:00:02Z"}`
	p := &pretend{answer: func(_ int, _ string, vars map[string]any) (int, map[string]string, string) {
		next := "c9"
		if vars["after"] != nil {
			next = ""
		}
		return 200, map[string]string{"Date": today}, `{"data":{"orders":` + page([]string{nodes}, next) + `}}`
	}}
	c := channelOn(t, p)
	since := at(t, "2026-10-01T00:00:00Z")
	got, err := c.ListOrders(t.Context(), since, "")
	want := []stock.OrderTime{{ID: "900", UpdatedAt: at(t, "2026-10-02T13:00:01Z")}}
	if err != nil || !reflect.DeepEqual(got.Orders, want) || got.Next != "2||c9" || got.ReadAt.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err = c.ListOrders(t.Context(), since, got.Next); err != nil || got.Next != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if p.vars[1]["after"] != "c9" || p.vars[1]["query"] != "updated_at:>'2026-09-30T23:59:59Z'" || p.operations()[1] != opOrderTimes.name {
		t.Errorf("asked %v for %v", p.operations(), p.vars[1])
	}
	// A long list begins a new search, which orders of another kind do not hold up.
	if got, err = c.ListOrders(t.Context(), since, fmt.Sprintf("%d||", renewAfter-1)); err != nil || got.Next != "0|2026-10-02T15:00:02Z|" {
		t.Errorf("next %q, %v", got.Next, err)
	}
	if _, err = c.ListOrders(t.Context(), since, "9"); !errors.Is(err, ErrCursor) {
		t.Error(err)
	}
}

// A refund line of a type that is not known counts nothing; the order names the type, each once and not too many, whichever
// way it came.
func TestOrderWithUnknownRestockTypes(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	refund := func(types ...string) string {
		var lines []string
		for i, kind := range types {
			lines = append(lines, fmt.Sprintf(`{"id":%d,"line_item_id":1,"quantity":1,"restock_type":%q,"location_id":77}`, 10+i, kind))
		}
		return `{"id":900,"updated_at":"2026-10-02T09:15:04Z","line_items":[{"id":1,"variant_id":2,"quantity":3}],"refunds":[{"created_at":"2026-10-02T09:15:04Z","refund_line_items":[` +
			strings.Join(lines, ",") + `]}]}`
	}
	order := decodeOne(t, c, topicOrderUpdated, refund("swap", "no_restock", "return", "exchange", "legacy_restock", "swap", "")).Order
	want := []stock.UnknownWord{{What: "restock type"}, {What: "restock type", Word: "exchange"}, {What: "restock type", Word: "swap"}}
	if !reflect.DeepEqual(order.Unknown, want) || len(order.Lines[0].Restocks) != 1 || order.Lines[0].Taken != stock.Units(3) {
		t.Errorf("got %s", asJSON(t, order))
	}
	many := make([]string, 2*unknownMax)
	for i := range many {
		many[i] = fmt.Sprint("type", i)
	}
	if order := decodeOne(t, c, topicOrderUpdated, refund(many...)).Order; len(order.Unknown) != unknownMax {
		t.Errorf("%d words", len(order.Unknown))
	}
	at := at(t, "2026-10-02T09:15:04Z")
	node := orderNode{ID: "gid://shopify/Order/900", UpdatedAt: at, Refunds: []refundNode{{ID: "gid://shopify/Refund/1", CreatedAt: &at}}}
	node.Refunds[0].Lines.Nodes = []refundLineNode{{RestockType: "SWAP", LineItem: idNode{ID: "gid://shopify/LineItem/1"}}}
	facts, err := node.facts()
	if err != nil || !reflect.DeepEqual(facts.order("web").Unknown, want[2:]) {
		t.Errorf("by GraphQL %+v, %v", facts.order("web").Unknown, err)
	}
}
