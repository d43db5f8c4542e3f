package webhook

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// crowd bounds the open connections of a server. Senders that connect and say nothing must not use up the process's file
// descriptors, which the ledger and the stream need too; and the bound must not lock out those who do say something. So one
// connection too many costs the one that has been quiet for longest.
type crowd struct {
	mu    sync.Mutex
	max   int
	quiet *list.List                 // of net.Conn between requests, the longest first
	open  map[net.Conn]*list.Element // nil: in a request
}

func newCrowd(limit int) *crowd {
	return &crowd{max: limit, quiet: list.New(), open: make(map[net.Conn]*list.Element)}
}

// state is a http.Server's ConnState.
func (c *crowd) state(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, in := c.open[conn]
	if !in && state != http.StateNew {
		return // it had to go
	}
	if known != nil {
		c.quiet.Remove(known)
		c.open[conn] = nil
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.open[conn] = c.quiet.PushBack(conn)
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
	}
	if len(c.open) > c.max {
		c.drop()
	}
}

// drop closes the connection that has been quiet for longest. There is one: the crowd only grows by a new one, which is quiet.
func (c *crowd) drop() {
	conn, isConn := c.quiet.Remove(c.quiet.Front()).(net.Conn)
	if !isConn {
		return
	}
	delete(c.open, conn)
	_ = conn.Close() // its reader sees the error
}
