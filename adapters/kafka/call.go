package kafka

import (
	"context"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
)

// call is one Publish: done when all its entries are durable or one is not.
type call struct {
	mu      sync.Mutex
	pending int
	err     error
	done    chan struct{}
}

func newCall(entries int) *call { return &call{pending: entries, done: make(chan struct{})} }

// watch ends the call when the context of one of its messages does. It returns
// a function that stops watching.
func (c *call) watch(messages []*message.Message) func() {
	var stops []func() bool
	var last context.Context
	for _, msg := range messages {
		ctx := msg.Context()
		if ctx.Done() == nil || ctx == last {
			continue
		}
		last = ctx
		stops = append(stops, context.AfterFunc(ctx, func() { c.finish(context.Cause(ctx)) }))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// settle counts one entry as durable, or fails the call.
func (c *call) settle(err error) {
	if err != nil {
		c.finish(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending--; c.pending == 0 {
		close(c.done)
	}
}

// finish ends the call with an error unless it has ended.
func (c *call) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending > 0 {
		c.pending, c.err = 0, err
		close(c.done)
	}
}

func (c *call) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *call) result() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
