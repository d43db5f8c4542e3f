package webhook

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// pipes is a listener on net.Pipe, whose deadlines run on the bubble's clock.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// connect serves the intake with NewServer's limits and returns a connection to it. Call it in a bubble.
func connect(t *testing.T, b rig) net.Conn {
	t.Helper()
	listener := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := NewServer("pipe", b)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client, far := net.Pipe()
	listener.conns <- far
	t.Cleanup(func() {
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return client
}

// head is a request up to its body; length is what it declares.
func head(body string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Length: %d\r\n\r\n",
		tillPath, signHeader, sign(tillSecret, []byte(body)), length)
}

func status(t *testing.T, from *bufio.Reader) int {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	require.NoError(t, err)
	requireEmpty(t, response)
	return response.StatusCode
}

func onClock(o *Options) { o.Now = time.Now }

func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, onClock)
		// The deadline of the body passes meanwhile.
		b.sink.Func = func(ctx context.Context, _ []stock.Event) error {
			<-time.After(storeTimeoutDefault - time.Millisecond)
			return ctx.Err()
		}
		conn := connect(t, b)
		from := bufio.NewReader(conn)
		for range 3 {
			_, err := io.WriteString(conn, head("ok", 2)+"o")
			require.NoError(t, err)
			<-time.After(bodyTimeoutDefault - time.Second)
			_, err = io.WriteString(conn, "k")
			require.NoError(t, err)
			require.Equal(t, 200, status(t, from))
			<-time.After(serverIdleTimeout - time.Second)
		}
		require.Equal(t, 3, b.sink.published())
	})
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	body := "ok " + strings.Repeat("x", 1000)
	for name, every := range map[string]time.Duration{"a byte a second": time.Second, "nothing": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, onClock, func(o *Options) { o.MaxInFlight = 1 })
				conn := connect(t, b)
				start := time.Now()
				_, err := io.WriteString(conn, head(body, len(body)))
				require.NoError(t, err)
				done, dripped := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(dripped)
					for i := range len(body) {
						select {
						case <-time.After(every):
						case <-done:
							return
						}
						if _, err := io.WriteString(conn, body[i:i+1]); err != nil {
							return
						}
					}
				}()
				require.Equal(t, 408, status(t, bufio.NewReader(conn)))
				require.Equal(t, bodyTimeoutDefault, time.Since(start))
				require.NoError(t, conn.Close())
				close(done)
				<-dripped
				require.EqualValues(t, 1, b.Stats().Of("till", SlowBody))
				require.Equal(t, 200, serve(b, signed("none")).StatusCode, "the slot is free again")
			})
		})
	}
}

// TestContentLengthLies needs real sockets: net.Pipe cannot close one direction only.
func TestContentLengthLies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		length int
		status int
		result Result
	}{
		"too long":  {1000, 400, CutBody},
		"too short": {1, 401, BadSignature},
		"zero":      {0, 400, EmptyBody},
		"exact":     {2, 200, Published},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			server := NewServer("", b)
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			conn, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			_, err = io.WriteString(conn, head("ok", c.length)+"ok")
			require.NoError(t, err)
			tcp, isTCP := conn.(*net.TCPConn)
			require.True(t, isTCP)
			require.NoError(t, tcp.CloseWrite())
			require.Equal(t, c.status, status(t, bufio.NewReader(conn)))
			require.NoError(t, conn.Close())
			require.NoError(t, server.Close())
			require.True(t, errors.Is(<-served, http.ErrServerClosed))
			require.EqualValues(t, 1, b.Stats().Of("till", c.result))
		})
	}
}
