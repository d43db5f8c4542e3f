package shopify

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// Properties of the pretend Shopify that options can change.
const (
	// restoreRate is the points per second that a Standard shop's bucket gains; the bucket holds 20 times as much
	// (https://shopify.dev/docs/api/usage/limits).
	restoreRate = 100
	bucketTimes = 20
	// retryWindow is how long a failed delivery is retried, eight times in all
	// (https://shopify.dev/changelog/updates-to-webhook-retry-mechanism).
	retryWindow = 4 * time.Hour
	retries     = 8
	// webhookTimeout is the receiver's time to answer (https://shopify.dev/docs/apps/build/webhooks/subscribe/https).
	webhookTimeout = 5 * time.Second
)

// Options says what a pretend Shopify shop is like. The zero value of every field has a working default.
type Options struct {
	// Now is the shop's clock; time.Now when nil. AfterFunc runs f once d has passed on that clock, on a goroutine of its
	// own or from whoever drives the clock, never before it returns; time.AfterFunc when nil. The returned function stops
	// it and says whether it did.
	Now       func() time.Time
	AfterFunc func(d time.Duration, f func()) (stop func() bool)
	Seed      int64
	// Token is the access token that the API asks for, Secret signs webhooks, Domain names the shop.
	Token, Secret, Domain string
	// Locations are the names of the shop's locations; one called "Main" when empty. Their ids are 77, 78 and so on.
	Locations []string
	// Zone is the shop's time zone, used in webhooks; UTC-4 when nil. Only its offset is told.
	Zone *time.Location
	// RestoreRate is the gain of the rate limit's bucket in points per second; 100 when 0. Bucket is what it holds; 20
	// times the rate when 0.
	RestoreRate, Bucket float64
	// RetryScale stretches the webhook retries: 1 is eight retries in four hours, 0 is 1.
	RetryScale float64
	// RoutingDelay is how long after an order its fulfillment orders appear. With RoutingTouchesOrder the order counts as
	// updated then (orders/updated, updatedAt); Shopify does not say whether it does.
	RoutingDelay        time.Duration
	RoutingTouchesOrder bool
	// CommittedMovesLevel sends inventory_levels/update also when only committed or on hand moved (fulfilment); Shopify
	// does not say whether it does.
	CommittedMovesLevel bool
	// Canary fills every customer field of order webhooks, so that a test can look for it where it must not be.
	Canary string
	Faults shop.Faults
	// Truth takes the effects; a new one when nil. Shops may share one.
	Truth      *shop.Truth
	Logger     *slog.Logger
	HTTPClient *http.Client
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AfterFunc == nil {
		o.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	o.Domain = cmp.Or(o.Domain, "sandbox.myshopify.com")
	if len(o.Locations) == 0 {
		o.Locations = []string{"Main"}
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("", -4*60*60)
	}
	o.RestoreRate = cmp.Or(o.RestoreRate, restoreRate)
	o.Bucket = cmp.Or(o.Bucket, bucketTimes*o.RestoreRate)
	o.RetryScale = cmp.Or(o.RetryScale, 1)
	o.Canary = cmp.Or(o.Canary, "canary-customer")
	if o.Truth == nil {
		o.Truth = &shop.Truth{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Shop is a pretend Shopify shop: the Admin API in GraphQL (POST /admin/api/2026-10/graphql.json), webhooks, and the
// actions of the people and apps that use the shop. It is an http.Handler; Close it.
//
// The API is the subset in admin.graphql, executed for real: a query that validates here validates at
// Shopify. Both quantity mutations demand @idempotent and changeFromQuantity, remember keys for 24 hours, and take
// nothing from a batch with one stale row. Queries cost points from a leaking bucket.
//
// Orders older than 60 days are not read, as for a token without read_all_orders; webhooks tell of them. Nobody pages past
// 25,000 objects.
//
// All times have a grain of one second. Counters move together with their time, their webhook and their line in the
// Truth; on account of an order they do so only after Faults.LevelLag, while the order itself shows at once. Hands, apps
// and the API move them at once.
//
// Where Shopify's behaviour is not documented, options and arguments make it do both: whether routing updates an order,
// whether a fulfilment sends a level webhook, whether an edit lets a line grow or adds one, and whether a removal shows
// as a refund line or only in current_quantity.
//
// It has no customers (every customer field of a webhook holds the canary), no prices that mean anything, no fulfillment
// order webhooks, no subscriptions by API, no OAuth, no bulk operations, and it never deletes a failing subscription.
type Shop struct {
	opts     Options
	graphql  *graphQL
	truth    *shop.Truth
	faults   *shop.FaultSwitch
	courier  *shop.Courier
	requests *shop.Counters
	handler  http.Handler

	mu         sync.Mutex // guards everything below
	rng        *rand.Rand
	webhookURL string
	canary     string
	locations  []*shopLocation
	items      []*item
	levels     map[levelKey]*level
	orders     []*order
	writes     map[string]write // by idempotency key
	forgot     time.Time        // when writes were last looked through for old ones
	bucket     bucket
	spent      float64          // points, since the shop opened
	ids        map[string]int64 // last id given, by kind
	later      map[int]func() bool
	laterLast  int
	settled    chan struct{} // closed when later becomes empty; nil while nobody waits
	closed     bool
}

// New opens a pretend shop with the options' locations and nothing to sell. Faults out of range leave it without
// faults and are logged.
func New(opts Options) *Shop {
	opts = opts.withDefaults()
	s := &Shop{
		opts: opts, graphql: newGraphQL(), truth: opts.Truth, faults: &shop.FaultSwitch{}, requests: &shop.Counters{},
		rng:    rand.New(rand.NewPCG(uint64(opts.Seed), 1)), //nolint:gosec // repeatable ids, not secrets
		canary: opts.Canary, levels: map[levelKey]*level{}, writes: map[string]write{},
		bucket: bucket{size: opts.Bucket, rate: opts.RestoreRate, available: opts.Bucket, at: opts.Now()},
		ids:    firstIDs(), later: map[int]func() bool{},
	}
	if err := s.faults.Set(opts.Faults); err != nil {
		opts.Logger.Error("faults ignored", "error", err)
	}
	dice := shop.NewDice(opts.Seed)
	s.courier = shop.NewCourier(shop.CourierOptions{
		Client: opts.HTTPClient, Dice: dice, Faults: s.faults.Get, RetryDelays: retryDelays(opts.RetryScale),
		Timeout: webhookTimeout, Now: opts.Now, Logger: opts.Logger,
	})
	now := s.now()
	for _, name := range opts.Locations {
		s.locations = append(s.locations, &shopLocation{id: s.nextID("Location"), name: name, createdAt: now})
	}
	s.handler = s.routes(dice)
	return s
}

// AddLocation opens a location and returns its id. Nothing is stocked there before somebody counts or receives it.
func (s *Shop) AddLocation(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &shopLocation{id: s.nextID("Location"), name: name, createdAt: s.now()}
	s.locations = append(s.locations, l)
	return strconv.FormatInt(l.id, 10)
}

// retryDelays doubles from one retry to the next and fills the window. Shopify says only "exponential"; the factor
// is ours.
func retryDelays(scale float64) []time.Duration {
	first := float64(retryWindow) * scale / (1<<retries - 1)
	delays := make([]time.Duration, retries)
	for i := range delays {
		delays[i] = time.Duration(first * float64(int(1)<<i))
	}
	return delays
}

// firstIDs keeps the kinds of id apart (none can be derived from another) and puts those of orders above 2^53,
// where a float64 loses them.
func firstIDs() map[string]int64 {
	return map[string]int64{
		"Location": 76, "Product": 7_100_000_000_020, "ProductVariant": 43_000_000_000_030, "InventoryItem": 45_000_000_000_050,
		"Order": 9_007_199_254_750_000, "LineItem": 9_107_199_254_750_000, "Refund": 9_207_199_254_750_000,
		"RefundLineItem": 9_307_199_254_750_000, "FulfillmentOrder": 9_407_199_254_750_000,
		"FulfillmentOrderLineItem": 9_507_199_254_750_000, "InventoryAdjustmentGroup": 9_607_199_254_750_000,
		"Fulfillment": 9_707_199_254_750_000,
	}
}

// ServeHTTP answers the platform API under /admin/ and the control routes under /sandbox/.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Truth is the log of what happened to the shop's counters.
func (s *Shop) Truth() *shop.Truth { return s.truth }

// Faults is the switch for what goes wrong.
func (s *Shop) Faults() *shop.FaultSwitch { return s.faults }

// Courier delivers the webhooks; tests pause it and read its counts.
func (s *Shop) Courier() *shop.Courier { return s.courier }

// Requests counts API requests by root field, and refused ones as "throttled".
func (s *Shop) Requests() map[string]int64 { return s.requests.All() }

// Points are the points that requests cost so far, and what the bucket holds now.
func (s *Shop) Points() (spent, available float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket.refill(s.opts.Now())
	return s.spent, s.bucket.available
}

// SetWebhook sends all topics to one URL from now on; none when it is empty.
func (s *Shop) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhookURL = url
}

// SetCanary changes the text in the customer fields of order webhooks.
func (s *Shop) SetCanary(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.canary = text
}

// Idle returns when no lagging level or routing is outstanding and no webhook is on its way; or when the context ends,
// with its error.
func (s *Shop) Idle(ctx context.Context) error {
	s.mu.Lock()
	var settled chan struct{}
	if len(s.later) > 0 {
		if s.settled == nil {
			s.settled = make(chan struct{})
		}
		settled = s.settled
	}
	s.mu.Unlock()
	if settled != nil {
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.courier.Idle(ctx)
}

// Close stops what is outstanding: lagging levels never move, webhooks are dropped.
func (s *Shop) Close() {
	s.mu.Lock()
	s.closed = true
	for n, stop := range s.later {
		stop()
		delete(s.later, n)
	}
	s.wakeSettled()
	s.mu.Unlock()
	s.courier.Close()
}

// after runs f under the mutex once d has passed, at once when d is not positive. The caller holds the mutex.
func (s *Shop) after(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	if s.closed {
		return
	}
	s.laterLast++
	n := s.laterLast
	s.later[n] = s.opts.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, waiting := s.later[n]; !waiting {
			return // closed meanwhile
		}
		f()
		delete(s.later, n)
		s.wakeSettled()
	})
}

func (s *Shop) wakeSettled() {
	if len(s.later) == 0 && s.settled != nil {
		close(s.settled)
		s.settled = nil
	}
}

// now is the shop's clock with the one-second grain of all its times.
func (s *Shop) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

// nextID gives the next id of a kind. Steps of 3 make rounding through a float64 visible.
func (s *Shop) nextID(kind string) int64 {
	if kind == "Location" {
		s.ids[kind]++
	} else {
		s.ids[kind] += 3
	}
	return s.ids[kind]
}

func gid(kind string, id int64) string {
	return "gid://shopify/" + kind + "/" + strconv.FormatInt(id, 10)
}
