package kafka

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// backoff waits between attempts: exponential from least to most, each wait
// drawn from the upper half, so that clients of a returning broker spread out.
type backoff struct {
	least, most time.Duration
	attempt     int
}

func (c *Client) backoff() backoff {
	return backoff{least: c.opts.BackoffMin, most: c.opts.BackoffMax}
}

func (b *backoff) next() time.Duration {
	d := b.most
	if b.attempt < 20 { // beyond, the shift could overflow
		d = min(b.most, b.least<<b.attempt)
	}
	b.attempt++
	return d/2 + rand.N(d/2+1)
}

// wait sleeps and reports whether ctx is still alive.
func (b *backoff) wait(ctx context.Context) bool {
	timer := time.NewTimer(b.next())
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// retriable says whether the same request may succeed later. Anything that is
// not an answer of the broker (a cut connection, a timeout, stale metadata) is.
func retriable(err error) bool {
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrUnknownTopic) || untrusted(err) {
		return false
	}
	var code kafkago.Error
	if !errors.As(err, &code) {
		return true
	}
	// kafka-go does not count "broker not available" as temporary; it is what
	// its pool says before it has seen the first metadata.
	return code.Temporary() || code == kafkago.BrokerNotAvailable
}
