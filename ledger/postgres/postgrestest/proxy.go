package postgrestest

import (
	"net"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy is a way to the server that can be cut and stalled.
type Proxy struct {
	// Addr is where it listens.
	Addr   string
	server string

	mu    sync.Mutex
	state proxyState
	conns map[net.Conn]struct{}
}

type proxyState uint8

const (
	passing proxyState = iota
	cut
	stalled
)

// NewProxy opens a way to the server of the tests, until the test ends.
func NewProxy(t testing.TB) *Proxy {
	t.Helper()
	server, err := url.Parse(os.Getenv(Variable))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{Addr: listener.Addr().String(), server: server.Host, conns: map[net.Conn]struct{}{}}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.connect(client) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		p.Cut()
		group.Wait()
	})
	return p
}

// Cut ends all connections and those to come.
func (p *Proxy) Cut() { p.set(cut) }

// Stall swallows what is said from now on, as a network does whose other side is gone.
func (p *Proxy) Stall() { p.set(stalled) }

// Pass lets everything through again. What was stalled is cut: half of what was said is lost.
func (p *Proxy) Pass() {
	p.set(cut)
	p.set(passing)
}

func (p *Proxy) set(state proxyState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	if state == cut {
		for conn := range p.conns {
			_ = conn.Close()
		}
	}
}

func (p *Proxy) is(state proxyState) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == state
}

// keep remembers a connection, so that it can be cut; no: it is to be cut at once.
func (p *Proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = struct{}{}
	return p.state != cut
}

func (p *Proxy) drop(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
	_ = conn.Close()
}

func (p *Proxy) connect(client net.Conn) {
	defer p.drop(client)
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer p.drop(server)
	if !p.keep(client) || !p.keep(server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(client, server) })
	both.Go(func() { p.pass(server, client) })
	both.Wait()
}

func (p *Proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.is(stalled) {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
