package stock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, failure := range stock.Failures() {
		require.NotEmpty(t, failure.Words(), failure)
	}
	for status, want := range map[int]stock.Failure{200: "", 400: "", 401: stock.TokenRefused, 402: stock.ShopClosed, 403: stock.NotPermitted, 404: "",
		408: stock.NoAnswer, 422: "", 423: stock.ShopClosed, 429: stock.TooManyRequests, 430: stock.TooManyRequests, 500: stock.PlatformFails, 503: stock.PlatformFails} {
		require.Equal(t, want, stock.FailureOfStatus(status), status)
	}
}
