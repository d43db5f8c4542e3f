package shop_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// A request reaches a distant platform half way through, and its answer comes whole.
func TestDistance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reached time.Time
		far := shop.Distance{Dice: shop.NewDice(7), Min: 15 * time.Millisecond, Max: 60 * time.Millisecond}.Wrap(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				reached = time.Now()
				w.Header().Set("X-Said", "so")
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "tea")
			}))
		client := http.Client{Transport: shop.Direct(far)}
		took := map[time.Duration]bool{}
		for range 50 {
			began := time.Now()
			resp, err := client.Get("http://platform.test/")
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, []any{http.StatusTeapot, "tea", "so"}, []any{resp.StatusCode, string(body), resp.Header.Get("X-Said")})
			whole := time.Since(began)
			require.GreaterOrEqual(t, whole, 14*time.Millisecond)
			require.LessOrEqual(t, whole, 60*time.Millisecond)
			require.Equal(t, whole/2, reached.Sub(began))
			took[whole] = true
		}
		require.Greater(t, len(took), 40, "each takes its own time")
	})
}

// A lost answer is lost at a distance too.
func TestDistanceLosesAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var faults shop.FaultSwitch
		require.NoError(t, faults.Set(shop.Faults{LoseAnswerAfter: 1}))
		dice := shop.NewDice(7)
		lossy := shop.Chaos{Dice: dice, Faults: &faults}.Wrap(http.NotFoundHandler())
		client := http.Client{Transport: shop.Direct(shop.Distance{Dice: dice, Min: time.Second, Max: time.Second}.Wrap(lossy))}
		began := time.Now()
		_, err := client.Get("http://platform.test/")
		require.True(t, errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
		require.Equal(t, time.Second, time.Since(began))
	})
}
