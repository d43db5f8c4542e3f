package shopify

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const today = "Fri, 02 Oct 2026 13:15:04 GMT"

func ref(item, location string) stock.Ref {
	return stock.Ref{Channel: "web", Item: item, Location: location}
}

func TestReadRefsSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	level := func(active bool, quantities string) string {
		return fmt.Sprintf(`{"updatedAt":"2026-10-02T13:00:00Z","isActive":%v,"quantities":[%s]}`, active, quantities)
	}
	const five = `{"name":"available","quantity":-5}`
	node := func(item int, tracked bool, level string) string {
		return fmt.Sprintf(`{"id":"gid://shopify/InventoryItem/%d","tracked":%v,"inventoryLevel":%s}`, item, tracked, level)
	}
	p := &pretend{answer: func(call int, _ string, vars map[string]any) (int, map[string]string, string) {
		if vars["location"] == "gid://shopify/Location/78" {
			return 200, map[string]string{"Date": "Fri, 02 Oct 2026 13:15:09 GMT"}, `{"data":{"nodes":[` + node(1, true, level(true, `{"name":"available","quantity":0}`)) + `]}}`
		}
		return 200, map[string]string{"Date": today}, `{"data":{"nodes":[` + strings.Join([]string{
			node(1, true, level(true, `{"name":"on_hand","quantity":9},`+five)), "null", node(3, true, "null"),
			node(4, true, level(false, five)), node(5, true, level(true, "")), node(6, false, level(true, five)), node(7, false, "null"),
		}, ",") + `]}}`
	}}
	c := channelOn(t, p)
	refs := []stock.Ref{ref("1", "78"), ref("7", "77"), ref("1", "77"), ref("2", "77"), ref("3", "77"), ref("4", "77"), ref("5", "77"), ref("6", "77"), ref("1", "77")}
	page, err := c.ReadRefs(t.Context(), refs, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	version := at(t, "2026-10-02T13:00:00Z")
	want := []stock.Reading{
		{Ref: ref("1", "77"), Status: stock.Counted, Quantity: stock.Units(-5), Version: version},
		{Ref: ref("2", "77"), Status: stock.Gone},
		{Ref: ref("3", "77"), Status: stock.Missing, Why: stock.NotStocked},
		{Ref: ref("4", "77"), Status: stock.Missing, Version: version, Why: stock.SwitchedOff},
		{Ref: ref("5", "77"), Status: stock.Missing, Version: version, Why: stock.NeverCounted},
		{Ref: ref("6", "77"), Status: stock.Untracked, Version: version},
		{Ref: ref("7", "77"), Status: stock.Untracked},
		{Ref: ref("1", "78"), Status: stock.Counted, Version: version},
	}
	if !reflect.DeepEqual(page.Readings, want) {
		t.Errorf("got\n%s\nwant\n%s", asJSON(t, page.Readings), asJSON(t, want))
	}
	if !page.ReadAt.Equal(at(t, "2026-10-02T13:15:04Z")) || page.Orders != nil || len(p.operations()) != 2 {
		t.Errorf("read at %s, asked %v", page.ReadAt, p.operations())
	}
	if !c.PlatformNow().Before(at(t, "2026-10-02T13:15:10Z")) || c.PlatformNow().Before(at(t, "2026-10-02T13:15:09Z")) {
		t.Errorf("platform now %s", c.PlatformNow())
	}
}

