package converge_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
)

// hinged gives the worker of a stage a door whose keys a test changes.
func hinged(s *stage) (door *converge.Door, keys *atomic.Uint64) {
	keys = &atomic.Uint64{}
	door = &converge.Door{Keys: keys.Load}
	s.worker = converge.New(converge.Options{Channel: "web", Platform: s.platform, Ledger: s.model, Step: s.step, Waker: s.waker, Door: door,
		Now: time.Now, Logger: s.worker.Logger, NewKey: s.worker.NewKey})
	return door, keys
}

// TestNewTokenEndsTheWait: a platform that refused a token is asked again as soon as there is another one, whether a read or a call was
// refused, and however long it has lasted.
func TestNewTokenEndsTheWait(t *testing.T) {
	t.Parallel()
	for name, reads := range map[string]bool{"call refused": false, "reads refused too": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "web", []int64{8}, func(s *stage) {
				_, keys := hinged(s)
				s.Send = func(_ context.Context, attempt sent) stock.Answer {
					if keys.Load() == 0 {
						return stock.Answer{Outcome: stock.NotProcessed, Reason: "HTTP 401"}
					}
					return s.take(attempt)
				}
				s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
					if keys.Load() == 0 {
						return stock.Page{}, failing{denied: true}
					}
					return s.page(refs), nil
				}
				s.shows(tillRef(0), 7)
				s.run()
				if reads {
					s.wantRead(webRef(0))
				}
				s.after(time.Hour)
				require.NotEmpty(t, s.worker.Status().Error)
				attempts := len(s.calls)
				require.Less(t, attempts, 30, "a dead token is no storm")
				keys.Add(1)
				s.after(1500 * time.Millisecond)
				require.Equal(t, stock.Units(7), s.counters[webRef(0)])
				require.Len(t, s.calls, attempts+1)
				s.after(time.Second)
				require.Empty(t, s.worker.Status().Error)
			})
		})
	}
}

// TestAnswerElsewhereEndsTheWait: after an outage a call waits for minutes; a sweep that is answered says that it is over.
func TestAnswerElsewhereEndsTheWait(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		door, _ := hinged(s)
		down := true
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			if down {
				return stock.Answer{Outcome: stock.Unknown, Reason: "connection refused"}
			}
			return s.take(attempt)
		}
		s.shows(tillRef(0), 7)
		s.run()
		door.Heard(failing{retryable: true})
		s.after(20 * time.Minute)
		down = false
		attempts := len(s.calls)
		door.Heard(nil)
		s.after(1500 * time.Millisecond)
		require.Len(t, s.calls, attempts+1)
		require.Equal(t, stock.Units(7), s.counters[webRef(0)])
	})
}

// TestWaitsThatLast: a call that alone is not answered is no reason to hurry, nor is a pause that the platform asked for.
func TestWaitsThatLast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		heard error
		after time.Duration
		most  int
	}{
		"one bad call":       {nil, 0, 25},
		"a pause was wanted": {failing{denied: true}, time.Hour, 2},
		"others are limited": {failing{retryable: true, after: time.Minute}, 0, 25},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "web", []int64{8}, func(s *stage) {
				door, _ := hinged(s)
				s.Send = func(context.Context, sent) stock.Answer {
					return stock.Answer{Outcome: stock.Unknown, Reason: "HTTP 500", RetryAfter: c.after}
				}
				s.shows(tillRef(0), 7)
				s.run()
				for range 3000 {
					door.Heard(c.heard)
					s.after(time.Second)
					door.Heard(nil)
				}
				require.LessOrEqual(t, len(s.calls), c.most)
			})
		})
	}
}
