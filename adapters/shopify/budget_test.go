package shopify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// bucket is a pretend account: 100 points, 50 a second, every call costs 40.
func costing(requested, available int) string {
	return fmt.Sprintf(`{"data":{"inventoryAdjustQuantities":{"inventoryAdjustmentGroup":null,"userErrors":[]}},"extensions":{"cost":{
		"requestedQueryCost":%d,"actualQueryCost":%d,"throttleStatus":{"maximumAvailable":100.0,"currentlyAvailable":%d,"restoreRate":50.0}}}}`, requested, requested, available)
}

// pushing is a context of the lane that leaves nothing to others.
func pushing(t *testing.T) context.Context { return stock.InLane(t.Context(), stock.Pushes) }

func TestBudgetWaitsForPoints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := []int{60, 20, 20}
		p := &pretend{answer: func(call int, _ string, _ map[string]any) (int, map[string]string, string) {
			return 200, nil, costing(40, left[call])
		}}
		c := channelOn(t, p)
		if got := c.Budget(); got.Most != 0 || got.Available != 0 {
			t.Errorf("before the first answer nothing is known: %+v", got)
		}
		start := time.Now()
		// 60 left, then 20: the third call lacks 20 points, which come back in 0.4 s.
		for i, want := range []time.Duration{0, 0, 400 * time.Millisecond} {
			if got := c.SendCall(pushing(t), "k", encoded(t, c, "k", pushRows(1))); got.Outcome != stock.Applied {
				t.Fatalf("call %d: %+v", i, got)
			}
			if passed := time.Since(start); passed != want {
				t.Errorf("call %d went out after %s, not %s", i, passed, want)
			}
			told := c.Budget()
			if told.Most != 100 || told.Available != float64(left[i]) || told.PerSecond != 50 || told.Lanes[stock.Pushes].Granted != int64(i+1) {
				t.Errorf("after call %d: %+v", i, told)
			}
		}
		got := c.Budget()
		if pushes := got.Lanes[stock.Pushes]; got.Most != 100 || got.Available != 20 || got.PerSecond != 50 || pushes.Granted != 3 || pushes.WaitedMost != 400 {
			t.Errorf("the account's state and its lanes: %+v", got)
		}
	})
}

func TestBudgetIsSharedByConcurrentCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The account restores 50 points a second up to 100 and refuses what it cannot pay: nothing may be refused.
		var mu sync.Mutex
		points, last := 100.0, time.Now()
		p := &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) {
			mu.Lock()
			defer mu.Unlock()
			points, last = min(100, points+time.Since(last).Seconds()*50), time.Now()
			if points < 40 {
				t.Errorf("a call that the account cannot pay after %s", time.Since(last))
			}
			points -= 40
			return 200, nil, costing(40, int(points))
		}}
		c := channelOn(t, p)
		c.SendCall(pushing(t), "k", encoded(t, c, "k", pushRows(1)))
		body := encoded(t, c, "k", pushRows(1))
		var group sync.WaitGroup
		start := time.Now()
		for range 10 {
			group.Go(func() {
				if got := c.SendCall(pushing(t), "k", body); got.Outcome != stock.Applied {
					t.Errorf("%+v", got)
				}
			})
		}
		group.Wait()
		if passed := time.Since(start); passed < 6*time.Second || passed > 20*time.Second {
			t.Errorf("10 calls of 40 points at 50 a second took %s", passed)
		}
	})
}

func TestBudgetHonoursContextAndDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := channelOn(t, ok(costing(40, 0)))
		body := encoded(t, c, "k", pushRows(1))
		c.SendCall(pushing(t), "k", body)
		start := time.Now()
		soon, cancelSoon := context.WithTimeout(pushing(t), 500*time.Millisecond)
		defer cancelSoon()
		got := c.SendCall(soon, "k", body)
		if got.Outcome != stock.NotProcessed || got.RetryAfter != 800*time.Millisecond || time.Since(start) != 0 {
			t.Errorf("a deadline nearer than the budget: %+v after %s", got, time.Since(start))
		}
		ctx, cancel := context.WithCancel(pushing(t))
		time.AfterFunc(300*time.Millisecond, cancel)
		if got := c.SendCall(ctx, "k", body); got.Outcome != stock.NotProcessed || time.Since(start) != 300*time.Millisecond {
			t.Errorf("a context ended in the wait: %+v after %s", got, time.Since(start))
		}
	})
}

func TestThrottledAndRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const throttled = `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":713,
			"actualQueryCost":null,"throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":500,"restoreRate":100.0}}}}`
		p := &pretend{answer: func(call int, _ string, _ map[string]any) (int, map[string]string, string) {
			switch call {
			case 0:
				return 200, nil, throttled
			case 1:
				return 429, map[string]string{"Retry-After": "2.0"}, ""
			}
			return 200, nil, `{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}`
		}}
		c := channelOn(t, p)
		_, err := c.ListMovements(pushing(t), time.Time{}, "")
		wantRetry(t, err, true, 2130*time.Millisecond) // 213 points at 100 a second
		start := time.Now()
		_, err = c.ListMovements(pushing(t), time.Time{}, "")
		wantRetry(t, err, true, 2*time.Second)
		if time.Since(start) != 2130*time.Millisecond {
			t.Errorf("the next request went out after %s", time.Since(start))
		}
		start = time.Now()
		if _, err = c.ListMovements(pushing(t), time.Time{}, ""); err != nil || time.Since(start) != 2*time.Second {
			t.Errorf("after a 429 the next request went out after %s: %v", time.Since(start), err)
		}
	})
}

func wantRetry(t *testing.T, err error, retryable bool, after time.Duration) {
	t.Helper()
	var r interface {
		Retryable() bool
		RetryAfter() time.Duration
	}
	if !errors.As(err, &r) || r.Retryable() != retryable || r.RetryAfter() != after {
		t.Errorf("%v: want retryable %v after %s", err, retryable, after)
	}
}

// A pause of an hour is told to the caller, who can show it; nobody hangs in it.
func TestBudgetDoesNotWaitLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) {
			return 429, map[string]string{"Retry-After": "3600"}, ""
		}}
		c := channelOn(t, p)
		_, err := c.ListMovements(pushing(t), time.Time{}, "")
		wantRetry(t, err, true, time.Hour)
		start := time.Now()
		_, err = c.ListMovements(pushing(t), time.Time{}, "")
		wantRetry(t, err, true, time.Hour)
		got := c.SendCall(pushing(t), "k", encoded(t, c, "k", pushRows(1)))
		if got.Outcome != stock.NotProcessed || got.RetryAfter != time.Hour || time.Since(start) != 0 || len(p.operations()) != 1 {
			t.Errorf("%+v after %s and %d requests", got, time.Since(start), len(p.operations()))
		}
	})
}

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-10-02T13:00:00Z")
	c := channelOn(t, ok(""), func(o *Options) { o.Now = func() time.Time { return now } })
	for text, want := range map[string]time.Duration{
		"": 0, "2": 2 * time.Second, "2.0": 2 * time.Second, "-1": 0, "NaN": 0, "1e300": pauseAtMost, "99999999": pauseAtMost, "soon": 0,
		"Fri, 02 Oct 2026 13:00:30 GMT": 30 * time.Second, "Fri, 02 Oct 2026 12:00:00 GMT": 0,
	} {
		if got := c.retryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestPlatformClock(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-10-02T10:00:00Z")
	p := &platformClock{now: func() time.Time { return now }}
	platform := at(t, "2026-10-02T13:15:04Z")
	check := func(name string, want time.Time) {
		t.Helper()
		if got := p.Now(); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	check("before the first answer", time.Time{})
	p.learn(time.Time{}, now)
	check("an answer without a date", time.Time{})
	p.learn(platform, now)
	check("learnt", platform)
	now = now.Add(700 * time.Millisecond)
	check("goes on", platform.Add(700*time.Millisecond))
	p.learn(platform, now)
	check("the same second again does not take it back", platform.Add(700*time.Millisecond))
	now = now.Add(800 * time.Millisecond)
	p.learn(platform.Add(2*time.Second), now)
	check("a later second takes it on", platform.Add(2*time.Second))
	now = now.Add(time.Hour) // our clock was set forward, the platform says that a second has passed
	p.learn(platform.Add(3*time.Second), now)
	check("it is not ahead once told", platform.Add(3*time.Second))
	now = now.Add(-2 * time.Hour)
	check("our clock stepping back does not take it back", platform.Add(3*time.Second))
}
