package shopify

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// The signature was made with: printf '%s' '<body>' | openssl dgst -sha256 -hmac 'hook-secret-1' -binary | base64
func TestShopifySignature(t *testing.T) {
	t.Parallel()
	require.Equal(t, "oNCMGkxFqvqXkg5oY7cC6VuKr1F13VZ1OyBl+f2DQYo=",
		sign("hook-secret-1", []byte(`{"inventory_item_id":501,"location_id":77,"available":4}`)))
}

func TestShopifyWebhookHeaders(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	_, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 1}}})
	require.NoError(t, err)
	hooks := f.webhooks()
	require.Len(t, hooks, 2)
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, d := range hooks {
		require.Equal(t, "application/json", d.Header.Get("Content-Type"))
		require.Equal(t, sign(testSecret, d.Body), d.Header.Get("X-Shopify-Hmac-Sha256"))
		require.Equal(t, "pretend.myshopify.com", d.Header.Get("X-Shopify-Shop-Domain"))
		require.Equal(t, "2026-10", d.Header.Get("X-Shopify-Api-Version"))
		require.Equal(t, "2026-10-02T13:15:04.6Z", d.Header.Get("X-Shopify-Triggered-At"))
		require.Regexp(t, uuid, d.Header.Get("X-Shopify-Webhook-Id"))
		require.Regexp(t, uuid, d.Header.Get("X-Shopify-Event-Id"))
	}
	require.Equal(t, hooks[0].Header.Get("X-Shopify-Event-Id"), hooks[1].Header.Get("X-Shopify-Event-Id"))
	require.NotEqual(t, hooks[0].Header.Get("X-Shopify-Webhook-Id"), hooks[1].Header.Get("X-Shopify-Webhook-Id"))
}

func TestShopifyLevelPayload(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.SetAvailable(StockChange{Item: v.Item, Quantity: 4}))
	require.NoError(t, f.AdjustByOtherApp(StockChange{Item: v.Item, Location: "78", Quantity: 2}))
	hooks := f.webhooks()
	require.Len(t, hooks, 2)
	bodies := []string{string(hooks[0].Body), string(hooks[1].Body)}
	slices.Sort(bodies)
	require.Equal(t, []string{
		`{"admin_graphql_api_id":"gid://shopify/InventoryLevel/9001001001?inventory_item_id=` + v.Item + `","available":4,"inventory_item_id":` + v.Item + `,"location_id":77,"updated_at":"2026-10-02T09:15:04-04:00"}`,
		`{"admin_graphql_api_id":"gid://shopify/InventoryLevel/9001001014?inventory_item_id=` + v.Item + `","available":2,"inventory_item_id":` + v.Item + `,"location_id":78,"updated_at":"2026-10-02T09:15:04-04:00"}`,
	}, bodies)
}

