package shop

import (
	"context"
	"sync/atomic"
	"time"
)

// Sent is how many deliveries were handed to Send; each ends as delivered, dropped or given up.
// A duplicate counts as a delivery of its own.
func (c *Courier) Sent() int64 { return c.sent.Load() }

// Delivered is how many were answered 2xx.
func (c *Courier) Delivered() int64 { return c.delivered.Load() }

// Dropped is how many were lost to a fault, a pause, a full queue or Close.
func (c *Courier) Dropped() int64 { return c.dropped.Load() }

// GaveUp is how many failed at every attempt.
func (c *Courier) GaveUp() int64 { return c.gaveUp.Load() }

// finish counts a delivery out and wakes Idle when it was the last.
func (c *Courier) finish(fate *atomic.Int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finishLocked(fate)
}

func (c *Courier) finishLocked(fate *atomic.Int64) {
	fate.Add(1)
	c.pending--
	if c.pending == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// releaseHeld lets the deliveries go that a later one has now overtaken.
func (c *Courier) releaseHeld() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, overtaken := range c.overrun {
		close(overtaken)
	}
	c.overrun = nil
}

// Idle returns when nothing is queued, held back, waiting for a re-send or in flight; or when the context ends, with
// its error.
func (c *Courier) Idle(ctx context.Context) error {
	c.mu.Lock()
	if c.pending == 0 {
		c.mu.Unlock()
		return ctx.Err()
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pause is the subscription switched off: what waits is dropped, and so is everything sent until Resume. An attempt in
// flight ends by itself.
func (c *Courier) Pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
	c.dropWaiting()
}

// Resume takes deliveries again.
func (c *Courier) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused && !c.closed {
		c.paused, c.off = false, make(chan struct{})
	}
}

// Close drops what waits and cuts attempts in flight short. Deliveries sent afterwards are dropped.
func (c *Courier) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dropWaiting()
	for _, cancel := range c.flying {
		cancel()
	}
}

// dropWaiting empties the queue and wakes those who wait, to be dropped. The caller holds the mutex.
func (c *Courier) dropWaiting() {
	if !isClosed(c.off) {
		close(c.off)
	}
	for range c.queue {
		c.finishLocked(&c.dropped)
	}
	c.queue = nil
}

// after returns a wait of a fixed length.
func after(d time.Duration) func(off <-chan struct{}) {
	return func(off <-chan struct{}) { wait(d, nil, off) }
}

// wait returns after d, or earlier when one of the channels is closed.
func wait(d time.Duration, release, off <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-release:
	case <-off:
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
