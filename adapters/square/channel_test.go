package square_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/channeltest"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	sandbox "github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/adapters/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// pretend is the pretend Square as the suite for all platforms plays it.
type pretend struct{ *sandbox.Shop }

func (p pretend) Location() string { return p.Locations()[0] }

func (p pretend) Add(t *testing.T, units int64) string {
	t.Helper()
	item := p.AddVariation("ANY", "Any", true)
	must(t)(p.Recount(item, stock.Units(units), time.Time{}))
	return item
}

func (p pretend) Sell(t *testing.T, item string, units int64) {
	t.Helper()
	must(t)(p.Shop.Sell(item, stock.Units(units)))
}

func (p pretend) Untrack(t *testing.T, item string) {
	t.Helper()
	require.NoError(t, p.SetTracking(item, "", false))
}

func (p pretend) Delete(t *testing.T, item string) {
	t.Helper()
	require.NoError(t, p.DeleteVariation(item))
}

func (p pretend) Count(item string) stock.Quantity {
	count, _ := p.CountOf(item, p.Location())
	return count
}

func (p pretend) Deny(t *testing.T, status int) {
	t.Helper()
	require.NoError(t, p.SetFaults(shop.Faults{Refuse: status}))
}

func (p pretend) Idle(ctx context.Context) error { return p.Courier().Idle(ctx) }

// TestChannel has the adapter pass the suite of all platforms.
func TestChannel(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		Open: func(t *testing.T, s channeltest.Setting) channeltest.Shop {
			opened := sandbox.New(sandbox.Options{Now: s.Now, Token: s.Token, SigningKey: s.Secret, NotificationURL: s.HookURL, Canary: s.Canary})
			t.Cleanup(opened.Close)
			return pretend{opened}
		},
		Connect: func(t *testing.T, c channeltest.Connection) channeltest.Platform {
			connected, err := square.New(square.Options{BaseURL: c.URL, Token: c.Token, WebhookURL: c.HookURL, WebhookSecrets: c.Secrets,
				Channel: c.Channel, Locations: c.Locations, Now: c.Now, RequestsPerSecond: 100_000})
			require.NoError(t, err)
			t.Cleanup(connected.Close)
			return connected
		},
		Items: 1001, Sales: 1001,
		Denials: map[int]bool{http.StatusUnauthorized: false, http.StatusForbidden: false},
		Throttled: func(w http.ResponseWriter, _ *http.Request) {
			shop.WriteJSON(w, http.StatusTooManyRequests, map[string]any{"errors": []map[string]string{{"category": "RATE_LIMIT_ERROR", "code": "RATE_LIMITED"}}})
		},
		Foreign:      channeltest.Delivery{Body: []byte(`{"type":"order.created","event_id":"E1","data":{}}`)},
		ForeignTopic: "order.created",
	})
}
