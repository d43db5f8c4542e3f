package square

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestBudgetSpreadsRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := newChannel(t, func(o *Options) { o.RequestsPerSecond, o.MostPerSecond = 0, 5 }, transport(func(r *http.Request) (*http.Response, error) {
			return answer(r, 200, `{}`, nil), nil
		}))
		for range 15 {
			_, err := c.Locations(stock.InLane(t.Context(), stock.Pushes))
			require.NoError(t, err)
		}
		assert.Equal(t, 2500*time.Millisecond, time.Since(begin).Round(time.Millisecond), "half a second's at once, then 5 per second")
	})
}

func TestBudgetObeysRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		retryAfter := "3"
		limited := true
		c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) {
			if limited {
				return answer(r, 429, `{"errors":[{"category":"RATE_LIMIT_ERROR","code":"RATE_LIMITED"}]}`, http.Header{"Retry-After": {retryAfter}}), nil
			}
			return answer(r, 200, `{}`, nil), nil
		}))
		begin := time.Now()
		_, err := c.Locations(stock.InLane(t.Context(), stock.ConfirmingReads))
		assertClass(t, err, true, 3*time.Second)
		assert.Zero(t, time.Since(begin), "the SDK's sleep after a 429 is not reached")

		limited = false
		_, err = c.Locations(stock.InLane(t.Context(), stock.Pushes))
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, time.Since(begin).Round(time.Millisecond))

		limited, retryAfter = true, "60"
		_, err = c.Locations(t.Context())
		assertClass(t, err, true, time.Minute)
		begin = time.Now()
		answered := c.SendCall(t.Context(), "call-1", golden(t, "call.json"))
		assert.Equal(t, stock.NotProcessed, answered.Outcome)
		assert.Equal(t, time.Minute, answered.RetryAfter)
		assert.Zero(t, time.Since(begin), "a long pause is the caller's to wait")
	})
}

// A listing is asked for again at its next turn when Square was asked too often, and not for ever.
func TestListingsWaitForAnotherTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusals, asked := 2, 0
		c := newChannel(t, transport(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Contains(t, string(body), "IN_STOCK", "the whole request each time")
			if asked++; asked <= refusals {
				return answer(r, 429, `{"errors":[{"category":"RATE_LIMIT_ERROR","code":"RATE_LIMITED"}]}`, nil), nil
			}
			return answer(r, 200, `{}`, nil), nil
		}))
		_, err := c.ListCounts(t.Context(), time.Time{}, "")
		require.NoError(t, err)
		assert.Equal(t, 3, asked)
		refusals, asked = 100, 0
		_, err = c.ListCounts(t.Context(), time.Time{}, "")
		assertClass(t, err, true, 0)
		assert.Equal(t, 5, asked)
	})
}

func TestBudgetHonoursContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChannel(t, func(o *Options) { o.RequestsPerSecond = 1 }, transport(func(r *http.Request) (*http.Response, error) {
			return answer(r, 503, `{}`, http.Header{"Retry-After": {"5"}}), nil
		}))
		_, err := c.Locations(t.Context())
		assertClass(t, err, true, 5*time.Second)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Locations(ctx)
		assertClass(t, err, true, 5*time.Second)
		assert.Zero(t, time.Since(begin))

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		answered := c.SendCall(ctx, "call-1", golden(t, "call.json"))
		assert.Equal(t, stock.NotProcessed, answered.Outcome, "cancelled while it waited for its turn")
		assert.Equal(t, 2*time.Second, time.Since(begin))
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := platformTime
	for header, want := range map[string]time.Duration{
		"":                     0,
		"7":                    7 * time.Second,
		"-7":                   0,
		"99999999999999999999": retryAfterMax,
		"soon":                 0,
		date.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		date.Add(-time.Minute).Format(http.TimeFormat):     0,
		date.AddDate(1, 0, 0).Format(http.TimeFormat):      retryAfterMax,
	} {
		assert.Equal(t, want, retryAfter(header, date), header)
	}
	assert.Zero(t, retryAfter(date.Format(http.TimeFormat), time.Time{}), "nothing to compare with")
}

// assertClass checks what callers ask errors.
func assertClass(t *testing.T, err error, retryable bool, retryAfter time.Duration) {
	t.Helper()
	var class interface {
		Retryable() bool
		RetryAfter() time.Duration
	}
	if assert.True(t, errors.As(err, &class), "error without a class: %v", err) {
		assert.Equal(t, retryable, class.Retryable(), "retryable: %v", err)
		assert.Equal(t, retryAfter, class.RetryAfter(), "retry after: %v", err)
		assert.NotContains(t, err.Error(), testToken)
	}
}
