package square_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

func TestSquareFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		faults  shop.Faults
		status  int // 0: no answer at all
		written bool
	}{
		{"429", shop.Faults{TooManyRequests: 1}, http.StatusTooManyRequests, false},
		{"500", shop.Faults{ServerError: 1}, http.StatusInternalServerError, false},
		{"401", shop.Faults{Refuse: 401}, http.StatusUnauthorized, false},
		{"403", shop.Faults{Refuse: 403}, http.StatusForbidden, false},
		{"answer lost before the write", shop.Faults{LoseAnswerBefore: 1}, 0, false},
		{"answer lost after the write", shop.Faults{LoseAnswerAfter: 1}, 0, true},
	} {
		for _, over := range []string{"HTTP/1.1", "HTTP/2", "direct"} {
			t.Run(c.name+" over "+over, func(t *testing.T) {
				t.Parallel()
				till := newFixture(t, square.Options{})
				switch over {
				case "direct":
					till.sdk = directSDK(till.Shop)
				case "HTTP/2":
					server := httptest.NewUnstartedServer(till.Shop)
					server.EnableHTTP2 = true
					server.StartTLS()
					t.Cleanup(server.Close)
					till.sdk = newSDK(server, "sandbox-token")
				}
				change := till.recount("5", till.clock.Now())
				require.NoError(t, till.SetFaults(c.faults))
				_, err := till.create("k", change)
				require.Error(t, err)
				if c.status != 0 {
					status, first := code(t, err)
					require.Equal(t, c.status, status)
					require.Contains(t, []sdk.ErrorCode{sdk.ErrorCodeRateLimited, sdk.ErrorCodeInternalServerError,
						sdk.ErrorCodeAccessTokenRevoked, sdk.ErrorCodeInsufficientScopes}, first.Code)
				} else {
					var lost *url.Error
					require.ErrorAs(t, err, &lost, "the SDK hands network errors on")
				}
				require.Equal(t, c.written, till.quantity(t) == "5")

				require.NoError(t, till.SetFaults(shop.Faults{}))
				done, err := till.create("k", change)
				require.NoError(t, err)
				require.Len(t, done.Changes, 1, "the same key and body: written once, whatever became of the first answer")
				require.Len(t, till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{}), 1)
			})
		}
	}
}

func TestSquareRetryAfterComesSometimes(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	require.NoError(t, till.SetFaults(shop.Faults{TooManyRequests: 1}))
	with := 0
	for range 40 {
		resp, err := till.server.Client().Get(till.server.URL + "/v2/locations")
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		if resp.Header.Get("Retry-After") != "" {
			with++
		}
	}
	require.Greater(t, with, 5)
	require.Less(t, with, 35)
}

func TestSquareFaultsSpareControlRoutes(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	require.NoError(t, till.SetFaults(shop.Faults{LoseAnswerBefore: 1}))
	status, _ := till.post(t, "/sandbox/counts", "")
	require.Equal(t, http.StatusOK, status)
}

func TestSquareAnswersWithItsOwnClock(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	resp, err := till.server.Client().Get(till.server.URL + "/v2/locations")
	require.NoError(t, err)
	resp.Body.Close()
	date, err := http.ParseTime(resp.Header.Get("Date"))
	require.NoError(t, err)
	require.Equal(t, now.Truncate(time.Second), date)
}

func TestDirectHonoursTheContext(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://square.test/v2/locations", nil)
	require.NoError(t, err)
	_, err = shop.Direct(till.Shop).RoundTrip(req)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, till.Requests())
}

// Beyond the limit Square answers 429 and does nothing; it does not say when to come back.
func TestSquareLimitsRequests(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{RequestsPerSecond: 6})
	get := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, till.server.URL+"/v2/locations", nil)
		require.NoError(t, err)
		resp, err := till.server.Client().Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		return resp
	}
	for range 6 {
		require.NotEqual(t, http.StatusTooManyRequests, get().StatusCode)
	}
	refused := get()
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
	require.Empty(t, refused.Header.Get("Retry-After"))
	till.clock.Advance(170 * time.Millisecond)
	require.NotEqual(t, http.StatusTooManyRequests, get().StatusCode)
	require.Equal(t, http.StatusTooManyRequests, get().StatusCode)
	require.Equal(t, map[string]int64{"GET /v2/locations": 7, "throttled": 2}, till.Requests())
}
