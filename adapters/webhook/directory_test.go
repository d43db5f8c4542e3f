package webhook

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

type nowhere struct{}

func (nowhere) Publish(context.Context, []stock.Event) error { return nil }
func (nowhere) Reject(context.Context, Rejected) error       { return nil }
func (nowhere) Verify(http.Header, []byte) error             { return nil }

// intakeAt takes everything in that comes to one path.
func intakeAt(t *testing.T, paths ...string) *Intake {
	t.Helper()
	opts := Options{Sink: nowhere{}, DeadLetters: nowhere{}}
	for _, path := range paths {
		opts.Hooks = append(opts.Hooks, Hook{Channel: "till", Path: path, Decoder: &hmacDecoder{secret: tillSecret}})
	}
	in, err := New(opts)
	require.NoError(t, err)
	return in
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	const own = "/hooks/bakery/till/0123456789abcdef"
	bakery, shop, nobody := intakeAt(t, own), intakeAt(t, tillPath), intakeAt(t)
	d := NewDirectory(nobody)
	d.Set("bakery", bakery)
	d.Set(DefaultMerchant, shop)
	ask := func(path string) (status int) {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("x")))
		return w.Code
	}
	for path, status := range map[string]int{
		own: 401, "//hooks//bakery/till/0123456789abcdef/": 401, tillPath: 401,
		"/hooks/bakery/till/0123456789abcdeX": 404, "/hooks/florist/till/0123456789abcdef": 404, "/hooks/till/0123456789abcdeX": 404, "/": 404,
	} {
		require.Equal(t, status, ask(path), path)
	}
	require.EqualValues(t, 1, bakery.Stats().Of("", NotFound), "a wrong address of its own is counted there")
	require.EqualValues(t, 3, shop.Stats().Of("", NotFound))
	d.Set("bakery", nil)
	d.Set(DefaultMerchant, nil)
	require.Equal(t, 404, ask(own))
	require.Equal(t, 404, ask(tillPath))
	require.EqualValues(t, 2, nobody.Stats().Of("", NotFound))
}
