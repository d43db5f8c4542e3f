package shop_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// roundTripper is a receiver that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newCourier(to http.RoundTripper, faults shop.Faults, parallel int) *shop.Courier {
	return shop.NewCourier(shop.CourierOptions{
		Client: &http.Client{Transport: to}, Dice: shop.NewDice(3), Faults: func() shop.Faults { return faults }, Parallel: parallel,
		RetryDelays: []time.Duration{time.Minute, time.Hour}, Timeout: 10 * time.Second,
	})
}

func sendNumbered(c *shop.Courier, n int) {
	for i := range n {
		c.Send(shop.Delivery{URL: "https://hooks.example.com/", Body: fmt.Append(nil, i)})
	}
}

// receiver keeps the bodies it gets.
type receiver struct {
	mu      sync.Mutex
	got     []string
	answers []int // statuses of the next answers; 200 when used up
}

func (b *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, string(body))
	status := http.StatusOK
	if len(b.answers) > 0 {
		status, b.answers = b.answers[0], b.answers[1:]
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

func (b *receiver) bodies() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func TestCourierFaults(t *testing.T) {
	t.Parallel()
	inOrder := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	for _, c := range []struct {
		name    string
		faults  shop.Faults
		check   func(t *testing.T, got []string)
		dropped int64
	}{
		{"none", shop.Faults{}, func(t *testing.T, got []string) { require.Equal(t, inOrder, got) }, 0},
		{"all dropped", shop.Faults{DropWebhook: 1}, func(t *testing.T, got []string) { require.Empty(t, got) }, 10},
		{"all doubled", shop.Faults{DuplicateWebhook: 1}, func(t *testing.T, got []string) {
			require.Equal(t, []string{"0", "0", "1", "1"}, got[:4])
			require.Len(t, got, 20)
		}, 0},
		{"some overtaken", shop.Faults{ReorderWebhook: 0.5}, func(t *testing.T, got []string) {
			require.ElementsMatch(t, inOrder, got)
			require.NotEqual(t, inOrder, got)
		}, 0},
		{"delayed", shop.Faults{DelayWebhook: time.Minute}, func(t *testing.T, got []string) {
			require.ElementsMatch(t, inOrder, got)
			require.NotEqual(t, inOrder, got)
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				box := &receiver{}
				courier := newCourier(box, c.faults, 1)
				defer courier.Close()
				began := time.Now()
				sendNumbered(courier, 10)
				require.NoError(t, courier.Idle(context.Background()))
				c.check(t, box.bodies())
				require.Equal(t, c.dropped, courier.Dropped())
				require.Equal(t, courier.Sent(), courier.Delivered()+courier.Dropped())
				require.Less(t, time.Since(began), time.Minute)
			})
		})
	}
}

func TestCourierReasons(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason   string
		receiver roundTripper
	}{
		{shop.ReasonTimeout, func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }},
		{shop.ReasonStatus, func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 503, Body: http.NoBody, Request: r}, nil
		}},
		{shop.ReasonTLS, func(*http.Request) (*http.Response, error) { return nil, &tls.CertificateVerificationError{} }},
		{shop.ReasonOther, func(*http.Request) (*http.Response, error) { return nil, context.Canceled }},
	} {
		synctest.Test(t, func(t *testing.T) {
			var reasons []string
			courier := shop.NewCourier(shop.CourierOptions{
				Client: &http.Client{Transport: c.receiver}, RetryDelays: []time.Duration{time.Second}, Timeout: 10 * time.Second,
				RetryHeader: func(attempt int, reason string) http.Header {
					reasons = append(reasons, fmt.Sprint(attempt, reason))
					return http.Header{}
				},
			})
			sendNumbered(courier, 1)
			require.NoError(t, courier.Idle(context.Background()))
			require.Equal(t, []string{"1" + c.reason}, reasons)
			require.EqualValues(t, 1, courier.GaveUp())
		})
	}
}

// A receiver that hangs holds up as many deliveries as are in flight at once, and no more.
func TestCourierGoesOnBesideAHangingDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		box := &receiver{}
		first := true
		courier := newCourier(roundTripper(func(r *http.Request) (*http.Response, error) {
			if first {
				first = false
				<-release
			}
			return box.RoundTrip(r)
		}), shop.Faults{}, 2)
		defer courier.Close()
		sendNumbered(courier, 1)
		synctest.Wait()
		sendNumbered(courier, 9)
		synctest.Wait()
		require.Len(t, box.bodies(), 9)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		require.ErrorIs(t, courier.Idle(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, courier.Idle(context.Background()))
	})
}

func TestCourierPauseAndClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := &receiver{answers: []int{500}}
		courier := newCourier(box, shop.Faults{}, 1)
		sendNumbered(courier, 1)
		synctest.Wait() // waits for its first re-send now
		courier.Pause()
		require.NoError(t, courier.Idle(context.Background()), "a pause drops what waits")
		sendNumbered(courier, 3)
		require.EqualValues(t, 4, courier.Dropped())
		courier.Resume()
		courier.Resume()
		sendNumbered(courier, 1)
		require.NoError(t, courier.Idle(context.Background()))
		require.Len(t, box.bodies(), 2)

		hanging := newCourier(roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), shop.Faults{DelayWebhook: time.Nanosecond}, 1)
		began := time.Now()
		sendNumbered(hanging, 4)
		synctest.Wait()
		hanging.Close()
		hanging.Close()
		hanging.Resume()
		sendNumbered(hanging, 1)
		require.NoError(t, hanging.Idle(context.Background()))
		require.EqualValues(t, 5, hanging.Dropped())
		require.Zero(t, time.Since(began), "attempts in flight are cut short")
	})
}

// A delivery that is held back goes right after the next one; when none comes it goes all the same, 200 ms later.
func TestCourierHoldsBackUntilOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := &receiver{}
		faults := shop.Faults{ReorderWebhook: 1}
		courier := shop.NewCourier(shop.CourierOptions{
			Client: &http.Client{Transport: box}, Faults: func() shop.Faults { return faults }, Parallel: 1,
		})
		defer courier.Close()
		send := func(body string) {
			courier.Send(shop.Delivery{URL: "https://hooks.example.com/", Body: []byte(body)})
		}
		began := time.Now()
		send("first")
		faults = shop.Faults{}
		send("second")
		require.NoError(t, courier.Idle(context.Background()))
		require.Equal(t, []string{"second", "first"}, box.bodies())
		require.Zero(t, time.Since(began))
		faults = shop.Faults{ReorderWebhook: 1}
		send("alone")
		require.NoError(t, courier.Idle(context.Background()))
		require.Equal(t, 200*time.Millisecond, time.Since(began))
	})
}
