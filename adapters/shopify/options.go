package shopify

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// APIVersion is the Admin API version that every request names. Versions live at least 12 months
// (https://shopify.dev/docs/api/usage/versioning).
const APIVersion = "2026-10"

const (
	// requestTimeout bounds one request of the client that New builds when none is given.
	requestTimeout = 15 * time.Second
	// idleTimeout is how long that client keeps an unused connection.
	idleTimeout = 60 * time.Second
	// idleConnections is how many of them it keeps.
	idleConnections = 4
	// keyMemoryHours is how long an idempotency key is relied on; Shopify forgets after 24 hours
	// (https://shopify.dev/docs/api/usage/idempotent-requests).
	keyMemoryHours = 20
)

// Options configure a Channel.
type Options struct {
	// BaseURL is the store's address, such as https://example.myshopify.com; required.
	BaseURL string
	// Token returns the Admin API access token in force; required, never logged. It is asked for each request, for tokens change
	// while we run.
	Token func() string
	// HTTPClient sends the requests; nil means a client with a time-out of 15 s. It is copied: redirects are never followed,
	// for they would carry the token elsewhere and send a call twice.
	HTTPClient *http.Client
	// WebhookSecrets returns the app's client secrets in force, several during a rotation; it is asked for each delivery. Nil, or
	// none: no webhook is accepted.
	WebhookSecrets func() []string
	// Channel is our name of the store; required.
	Channel stock.Channel
	// Locations are the numeric ids of the channel locations in use; ListCounts lists these.
	Locations []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger gets what no caller can act on, such as an unexpected API version; nil means silence.
	Logger *slog.Logger
}

// Channel speaks to one Shopify store.
type Channel struct {
	endpoint  string
	token     func() string
	client    *http.Client
	secrets   func() []string
	name      stock.Channel
	locations []string
	log       *slog.Logger
	budget    *budget.Bucket
	clock     *platformClock
	// shop is the domain that the platform says it has; nil before its first answer.
	shop atomic.Pointer[string]
	// versionReported is set once another API version than the pinned one was reported.
	versionReported atomic.Bool
}

// New checks the options and returns a Channel. It sends nothing.
func New(o Options) (*Channel, error) {
	endpoint, err := endpointOf(o.BaseURL)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Token == nil || strings.TrimSpace(o.Token()) == "":
		return nil, errors.New("configuring shopify: the token is empty")
	case o.Channel == "":
		return nil, errors.New("configuring shopify: the channel has no name")
	}
	if o.WebhookSecrets == nil {
		o.WebhookSecrets = func() []string { return nil }
	}
	for i, secret := range o.WebhookSecrets() {
		if strings.TrimSpace(secret) == "" {
			return nil, fmt.Errorf("configuring shopify: webhook secret %d is empty", i+1)
		}
	}
	seen := make(map[string]bool, len(o.Locations))
	for _, id := range o.Locations {
		if err := checkNumeric(id); err != nil || seen[id] {
			return nil, fmt.Errorf("configuring shopify: location %.40q is not a numeric id, or is listed twice", id)
		}
		seen[id] = true
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Channel{
		endpoint:  endpoint,
		token:     o.Token,
		client:    clientOf(o.HTTPClient),
		secrets:   o.WebhookSecrets,
		name:      o.Channel,
		locations: append([]string(nil), o.Locations...),
		log:       cmp.Or(o.Logger, slog.New(slog.DiscardHandler)),
		budget:    budget.NewBucket(),
		clock:     &platformClock{now: o.Now},
	}, nil
}

// endpointOf checks the base URL. Its text is kept out of the error, for a misconfigured one may hold a secret.
func endpointOf(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("configuring shopify: the base URL is not an http(s) address without user, query and fragment")
	}
	return strings.TrimRight(base, "/") + "/admin/api/" + APIVersion + "/graphql.json", nil
}

func clientOf(given *http.Client) *http.Client {
	client := &http.Client{Timeout: requestTimeout, Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     idleTimeout,
	}}
	if given != nil {
		copied := *given
		client = &copied
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// Traits is what every channel on Shopify has in common.
func (c *Channel) Traits() stock.Traits { return Traits() }

// Traits are Shopify's properties that the rules depend on: no feed of changes that names our rows, whole units.
func Traits() stock.Traits {
	return stock.Traits{Platform: "shopify", Step: stock.Unit, ForgetsKeysAfterHours: keyMemoryHours}
}

// MaxRows is how many rows one call may carry. Shopify takes 250 (https://shopify.dev/docs/api/usage/limits); a row that is
// refused fails the whole call, so calls are kept smaller.
func (c *Channel) MaxRows() int { return maxRows }

// MaxReads is how many refs one read should ask for: a full request for each location, for the refs of an item are mostly read together.
func (c *Channel) MaxReads() int { return min(maxReads*max(1, len(c.locations)), refsPerRead) }

// Budget says how much Shopify may be asked for now.
func (c *Channel) Budget() stock.Budget { return c.budget.State() }

// Topics are the webhook topics that Decode understands, as a subscription names them.
func (c *Channel) Topics() []string {
	return []string{topicLevel, topicConnect, topicDisconnect, topicItemUpdate, topicItemDelete, topicOrderCreate, topicOrderUpdated, topicOrderCancelled, topicRefund}
}

// PlatformNow is Shopify's time as learnt from its answers: monotonic, never ahead, zero before the first answer.
func (c *Channel) PlatformNow() time.Time { return c.clock.Now() }
