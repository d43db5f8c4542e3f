package webhook

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	path := func(path string) func(*Options) { return func(o *Options) { o.Hooks[0].Path = path } }
	for name, change := range map[string]func(*Options){
		"no sink":           func(o *Options) { o.Sink = nil },
		"no dead letters":   func(o *Options) { o.DeadLetters = nil },
		"negative body":     func(o *Options) { o.BodyMax = -1 },
		"negative slots":    func(o *Options) { o.MaxInFlight = -1 },
		"negative time":     func(o *Options) { o.BodyTimeout = -1 },
		"negative storing":  func(o *Options) { o.StoreTimeout = -1 },
		"no channel":        func(o *Options) { o.Hooks[0].Channel = "" },
		"no decoder":        func(o *Options) { o.Hooks[0].Decoder = nil },
		"same path twice":   path(webPath),
		"no path":           path(""),
		"root":              path("/"),
		"relative":          path("hooks/till/0123456789abcdef"),
		"guessable":         path("/hooks/till"),
		"15 characters":     path("/hooks/till/0123456789abcde"),
		"129 characters":    path("/" + strings.Repeat("a", 129)),
		"escaped":           path("/hooks/till/0123456789abc%64ef"),
		"query":             path("/hooks/till/0123456789abcdef?x=1"),
		"dots":              path("/hooks/../till/0123456789abcdef"),
		"doubled slash":     path("/hooks//0123456789abcdef"),
		"slash at the end":  path("/hooks/0123456789abcdef/"),
		"newline":           path("/hooks/0123456789abcdef\n"),
		"dots for a secret": path("/hooks/................"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := setup(t).opts
			change(&opts)
			_, err := New(opts)
			require.ErrorIs(t, err, ErrOptions)
			require.NotContains(t, err.Error(), "0123456789abc", "paths are secrets")
			require.NotContains(t, err.Error(), webPath)
		})
	}
}

func TestNewDefaults(t *testing.T) {
	t.Parallel()
	in, err := New(Options{Sink: &fakeSink{}, DeadLetters: &fakeDeadLetters{}})
	require.NoError(t, err)
	require.EqualValues(t, BodyMax, in.opts.BodyMax)
	require.Equal(t, 256, cap(in.slots))
	require.Equal(t, 5*time.Second, in.opts.BodyTimeout)
	require.Equal(t, 4*time.Second, in.opts.StoreTimeout)
	require.NoError(t, in.opts.Ready())
	require.WithinDuration(t, time.Now(), in.opts.Now(), time.Minute)
	for range 100 {
		require.Less(t, uint(in.opts.Draw(retryAfterSpread)), uint(retryAfterSpread))
	}
	require.Equal(t, 404, serve(in, signed("ok")).StatusCode)
}

func TestNewServer(t *testing.T) {
	t.Parallel()
	s := NewServer("127.0.0.1:0", http.NotFoundHandler())
	require.Equal(t, "127.0.0.1:0", s.Addr)
	require.NotNil(t, s.Handler)
	require.Equal(t, 5*time.Second, s.ReadHeaderTimeout)
	require.Equal(t, 15*time.Second, s.ReadTimeout)
	require.Equal(t, 15*time.Second, s.WriteTimeout)
	require.Equal(t, 60*time.Second, s.IdleTimeout)
	require.Equal(t, 32<<10, s.MaxHeaderBytes)
}
