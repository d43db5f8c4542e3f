package budget

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// oddPause is the pause after a first refusal that names none. It doubles with each further one in a row, up to what a request sits out.
	oddPause = 250 * time.Millisecond
	// slowest is the rate that repeated refusals lead to, in requests per second.
	slowest = 0.5
	// burst is how many seconds' requests may go out at once, burstLeast how many requests at least.
	burst, burstLeast = 0.5, 2
	// fall is what a refusal leaves of the rate. Up to near of where it was refused last it doubles in a second; beyond that it climbs
	// slowly, and from past on what was refused then does not count any more.
	fall, near, past = 0.7, 0.9, 1.1
	// slowlyLeast is how many seconds a slow climb from nothing to where it was refused would take after one refusal. Each further one,
	// until it is past, doubles that up to slowlyMost: it proves that the platform means it.
	slowlyLeast, slowlyMost = 10.0, 300.0
	// pressure is how long after a request had to wait for its turn the rate grows: one that nobody uses proves nothing.
	pressure = time.Second
	// alone is how long before a refusal there was no other one if it stands alone.
	alone = time.Minute
)

// rateReserves are what less urgent lanes leave of a full burst.
var rateReserves = map[stock.Lane]float64{stock.ConfirmingReads: 0.05, stock.Causes: 0.15, stock.Sweeps: 0.3}

// Rate is the budget of a platform that promises no figure: so many requests a second as it takes without refusing any. It climbs
// while it is used in full until the platform refuses a request, falls at once and remembers where that was. A single refusal while
// less is asked for says nothing about the rate: other programs ask for the same seller. It is a pause, and the rate stays as it is.
type Rate struct {
	queue
	rate rate
}

// Turn is a request that may be sent.
type Turn struct{ at time.Time }

// NewRate starts at so many requests a second and never exceeds a ceiling; 0: none.
func NewRate(start, ceiling float64) *Rate {
	b := &Rate{}
	b.rate = rate{current: start, ceiling: ceiling, at: time.Now()}
	b.rate.tokens = b.rate.most()
	b.meter = &b.rate
	return b
}

// Take waits for the turn of a request, in the lane that ctx names, unless it was reserved. Its error is a *PausedError, or the context's.
func (b *Rate) Take(ctx context.Context) (Turn, error) {
	if r, reserved := ctx.Value(reservationKey{}).(*reservation); reserved && r.of == b && r.used.CompareAndSwap(false, true) {
		return Turn{at: time.Now()}, nil
	}
	if err := b.enter(ctx, 1); err != nil {
		return Turn{}, err
	}
	return Turn{at: time.Now()}, nil
}

// reservation is a turn that was given before the request was made.
type reservation struct {
	of   *Rate
	used atomic.Bool
}

type reservationKey struct{}

// Reserve has its turn for the first request that is made with the context that it returns, in the lane that ctx names, so that what
// is asked for can be chosen then. Without wait it fails where the turn cannot be had at once. giveBack gives a turn back that was not used.
func (b *Rate) Reserve(ctx context.Context, wait bool) (reserved context.Context, giveBack func(), ok bool) {
	if wait && b.enter(ctx, 1) != nil || !wait && !b.tryEnter(ctx, 1) {
		return ctx, func() {}, false
	}
	r := &reservation{of: b}
	giveBack = func() {
		if r.used.CompareAndSwap(false, true) {
			b.giveBack(stock.LaneOf(ctx), 1)
		}
	}
	return context.WithValue(ctx, reservationKey{}, r), giveBack, true
}

// Answered says that the platform took the request.
func (b *Rate) Answered(turn Turn) {
	b.learn(func(now time.Time) { b.rate.answer(turn.at, now) })
}

// Refused says that the platform was asked too often, and for how long it wants to be left alone; 0 when it did not say.
func (b *Rate) Refused(turn Turn, retryAfter time.Duration) {
	b.learn(func(now time.Time) {
		b.refused++
		b.rate.refuse(turn.at, now)
		pause := min(max(retryAfter, b.rate.pause()), pauseAtMost)
		b.rate.tryAt(now.Add(pause))
		b.pause(pause, now)
	})
}

// Busy says that the platform wants to be left alone for a while, and not because of us.
func (b *Rate) Busy(retryAfter time.Duration) {
	b.learn(func(now time.Time) { b.pause(retryAfter, now) })
}

// rate is a bucket of requests whose size and speed are learnt.
type rate struct {
	current, ceiling float64
	tokens           float64
	at               time.Time
	// refusals counts those in a row, last is when the last of them came; zero: none did. fell says that the rate did in this row.
	refusals int
	fell     bool
	last     time.Time
	// refusedAt is the rate at which it fell last, slowly how slowly it climbs there; 0: nothing is remembered.
	refusedAt, slowly float64
	pressedAt         time.Time
}

func (r *rate) available(now time.Time) float64 {
	if passed := now.Sub(r.at); passed > 0 {
		r.tokens = min(r.most(), r.tokens+passed.Seconds()*r.current)
		r.at = now
	}
	return r.tokens
}

func (r *rate) most() float64                 { return max(burstLeast, r.current*burst) }
func (r *rate) perSecond() float64            { return r.current }
func (r *rate) reserve(at stock.Lane) float64 { return rateReserves[at] }
func (r *rate) take(cost float64)             { r.tokens -= cost }
func (r *rate) pressed(now time.Time)         { r.pressedAt = now }

// pressing says whether the rate is used in full: a request had to wait for its turn just now.
func (r *rate) pressing(now time.Time) bool {
	return !r.pressedAt.IsZero() && now.Sub(r.pressedAt) <= pressure
}

// answer ends a row of refusals, and lets the rate climb.
func (r *rate) answer(sent, now time.Time) {
	if !sent.Before(r.last) {
		r.refusals, r.fell = 0, false
	}
	if r.pressing(now) {
		r.climb(now)
	}
}

// climb raises the rate a little: each answer of a second counts.
func (r *rate) climb(now time.Time) {
	r.available(now)
	if r.current > r.refusedAt*past {
		r.refusedAt, r.slowly = 0, 0
	}
	switch careful := r.refusedAt * near; {
	case r.refusedAt == 0:
		r.current++
	case r.current < careful:
		r.current = min(r.current+1, careful)
	default:
		r.current += r.refusedAt / r.slowly / r.current
	}
	if r.ceiling > 0 {
		r.current = min(r.current, r.ceiling)
	}
}

// refuse lets the rate fall, once for all requests that were under way together and once in a row: when nothing is answered at all, a
// slower rate is no help, and pauses grow. It does not fall for a refusal that stands alone while the rate is not used in full.
func (r *rate) refuse(sent, now time.Time) {
	r.available(now)
	if sent.Before(r.last) {
		return
	}
	since := now.Sub(r.last)
	r.refusals++
	r.last = now
	if r.fell || since > alone && !r.pressing(now) {
		return
	}
	if since > seconds(slowlyMost) {
		r.slowly = 0 // long ago
	}
	r.fell = true
	r.refusedAt, r.slowly = r.current, min(max(2*r.slowly, slowlyLeast), slowlyMost)
	r.current = max(min(slowest, r.current), r.current*fall)
}

// pause is for how long nothing is asked for after a refusal.
func (r *rate) pause() time.Duration { return min(oddPause<<min(max(r.refusals-1, 0), 10), waitAtMost) }

// tryAt lets a single request go out then and others follow at the rate: a pause saves nothing up.
func (r *rate) tryAt(at time.Time) { r.tokens, r.at = 1, at }