func TestReadRefsSplitsAndListsOrders(t *testing.T) {
	t.Parallel()
	orders := string(golden(t, "graphql_orders.json"))
	p := orderBook(t, []byte(orders))
	read := p.answer
	p.answer = func(call int, op string, vars map[string]any) (int, map[string]string, string) {
		if op == opReadOrders.name {
			return read(call, op, vars)
		}
		if op == opOrderTimes.name {
			if vars["after"] == nil {
				i := strings.LastIndex(orders, `"hasNextPage": false`)
				return 200, nil, orders[:i] + strings.Replace(orders[i:], `"hasNextPage": false,`+"\n        "+`"endCursor": null`, `"hasNextPage": true, "endCursor": "c1"`, 1)
			}
			return 200, nil, orders
		}
		var nodes []string
		for _, id := range vars["ids"].([]any) {
			nodes = append(nodes, fmt.Sprintf(`{"id":%q,"tracked":true,"inventoryLevel":null}`, id))
		}
		return 200, map[string]string{"Date": today}, `{"data":{"nodes":[` + strings.Join(nodes, ",") + `]}}`
	}
	c := channelOn(t, p)
	var refs []stock.Ref
	for i := range 2*maxReads + 1 {
		refs = append(refs, ref(fmt.Sprint(i+1), "77"))
	}
	page, err := c.ReadRefs(t.Context(), refs, at(t, "2026-10-02T12:00:00.9Z"))
	if err != nil {
		t.Fatal(err)
	}
	asked := p.operations()
	want := []string{opReadRefs.name, opReadRefs.name, opReadRefs.name, opOrderTimes.name, opReadOrders.name, opOrderTimes.name, opReadOrders.name}
	if len(page.Readings) != len(refs) || len(page.Orders) != 2 || !reflect.DeepEqual(asked, want) {
		t.Errorf("%d readings, %d orders, asked %v", len(page.Readings), len(page.Orders), asked)
	}
	// The second named is the one before, for the comparison excludes it.
	if query := p.vars[3]["query"]; query != "updated_at:>'2026-10-02T11:59:59Z'" {
		t.Errorf("searched %v", query)
	}
}

