package life

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

const (
	// rate is how many things happen per second, on average, unless the options say otherwise.
	rate = 2.0
	// rateMax bounds it.
	rateMax = 1000.0
	// RaiseApart is how long after a raise on one channel none is typed into the other: what a middleware may take for the
	// same goods, typed in twice.
	RaiseApart = 15 * time.Minute
	// ordersMax is how many of the latest orders may still be edited, sent, cancelled or refunded.
	ordersMax = 40
)

// ErrOptions is returned for options that no life can follow.
var ErrOptions = errors.New("impossible shop life")

// Options say what happens in the shops, and for how long.
type Options struct {
	Square  *square.Shop
	Shopify *shopify.Shop
	// Goods are for sale in both shops: see OpenShops.
	Goods []Good
	// Seed chooses what happens. The same seed gives the same choices; what they meet depends on the moment.
	Seed int64
	// For is how long it goes on; it must be positive. Day is the length of a shop's day, in which the story is told once and
	// business rises and falls; For when 0.
	For, Day time.Duration
	// Rate is how many things happen per second on average, beside the story; 2 when 0.
	Rate float64
	// Steady leaves out the story and the rise and fall of business, so that one minute is like another: for measuring.
	Steady bool
	// TypedTwice has goods typed into both channels at half past the day: a story about a brake, which asks a person.
	TypedTwice bool
	// Told is told of everything that happened, from Run's goroutine; nil: nobody listens.
	Told   func(Happening)
	Logger *slog.Logger
}

// Happening is one thing that happened in the shops.
type Happening struct {
	At time.Time `json:"at"`
	// Kind is the action's name. Story says that it is a beat of the story and not everyday business.
	Kind  string `json:"kind"`
	Story bool   `json:"story"`
	SKU   string `json:"sku"`
	Text  string `json:"text"`
}

// Status says what has happened so far.
type Status struct {
	Running   bool      `json:"running"`
	Seed      int64     `json:"seed"`
	StartedAt time.Time `json:"started_at,omitzero"`
	EndsAt    time.Time `json:"ends_at,omitzero"`
	// Done counts actions by kind, Total all of them, Refused those that a shop did not allow in its state.
	Done    map[string]int64 `json:"done"`
	Total   int64            `json:"total"`
	Refused int64            `json:"refused"`
}

// Life is the people of a shop: they sell, refund, recount and make mistakes, by dice and along a story. It never types
// the same raise into both channels within 15 minutes unless Options.TypedTwice says so. Run it once.
type Life struct {
	opts Options
	dice *shop.Dice

	// Only Run's goroutine uses these.
	start  time.Time
	events []event
	orders []shopify.Order
	raised map[string]raise // by SKU

	// rush has Run's goroutine do something at once; ended is closed when it does nothing any more.
	rush  chan func()
	ended chan struct{}

	mu     sync.Mutex // guards what follows
	status Status
	racer  *racer // nil: nobody is about to race
}

// event is something that will happen.
type event struct {
	at time.Time
	do func()
}

// raise is the latest raise of an item that nothing takes back.
type raise struct {
	shop string
	at   time.Time
}

// New checks the options. It returns ErrOptions when they make no sense.
func New(opts Options) (*Life, error) {
	if opts.Rate == 0 {
		opts.Rate = rate
	}
	if opts.Day == 0 {
		opts.Day = opts.For
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Told == nil {
		opts.Told = func(Happening) {}
	}
	switch {
	case opts.Square == nil || opts.Shopify == nil || len(opts.Goods) == 0:
		return nil, fmt.Errorf("%w: it needs both shops and goods", ErrOptions)
	case opts.For <= 0 || opts.Day < 0:
		return nil, fmt.Errorf("%w: it must last some time, not %s", ErrOptions, opts.For)
	case !(opts.Rate > 0 && opts.Rate <= rateMax): // written this way round so that NaN is refused
		return nil, fmt.Errorf("%w: %v actions per second, not up to %v", ErrOptions, opts.Rate, rateMax)
	}
	return &Life{
		opts: opts, dice: shop.NewDice(opts.Seed + seedApart), raised: map[string]raise{},
		rush: make(chan func()), ended: make(chan struct{}),
		status: Status{Seed: opts.Seed, Done: map[string]int64{}},
	}, nil
}

// seedApart keeps the people's dice apart from the shops' own, which start at the same seed.
const seedApart = 1_000_003

// Run lets the shops live until Options.For is over or ctx ends. What a shop refuses is counted and stops nothing.
func (l *Life) Run(ctx context.Context) {
	l.start = time.Now()
	end := l.start.Add(l.opts.For)
	l.change(func(s *Status) { s.Running, s.StartedAt, s.EndsAt = true, l.start.UTC(), end.UTC() })
	defer l.change(func(s *Status) { s.Running = false })
	defer close(l.ended)
	if !l.opts.Steady {
		l.tell(l.start)
	}
	l.at(l.start.Add(l.pause()), l.everyday)
	for l.events[0].at.Before(end) { // never empty: every action plans the next

		event := l.events[0]
		l.events = l.events[1:]
		if !l.waitUntil(ctx, event.at) {
			return
		}
		event.do()
	}
	l.waitUntil(ctx, end)
}

// Status returns what has happened so far.
func (l *Life) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	status := l.status
	status.Done = maps.Clone(status.Done)
	return status
}

func (l *Life) change(how func(*Status)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	how(&l.status)
}

// at plans something; what was planned first comes first at the same time.
func (l *Life) at(t time.Time, do func()) {
	i, _ := slices.BinarySearchFunc(l.events, t, func(e event, t time.Time) int {
		if e.at.After(t) {
			return 1
		}
		return -1
	})
	l.events = slices.Insert(l.events, i, event{t, do})
}

// later plans something for so long from now.
func (l *Life) later(d time.Duration, do func()) { l.at(time.Now().Add(d), do) }

// pause is the time to the next everyday action: random around the rate, which is low in the morning and in the evening.
func (l *Life) pause() time.Duration {
	ofDay := math.Mod(time.Since(l.start).Seconds(), l.opts.Day.Seconds()) / l.opts.Day.Seconds()
	rate := l.opts.Rate * (0.4 + 0.94*math.Sin(math.Pi*ofDay)) // 0.94 makes the average over a day 1
	if l.opts.Steady {
		rate = l.opts.Rate
	}
	return l.dice.Part(time.Duration(2 * float64(time.Second) / rate))
}

// everyday lets one action of the table happen and plans the next.
func (l *Life) everyday() {
	total := 0
	for _, action := range actions {
		total += action.weight
	}
	throw := l.dice.Intn(total)
	for _, action := range actions {
		if throw -= action.weight; throw < 0 {
			l.act(false, action.kind, l.good(), action.do)
			break
		}
	}
	l.later(l.pause(), l.everyday)
}

// act lets something happen and counts it. An empty text means that there was nothing to do.
func (l *Life) act(story bool, kind string, good Good, do func(*Life, Good) (text string, err error)) {
	text, err := do(l, good)
	switch {
	case err != nil:
		l.change(func(s *Status) { s.Refused++ })
		l.opts.Logger.Debug("the shop refused", "action", kind, "sku", good.SKU, "error", err)
	case text != "":
		l.change(func(s *Status) { s.Done[kind]++; s.Total++ })
		l.opts.Told(Happening{At: time.Now(), Kind: kind, Story: story, SKU: good.SKU, Text: text})
	}
}

// waitUntil sleeps, doing what cannot wait, and reports whether to go on.
func (l *Life) waitUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case do := <-l.rush:
			do()
		case <-timer.C:
			return ctx.Err() == nil
		}
	}
}
