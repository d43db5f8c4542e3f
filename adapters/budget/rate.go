package budget

import (
	"context"
	"time"
)

const (
	// throttledPause is the pause after a refusal that names none.
	throttledPause = time.Second
	// slowest is the rate that repeated refusals lead to, in requests per second.
	slowest = 0.5
	// burst is how many seconds' requests may go out at once, burstLeast how many requests at least.
	burst, burstLeast = 0.5, 2
	// fall is what a refusal leaves of the rate. Up to near of where it was refused last it doubles in a second; beyond that it takes
	// slowly seconds to come there again, and from past on what was refused then does not count any more.
	fall, near, past = 0.7, 0.9, 1.1
	slowly           = 300.0
	// pressure is how long after a request had to wait for its turn the rate grows: one that nobody uses proves nothing.
	pressure = time.Second
)

// Rate is the budget of a platform that promises no figure: so many requests a second as it takes without refusing any. It climbs
// while it is used until the platform refuses a request, falls at once and remembers where that was.
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

// Take waits for the turn of a request, in the lane that ctx names. Its error is a *PausedError, or the context's.
func (b *Rate) Take(ctx context.Context) (Turn, error) {
	if err := b.enter(ctx, 1); err != nil {
		return Turn{}, err
	}
	return Turn{at: time.Now()}, nil
}

// Answered says that the platform took the request.
func (b *Rate) Answered() { b.learn(b.rate.climb) }

// Refused says that the platform was asked too often, and for how long it wants to be left alone; 0 when it did not say.
func (b *Rate) Refused(turn Turn, retryAfter time.Duration) {
	b.learn(func(now time.Time) {
		b.refused++
		b.rate.refuse(turn.at, now)
		b.pause(max(retryAfter, throttledPause), now)
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
	// refusedAt is the rate at which the platform refused last; 0: it never did. fell is when.
	refusedAt float64
	fell      time.Time
	pressedAt time.Time
}

func (r *rate) available(now time.Time) float64 {
	if passed := now.Sub(r.at); passed > 0 {
		r.tokens = min(r.most(), r.tokens+passed.Seconds()*r.current)
		r.at = now
	}
	return r.tokens
}

func (r *rate) most() float64         { return max(burstLeast, r.current*burst) }
func (r *rate) perSecond() float64    { return r.current }
func (r *rate) take(cost float64)     { r.tokens -= cost }
func (r *rate) pressed(now time.Time) { r.pressedAt = now }

// climb raises the rate a little: each answer of a second counts.
func (r *rate) climb(now time.Time) {
	if r.pressedAt.IsZero() || now.Sub(r.pressedAt) > pressure {
		return
	}
	r.available(now)
	if r.refusedAt > 0 && r.current > r.refusedAt*past {
		r.refusedAt = 0
	}
	switch careful := r.refusedAt * near; {
	case r.refusedAt == 0:
		r.current++
	case r.current < careful:
		r.current = min(r.current+1, careful)
	default:
		r.current += r.refusedAt / slowly / r.current
	}
	if r.ceiling > 0 {
		r.current = min(r.current, r.ceiling)
	}
}

// refuse lets the rate fall, once for all requests that were under way together.
func (r *rate) refuse(sent, now time.Time) {
	r.available(now)
	r.tokens = 0
	if sent.Before(r.fell) {
		return
	}
	r.refusedAt, r.fell = r.current, now
	r.current = max(min(slowest, r.current), r.current*fall)
}
