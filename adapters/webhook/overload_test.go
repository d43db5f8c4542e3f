package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func hookChannel(name string) stock.Channel { return stock.Channel(name) }

func TestUnavailable(t *testing.T) {
	t.Parallel()
	full := errors.New("disk is full near " + canary)
	failing := func(b *rig) func(o *Options) {
		return func(o *Options) {
			o.Sink = &fakeSink{Func: func(context.Context, []stock.Event) error { return full }}
			b.letters.Func = func(context.Context) error { return full }
			o.DeadLetters = b.letters
		}
	}
	for name, c := range map[string]struct {
		body   string
		ready  error
		result Result
	}{
		"not ready":         {"ok " + canary, errors.New("disk is low"), NotReady},
		"sink fails":        {"ok " + canary, nil, SinkFailed},
		"dead letters fail": {"broken " + canary, nil, DeadLettersFailed},
		"unknown topic":     {"unknown x", nil, UnknownTopic},
	} {
		for draw := range retryAfterSpread {
			t.Run(name+" "+strconv.Itoa(draw), func(t *testing.T) {
				t.Parallel()
				b := rig{sink: &fakeSink{}, letters: &fakeDeadLetters{}}
				made := setup(t, failing(&b), func(o *Options) {
					o.Ready = func() error { return c.ready }
					o.Draw = func(n int) int {
						require.Equal(t, retryAfterSpread, n)
						return draw
					}
				})
				response := serve(made, signed(c.body))
				requireEmpty(t, response)
				assert.EqualValues(t, 1, made.Stats().Of("till", c.result))
				assert.NotContains(t, made.log.String(), "Canary")
				if c.result == UnknownTopic {
					assert.Equal(t, 200, response.StatusCode)
					assert.Empty(t, response.Header.Get("Retry-After"))
					return
				}
				assert.Equal(t, 503, response.StatusCode)
				assert.Equal(t, strconv.Itoa(retryAfterLeast+draw), response.Header.Get("Retry-After"))
				assert.Contains(t, made.log.String(), c.result.String())
			})
		}
	}
}

// finalError is one that no try will mend.
type finalError struct{ retryable bool }

func (finalError) Error() string     { return "order " + canary + " is too large" }
func (e finalError) Retryable() bool { return e.retryable }

// What the sink can never take ends as a letter: 503 would have it sent again for ever.
func TestUnstorable(t *testing.T) {
	t.Parallel()
	for retryable, want := range map[bool]Result{false: Undecodable, true: SinkFailed} {
		b := setup(t)
		b.sink.Func = func(context.Context, []stock.Event) error {
			return fmt.Errorf("publishing: %w", finalError{retryable})
		}
		body := "ok " + canary
		response := serve(b, signed(body))
		require.Equal(t, want.status(), response.StatusCode)
		requireOnly(t, b, want)
		require.NotContains(t, b.log.String(), "Canary")
		require.Equal(t, !retryable, len(b.letters.rejected) == 1)
		for _, rejected := range b.letters.rejected {
			require.Equal(t, "level", rejected.Topic, "as its event says")
			require.Contains(t, rejected.Reason, "is too large")
			require.NotContains(t, rejected.Reason, "Canary")
			require.Equal(t, len(body), rejected.Size)
			require.Len(t, rejected.SHA256, 64)
		}
	}
	b := setup(t)
	b.sink.Func = func(context.Context, []stock.Event) error { return finalError{} }
	b.letters.Func = func(context.Context) error { return errors.New("disk is full") }
	require.Equal(t, 503, serve(b, signed("ok")).StatusCode, "not answered before it is durable")
	requireOnly(t, b, DeadLettersFailed)
}

func TestSinkPanics(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.MaxInFlight = 1
		o.Sink = &fakeSink{Func: func(context.Context, []stock.Event) error { panic(canary) }}
	})
	for range 3 { // the slot comes back each time
		require.Equal(t, 500, serve(b, signed("ok "+canary)).StatusCode)
	}
	require.EqualValues(t, 3, b.Stats().Of("till", Panicked))
	require.Contains(t, b.log.String(), "overload_test.go", "the stack says where")
	require.NotContains(t, b.log.String(), "Canary")
}

