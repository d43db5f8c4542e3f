package shop

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a courier.
const (
	// courierQueueMax is how many deliveries may wait; more are dropped and counted.
	courierQueueMax = 100_000
	// courierParallel is how many first attempts are in flight at once unless the options say otherwise.
	courierParallel = 8
	// courierHold is the longest that a reordered delivery waits for a later one to overtake it.
	courierHold = 200 * time.Millisecond
	// courierAnswerMax is how much of an answer is read, so that the connection can be used again; 64 KiB.
	courierAnswerMax = 64 << 10
)

// Reasons that CourierOptions.RetryHeader is told; Square's words for them
// (https://developer.squareup.com/docs/webhooks/step2subscribe).
const (
	ReasonTimeout = "http_timeout"
	ReasonStatus  = "http_error"
	ReasonTLS     = "ssl_error"
	ReasonOther   = "other_error"
)

// Delivery is one webhook: the same bytes and signature at every attempt.
type Delivery struct {
	URL    string
	Header http.Header
	Body   []byte
}

// CourierOptions says how deliveries travel.
type CourierOptions struct {
	// Client sends them; http.DefaultClient when nil. Its own timeout holds beside Timeout.
	Client *http.Client
	Dice   *Dice
	// Faults returns the faults of the moment; none when nil. It is called from Send, so it must not take a lock that
	// Send's callers hold.
	Faults func() Faults
	// RetryDelays are the gaps before each re-send; after the last the delivery is given up.
	RetryDelays []time.Duration
	// RetryHeader returns the headers of re-send number attempt (1 is the first); none when nil.
	RetryHeader func(attempt int, reason string) http.Header
	// FirstSentHeader names the header that tells a re-send's receiver when the first attempt was; none when empty.
	FirstSentHeader string
	// Timeout is how long one attempt may take; 10 s when 0.
	Timeout time.Duration
	// Parallel is how many first attempts may be in flight; 1 keeps their order.
	Parallel int
	// Now is the clock of FirstSentHeader; time.Now when nil.
	Now    func() time.Time
	Logger *slog.Logger
}

// Courier delivers webhooks at least once, as far as its faults let it. It has no goroutine while it has nothing to do.
type Courier struct {
	opts CourierOptions

	mu      sync.Mutex
	queue   []Delivery
	running int             // goroutines that work the queue off
	pending int             // deliveries queued, held back, waiting for a re-send, or in flight
	idle    chan struct{}   // closed when pending falls to 0; nil while nobody waits
	overrun []chan struct{} // held-back deliveries, each released when a later one has been sent
	off     chan struct{}   // closed while paused: wakes those who wait
	paused  bool
	closed  bool
	flying  map[int]context.CancelFunc
	flights int

	sent, delivered, dropped, gaveUp atomic.Int64
}

