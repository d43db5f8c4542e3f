package kafka

import (
	"context"
	"net"
	"sync"
)

// connSet remembers open connections, because kafka-go waits in places that
// only closing the connection can end: an idle transport, a JoinGroup.
type connSet struct {
	open DialFunc

	mu     sync.Mutex
	closed bool
	conns  map[*trackedConn]struct{}
}

func newConnSet(open DialFunc) *connSet {
	return &connSet{open: open, conns: make(map[*trackedConn]struct{})}
}

func (s *connSet) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := s.open(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	tracked := &trackedConn{Conn: conn, set: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return nil, ErrClosed
	}
	s.conns[tracked] = struct{}{}
	return tracked, nil
}

// close cuts all connections and refuses new ones.
func (s *connSet) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cut()
}

// cut closes the connections that are open now.
func (s *connSet) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		_ = conn.Conn.Close() // the owner sees the error of its read
	}
	clear(s.conns)
}

type trackedConn struct {
	net.Conn
	set *connSet
}

func (c *trackedConn) Close() error {
	c.set.mu.Lock()
	delete(c.set.conns, c)
	c.set.mu.Unlock()
	return c.Conn.Close()
}
