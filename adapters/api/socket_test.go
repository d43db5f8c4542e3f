package api_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
)

// serveSocket answers on the socket of a data folder until the test ends.
func serveSocket(t *testing.T, data string, handler http.Handler) *http.Server {
	t.Helper()
	path, err := client.SocketPath(data)
	require.NoError(t, err)
	listener, err := api.ListenSocket(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	server, ended := api.SocketServer(handler), make(chan struct{})
	go func() {
		_ = server.Serve(listener)
		close(ended)
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-ended
	})
	return server
}

// TestTheSocketNamesItsPeer asks over a real socket: the ledger learns who is at the other end from the system alone.
func TestTheSocketNamesItsPeer(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	m.Sell()
	m.MassChange()
	data := t.TempDir()
	serveSocket(t, data, m.handler)
	asked, err := client.DialServe(t.Context(), data)
	require.NoError(t, err)
	t.Cleanup(asked.Close)
	_, err = asked.ReleaseBrake(t.Context(), app.ReleaseRequest{ID: m.brakeID(ledger.MassChange)})
	require.NoError(t, err)
	brakes, err := m.Store.StoredBrakes(t.Context())
	require.NoError(t, err)
	me, err := user.Current()
	require.NoError(t, err)
	require.Equal(t, me.Username, brakes[0].ReleasedBy)
	require.Equal(t, me.Username, api.UserName(os.Getuid()))
	require.Equal(t, "uid 4294967", api.UserName(4294967), "somebody whom the system has no name for")
}

func TestSocketOfALongPath(t *testing.T) {
	t.Parallel()
	const systemMax = 104 // macOS, with the terminator
	short, err := client.SocketPath(t.TempDir())
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), strings.Repeat("long", 50))
	long, err := client.SocketPath(data)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(long))) })
	require.Less(t, len(short), systemMax)
	require.Less(t, len(long), systemMax)
	listener, err := api.ListenSocket(long)
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	// Where anybody may make folders, one that is open to others may hold their socket.
	require.NoError(t, os.Chmod(filepath.Dir(long), 0o755))
	_, err = client.SocketPath(data)
	require.ErrorContains(t, err, "is open to others")
	_, err = client.DialServe(t.Context(), data)
	require.NotErrorIs(t, err, client.ErrNoServe)
}

// A process that was killed leaves its socket behind.
func TestSocketOfADeadProcess(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path, err := client.SocketPath(data)
	require.NoError(t, err)
	_, err = client.DialServe(t.Context(), data)
	require.ErrorIs(t, err, client.ErrNoServe)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	dead.SetUnlinkOnClose(false)
	require.NoError(t, dead.Close())
	_, err = client.DialServe(t.Context(), data)
	require.ErrorIs(t, err, client.ErrNoServe)
	m := newMerchant(t)
	server := serveSocket(t, data, m.handler)
	asked, err := client.DialServe(t.Context(), data)
	require.NoError(t, err)
	t.Cleanup(asked.Close)
	_, err = asked.Status(t.Context())
	require.NoError(t, err)
	require.NoError(t, server.Close())
	_, err = asked.Status(t.Context())
	require.ErrorIs(t, err, client.ErrNoServe, "it ended in between")
}

// TestTailOverTheSocket follows the stream and hangs up; the server then waits for nobody.
func TestTailOverTheSocket(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	events(m)
	var serving sync.WaitGroup
	data := t.TempDir()
	server := serveSocket(t, data, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		serving.Add(1)
		defer serving.Done()
		m.handler.ServeHTTP(w, req)
	}))
	asked, err := client.DialServe(t.Context(), data)
	require.NoError(t, err)
	t.Cleanup(asked.Close)
	ctx, hangUp := context.WithCancel(t.Context())
	lines := 0
	err = asked.TailEvents(ctx, app.TailQuery{Last: 2, Follow: true}, func(json.RawMessage) error {
		if lines++; lines == 2 {
			hangUp()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	serving.Wait()
	require.NoError(t, server.Shutdown(t.Context()))
}

// An operation may take far longer than a webhook: no deadline of the server may cut it.
func TestLongAnswersAreNotCut(t *testing.T) {
	t.Parallel()
	server := api.SocketServer(http.NotFoundHandler())
	require.Zero(t, server.WriteTimeout)
	require.Zero(t, server.ReadTimeout)
	require.NotZero(t, server.ReadHeaderTimeout)
	require.NotZero(t, server.IdleTimeout)
	require.NotZero(t, server.MaxHeaderBytes)
}

// slow takes a minute for a batch.
type slow struct{ ledger.Store }

func (s slow) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	select {
	case <-time.After(time.Minute):
		return s.Store.Apply(ctx, step, batch)
	case <-ctx.Done():
		return ledger.Receipt{}, ctx.Err()
	}
}

// pipes is a network of one server, whose deadlines keep the bubble's time.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }
func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.accepted <- theirs
	return ours, nil
}

// TestAnActionOutlastsTheDeadlineOfItsBody: what bounds the reading of a body is a deadline of the connection. It must not end the
// action.
func TestAnActionOutlastsTheDeadlineOfItsBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMerchant(t)
		m.Sell()
		opts := m.Options()
		opts.Ledger = slow{m.Store}
		m.serve(opts)
		network := pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
		server, ended := api.SocketServer(m.handler), make(chan struct{})
		go func() {
			_ = server.Serve(network)
			close(ended)
		}()
		transport := &http.Transport{DialContext: network.dial, DisableKeepAlives: true}
		began := time.Now()
		result, err := client.New(transport, "http://evenstock").Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: "45"})
		require.NoError(t, err)
		require.Equal(t, app.LinkResult{Refs: 1}, result)
		require.GreaterOrEqual(t, time.Since(began), time.Minute)
		close(network.closed)
		require.NoError(t, server.Close())
		<-ended
	})
}
