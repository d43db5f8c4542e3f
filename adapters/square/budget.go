package square

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// budgetWaitMax is the longest a request waits for its turn; beyond that the caller is told when to come back.
	budgetWaitMax = 10 * time.Second
	// throttledPause is the pause after a 429 that names none: Square does not promise Retry-After.
	throttledPause = time.Second
	// retryAfterMax caps what an answer may ask for.
	retryAfterMax = time.Hour
	// slowestRate is the floor that repeated 429s lead to, in requests per second.
	slowestRate rate.Limit = 0.5
	// recoveryShare is how much of the full rate each success gives back.
	recoveryShare = 50
)

// budget is the account's token bucket. It measures elapsed time only, so it runs on the runtime's clock and not on
// Options.Now: a wall clock that is set back must not hold requests up.
type budget struct {
	limiter *rate.Limiter
	full    rate.Limit

	mu          sync.Mutex
	pausedUntil time.Time
}

func newBudget(perSecond float64) *budget {
	full := rate.Limit(perSecond)
	return &budget{limiter: rate.NewLimiter(full, max(1, int(math.Ceil(perSecond)))), full: full}
}

// wait returns when a request may be sent, or at once with a retryable error when that would take longer than
// budgetWaitMax or than ctx allows.
func (b *budget) wait(ctx context.Context) error {
	b.mu.Lock()
	pause := time.Until(b.pausedUntil)
	b.mu.Unlock()
	if pause > budgetWaitMax || pause > 0 && tooLate(ctx, pause) {
		return &Error{retryable: true, retryAfter: pause, neverSent: true, cause: errPaused, failure: stock.TooManyRequests}
	}
	if err := sleep(ctx, pause); err != nil {
		return &Error{retryable: true, neverSent: true, cause: err}
	}
	if err := b.limiter.Wait(ctx); err != nil {
		return &Error{retryable: true, neverSent: true, cause: fmt.Errorf("waiting for the request budget: %w", err)}
	}
	return nil
}

// throttled halves the rate and pauses for as long as Square asked.
func (b *budget) throttled(retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limiter.SetLimit(max(min(slowestRate, b.full), b.limiter.Limit()/2))
	b.pause(max(retryAfter, throttledPause))
}

// busy pauses for as long as Square asked, without a change of rate: a 503 is not about us.
func (b *budget) busy(retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause(retryAfter)
}

func (b *budget) pause(d time.Duration) {
	if until := time.Now().Add(d); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// succeeded gives back a little of the rate.
func (b *budget) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if limit := b.limiter.Limit(); limit < b.full {
		b.limiter.SetLimit(min(b.full, limit+b.full/recoveryShare))
	}
}

func tooLate(ctx context.Context, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return has && time.Until(deadline) < wait
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