func TestReadsRefuseAnswersThatSayLess(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status    int
		body      string
		retryable bool
	}{
		"short answer":   {200, `{"data":{"nodes":[]}}`, true},
		"another item":   {200, `{"data":{"nodes":[{"id":"gid://shopify/InventoryItem/2","tracked":true}]}}`, true},
		"another type":   {200, `{"data":{"nodes":[{}]}}`, true},
		"no tracked":     {200, `{"data":{"nodes":[{"id":"gid://shopify/InventoryItem/1"}]}}`, true},
		"fraction":       {200, `{"data":{"nodes":[{"id":"gid://shopify/InventoryItem/1","tracked":true,"inventoryLevel":{"isActive":true,"updatedAt":"2026-10-02T13:00:00Z","quantities":[{"name":"available","quantity":1.5}]}}]}}`, true},
		"null data":      {200, `{"data":null}`, true},
		"HTML":           {200, `<html>`, true},
		"partial errors": {200, `{"data":{"nodes":[null]},"errors":[{"message":"m","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`, true},
		"no scope":       {200, `{"data":{"nodes":[null]},"errors":[{"message":"m","extensions":{"code":"ACCESS_DENIED"}}]}`, false},
		"invalid":        {200, `{"errors":[{"message":"m","extensions":{"code":"undefinedField"}}]}`, false},
		"too dear":       {200, `{"errors":[{"message":"m","extensions":{"code":"MAX_COST_EXCEEDED"}}]}`, false},
		"401":            {401, `{"errors":"[API] Invalid API key"}`, false},
		"402":            {402, ``, true},
		"403":            {403, ``, false},
		"404":            {404, ``, false},
		"423":            {423, ``, true},
		"500":            {500, ``, true},
		"502":            {502, `<html>`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := channelOn(t, &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) { return tc.status, nil, tc.body }})
			page, err := c.ReadRefs(t.Context(), []stock.Ref{ref("1", "77")}, time.Time{})
			if err == nil || page.Readings != nil {
				t.Fatalf("%+v, %v", page, err)
			}
			wantRetry(t, err, tc.retryable, 0)
			if e, ok := as(err); !ok || e.Denied() != slices.Contains([]string{"no scope", "401", "402", "403", "404", "423"}, name) {
				t.Errorf("denied: %v", err)
			}
			if strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "html") {
				t.Errorf("the error says %v", err)
			}
		})
	}
	c := channelOn(t, script(t))
	page, err := c.ReadRefs(t.Context(), []stock.Ref{ref("4.5E+13", "77")}, time.Time{})
	if err != nil || len(page.Readings) != 1 || page.Readings[0].Status != stock.Missing || page.Readings[0].Why != stock.NoID {
		t.Errorf("%+v, %v", page, err)
	}
	for _, bad := range []stock.Ref{ref("", "77"), ref("1", ""), {Channel: "till", Item: "1", Location: "77"}} {
		if _, err := c.ReadRefs(t.Context(), []stock.Ref{bad}, time.Time{}); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestListCountsPagesThroughEveryLocation(t *testing.T) {
	t.Parallel()
	page := func(item int, next string) string {
		return fmt.Sprintf(`{"data":{"location":{"inventoryLevels":{"nodes":[{"updatedAt":"2026-10-02T13:00:00Z","isActive":true,"quantities":[{"name":"available","quantity":%d}],
			"item":{"id":"gid://shopify/InventoryItem/%d","tracked":true}}],"pageInfo":{"hasNextPage":%v,"endCursor":%q}}}}}`, item, item, next != "", next)
	}
	p := script(t, page(1, "a|b"), page(2, ""), page(3, ""))
	c := channelOn(t, p)
	var got []string
	cursor := ""
	for pages := 0; pages < 3; pages++ {
		counts, err := c.ListCounts(t.Context(), at(t, "2026-10-02T12:00:00Z"), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range counts.Readings {
			got = append(got, r.Ref.String()+"="+r.Quantity.String())
		}
		if cursor = counts.Next; (cursor == "") != (pages == 2) {
			t.Fatalf("page %d: next %q", pages, cursor)
		}
	}
	if want := []string{"web/1@77=1", "web/2@77=2", "web/3@78=3"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if p.vars[1]["after"] != "a|b" || p.vars[2]["after"] != nil || p.vars[2]["location"] != "gid://shopify/Location/78" {
		t.Errorf("asked %v", p.vars)
	}
	for _, bad := range []string{"x", "99|0|", "|0|a", "77|", "77|a", "77|-1|a"} {
		if _, err := c.ListCounts(t.Context(), time.Time{}, bad); !errors.Is(err, ErrCursor) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	stuck := channelOn(t, ok(page(1, "same")))
	if _, err := stuck.ListCounts(t.Context(), time.Time{}, "77|1|same"); err == nil {
		t.Error("a page that stands still went on")
	}
	var long interface{ TooMany() bool }
	if next, err := channelOn(t, ok(page(1, "on"))).ListCounts(t.Context(), time.Time{}, fmt.Sprintf("77|%d|a", renewAfter-1)); err != nil || next.Next != fmt.Sprintf("77|%d|on", renewAfter) {
		t.Errorf("the last page that Shopify gives for sure: %q, %v", next.Next, err)
	}
	if _, err := channelOn(t, script(t)).ListCounts(t.Context(), time.Time{}, fmt.Sprintf("77|%d|on", renewAfter)); !errors.As(err, &long) || !long.TooMany() {
		t.Errorf("a list that Shopify would not page through: %v", err)
	}
	gone := channelOn(t, ok(`{"data":{"location":null}}`))
	_, err := gone.ListCounts(t.Context(), time.Time{}, "")
	wantRetry(t, err, false, 0)
	none := channelOn(t, script(t), func(o *Options) { o.Locations = nil })
	if counts, err := none.ListCounts(t.Context(), time.Time{}, ""); err != nil || counts.Next != "" {
		t.Errorf("without locations: %+v, %v", counts, err)
	}
}

func TestSearchWarningsAreErrors(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false}}},"extensions":{"search":[{"path":["orders"],"query":"x",
		"warnings":[{"field":"updated_at","message":"Invalid search field","code":"invalid_field"}]}]}}`))
	_, err := c.ListMovements(t.Context(), at(t, "2026-10-02T12:00:00Z"), "")
	wantRetry(t, err, false, 0)
	fine := channelOn(t, ok(`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false}}},"extensions":{"search":[{"path":["orders"],"warnings":[]}]}}`))
	if _, err := fine.ListMovements(t.Context(), time.Time{}, ""); err != nil {
		t.Errorf("a search without warnings: %v", err)
	}
}