func TestShopifyOrderPayload(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.Canary = "Zaphod Beeblebrox" })
	v := f.variant("TEE-M", 10)
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 3}}})
	require.NoError(t, err)
	create := deliveriesOf(f.webhooks(), "orders/create")[0].Payload
	require.Equal(t, json.Number(o.ID), create["id"]) // above 2^53
	require.Nil(t, create["location_id"])
	require.Nil(t, create["cancelled_at"])
	require.Equal(t, "2026-10-02T09:15:04-04:00", create["created_at"])
	require.Equal(t, "Zaphod Beeblebrox", create["customer"].(map[string]any)["default_address"].(map[string]any)["address1"])
	require.GreaterOrEqual(t, strings.Count(jsonOf(t, create), "Zaphod Beeblebrox"), 40)
	line := create["line_items"].([]any)[0].(map[string]any)
	for _, absent := range []string{"inventory_item_id", "location_id", "location"} {
		require.NotContains(t, line, absent)
	}
	require.Equal(t, []any{json.Number(v.Variant), json.Number("3"), json.Number("3"), json.Number("3"), "shopify", nil}, []any{
		line["variant_id"], line["quantity"], line["current_quantity"], line["fulfillable_quantity"],
		line["variant_inventory_management"], line["fulfillment_status"]})

	f.clock.Advance(time.Second)
	_, err = f.Fulfil(OrderFulfil{Order: o.ID, Line: o.Lines[0].ID, Quantity: 2})
	require.NoError(t, err)
	updated := deliveriesOf(f.webhooks(), "orders/updated")[0].Payload
	require.Equal(t, "partial", updated["fulfillment_status"])
	sent := updated["fulfillments"].([]any)[0].(map[string]any)
	require.Equal(t, []any{json.Number("77"), "success", json.Number("2")},
		[]any{sent["location_id"], sent["status"], sent["line_items"].([]any)[0].(map[string]any)["quantity"]})

	for i, tc := range []struct {
		restock  string
		location any
		flag     bool
	}{{RestockReturn, json.Number("77"), true}, {RestockCancel, json.Number("77"), true}, {RestockNone, nil, false}} {
		o, err = f.Refund(OrderRefund{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1, Restock: tc.restock})
		require.NoError(t, err)
		hooks := f.webhooks()
		refund := deliveriesOf(hooks, "refunds/create")[0].Payload
		require.Equal(t, []any{json.Number(o.ID), tc.flag}, []any{refund["order_id"], refund["restock"]})
		part := refund["refund_line_items"].([]any)[0].(map[string]any)
		require.Equal(t, []any{json.Number(o.Refunds[i].ID), json.Number(o.Lines[0].ID), json.Number("1"), tc.restock, tc.location},
			[]any{part["id"], part["line_item_id"], part["quantity"], part["restock_type"], part["location_id"]})
		whole := deliveriesOf(hooks, "orders/updated")[0].Payload
		require.Len(t, whole["refunds"], i+1)
		line := whole["line_items"].([]any)[0].(map[string]any)
		require.Equal(t, []any{json.Number("3"), json.Number([]string{"2", "1", "0"}[i])}, []any{line["quantity"], line["current_quantity"]})
	}

	o = f.order(v.Item, 1)
	_, err = f.Cancel(OrderCancel{Order: o.ID, Restock: true})
	require.NoError(t, err)
	cancelled := deliveriesOf(f.webhooks(), "orders/cancelled")[0].Payload
	require.Equal(t, []any{"2026-10-02T09:15:05-04:00", "customer", "refunded"},
		[]any{cancelled["cancelled_at"], cancelled["cancel_reason"], cancelled["financial_status"]})
	f.SetCanary("Trillian")
	f.SetWebhook("")
	f.order(v.Item, 1)
	require.Empty(t, f.webhooks())
}

func TestShopifyRetryDelays(t *testing.T) {
	t.Parallel()
	delays := retryDelays(1)
	require.Len(t, delays, 8)
	var sum time.Duration
	for i, d := range delays {
		sum += d
		if i > 0 {
			require.InDelta(t, 2, float64(d)/float64(delays[i-1]), 1e-6)
		}
	}
	require.InDelta(t, float64(4*time.Hour), float64(sum), float64(time.Second))
	require.InDelta(t, float64(delays[3])/100, float64(retryDelays(0.01)[3]), 1)
}

// A retry carries the original payload and ids, however the level has moved since; after nine attempts it is given up.
func TestShopifyRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inbox := &inbox{refuse: 10}
		shop := New(Options{Secret: testSecret, HTTPClient: &http.Client{Transport: shop.Direct(inbox)}})
		defer shop.Close()
		shop.SetWebhook("http://receiver.test/hooks")
		v, err := shop.AddVariant(NewVariant{SKU: "TEE-M", Tracked: true, Available: 5})
		require.NoError(t, err)
		synctest.Wait()
		first := inbox.take()
		require.Len(t, first, 1)
		shop.SetWebhook("") // the change below is not delivered
		require.NoError(t, shop.SetAvailable(StockChange{Item: v.Item, Quantity: 1}))
		start := time.Now()
		require.NoError(t, shop.Idle(t.Context()))
		require.InDelta(t, float64(4*time.Hour), float64(time.Since(start)), float64(time.Second))
		again := inbox.take()
		require.Len(t, again, 8)
		for _, d := range again {
			require.Equal(t, first[0].Body, d.Body)
			require.Equal(t, first[0].Header, d.Header)
		}
		require.Equal(t, int64(1), shop.Courier().GaveUp())
	})
}