// TestSlowSink: storing is cut off at StoreTimeout, and by nothing else.
func TestSlowSink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := setup(t, func(o *Options) {
			o.Now = time.Now
			o.Sink = &fakeSink{Func: func(ctx context.Context, _ []stock.Event) error {
				<-ctx.Done()
				return ctx.Err()
			}}
		})
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		require.Equal(t, 503, serve(b, signed("ok").WithContext(gone)).StatusCode)
		require.Equal(t, storeTimeoutDefault, time.Since(start))
	})
}

// TestStoringOutlivesTheSender: a sender that hangs up gets its delivery stored all the same.
func TestStoringOutlivesTheSender(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	b := setup(t)
	b.sink.Func = func(ctx context.Context, _ []stock.Event) error {
		hangUp()
		return ctx.Err()
	}
	serve(b, signed("ok").WithContext(ctx))
	require.Equal(t, 1, b.sink.published())
}

// TestParallel sends the same delivery 1,000 times at once: each is answered, 200 exactly when it was published.
func TestParallel(t *testing.T) {
	t.Parallel()
	const deliveries = 1000
	for name, slots := range map[string]int{"all at once": deliveries, "bounded": 64} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full, release := make(chan struct{}), make(chan struct{})
			var entered, ok, busy atomic.Int64
			b := setup(t, func(o *Options) { o.MaxInFlight = slots })
			b.sink.Func = func(context.Context, []stock.Event) error {
				if entered.Add(1) == int64(slots) {
					close(full)
				}
				<-release
				return nil
			}
			var senders sync.WaitGroup
			send := func() {
				response := serve(b, signed("ok"))
				switch response.StatusCode {
				case http.StatusOK:
					ok.Add(1)
				case http.StatusServiceUnavailable:
					assert.Equal(t, strconv.Itoa(retryAfterLeast), response.Header.Get("Retry-After"))
					busy.Add(1)
				default:
					t.Errorf("status %d", response.StatusCode)
				}
			}
			for range slots {
				senders.Go(send)
			}
			<-full
			for range deliveries - slots { // every slot is taken: refused without waiting
				send()
			}
			close(release)
			senders.Wait()
			require.EqualValues(t, slots, ok.Load())
			require.EqualValues(t, deliveries-slots, busy.Load())
			require.Equal(t, slots, b.sink.published())
			require.EqualValues(t, slots, b.Stats().Of("till", Published))
			require.EqualValues(t, deliveries-slots, b.Stats().Of("till", Overloaded))
			require.LessOrEqual(t, strings.Count(b.log.String(), "\n"), logsBurst)
			require.Equal(t, 200, serve(b, signed("none")).StatusCode, "slots are free again")
		})
	}
}

// TestBadSignaturesAreLimited: refusals are limited per address, valid deliveries never.
func TestBadSignaturesAreLimited(t *testing.T) {
	t.Parallel()
	now := at
	b := setup(t, func(o *Options) { o.Now = func() time.Time { return now } })
	bad := func(remote string) int {
		r := signed("ok")
		r.RemoteAddr = remote
		r.Header.Set(signHeader, "x")
		r.Header.Set("X-Forwarded-For", strconv.Itoa(int(b.Stats().Of("till", BadSignature)))+".1.1.1")
		response := serve(b, r)
		if response.StatusCode == http.StatusTooManyRequests {
			assert.Equal(t, "6", response.Header.Get("Retry-After"))
			assert.Equal(t, "close", response.Header.Get("Connection"))
		}
		requireEmpty(t, response)
		return response.StatusCode
	}
	for range penaltyBurst {
		require.Equal(t, 401, bad("192.0.2.1:1000"))
	}
	require.Equal(t, 429, bad("192.0.2.1:1001"))
	require.Equal(t, 401, bad("192.0.2.2:1000"), "another address")
	valid := signed("ok")
	valid.RemoteAddr = "192.0.2.1:1002"
	require.Equal(t, 200, serve(b, valid).StatusCode, "valid, from the same address")
	now = now.Add(penaltyPause)
	require.Equal(t, 401, bad("192.0.2.1:1003"))
	require.Equal(t, 429, bad("192.0.2.1:1004"))
	require.EqualValues(t, penaltyBurst+2, b.Stats().Of("till", BadSignature))
	require.EqualValues(t, 2, b.Stats().Of("till", Limited))
}
