package square

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Merchant is the seller behind a pretend Square.
type Merchant struct {
	// ID is what webhooks carry as merchant_id; made up when empty.
	ID       string
	Name     string
	Country  string // ISO 3166, "US" when empty
	Currency string // ISO 4217, "USD" when empty
}

// Options says what a pretend Square is like. The zero value works.
type Options struct {
	// Now is Square's clock; time.Now when nil.
	Now  func() time.Time
	Seed int64
	// Token is the bearer token that the API asks for; "sandbox-token" when empty.
	Token string
	// AppID is the application that the token belongs to: the source of what comes through the API.
	AppID  string
	Logger *slog.Logger
	// HTTPClient delivers webhooks.
	HTTPClient *http.Client
	// SigningKey and NotificationURL are the webhook subscription; nothing is sent while the URL is empty.
	SigningKey      string
	NotificationURL string
	Merchant        Merchant
	// Truth takes the effects; a log of its own when nil.
	Truth *shop.Truth
	// RetryScale multiplies the gaps between webhook attempts (1 min to 8 h); 1 when 0.
	RetryScale float64
	// WebhookTimeout is how long a receiver may take; Square's 10 s when 0.
	WebhookTimeout time.Duration
	// WebhooksParallel is how many deliveries are in flight at once; 1 keeps them in order, 0 means 8.
	WebhooksParallel int
	// AbsorbedTouches lets an absorbed change move calculated_at, which Square does not document either way.
	AbsorbedTouches bool
	// HideEdits leaves edited rows out of lists of what was received later than a time; nobody says whether Square does.
	HideEdits bool
	// ForgetKeysAfter is how long idempotency keys are remembered; for ever when 0. Square does not publish it.
	ForgetKeysAfter time.Duration
	// RequestsPerSecond is what Square takes before it answers 429, after a burst of one second's; no limit when 0. Square publishes
	// none, and tells nobody.
	RequestsPerSecond float64
	// Canary, when set, is sent in a field that no contract knows, on every object of answers and webhooks: what must
	// never turn up in a log or a store.
	Canary string
}

// Shop is a pretend Square seller account. Make one with New and Close it.
type Shop struct {
	opts    Options
	truth   *shop.Truth
	courier *shop.Courier
	ids     *shop.Dice
	faults  shop.FaultSwitch
	count   shop.Counters
	control *http.ServeMux
	api     *http.ServeMux
	handler http.Handler  // api behind its faults
	limit   *rate.Limiter // nil: none

	mu         sync.Mutex
	last       time.Time // the latest receive time given out
	webhook    subscription
	locations  []*location
	variations map[string]*variation
	catalogAt  time.Time // when the catalog last changed
	counters   map[cell]*counter
	received   []*row // by receive time, which strictly increases
	anyEdited  bool
	answered   map[string]answer
}

