package shopify_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/channeltest"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	sandbox "github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/shopify"
	"github.com/evenstock/evenstock/ledger/stock"
)

// pretend is the pretend Shopify as the suite for all platforms plays it.
type pretend struct{ *sandbox.Shop }

func (p pretend) Location() string { return "77" }

func (p pretend) Add(t *testing.T, units int64) string {
	t.Helper()
	variant, err := p.AddVariant(sandbox.NewVariant{SKU: "ANY", Name: "Any", Tracked: true, Available: units})
	require.NoError(t, err)
	return variant.Item
}

func (p pretend) Sell(t *testing.T, item string, units int64) {
	t.Helper()
	_, err := p.PlaceOrder(sandbox.NewOrder{Lines: []sandbox.OrderedLine{{Item: item, Quantity: units}}})
	require.NoError(t, err)
}

func (p pretend) Untrack(t *testing.T, item string) {
	t.Helper()
	require.NoError(t, p.SetTracked(sandbox.Tracking{Item: item, Tracked: false}))
}

func (p pretend) Delete(t *testing.T, item string) {
	t.Helper()
	require.NoError(t, p.DeleteVariant(sandbox.Deletion{Item: item}))
}

func (p pretend) Count(item string) stock.Quantity {
	for _, count := range p.Counts() {
		if count.Item == item {
			return count.Quantity
		}
	}
	return 0
}

func (p pretend) Deny(t *testing.T, status int) {
	t.Helper()
	require.NoError(t, p.Faults().Set(shop.Faults{Refuse: status}))
}

// TestChannel has the adapter pass the suite of all platforms.
func TestChannel(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		Open: func(t *testing.T, s channeltest.Setting) channeltest.Shop {
			opened := sandbox.New(sandbox.Options{Now: s.Now, Token: s.Token, Secret: s.Secret, Canary: s.Canary, Bucket: 1e9})
			t.Cleanup(opened.Close)
			opened.SetWebhook(s.HookURL)
			return pretend{opened}
		},
		Connect: func(t *testing.T, c channeltest.Connection) channeltest.Platform {
			connected, err := shopify.New(shopify.Options{BaseURL: c.URL, Token: c.Token, WebhookSecrets: c.Secrets,
				Channel: c.Channel, Locations: c.Locations, Now: c.Now})
			require.NoError(t, err)
			return connected
		},
		Items: 251, Sales: 21,
		Denials: map[int]bool{http.StatusUnauthorized: false, http.StatusPaymentRequired: true, http.StatusForbidden: false, http.StatusLocked: true},
		Throttled: func(w http.ResponseWriter, _ *http.Request) {
			shop.WriteJSON(w, http.StatusOK, map[string]any{"errors": []map[string]any{{"message": "Throttled", "extensions": map[string]string{"code": "THROTTLED"}}}})
		},
		Foreign:      channeltest.Delivery{Header: http.Header{"X-Shopify-Topic": {"products/update"}}, Body: []byte(`{"id":1}`)},
		ForeignTopic: "products/update",
	})
}
