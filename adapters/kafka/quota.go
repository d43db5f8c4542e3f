package kafka

import (
	"context"
	"sync"
	"time"
)

// quiet is until when a broker does not listen, because this client is over a
// quota. It has answered, and leaves the connection unread for as long as it
// said; kafka-go does not wait. What is sent meanwhile on that connection, and
// it may be any, runs into its time limit though it will be stored.
type quiet struct {
	mu    sync.Mutex
	until time.Time
}

// obey keeps this client silent for as long as a broker said.
func (c *Client) obey(d time.Duration, topic string) {
	if d <= 0 {
		return
	}
	q := &c.quiet
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.After(q.until) {
		c.opts.Logger.Warn("broker slows this client down: it is over a quota", "topic", topic, "for", d)
	}
	if until := now.Add(d); until.After(q.until) {
		q.until = until
	}
}

// quietFor is how long nothing must be sent.
func (c *Client) quietFor() time.Duration {
	c.quiet.mu.Lock()
	defer c.quiet.mu.Unlock()
	return max(0, time.Until(c.quiet.until))
}

// awaitQuiet waits until something may be sent, or ctx ends.
func (c *Client) awaitQuiet(ctx context.Context) error {
	for d := c.quietFor(); d > 0; d = c.quietFor() {
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
	return nil
}
