package budget_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/budget"
	"github.com/evenstock/evenstock/ledger/stock"
)

// in is a context in a lane.
func in(t *testing.T, lane stock.Lane) context.Context {
	t.Helper()
	return stock.InLane(t.Context(), lane)
}

// drain takes what is there, so that the next request of the same lane has to wait.
func drain(t *testing.T, b *budget.Rate) {
	t.Helper()
	for b.State().Available >= 1 {
		_, err := b.Take(in(t, stock.UrgentPushes))
		require.NoError(t, err)
	}
}

// However many sweeps wait, a push finds its turn at once: they leave a reserve.
func TestPushGoesBeforeAHundredThousandSweeps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(20, 20)
		ctx, cancel := context.WithCancel(in(t, stock.Sweeps))
		var sweeps sync.WaitGroup
		for range 100_000 {
			sweeps.Go(func() { _, _ = b.Take(ctx) })
		}
		synctest.Wait()
		before := b.State()
		require.Greater(t, before.Lanes[stock.Sweeps].Waiting, 99_000)
		for range 3 {
			begin := time.Now()
			_, err := b.Take(in(t, stock.Pushes))
			require.NoError(t, err)
			assert.Zero(t, time.Since(begin), "the reserve")
			time.Sleep(time.Second)
		}
		cancel()
		sweeps.Wait()
		assert.Zero(t, b.State().Lanes[stock.Sweeps].Waiting)
	})
}

// With nothing left, the most urgent lane goes first, and within a lane who came first.
func TestLanesGoInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(1, 1)
		drain(t, b)
		var mu sync.Mutex
		var order []stock.Lane
		var all sync.WaitGroup
		for lane := stock.Sweeps; ; lane-- {
			for range 2 {
				all.Go(func() {
					_, err := b.Take(in(t, lane))
					assert.NoError(t, err)
					mu.Lock()
					defer mu.Unlock()
					order = append(order, lane)
				})
			}
			synctest.Wait()
			if lane == stock.UrgentPushes {
				break
			}
		}
		all.Wait()
		assert.Equal(t, []stock.Lane{
			stock.UrgentPushes, stock.UrgentPushes, stock.Pushes, stock.Pushes, stock.ConfirmingReads, stock.ConfirmingReads,
			stock.Causes, stock.Causes, stock.Sweeps, stock.Sweeps,
		}, order)
	})
}

// A lane that waits for long goes on, a request at a time, although more urgent ones take all there is.
func TestNoLaneStarves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(1, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 { // at one request a second somebody always waits
			all.Go(func() {
				for ctx.Err() == nil {
					_, _ = b.Take(stock.InLane(ctx, stock.Pushes))
				}
			})
		}
		var swept atomic.Int64
		all.Go(func() {
			for ctx.Err() == nil {
				if _, err := b.Take(stock.InLane(ctx, stock.Sweeps)); err == nil {
					swept.Add(1)
				}
			}
		})
		time.Sleep(10 * time.Minute)
		cancel()
		all.Wait()
		assert.InDelta(t, 20, swept.Load(), 2, "one in half a minute")
	})
}

// A short pause is sat out, a long one told, also to those who wait already.
func TestPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(5, 0)
		begin := time.Now()
		b.Busy(3 * time.Second)
		_, err := b.Take(in(t, stock.Pushes))
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, time.Since(begin).Round(time.Millisecond))

		drain(t, b)
		waiting := make(chan error)
		go func() {
			_, err := b.Take(in(t, stock.Sweeps))
			waiting <- err
		}()
		synctest.Wait()
		b.Busy(time.Hour)
		var paused *budget.PausedError
		require.ErrorAs(t, <-waiting, &paused)
		assert.Equal(t, time.Hour, paused.After)
		_, err = b.Take(in(t, stock.Pushes))
		require.ErrorAs(t, err, &paused)
		assert.False(t, b.State().PausedUntil.IsZero())
	})
}

// A request whose context ends leaves its lane, and is not taken from the budget.
func TestContextEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(1, 1)
		drain(t, b)
		ctx, cancel := context.WithCancel(in(t, stock.Pushes))
		time.AfterFunc(100*time.Millisecond, cancel)
		begin := time.Now()
		_, err := b.Take(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 100*time.Millisecond, time.Since(begin))
		assert.Zero(t, b.State().Lanes[stock.Pushes].Waiting)

		soon, stop := context.WithTimeout(in(t, stock.Pushes), 10*time.Millisecond)
		defer stop()
		_, err = b.Take(soon)
		var paused *budget.PausedError
		require.ErrorAs(t, err, &paused, "the turn certainly comes later")
		assert.Equal(t, 100*time.Millisecond, time.Since(begin))
	})
}

