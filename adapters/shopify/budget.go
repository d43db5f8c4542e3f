package shopify

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// restoreAtLeast guards against an answer that says nothing or nonsense: points per second of the smallest plan
	// (https://shopify.dev/docs/api/usage/limits).
	restoreAtLeast = 50.0
	// pauseAtMost bounds what a Retry-After header may ask for.
	pauseAtMost = time.Hour
	// waitAtMost is the longest that a request waits for its points; an empty bucket is full again after 20 s. Who would have to
	// wait longer is told when to come back.
	waitAtMost = 30 * time.Second
)

// budget is the account's leaky bucket of query cost points, as its own answers describe it. Before the first answer nothing
// is known and nothing waits. Points are taken before a request and put right by its answer.
type budget struct {
	now    func() time.Time
	jitter func() float64

	mu    sync.Mutex
	known bool
	// maximum and available are points, restore is points per second, all as of at.
	maximum, available, restore float64
	at                          time.Time
	// inFlight is what requests without an answer have taken; an answer does not count the others.
	inFlight float64
	// pausedUntil is where a Retry-After header put the next request.
	pausedUntil time.Time
	// requested remembers each operation's requestedQueryCost.
	requested map[string]float64
}

// queryCost is extensions.cost. Numbers may come as floats
// (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits).
type queryCost struct {
	Requested float64 `json:"requestedQueryCost"`
	Throttle  *struct {
		Maximum   float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"`
	} `json:"throttleStatus"`
}

func newBudget(now func() time.Time, jitter func() float64) *budget {
	return &budget{now: now, jitter: jitter, requested: make(map[string]float64)}
}

// take waits until the operation fits and returns the points taken. A context that would end first ends it at once.
func (b *budget) take(ctx context.Context, operation string, estimate float64) (float64, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, &Error{Operation: operation, Code: codeNotSent, Message: "the context ended", retryable: true, cause: err}
		}
		cost, wait := b.try(operation, estimate)
		if wait <= 0 {
			return cost, nil
		}
		deadline, limited := ctx.Deadline()
		if wait > waitAtMost || limited && time.Until(deadline) < wait {
			return 0, &Error{Operation: operation, Code: codeNotSent, Message: "the platform asked for a longer pause than this request can wait", retryable: true, after: wait}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// try takes the points, or says how long to wait before trying again.
func (b *budget) try(operation string, estimate float64) (cost float64, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if pause := b.pausedUntil.Sub(now); pause > 0 {
		return 0, pause
	}
	if learnt, ok := b.requested[operation]; ok {
		estimate = learnt
	}
	if b.known {
		b.refill(now)
		estimate = min(estimate, b.maximum)
		if b.available < estimate {
			return 0, b.waitFor(estimate)
		}
		b.available -= estimate
	}
	b.inFlight += estimate
	return estimate, 0
}

// settle puts the budget right with an answer. cost is nil when the answer had none: then charged of the taken points are
// gone.
func (b *budget) settle(operation string, taken, charged float64, cost *queryCost) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight = max(0, b.inFlight-taken)
	if cost == nil {
		b.available += taken - charged
		return
	}
	if cost.Requested > 0 {
		b.requested[operation] = cost.Requested
	}
	if t := cost.Throttle; t != nil && t.Maximum > 0 {
		b.known, b.at = true, b.now()
		b.maximum, b.restore = t.Maximum, t.Restore
		b.available = t.Available - b.inFlight
	}
}

// throttled is the wait after an answer that said THROTTLED: ceil((requested - available) / restore) plus jitter.
func (b *budget) throttled(operation string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.known {
		return b.spread(time.Second)
	}
	b.refill(b.now())
	return b.waitFor(min(b.requested[operation], b.maximum))
}

// pause holds every request of the account back, as a Retry-After header asks.
func (b *budget) pause(wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := b.now().Add(min(wait, pauseAtMost)); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// refill adds what was restored since the last look. Callers hold the lock.
func (b *budget) refill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.available = min(b.maximum, b.available+passed.Seconds()*max(b.restore, restoreAtLeast))
		b.at = now
	}
}

// waitFor is how long until the points are there, at least a second and never all callers at once. Callers hold the lock.
func (b *budget) waitFor(points float64) time.Duration {
	seconds := math.Ceil((points - b.available) / max(b.restore, restoreAtLeast))
	return b.spread(time.Duration(max(seconds, 1)) * time.Second)
}

func (b *budget) spread(wait time.Duration) time.Duration {
	return wait + time.Duration(b.jitter()*float64(time.Second))
}
