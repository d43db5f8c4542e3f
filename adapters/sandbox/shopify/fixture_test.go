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
	testToken  = "shpat_test"
	testSecret = "hook-secret-1"
)

// clock is a clock that only a test moves. Timers run on the test's goroutine, in the order of their times.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*pendingTimer
}

type pendingTimer struct {
	at time.Time
	f  func()
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 10, 2, 13, 15, 4, 600_000_000, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &pendingTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := len(c.timers)
		c.timers = slices.DeleteFunc(c.timers, func(t *pendingTimer) bool { return t == timer })
		return len(c.timers) < n
	}
}

// Advance moves the clock and runs what falls due on the way.
func (c *clock) Advance(d time.Duration) {
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

// inbox receives webhooks in this process.
type inbox struct {
	mu         sync.Mutex
	deliveries []delivery
	refuse     int // how many attempts are still answered 500
}

type delivery struct {
	Topic   string
	Header  http.Header
	Body    []byte
	Payload map[string]any
}

func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	d := delivery{Topic: r.Header.Get("X-Shopify-Topic"), Header: r.Header.Clone(), Body: body}
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
func (in *inbox) take() []delivery {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := in.deliveries
	in.deliveries = nil
	slices.SortStableFunc(out, func(a, b delivery) int {
		return bytes.Compare([]byte(a.Topic), []byte(b.Topic))
	})
	return out
}

func deliveredTopics(ds []delivery) []string {
	topics := []string{}
	for _, d := range ds {
		topics = append(topics, d.Topic)
	}
	return topics
}

func deliveriesOf(ds []delivery, topic string) []delivery {
	return slices.DeleteFunc(slices.Clone(ds), func(d delivery) bool { return d.Topic != topic })
}

// fixture is a pretend shop behind a real HTTP server, with its clock and webhook receiver.
type fixture struct {
	*Shop
	t      testing.TB
	clock  *clock
	inbox  *inbox
	server *httptest.Server
}

func newFixture(t testing.TB, change func(*Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: newClock(), inbox: &inbox{}}
	opts := Options{
		Now: f.clock.Now, AfterFunc: f.clock.AfterFunc, Seed: 7, Token: testToken, Secret: testSecret,
		Domain: "pretend.myshopify.com", Locations: []string{"Main", "Back room"},
		HTTPClient: &http.Client{Transport: shop.Direct(f.inbox)},
	}
	if change != nil {
		change(&opts)
	}
	f.Shop = New(opts)
	f.SetWebhook("http://receiver.test/hooks")
	f.server = httptest.NewServer(f.Shop)
	t.Cleanup(func() { f.server.Close(); f.Shop.Close() })
	return f
}

// variant adds a tracked variant and forgets the webhook about it.
func (f *fixture) variant(sku string, available int64) Variant {
	f.t.Helper()
	v, err := f.AddVariant(NewVariant{SKU: sku, Name: "Name of " + sku, Tracked: true, Available: available})
	require.NoError(f.t, err)
	f.webhooks()
	return v
}

// order places an order of one line and forgets the webhooks about it.
func (f *fixture) order(item string, quantity int64) Order {
	f.t.Helper()
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: item, Quantity: quantity}}})
	require.NoError(f.t, err)
	f.webhooks()
	return o
}

// webhooks waits for the courier and returns what arrived.
func (f *fixture) webhooks() []delivery {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	require.NoError(f.t, f.Courier().Idle(ctx))
	return f.inbox.take()
}

// post sends a raw request to the API.
func (f *fixture) post(path, token, body string) (int, http.Header, map[string]any) {
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
func (f *fixture) query(query string, vars map[string]any) map[string]any {
	f.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	require.NoError(f.t, err)
	status, header, out := f.post("/admin/api/2026-10/graphql.json", testToken, string(body))
	require.Equal(f.t, http.StatusOK, status, "%v", out)
	require.Equal(f.t, "2026-10", header.Get("X-Shopify-API-Version"))
	return out
}

// data runs an operation that must succeed and returns its data as JSON.
func (f *fixture) data(query string, vars map[string]any) string {
	f.t.Helper()
	out := f.query(query, vars)
	require.NotContains(f.t, out, "errors")
	return jsonOf(f.t, out["data"])
}

func jsonOf(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func itemGID(v Variant) string { return "gid://shopify/InventoryItem/" + v.Item }

const mainGID = "gid://shopify/Location/77"

// level reads available, committed and on hand of an item at the first location through the API.
func (f *fixture) level(v Variant) string {
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