// A request that starves is saved up for beside what more urgent lanes ask for: none of them waits for the points of an order or a sweep.
func TestPushesDoNotWaitForWhatStarves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const push, orders = 13.0, 500.0
		b := budget.NewBucket()
		points, at := 2000.0, time.Now()
		ask := func(lane stock.Lane, costs float64) (waited time.Duration) {
			began := time.Now()
			taken, err := b.Take(in(t, lane), lane.String(), 1, costs)
			require.NoError(t, err)
			waited = time.Since(began)
			points, at = min(2000, points+time.Since(at).Seconds()*100), time.Now()
			require.GreaterOrEqual(t, points, costs-0.01, "asked for more than there is")
			points -= costs
			b.Settle(lane.String(), 1, taken, taken, costs, &budget.Status{Most: 2000, Available: points, PerSecond: 100})
			return waited
		}
		for began := time.Now(); time.Since(began) < 10*time.Second || points > 20; {
			ask(stock.Pushes, push)
		}
		read := make(chan time.Duration)
		go func() { read <- ask(stock.Causes, orders) }()
		var longest time.Duration
		for {
			select {
			case waited := <-read:
				assert.Less(t, waited, time.Minute)
				assert.Less(t, longest, 300*time.Millisecond)
				return
			default:
				longest = max(longest, ask(stock.Pushes, push))
			}
		}
	})
}

// A bucket follows what the answers say, learns what an operation costs for each thing it asks for, and is never asked for more than
// it has.
func TestBucketFollowsTheAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewBucket()
		points, at := 2000.0, time.Now()
		ask := func(lane stock.Lane, units int, costs float64) {
			taken, err := b.Take(in(t, lane), "read", units, 300)
			require.NoError(t, err)
			points, at = min(2000, points+time.Since(at).Seconds()*100), time.Now()
			require.GreaterOrEqual(t, points, costs, "asked for more than there is")
			points -= costs
			b.Settle("read", units, taken, taken, costs, &budget.Status{Most: 2000, Available: points, PerSecond: 100})
		}
		ask(stock.Sweeps, 100, 100)
		assert.InDelta(t, 10, b.Cost("read", 10, 300), 0.01, "a point each")
		begin := time.Now()
		for range 40 {
			ask(stock.Sweeps, 100, 100)
		}
		assert.InDelta(t, 200, b.State().Available, 101, "the reserve is left")
		assert.InDelta(t, (100*41-1800)/100.0, time.Since(begin).Seconds(), 2)
		begin = time.Now()
		ask(stock.UrgentPushes, 100, 100)
		assert.Zero(t, time.Since(begin))
	})
}

// What many cost together says what many cost, and what one costs what one does.
func TestCostOfManyAndOfOne(t *testing.T) {
	t.Parallel()
	b := budget.NewBucket()
	assert.InDelta(t, 750, b.Cost("read", 250, 750), 0.01, "nothing is known")
	for units, cost := range map[int]float64{1: 4, 100: 28, 250: 34} {
		b.Settle("read", units, 0, 0, cost, nil)
	}
	b.Settle("write", 0, 0, 0, 13, nil)
	for units, cost := range map[int]float64{1: 4, 2: 8, 100: 28, 50: 14, 240: 32.64, 250: 34, 500: 68} {
		assert.InDelta(t, cost, b.Cost("read", units, 750), 0.01, "%d", units)
	}
	assert.InDelta(t, 13, b.Cost("write", 0, 750), 0.01)
	b.Settle("read", 1, 0, 0, 5, nil)
	assert.InDelta(t, 5, b.Cost("read", 1, 750), 0.01, "the last answer counts")
}

// Points of an operation that was never answered come back as they were charged.
func TestBucketWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewBucket()
		taken, err := b.Take(in(t, stock.Pushes), "write", 1, 10)
		require.NoError(t, err)
		b.Settle("write", 1, taken, taken, 10, &budget.Status{Most: 100, Available: 90, PerSecond: 50})
		for _, charged := range []float64{0, 10} {
			before := b.State().Available
			taken, err := b.Take(in(t, stock.Pushes), "write", 1, 10)
			require.NoError(t, err)
			b.Settle("write", 1, taken, charged, 0, nil)
			assert.InDelta(t, before-charged, b.State().Available, 0.01)
		}
		assert.Equal(t, time.Second, b.Refused("write", 1, 10), "the points are there, and it was refused")
	})
}

// Nothing leaks and nobody is forgotten when many come and go at once.
func TestManyComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewRate(50, 0)
		var all sync.WaitGroup
		var granted, ended atomic.Int64
		for i := range 2_000 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(in(t, stock.Lane(i%5)))
				defer cancel()
				if i%3 == 0 {
					time.AfterFunc(time.Duration(i)*time.Millisecond, cancel)
				}
				turn, err := b.Take(ctx)
				if err == nil {
					granted.Add(1)
					b.Answered(turn)
				} else if errors.Is(err, context.Canceled) {
					ended.Add(1)
				}
			})
		}
		all.Wait()
		assert.EqualValues(t, 2_000, granted.Load()+ended.Load())
		for _, lane := range b.State().Lanes {
			assert.Zero(t, lane.Waiting, lane.Lane)
		}
	})
}
