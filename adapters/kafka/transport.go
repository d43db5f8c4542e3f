package kafka

import (
	"context"
	"net"
	"sync"

	kafkago "github.com/segmentio/kafka-go"
)

// transport is kafka-go's, with an end. Left alone, a request after (or during)
// CloseIdleConnections opens a new pool without a word, and that pool asks for
// metadata for ever.
type transport struct {
	pools *kafkago.Transport

	mu       sync.Mutex
	closed   bool
	requests sync.WaitGroup // added to under mu, while not closed
}

var _ kafkago.RoundTripper = (*transport)(nil)

// RoundTrip sends a request; ErrClosed after close.
func (t *transport) RoundTrip(ctx context.Context, addr net.Addr, req kafkago.Request) (kafkago.Response, error) {
	if err := t.begin(); err != nil {
		return nil, err
	}
	defer t.requests.Done()
	return t.pools.RoundTrip(ctx, addr, req)
}

func (t *transport) begin() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	t.requests.Add(1)
	return nil
}

func (t *transport) check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	return nil
}

// close refuses new requests, has cut end the ones that run, and closes the
// pools, the ones that running requests opened among them.
func (t *transport) close(cut func()) {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	cut()
	t.requests.Wait()
	t.pools.CloseIdleConnections()
}
