package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api/client"
)

func roundTrip(ctx context.Context, t *testing.T, handler http.HandlerFunc) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://evenstock/", nil)
	require.NoError(t, err)
	return client.InProcess{Handler: handler}.RoundTrip(req)
}

// TestAnAnswerFlows reads what a handler of this process writes while it is writing.
func TestAnAnswerFlows(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	res, err := roundTrip(t.Context(), t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("X-Part", "first")
		_, _ = w.Write([]byte("a"))
		w.Header().Set("X-Part", "second")
		select {
		case <-read:
		case <-req.Context().Done():
		}
		_, _ = w.Write([]byte("b"))
	})
	require.NoError(t, err)
	require.Equal(t, "first", res.Header.Get("X-Part"), "headers are those of the moment")
	part := make([]byte, 1)
	for _, want := range []string{"a", "b"} {
		_, err = io.ReadFull(res.Body, part)
		require.NoError(t, err)
		require.Equal(t, want, string(part))
		if want == "a" {
			close(read)
		}
	}
	_, err = res.Body.Read(part)
	require.Equal(t, io.EOF, err)
	require.NoError(t, res.Body.Close())
}

func TestAHandlerThatSaysNothing(t *testing.T) {
	t.Parallel()
	res, err := roundTrip(t.Context(), t, func(http.ResponseWriter, *http.Request) {})
	require.NoError(t, err)
	require.Equal(t, "200 OK", res.Status)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Empty(t, text)
	require.NoError(t, res.Body.Close())
}

// Whoever does not wait any more gets the reason, and the handler is gone by then: what it uses may be closed.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	handlers := map[string]http.HandlerFunc{
		"silent": func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() },
		"answering": func(w http.ResponseWriter, req *http.Request) {
			<-req.Context().Done()
			w.WriteHeader(http.StatusInternalServerError)
		},
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			gone := false
			_, err := roundTrip(ctx, t, func(w http.ResponseWriter, req *http.Request) {
				cancel()
				handler(w, req)
				gone = true
			})
			require.ErrorIs(t, err, context.Canceled)
			require.True(t, gone)
		})
	}
}

// An answer that the end of its context cuts short is no whole one.
func TestACutAnswerIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	res, err := roundTrip(ctx, t, func(w http.ResponseWriter, req *http.Request) {
		_, _ = w.Write([]byte("half"))
		<-req.Context().Done()
	})
	require.NoError(t, err)
	_, err = io.ReadFull(res.Body, make([]byte, 4))
	require.NoError(t, err)
	cancel()
	_, err = io.ReadAll(res.Body)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, res.Body.Close())
}

// Closing an answer hangs up, and returns when the handler has noticed.
func TestClosingHangsUp(t *testing.T) {
	t.Parallel()
	var why error
	var written error
	res, err := roundTrip(t.Context(), t, func(w http.ResponseWriter, req *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
		why = req.Context().Err()
		_, written = w.Write([]byte("too late"))
	})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.ErrorIs(t, why, context.Canceled)
	require.Error(t, written)
	require.NoError(t, res.Body.Close(), "a second time does nothing")
}

// closing is a body that knows whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// The request is the caller's: it is left as it is, but for its body, which a transport closes.
func TestTheRequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	body := &closing{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://evenstock/", body)
	require.NoError(t, err)
	res, err := client.InProcess{Handler: http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		req.Header.Set("X-Theirs", "yes")
		req.Body = http.NoBody
	})}.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, body, req.Body)
	require.Empty(t, req.Header)
	require.True(t, body.closed)
}

// transportFunc is a transport.
type transportFunc func(req *http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// What a transport says itself arrives as it is, without the address that nobody typed.
func TestTheTransportsOwnWords(t *testing.T) {
	t.Parallel()
	locked := errors.New("the data folder is in use")
	_, err := client.New(transportFunc(func(*http.Request) (*http.Response, error) { return nil, locked }), "http://evenstock").Status(t.Context())
	require.Equal(t, locked, err)
}
