package webhook

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// closings is a connection that counts how often it was closed.
type closings struct {
	net.Conn
	count int
}

func (c *closings) Close() error {
	c.count++
	return nil
}

func TestCrowdDropsTheQuietest(t *testing.T) {
	t.Parallel()
	crowd, conns := newCrowd(3), make([]*closings, 7)
	for i := range conns {
		conns[i] = &closings{}
	}
	crowd.state(conns[0], http.StateNew)
	crowd.state(conns[0], http.StateActive)
	crowd.state(conns[1], http.StateNew)
	crowd.state(conns[2], http.StateNew)
	crowd.state(conns[1], http.StateActive)
	crowd.state(conns[1], http.StateIdle) // later than 2
	dropped := func(want ...int) {
		t.Helper()
		var got []int
		for i, conn := range conns {
			require.LessOrEqual(t, conn.count, 1)
			if conn.count == 1 {
				got = append(got, i)
			}
		}
		require.Equal(t, want, got)
		require.LessOrEqual(t, len(crowd.open), 3)
	}
	dropped()
	crowd.state(conns[3], http.StateNew)
	dropped(2)
	crowd.state(conns[2], http.StateActive) // its last bytes were on their way
	crowd.state(conns[2], http.StateClosed)
	crowd.state(conns[4], http.StateNew)
	dropped(1, 2)
	crowd.state(conns[3], http.StateActive)
	crowd.state(conns[4], http.StateActive)
	crowd.state(conns[5], http.StateNew)
	dropped(1, 2, 5) // all others are in a request
	crowd.state(conns[4], http.StateClosed)
	crowd.state(conns[6], http.StateNew)
	dropped(1, 2, 5)
	for _, i := range []int{0, 3, 6} {
		crowd.state(conns[i], http.StateClosed)
	}
	require.Empty(t, crowd.open)
	require.Zero(t, crowd.quiet.Len())
}

// TestSilentConnections: however many connect and say nothing, a delivery gets through, also on a connection from before.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	const limit = 8
	b := setup(t)
	server := NewServer("", b)
	crowd, accepted := newCrowd(limit), make(chan struct{}, 8*limit)
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		crowd.state(conn, state)
		if state == http.StateNew {
			accepted <- struct{}{}
		}
	}
	server.ReadHeaderTimeout, server.ReadTimeout = 0, 0 // only the crowd closes connections
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		<-accepted // else a connection that came later could count as quiet for longer
		return conn
	}
	var silent []net.Conn
	for range 3 * limit {
		silent = append(silent, dial())
	}
	kept := dial()
	from := bufio.NewReader(kept)
	for range 3 {
		_, err := io.WriteString(kept, head("ok", 2)+"ok")
		require.NoError(t, err)
		require.Equal(t, 200, status(t, from))
		for range limit - 2 {
			silent = append(silent, dial())
		}
	}
	for _, conn := range silent[:2*limit] {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(2*time.Minute))) // a failsafe
		_, err := conn.Read(make([]byte, 1))
		require.Error(t, err)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, server.Close())
	require.ErrorIs(t, <-served, http.ErrServerClosed)
	require.Equal(t, 3, b.sink.published())
}
