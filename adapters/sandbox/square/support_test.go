package square_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/client"
	"github.com/square/square-go-sdk/core"
	"github.com/square/square-go-sdk/option"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// now is when the tests' clocks start.
var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// handClock stands still until it is moved.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// fixture is a pretend Square behind a real server, with one item and the real SDK in front.
type fixture struct {
	*square.Shop
	clock    *handClock
	server   *httptest.Server
	sdk      *client.Client
	item     string
	location string
}

func newFixture(t *testing.T, opts square.Options) *fixture {
	t.Helper()
	clock := &handClock{at: now}
	opts.Now, opts.Seed = clock.Now, 7
	till := &fixture{Shop: square.New(opts), clock: clock}
	t.Cleanup(till.Close)
	till.server = httptest.NewServer(till.Shop)
	t.Cleanup(till.server.Close)
	till.sdk = newSDK(till.server, "sandbox-token")
	till.item, till.location = till.AddVariation("TEA-1", "Tea", true), till.Locations()[0]
	return till
}

// newSDK is the real client with the traps of its version 1.5.0 avoided: own HTTP client, no retries of its own.
func newSDK(server *httptest.Server, token string) *client.Client {
	return client.NewClient(option.WithBaseURL(server.URL), option.WithToken(token),
		option.WithHTTPClient(server.Client()), option.WithMaxAttempts(1))
}

func (s *fixture) quantity(t *testing.T) string {
	t.Helper()
	q, counted := s.CountOf(s.item, s.location)
	if !counted {
		return "none"
	}
	return q.String()
}

// adjustment is a write through the API.
func (s *fixture) adjustment(from, to, quantity string, occurred time.Time) *sdk.InventoryChange {
	return &sdk.InventoryChange{
		Type: sdk.InventoryChangeTypeAdjustment.Ptr(),
		Adjustment: &sdk.InventoryAdjustment{
			ReferenceID: sdk.String("evenstock:1"), CatalogObjectID: sdk.String(s.item), LocationID: sdk.String(s.location),
			FromState: sdk.InventoryState(from).Ptr(), ToState: sdk.InventoryState(to).Ptr(),
			Quantity: &quantity, OccurredAt: sdk.String(occurred.Format(time.RFC3339Nano)),
		},
	}
}

func (s *fixture) recount(quantity string, occurred time.Time) *sdk.InventoryChange {
	return &sdk.InventoryChange{
		Type: sdk.InventoryChangeTypePhysicalCount.Ptr(),
		PhysicalCount: &sdk.InventoryPhysicalCount{
			CatalogObjectID: sdk.String(s.item), LocationID: sdk.String(s.location), State: sdk.InventoryStateInStock.Ptr(), Quantity: &quantity,
			OccurredAt: sdk.String(occurred.Format(time.RFC3339Nano)),
		},
	}
}

func (s *fixture) create(key string, changes ...*sdk.InventoryChange) (*sdk.BatchChangeInventoryResponse, error) {
	return s.sdk.Inventory.BatchCreateChanges(context.Background(), &sdk.BatchChangeInventoryRequest{IdempotencyKey: key, Changes: changes})
}

// feed reads the whole history.
func (s *fixture) feed(t *testing.T, request sdk.BatchRetrieveInventoryChangesRequest) []*sdk.InventoryChange {
	t.Helper()
	var all []*sdk.InventoryChange
	for range 100 { // pages
		page, err := s.sdk.Inventory.BatchGetChanges(context.Background(), &request)
		require.NoError(t, err)
		all = append(all, page.Changes...)
		if page.Cursor == nil {
			return all
		}
		request.Cursor = page.Cursor
	}
	require.Fail(t, "the feed does not end")
	return nil
}

// truthSum is what the Truth says the item's counter shows.
func (s *fixture) truthSum() (sum, explained stock.Quantity) {
	for _, e := range s.Truth().All() {
		if e.Item == s.item && e.Location == s.location {
			sum, explained = sum+e.Delta, explained+e.Explained
		}
	}
	return sum, explained
}

func units(n int64) stock.Quantity { return stock.Units(n) }

// must takes the results of an action and returns what it did.
func must(t *testing.T) func(square.Change, error) square.Change {
	t.Helper()
	return func(done square.Change, err error) square.Change {
		t.Helper()
		require.NoError(t, err)
		return done
	}
}

// code is the status and the first error of an SDK error.
func code(t *testing.T, err error) (status int, first sdk.Error) {
	t.Helper()
	var api *core.APIError
	require.ErrorAs(t, err, &api)
	var body struct{ Errors []sdk.Error }
	require.NoError(t, json.Unmarshal([]byte(api.Unwrap().Error()), &body))
	require.NotEmpty(t, body.Errors)
	return api.StatusCode, body.Errors[0]
}

// post sends a raw request with the right token and returns status and body.
func (s *fixture) post(t *testing.T, path, body string, headers ...string) (int, string) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sandbox-token")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// inbox is a webhook receiver: an http.RoundTripper, so that it needs no server.
type inbox struct {
	mu      sync.Mutex
	got     []received
	answers []int // statuses of the next answers, 0 is a lost connection; 200 when used up
}

type received struct {
	url    string
	header http.Header
	body   []byte
	at     time.Time
}

func (b *inbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, received{r.URL.String(), r.Header.Clone(), body, time.Now()})
	status := http.StatusOK
	if len(b.answers) > 0 {
		status, b.answers = b.answers[0], b.answers[1:]
	}
	if status == 0 {
		return nil, errors.New("connection lost")
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

func (b *inbox) all() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received(nil), b.got...)
}

// event is a webhook as a receiver sees it.
type event struct {
	Merchant string `json:"merchant_id"`
	Type     string `json:"type"`
	EventID  string `json:"event_id"`
	Created  string `json:"created_at"`
	Data     struct {
		Type   string `json:"type"`
		ID     string `json:"id"`
		Object struct {
			Counts []sdk.InventoryCount `json:"inventory_counts"`
		} `json:"object"`
	} `json:"data"`
}

func events(t *testing.T, got []received) []event {
	t.Helper()
	out := make([]event, len(got))
	for i, g := range got {
		require.NoError(t, json.Unmarshal(g.body, &out[i]))
	}
	return out
}

// directSDK is the real client without a socket.
func directSDK(till http.Handler) *client.Client {
	return client.NewClient(option.WithBaseURL("http://square.test"), option.WithToken("sandbox-token"), option.WithMaxAttempts(1),
		option.WithHTTPClient(&http.Client{Transport: shop.Direct(till)}))
}

// codeOf is the status and code of an SDK error; 0 when there is none.
func codeOf(err error) (status int, code string) {
	var api *core.APIError
	if !errors.As(err, &api) {
		return 0, ""
	}
	var body struct{ Errors []sdk.Error }
	if json.Unmarshal([]byte(api.Unwrap().Error()), &body) != nil || len(body.Errors) == 0 {
		return api.StatusCode, "unreadable"
	}
	return api.StatusCode, string(body.Errors[0].Code)
}
