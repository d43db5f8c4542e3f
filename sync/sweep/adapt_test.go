package sweep_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// rhythm is a stage whose channel is swept when that is needed, in virtual time.
type rhythm struct {
	*stage
	// counts are when counters were listed, changed is what the next list shows.
	mu      sync.Mutex
	counts  []time.Time
	changed []stock.Reading
	fail    error
	heard   time.Time
	budget  stock.Budget
}

// Budget is the account's.
func (r *rhythm) Budget() stock.Budget {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.budget
}

// metered is a lister whose account has a budget.
type metered struct {
	*ordering
	*rhythm
}

func (m metered) ListOrders(ctx context.Context, since time.Time, cursor string) (stock.OrderList, error) {
	return m.ordering.ListOrders(ctx, since, cursor)
}

// adapts plays sweeps of a web shop with one item until stop is called.
func adapts(t *testing.T, delivers bool) (r *rhythm, o *ordering, stop func()) {
	s, o := told(t, 1)
	time.Sleep(time.Until(at(0)))
	r = &rhythm{stage: s}
	s.Now = time.Now
	s.lister.Counts = func(since time.Time, _ string) (stock.Page, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.counts = append(r.counts, time.Now())
		if r.fail != nil {
			return stock.Page{}, r.fail
		}
		var page stock.Page
		for _, reading := range r.changed {
			if !reading.Version.Before(since) {
				page.Readings = append(page.Readings, reading)
			}
		}
		return page, nil
	}
	s.Sweeper.Lister = metered{o, r}
	if delivers {
		s.Delivered = func() time.Time {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.heard
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- sweep.Run(ctx, sweep.Schedule{Recent: sweep.Adaptive, Full: "0 4 1 1 *"}, []*sweep.Sweeper{s.Sweeper}, slog.New(slog.DiscardHandler))
	}()
	return r, o, func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

// do changes what the platform shows.
func (r *rhythm) do(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// sell has the web shop sell one unit now.
func (r *rhythm) sell(left int64) {
	r.do(func() { r.changed = []stock.Reading{reading(webRef(0), left, time.Now())} })
}

// listed is how often counters were listed within the last time.
func (r *rhythm) listed(within time.Duration) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := slices.IndexFunc(r.counts, func(at time.Time) bool { return time.Since(at) < within })
	if first < 0 {
		return 0
	}
	return len(r.counts) - first
}

func (r *rhythm) level() stock.Quantity { return r.store.Level(shelf(0)) }

// A shop without any webhook is seen within seconds while it sells, and asked less while it does not.
func TestShopWithoutWebhooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, o, stop := adapts(t, false)
		defer stop()
		time.Sleep(10 * time.Minute)
		r.sell(7)
		time.Sleep(8500 * time.Millisecond)
		require.Equal(t, stock.Units(7), r.level(), "the first sale of the day")
		for left := int64(6); left >= 0; left-- {
			r.sell(left)
			time.Sleep(2500 * time.Millisecond)
			require.Equal(t, stock.Units(left), r.level(), "a sale soon after another")
		}
		require.NotZero(t, o.lists(), "the orders behind them are asked for")
		time.Sleep(time.Hour)
		require.LessOrEqual(t, r.listed(time.Minute), 9)
		require.GreaterOrEqual(t, r.listed(time.Minute), 7)
	})
}

// What a glance sees and does not believe at once is news too: the orders behind it are asked for, and the next glance comes soon.
func TestGlanceSeesWhatIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, o, stop := adapts(t, false)
		defer stop()
		time.Sleep(10 * time.Minute)
		r.sell(7)
		time.Sleep(8500 * time.Millisecond)
		require.Equal(t, stock.Units(7), r.level())
		lists := o.lists()
		r.do(func() { r.changed[0].Quantity = stock.Units(6) })
		time.Sleep(2500 * time.Millisecond)
		require.Equal(t, stock.Units(7), r.level(), "two counts of one second")
		require.Greater(t, o.lists(), lists)
	})
}

// While deliveries tell what changes, a minute passes between two sweeps.
func TestShopWithWebhooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _, stop := adapts(t, true)
		defer stop()
		for range 600 {
			r.do(func() { r.heard = time.Now() })
			time.Sleep(time.Second)
		}
		require.LessOrEqual(t, r.listed(9*time.Minute), 9)
		require.Greater(t, r.listed(10*time.Minute), 12, "until the first sweep nobody knows whether they tell all")
		time.Sleep(8*time.Hour + time.Second/2)
		require.Equal(t, 60, r.listed(time.Hour), "silence alone is none: nothing changes")
	})
}

// When deliveries stop, the sweep that sees the first change is the last that takes a minute; when they come back, all is as before.
func TestDeliveriesStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _, stop := adapts(t, true)
		defer stop()
		time.Sleep(time.Second)
		r.do(func() { r.heard = time.Now() })
		time.Sleep(time.Hour)
		r.sell(7)
		time.Sleep(time.Minute)
		require.Equal(t, stock.Units(7), r.level())
		time.Sleep(30 * time.Second)
		r.sell(6)
		time.Sleep(8500 * time.Millisecond)
		require.Equal(t, stock.Units(6), r.level())
		r.do(func() { r.heard = time.Now() })
		time.Sleep(time.Hour)
		require.Equal(t, 10, r.listed(10*time.Minute))
	})
}

// One delivery that got lost is a reason to look closely for a while, though others come.
func TestDeliveryGetsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _, stop := adapts(t, true)
		defer stop()
		talk := func(during time.Duration) {
			for range during / time.Second {
				r.do(func() { r.heard = time.Now() })
				time.Sleep(time.Second)
			}
		}
		talk(time.Minute + 5*time.Second)
		r.sell(7)
		talk(time.Minute)
		require.Equal(t, stock.Units(7), r.level())
		require.Less(t, r.listed(time.Minute), 8)
		talk(time.Minute)
		require.Greater(t, r.listed(time.Minute), 8)
		talk(10 * time.Minute)
		require.LessOrEqual(t, r.listed(time.Minute), 1)
	})
}

// Glances leave the budget to others, and a platform that fails is left alone.
func TestGlancesAreModest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _, stop := adapts(t, false)
		defer stop()
		time.Sleep(10 * time.Minute)
		many := r.listed(5 * time.Minute)
		r.do(func() { r.budget = stock.Budget{Most: 2000, Available: 250, PerSecond: 100} })
		time.Sleep(10 * time.Minute)
		few := r.listed(5 * time.Minute)
		require.Less(t, 2*few, many)
		r.do(func() { r.budget, r.fail = stock.Budget{}, errors.New("down") })
		time.Sleep(time.Hour)
		require.LessOrEqual(t, r.listed(10*time.Minute), 2*10)
		r.do(func() { r.fail = nil })
		time.Sleep(10 * time.Minute)
		require.Greater(t, 10*r.listed(5*time.Minute), 9*many, "as often as before: once a minute a sweep is due together with a glance, and either may be first")
	})
}

// Glances give their turn up to a first sync too.
func TestGlancesYieldToAFirstSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _, stop := adapts(t, false)
		defer stop()
		for i := range 120 {
			r.apply(ledger.LinkRef{Ref: webRef(i + 1), Shelf: shelf(i + 1), SoldAs: webRef(i + 1).Item}, ledger.WantBaseline{Ref: webRef(i + 1)})
		}
		time.Sleep(4 * time.Minute)
		require.Zero(t, r.listed(4*time.Minute))
		time.Sleep(4 * time.Minute)
		require.NotZero(t, r.listed(2*time.Minute), "but not for long")
	})
}