// New returns a pretend Square with one location and an empty catalog.
func New(opts Options) *Shop {
	s := &Shop{
		opts: opts.withDefaults(), ids: shop.NewDice(opts.Seed), variations: map[string]*variation{}, counters: map[cell]*counter{},
		answered: map[string]answer{},
	}
	if s.truth = s.opts.Truth; s.truth == nil {
		s.truth = &shop.Truth{}
	}
	if s.opts.Merchant.ID == "" {
		s.opts.Merchant.ID = "M" + s.newID(12)
	}
	weather := shop.NewDice(opts.Seed + 1) // apart from the ids, so that faults do not change them
	s.courier = shop.NewCourier(shop.CourierOptions{
		Client: s.opts.HTTPClient, Dice: weather, Faults: s.faults.Get, RetryDelays: retryDelays(s.opts.RetryScale),
		RetryHeader: retryHeader, FirstSentHeader: "Square-Initial-Delivery-Timestamp", Timeout: s.opts.WebhookTimeout,
		Parallel: s.opts.WebhooksParallel, Now: s.opts.Now, Logger: s.opts.Logger,
	})
	if limit := s.opts.RequestsPerSecond; limit > 0 {
		s.limit = rate.NewLimiter(rate.Limit(limit), max(1, int(limit)))
	}
	s.SetWebhook(s.opts.NotificationURL, s.opts.SigningKey)
	s.AddLocation("Main")
	s.control, s.api = http.NewServeMux(), http.NewServeMux()
	s.mountControl()
	s.mountAPI()
	s.handler = shop.Chaos{Dice: weather, Faults: &s.faults, TooMany: tooMany, ServerError: serverError, Refuse: refused}.Wrap(http.HandlerFunc(s.serveAPI))
	return s
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Token == "" {
		o.Token = "sandbox-token"
	}
	if o.AppID == "" {
		o.AppID = "sandbox-sq0idb-evenstock"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Merchant.Name == "" {
		o.Merchant.Name = "Pretend Shop"
	}
	if o.Merchant.Country == "" {
		o.Merchant.Country = "US"
	}
	if o.Merchant.Currency == "" {
		o.Merchant.Currency = "USD"
	}
	if o.RetryScale <= 0 {
		o.RetryScale = 1
	}
	return o
}

// ServeHTTP serves the API at Square's paths, and the control routes under /sandbox/.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/sandbox/") {
		s.control.ServeHTTP(w, r)
		return
	}
	now := s.opts.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat)) // the pretend clock, not the machine's
	if s.limit != nil && !s.limit.AllowN(now, 1) {
		s.count.Add("throttled")
		tooMany(w, false)
		return
	}
	_, operation := s.api.Handler(r)
	s.count.Add(operation)
	s.handler.ServeHTTP(w, r)
}

// Truth is the log of what really happened.
func (s *Shop) Truth() *shop.Truth { return s.truth }

// Courier delivers this shop's webhooks.
func (s *Shop) Courier() *shop.Courier { return s.courier }

// Requests counts the API requests so far, per method and path pattern; those that a fault struck too. Those beyond the limit are
// counted as "throttled".
func (s *Shop) Requests() map[string]int64 { return s.count.All() }

// Faults returns the faults of the moment.
func (s *Shop) Faults() shop.Faults { return s.faults.Get() }

// SetFaults changes what goes wrong; ErrFaults when a value is out of range.
func (s *Shop) SetFaults(f shop.Faults) error { return s.faults.Set(f) }

// MerchantID is what webhooks carry as merchant_id.
func (s *Shop) MerchantID() string { return s.opts.Merchant.ID }

// Close stops the webhooks.
func (s *Shop) Close() { s.courier.Close() }

// clock is Square's time, never behind a receive time already given out. The caller holds the mutex.
func (s *Shop) clock() time.Time {
	if now := s.opts.Now().UTC().Truncate(time.Microsecond); now.After(s.last) {
		return now
	}
	return s.last
}

// tick gives out a receive time: the clock, and later than every one before. The caller holds the mutex.
func (s *Shop) tick() time.Time {
	if t := s.clock(); t.After(s.last) {
		s.last = t
	} else {
		s.last = s.last.Add(time.Microsecond)
	}
	return s.last
}

// newID makes an id of n upper-case letters and digits, as Square's are.
func (s *Shop) newID(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	id := make([]byte, n)
	for i := range id {
		id[i] = alphabet[s.ids.Intn(len(alphabet))]
	}
	return string(id)
}

// Counts returns what every IN_STOCK counter shows now, by item and location. A variation that was never counted has none.
func (s *Shop) Counts() []shop.Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	var counts []shop.Count
	for _, v := range s.sortedVariations() {
		for _, l := range s.locations {
			if c := s.counters[cell{v.id, l.id, stateInStock}]; c != nil {
				counts = append(counts, shop.Count{Item: v.id, SKU: v.sku, Location: l.id, Quantity: c.quantity, Tracked: v.trackedAt(l.id)})
			}
		}
	}
	return counts
}

// CountOf returns what one IN_STOCK counter shows; false when it was never counted.
func (s *Shop) CountOf(item, location string) (stock.Quantity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counters[cell{item, location, stateInStock}]
	if c == nil {
		return 0, false
	}
	return c.quantity, true
}
