package kafka

import (
	"context"
	"sync"
	"time"
)

// messageContext is the context of a message that is out. It ends when the
// message is acknowledged, refused or taken away, and costs a third of what one
// of the standard library with a value does.
type messageContext struct {
	// values are the subscription's, without its end: whoever asks for the cause
	// of this one's would get the other's, which is none.
	values    context.Context
	deliverer *deliverer
	offset    int64

	mu    sync.Mutex
	ended bool
	done  chan struct{} // nil until somebody asks
}

var _ context.Context = (*messageContext)(nil)

// end is called by whoever has the message.
func (c *messageContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done != nil && !c.ended {
		close(c.done)
	}
	c.ended = true
}

// Deadline says that there is none.
func (*messageContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done is closed when the message is no longer out.
func (c *messageContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.ended {
			close(c.done)
		}
	}
	return c.done
}

// Err is context.Canceled when the message is no longer out.
func (c *messageContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return context.Canceled
	}
	return nil
}

// Value returns the message's position, or a value of the subscription's
// context.
func (c *messageContext) Value(key any) any {
	if key == (positionKey{}) {
		f := &c.deliverer.fetcher
		return Position{Topic: f.topic, Partition: f.partition, Offset: c.offset}
	}
	return c.values.Value(key)
}
