package shopify

import (
	"reflect"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestListChanges(t *testing.T) {
	t.Parallel()
	p := script(t, `{"data":{"productVariants":{"nodes":[
		{"id":"gid://shopify/ProductVariant/31","createdAt":"2026-11-01T08:00:00Z","sku":"TEE-M","displayName":"Tee - M","inventoryItem":{"id":"gid://shopify/InventoryItem/5","tracked":true}},
		{"id":"gid://shopify/ProductVariant/32","createdAt":"2026-11-23T09:00:05Z","sku":"TEE-L","displayName":"Tee - L","inventoryItem":{"id":"gid://shopify/InventoryItem/6","tracked":false}}],
		"pageInfo":{"hasNextPage":true,"endCursor":"c1"}},"productVariantsCount":{"count":40,"precision":"EXACT"}}}`,
		`{"data":{"productVariants":{"nodes":[],"pageInfo":{"hasNextPage":false}},"productVariantsCount":{"count":10000,"precision":"AT_LEAST"}}}`)
	c := channelOn(t, p)
	since := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	changes, err := c.ListChanges(t.Context(), since, "")
	if err != nil || changes.Next != "2||c1" || changes.Articles != 40 || changes.Made != 1 || len(changes.Items) != 2 {
		t.Fatalf("%+v, %v", changes, err)
	}
	want := []stock.Reading{}
	for _, location := range c.locations {
		want = append(want, stock.Reading{Ref: stock.Ref{Channel: c.name, Item: "6", Location: location}, Status: stock.Untracked})
	}
	if len(want) == 0 || !reflect.DeepEqual(want, changes.Readings) {
		t.Errorf("got %+v, want %+v", changes.Readings, want)
	}
	if p.vars[0]["query"] != "updated_at:>'2026-11-23T08:59:59Z'" {
		t.Errorf("asked %v", p.vars[0])
	}
	if changes, err = c.ListChanges(t.Context(), since, "20|31|"); err != nil || changes.Next != "" || changes.Articles != 0 {
		t.Fatalf("%+v, %v", changes, err)
	}
	if p.vars[1]["query"] != "id:>31 AND updated_at:>'2026-11-23T08:59:59Z'" {
		t.Errorf("asked %v", p.vars[1])
	}
}