// NewCourier returns a courier; Close it.
func NewCourier(opts CourierOptions) *Courier {
	if opts.Client == nil {
		opts.Client = http.DefaultClient
	}
	if opts.Dice == nil {
		opts.Dice = NewDice(0)
	}
	if opts.Faults == nil {
		opts.Faults = func() Faults { return Faults{} }
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 10 * time.Second // https://developer.squareup.com/docs/inventory-api/webhooks
	}
	if opts.Parallel <= 0 {
		opts.Parallel = courierParallel
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Courier{opts: opts, off: make(chan struct{}), flying: map[int]context.CancelFunc{}}
}

// Send takes a delivery and returns at once. The faults of the moment decide its fate.
func (c *Courier) Send(d Delivery) {
	faults := c.opts.Faults()
	copies := 1
	if c.opts.Dice.Chance(faults.DuplicateWebhook) {
		copies = 2
	}
	for range copies {
		c.sent.Add(1)
		switch {
		case c.opts.Dice.Chance(faults.DropWebhook):
			c.dropped.Add(1)
		case c.opts.Dice.Chance(faults.ReorderWebhook):
			c.holdBack(d)
		default:
			c.enqueue(d, c.opts.Dice.Part(faults.DelayWebhook))
		}
	}
}

// admit counts a delivery in and returns the channel that wakes it on Pause and Close; false when it is dropped.
// The caller holds the mutex.
func (c *Courier) admit() (off <-chan struct{}, ok bool) {
	if c.paused || c.closed || c.pending >= courierQueueMax {
		c.dropped.Add(1)
		return nil, false
	}
	c.pending++
	return c.off, true
}

func (c *Courier) enqueue(d Delivery, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	off, ok := c.admit()
	if !ok {
		return
	}
	if delay > 0 {
		go c.deliver(d, off, after(delay))
		return
	}
	c.queue = append(c.queue, d)
	if c.running < c.opts.Parallel {
		c.running++
		go c.work()
	}
}

// holdBack sends the delivery after the next one that is sent, or after courierHold when none is.
func (c *Courier) holdBack(d Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	off, ok := c.admit()
	if !ok {
		return
	}
	overtaken := make(chan struct{})
	c.overrun = append(c.overrun, overtaken)
	go c.deliver(d, off, func(off <-chan struct{}) { wait(courierHold, overtaken, off) })
}

// work sends what is queued, first come first served, until nothing is. A failed delivery goes on in a goroutine of its
// own, so that its waits do not hold up the queue.
func (c *Courier) work() {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.running--
			c.mu.Unlock()
			return
		}
		d, off := c.queue[0], c.off
		c.queue = c.queue[1:]
		c.mu.Unlock()
		first := c.opts.Now()
		reason, ok := c.attempt(d, nil)
		c.releaseHeld()
		if ok {
			c.finish(&c.delivered)
			continue
		}
		go c.retry(d, off, first, reason)
	}
}

// deliver waits, sends, and retries.
func (c *Courier) deliver(d Delivery, off <-chan struct{}, pause func(off <-chan struct{})) {
	pause(off)
	if isClosed(off) {
		c.finish(&c.dropped)
		return
	}
	first := c.opts.Now()
	if reason, ok := c.attempt(d, nil); !ok {
		c.retry(d, off, first, reason)
		return
	}
	c.finish(&c.delivered)
}

// retry re-sends the same bytes along the table of delays.
func (c *Courier) retry(d Delivery, off <-chan struct{}, first time.Time, reason string) {
	for i, delay := range c.opts.RetryDelays {
		wait(delay, nil, off)
		if isClosed(off) {
			c.finish(&c.dropped)
			return
		}
		extra := http.Header{}
		if c.opts.RetryHeader != nil {
			extra = c.opts.RetryHeader(i+1, reason)
		}
		if c.opts.FirstSentHeader != "" {
			extra.Set(c.opts.FirstSentHeader, first.UTC().Format(time.RFC3339Nano))
		}
		var ok bool
		if reason, ok = c.attempt(d, extra); ok {
			c.finish(&c.delivered)
			return
		}
	}
	c.opts.Logger.Warn("webhook given up", "reason", reason, "attempts", len(c.opts.RetryDelays)+1)
	c.finish(&c.gaveUp)
}

// attempt posts the delivery once and reports whether it was acknowledged (any 2xx), else why not.
func (c *Courier) attempt(d Delivery, extra http.Header) (reason string, ok bool) {
	req, err := http.NewRequest(http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return ReasonOther, false
	}
	ctx, cancel := context.WithTimeout(req.Context(), c.opts.Timeout)
	defer c.trackFlight(cancel)()
	req = req.WithContext(ctx)
	for name, values := range d.Header {
		req.Header[name] = values
	}
	for name, values := range extra {
		req.Header[name] = values
	}
	resp, err := c.opts.Client.Do(req)
	if err != nil {
		return failureReason(err), false
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, courierAnswerMax))
	resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return ReasonStatus, false
	}
	return ReasonOther, err == nil
}

// trackFlight lets Close cut an attempt short; the returned function ends the tracking.
func (c *Courier) trackFlight(cancel context.CancelFunc) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		cancel()
	}
	c.flights++
	n := c.flights
	c.flying[n] = cancel
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		cancel()
		delete(c.flying, n)
	}
}

// failureReason is the platform's word for a failed attempt.
func failureReason(err error) string {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return ReasonTimeout
	}
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	if errors.As(err, &certificate) || errors.As(err, &record) {
		return ReasonTLS
	}
	return ReasonOther
}
