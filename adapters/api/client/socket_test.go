package client

import (
	"context"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// socketFolder is a data folder whose socket's path is short enough to stand in it.
func socketFolder(t *testing.T) (data string) {
	t.Helper()
	data, err := os.MkdirTemp("", "dial")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	return data
}

func listen(t *testing.T, data string) net.Listener {
	t.Helper()
	path, err := SocketPath(data)
	require.NoError(t, err)
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func TestDialServe(t *testing.T) {
	t.Parallel()
	data := socketFolder(t)
	_, err := DialServe(t.Context(), data)
	require.ErrorIs(t, err, ErrNoServe, "nobody ever listened")

	path, err := SocketPath(data)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = DialServe(t.Context(), data)
	require.ErrorIs(t, err, ErrNoServe, "a file that a dead process left")
	require.NoError(t, os.Remove(path))

	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}
	go func(listener net.Listener) { _ = server.Serve(listener) }(listen(t, data))
	defer server.Close()
	c, err := DialServe(t.Context(), data)
	require.NoError(t, err, "any answer will do")
	c.Close()
}

// The system takes calls for a process that is stopped or hangs: without a limit a person would wait for ever.
func TestDialServeThatIsSilent(t *testing.T) {
	t.Parallel()
	data := socketFolder(t)
	listen(t, data)
	_, err := dialServe(t.Context(), data, 10*time.Millisecond)
	require.ErrorIs(t, err, ErrSilent)
	require.EqualError(t, err, "the evenstock serve on this data folder does not answer, for 10ms")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = DialServe(ctx, data)
	require.ErrorIs(t, err, context.Canceled)
}

// A call that the system does not take says whether anybody listens.
func TestAbsence(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]error{
		syscall.ENOENT: ErrNoServe, syscall.ECONNREFUSED: ErrNoServe, syscall.ENOTDIR: ErrNoServe,
		syscall.EAGAIN: ErrSilent, os.ErrDeadlineExceeded: ErrSilent, syscall.EACCES: errClosed,
	} {
		require.ErrorIs(t, absence(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", cause)}), want, "%v", cause)
	}
}
