package channeltest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Platform is an adapter, as the whole program uses it.
type Platform interface {
	Traits() stock.Traits
	MaxReads() int
	MaxRows() int
	PlatformNow() time.Time
	Budget() stock.Budget
	ReadRefs(ctx context.Context, refs []stock.Ref, since time.Time) (stock.Page, error)
	ListCounts(ctx context.Context, since time.Time, cursor string) (stock.Page, error)
	ListMovements(ctx context.Context, since time.Time, cursor string) (stock.Page, error)
	ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error)
	Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error)
	EncodeCall(key string, at time.Time, rows []stock.PushRow) ([]byte, error)
	SendCall(ctx context.Context, key string, body []byte) stock.Answer
	Verify(header http.Header, body []byte) error
	Decode(header http.Header, body []byte, at time.Time) ([]stock.Event, error)
	Locations(ctx context.Context) ([]stock.ChannelLocation, error)
	CheckToken(ctx context.Context) error
	Scopes() []string
	Topics() []string
	Sign(secret string, body []byte) http.Header
}

// Harness is a platform's adapter with a pretend shop to try it on.
type Harness struct {
	// Open opens a shop with one location and nothing to sell, which ends with the test.
	Open func(t *testing.T, s Setting) Shop
	// Connect makes an adapter.
	Connect func(t *testing.T, c Connection) Platform
	// Items and Sales are how many make every list of them longer than one page.
	Items, Sales int
	// Denials are the HTTP statuses with which the platform refuses us, whatever we ask, and whether that may pass by itself.
	Denials map[int]bool
	// Throttled answers a request as the platform does when it is asked too often and names no wait.
	Throttled http.HandlerFunc
	// Foreign is a delivery, well formed but for its signature, of a topic that nobody reads.
	Foreign Delivery
	// ForeignTopic is that topic.
	ForeignTopic string
}

// Setting is what a shop is opened with.
type Setting struct {
	Now func() time.Time
	// Token is what the API asks for. Webhooks are sent to HookURL, signed with Secret, with Canary wherever a customer would be.
	Token, Secret, HookURL, Canary string
}

// Connection is what an adapter is made of. Its requests need no sparing.
type Connection struct {
	URL       string
	Token     func() string
	HookURL   string
	Secrets   func() []string
	Channel   stock.Channel
	Locations []string
	Now       func() time.Time
}

// Shop is one pretend shop: the platform's API, and what people do to it. It may take its time to send webhooks, but its API shows
// at once what was done.
type Shop interface {
	http.Handler
	// Location is the id of its one location.
	Location() string
	// Add adds an item that is counted, with so many units, and returns its id.
	Add(t *testing.T, units int64) (item string)
	Sell(t *testing.T, item string, units int64)
	Untrack(t *testing.T, item string)
	// Delete takes an item out of the catalog.
	Delete(t *testing.T, item string)
	// Count is what the item's counter really shows.
	Count(item string) stock.Quantity
	// Deny has the API refuse every request with a status of Harness.Denials; 0: no more.
	Deny(t *testing.T, status int)
	// Idle returns when no webhook is on its way.
	Idle(ctx context.Context) error
}

// Delivery is one webhook.
type Delivery struct {
	Header http.Header
	Body   []byte
}
