package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

const (
	shopifyTestToken  = "shpat_test"
	shopifyTestSecret = "hook-secret-1"
)

// shopifyClock is a clock that only a test moves. Timers run on the test's goroutine, in the order of their times.
type shopifyClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*shopifyTimer
}

type shopifyTimer struct {
	at time.Time
	f  func()
}

func newShopifyClock() *shopifyClock {
	return &shopifyClock{now: time.Date(2026, 10, 2, 13, 15, 4, 600_000_000, time.UTC)}
}

func (c *shopifyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *shopifyClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &shopifyTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := len(c.timers)
		c.timers = slices.DeleteFunc(c.timers, func(t *shopifyTimer) bool { return t == timer })
		return len(c.timers) < n
	}
}

// Advance moves the clock and runs what falls due on the way.
func (c *shopifyClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		next := -1
		for i, t := range c.timers {
			if !t.at.After(end) && (next < 0 || t.at.Before(c.timers[next].at)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		timer := c.timers[next]
		c.timers = slices.Delete(c.timers, next, next+1)
		c.now = timer.at
		c.mu.Unlock()
		timer.f()
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

// shopifyInbox receives webhooks in this process.
type shopifyInbox struct {
	mu         sync.Mutex
	deliveries []shopifyDelivery
	refuse     int // how many attempts are still answered 500
}

type shopifyDelivery struct {
	Topic   string
	Header  http.Header
	Body    []byte
	Payload map[string]any
}

func (in *shopifyInbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	d := shopifyDelivery{Topic: r.Header.Get("X-Shopify-Topic"), Header: r.Header.Clone(), Body: body}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	_ = decoder.Decode(&d.Payload) // an undecodable body shows as a nil payload
	in.mu.Lock()
	defer in.mu.Unlock()
	in.deliveries = append(in.deliveries, d)
	if in.refuse > 0 {
		in.refuse--
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// take returns what has arrived since the last take, sorted by topic.
func (in *shopifyInbox) take() []shopifyDelivery {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := in.deliveries
	in.deliveries = nil
	slices.SortStableFunc(out, func(a, b shopifyDelivery) int {
		return bytes.Compare([]byte(a.Topic), []byte(b.Topic))
	})
	return out
}

func deliveredTopics(ds []shopifyDelivery) []string {
	topics := []string{}
	for _, d := range ds {
		topics = append(topics, d.Topic)
	}
	return topics
}

func deliveriesOf(ds []shopifyDelivery, topic string) []shopifyDelivery {
	return slices.DeleteFunc(slices.Clone(ds), func(d shopifyDelivery) bool { return d.Topic != topic })
}

// shopifyFixture is a pretend shop behind a real HTTP server, with its clock and webhook receiver.
type shopifyFixture struct {
	*Shopify
	t      testing.TB
	clock  *shopifyClock
	inbox  *shopifyInbox
	server *httptest.Server
}

func newShopifyFixture(t testing.TB, change func(*ShopifyOptions)) *shopifyFixture {
	t.Helper()
	f := &shopifyFixture{t: t, clock: newShopifyClock(), inbox: &shopifyInbox{}}
	opts := ShopifyOptions{
		Now: f.clock.Now, AfterFunc: f.clock.AfterFunc, Seed: 7, Token: shopifyTestToken, Secret: shopifyTestSecret,
		Domain: "pretend.myshopify.com", Locations: []string{"Main", "Back room"},
		HTTPClient: &http.Client{Transport: shop.Direct(f.inbox)},
	}
	if change != nil {
		change(&opts)
	}
	f.Shopify = NewShopify(opts)
	f.SetWebhook("http://receiver.test/hooks")
	f.server = httptest.NewServer(f.Shopify)
	t.Cleanup(func() { f.server.Close(); f.Shopify.Close() })
	return f
}

// variant adds a tracked variant and forgets the webhook about it.
func (f *shopifyFixture) variant(sku string, available int64) ShopifyVariant {
	f.t.Helper()
	v, err := f.AddVariant(NewVariant{SKU: sku, Name: "Name of " + sku, Tracked: true, Available: available})
	require.NoError(f.t, err)
	f.webhooks()
	return v
}

// order places an order of one line and forgets the webhooks about it.
func (f *shopifyFixture) order(item string, quantity int64) ShopifyOrder {
	f.t.Helper()
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: item, Quantity: quantity}}})
	require.NoError(f.t, err)
	f.webhooks()
	return o
}

// webhooks waits for the courier and returns what arrived.
func (f *shopifyFixture) webhooks() []shopifyDelivery {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(f.t, f.Courier().Idle(ctx))
	return f.inbox.take()
}

// post sends a raw request to the API.
func (f *shopifyFixture) post(path, token, body string) (int, http.Header, map[string]any) {
	f.t.Helper()
	req, err := http.NewRequest(http.MethodPost, f.server.URL+path, bytes.NewBufferString(body))
	require.NoError(f.t, err)
	req.Header.Set("X-Shopify-Access-Token", token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := f.server.Client().Do(req)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	decoder := json.NewDecoder(resp.Body)
	decoder.UseNumber()
	var out map[string]any
	require.NoError(f.t, decoder.Decode(&out))
	return resp.StatusCode, resp.Header, out
}

// query runs a GraphQL operation and returns the whole answer.
func (f *shopifyFixture) query(query string, vars map[string]any) map[string]any {
	f.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	require.NoError(f.t, err)
	status, header, out := f.post("/admin/api/2026-10/graphql.json", shopifyTestToken, string(body))
	require.Equal(f.t, http.StatusOK, status, "%v", out)
	require.Equal(f.t, "2026-10", header.Get("X-Shopify-API-Version"))
	return out
}

// data runs an operation that must succeed and returns its data as JSON.
func (f *shopifyFixture) data(query string, vars map[string]any) string {
	f.t.Helper()
	out := f.query(query, vars)
	require.NotContains(f.t, out, "errors")
	return shopifyJSON(f.t, out["data"])
}

func shopifyJSON(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func itemGID(v ShopifyVariant) string { return "gid://shopify/InventoryItem/" + v.Item }

const mainGID = "gid://shopify/Location/77"

// level reads available, committed and on hand of an item at the first location through the API.
func (f *shopifyFixture) level(v ShopifyVariant) string {
	f.t.Helper()
	return f.data(`query($i: ID!, $l: ID!) { inventoryItem(id: $i) { inventoryLevel(locationId: $l) {
		updatedAt quantities(names: ["available", "committed", "on_hand"]) { quantity } } } }`,
		map[string]any{"i": itemGID(v), "l": mainGID})
}

// levelText is the answer that level gives.
func levelText(updatedAt string, available, committed, onHand string) string {
	return `{"inventoryItem":{"inventoryLevel":{"quantities":[{"quantity":` + available + `},{"quantity":` + committed +
		`},{"quantity":` + onHand + `}],"updatedAt":"` + updatedAt + `"}}}`
}
