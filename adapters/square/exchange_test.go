package square

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		reply     reply
		retryable bool
		wait      time.Duration
	}{
		"400":                   {reply{status: 400, file: "error_bad_row.json"}, false, 0},
		"401":                   {reply{status: 401, file: "error_unauthorized.json"}, false, 0},
		"403":                   {reply{status: 403, body: `<html>`}, false, 0},
		"404":                   {reply{status: 404}, false, 0},
		"408":                   {reply{status: 408}, true, 0},
		"429":                   {reply{status: 429, file: "error_rate_limited.json", header: http.Header{"Retry-After": {"7"}}}, true, 7 * time.Second},
		"500":                   {reply{status: 500, file: "error_internal.json"}, true, 0},
		"502 in HTML":           {reply{status: 502, body: `<html>`}, true, 0},
		"503":                   {reply{status: 503, header: http.Header{"Retry-After": {"9"}}}, true, 9 * time.Second},
		"200 with server error": {reply{file: "error_internal.json"}, true, 0},
		"200 with refusal":      {reply{file: "error_bad_row.json"}, false, 0},
		"200 in HTML":           {reply{body: `<html>`}, true, 0},
		"200 with bad types":    {reply{status: 200, body: `{"locations":[{"id":5}]}`}, true, 0},
		"302":                   {reply{status: 302, header: http.Header{"Location": {"https://elsewhere.invalid/"}}}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, map[string][]reply{pathLocations: {v.reply}})
			_, err := s.channel().Locations(stock.InLane(t.Context(), stock.ConfirmingReads))
			require.Error(t, err)
			assertClass(t, err, v.retryable, v.wait)
			var denial interface{ Denied() bool }
			require.ErrorAs(t, err, &denial)
			assert.Equal(t, name == "401" || name == "403", denial.Denied(), "the token is refused, not the request")
			assert.Contains(t, err.Error(), "listing locations: ")
			assert.Len(t, s.asked(), 1, "no retry here")
		})
	}
}

// The SDK sleeps half a second after these, deaf to the context; it must not get to.
func TestNoSleepAfterErrors(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) { return answer(r, status, `{}`, nil), nil }))
			_, err := c.Locations(stock.InLane(t.Context(), stock.ConfirmingReads))
			assertClass(t, err, true, 0)
			assert.Zero(t, time.Since(begin), "%d", status)
		})
	}
}

func TestTimeoutIsRetryable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		_, err := c.Locations(t.Context())
		assertClass(t, err, true, 0)
		assert.Equal(t, requestTimeout, time.Since(begin))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Locations(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, requestTimeout+time.Second, time.Since(begin))
	})
}

func TestAnswerTooLong(t *testing.T) {
	t.Parallel()
	c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) { return endless(r), nil }))
	_, err := c.Locations(t.Context())
	require.ErrorIs(t, err, errTooLong)
	assertClass(t, err, false, 0)
}

// Square speaks HTTP/2, where the SDK's own second attempt has an empty body. There is no second attempt: the caller makes
// it, and it carries the bytes.
func TestHTTP2AttemptsCarryTheBody(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	var versions, bodies [2]string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := attempts.Add(1) - 1
		body, err := io.ReadAll(r.Body)
		if err != nil || i > 1 {
			t.Errorf("attempt %d: %v", i, err)
			return
		}
		versions[i], bodies[i] = r.Proto, string(body)
		if i == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		w.Write([]byte(`{}`))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := newChannel(t, func(o *Options) { o.BaseURL, o.HTTPClient = server.URL, server.Client() })
	body := golden(t, "call.json")
	assert.Equal(t, stock.Unknown, c.SendCall(t.Context(), "call-1", body).Outcome)
	assert.EqualValues(t, 1, attempts.Load())
	assert.Equal(t, stock.Applied, c.SendCall(t.Context(), "call-1", body).Outcome)
	assert.Equal(t, [2]string{"HTTP/2.0", "HTTP/2.0"}, versions)
	assert.Equal(t, [2]string{string(body), string(body)}, bodies)
}

// ReadAt is when the request was sent, by Square's clock, not when the answer came.
func TestReadAtIsNotAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		square := func() time.Time { return time.Now().Add(-3 * time.Hour) } // Square's clock; ours is 3 hours ahead
		counts := `{"counts":[]}`
		c := newChannel(t, func(o *Options) { o.Now = time.Now }, transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond)
			date := square().Truncate(time.Second).UTC().Format(http.TimeFormat)
			time.Sleep(150 * time.Millisecond)
			return answer(r, 200, counts, http.Header{"Date": {date}}), nil
		}))
		assert.True(t, c.PlatformNow().IsZero())
		for range 20 {
			sent := square()
			page, err := c.ListCounts(t.Context(), time.Time{}, "")
			require.NoError(t, err)
			assert.False(t, page.ReadAt.After(sent), "read at %v, sent at %v", page.ReadAt, sent)
			assert.Less(t, sent.Sub(page.ReadAt), 1300*time.Millisecond)
			assert.False(t, c.PlatformNow().After(square()))
			time.Sleep(70 * time.Millisecond)
		}
		assert.Less(t, square().Sub(c.PlatformNow()), 300*time.Millisecond, "the estimate sharpens as seconds tick over")
		version := square().Add(time.Millisecond)
		counts = `{"counts":[{"catalog_object_id":"V","state":"IN_STOCK","location_id":"L","quantity":"1","calculated_at":"` + version.UTC().Format(time.RFC3339Nano) + `"}]}`
		page, err := c.ListCounts(t.Context(), time.Time{}, "")
		require.NoError(t, err)
		assert.Equal(t, version.UTC(), page.ReadAt, "a row that was read proves the time")
	})
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathLocations: {{status: 400, body: `{"errors":[{"category":"INVALID_REQUEST_ERROR","code":"INVALID_VALUE","field":"a\r\nb","detail":"x\u001b[31m"}]}`}}})
	_, err := s.channel().Locations(t.Context())
	require.EqualError(t, err, "listing locations: square answered 400 INVALID_VALUE ab x[31m")
	var ours *Error
	require.True(t, errors.As(err, &ours))
	assert.Equal(t, 400, ours.Status)
	assert.Equal(t, "INVALID_REQUEST_ERROR", ours.Category)
}
