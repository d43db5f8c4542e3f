package converge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// What nobody waits for shares requests: why counters changed and what pushes did, of a quarter of a minute, is asked four times at most,
// and orders too.
func TestWhatNobodyWaitsForSharesRequests(t *testing.T) {
	t.Parallel()
	levels := make([]int64, 40)
	for i := range levels {
		levels[i] = 8
	}
	inBubble(t, "till", levels, func(s *stage) {
		var sales []stock.Movement
		s.Read = func(ctx context.Context, refs []stock.Ref) (stock.Page, error) {
			page, err := s.pageWithHistory(ctx, refs)
			page.Movements = append(page.Movements, sales...)
			return page, err
		}
		s.run()
		for i := range levels {
			s.after(375 * time.Millisecond)
			if i%2 == 0 {
				sales = append(sales, stock.Movement{Key: tillRef(i).Item, Ref: tillRef(i), Quantity: -stock.Unit, Cause: stock.Sold, OccurredAt: time.Now(), ChannelTime: time.Now()})
				s.moved(i, 7)
			} else {
				s.shows(webRef(i), 7)
			}
		}
		s.after(10 * time.Second)
		require.LessOrEqual(t, len(s.reads), 5, "%v", s.readAt)
		asked := map[stock.Ref]int{}
		for _, refs := range s.reads {
			for _, ref := range refs {
				asked[ref]++
			}
		}
		require.Len(t, asked, len(levels))
		for i := range levels {
			require.Equal(t, 1, asked[tillRef(i)], "%v", tillRef(i))
			require.Empty(t, s.model.Ref(tillRef(i)).State.Unconfirmed)
			require.Equal(t, stock.Units(7), s.counters[tillRef(i)])
		}
	})
	inBubble(t, "web", levels[:1], func(s *stage) {
		asked, ids := 0, 0
		s.Orders = func(of []string) (stock.Page, error) {
			asked, ids = asked+1, ids+len(of)
			return stock.Page{}, nil
		}
		s.worker = s.newWorker("web", orderly{s.platform})
		s.run()
		for i := range 30 {
			s.after(510 * time.Millisecond)
			s.hint(string(rune('a' + i)))
		}
		s.after(5 * time.Second)
		require.LessOrEqual(t, asked, 4)
		require.Equal(t, 30, ids)
	})
}

// A raise is read at once all the same, and pushed as soon as it is confirmed.
func TestRaiseIsNotGathered(t *testing.T) {
	t.Parallel()
	inBubble(t, "till", []int64{8}, func(s *stage) {
		s.run()
		s.after(time.Second)
		s.moved(0, 12)
		s.after(0)
		require.Len(t, s.reads, 1)
		require.Nil(t, s.model.Ref(tillRef(0)).Work.RaiseUnconfirmed)
	})
}

// While the brake on mass changes holds a push, somebody waits for causes: they are asked for early, once a second.
func TestHeldPushHurriesCauses(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]reconcile.Limits{"held": {MaxShelves: 1}, "not held": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubbleWith(t, limits, "web", []int64{20, 20, 20}, func(s *stage) {
				var asked []time.Time
				s.Orders = func([]string) (stock.Page, error) {
					asked = append(asked, time.Now())
					unrouted := order("900")
					unrouted.Lines[0].Location = ""
					return stock.Page{Orders: []stock.Order{unrouted}}, nil
				}
				s.worker = s.newWorker("web", orderly{s.platform})
				s.run()
				began := time.Now().Truncate(5 * time.Second).Add(8100 * time.Millisecond) // orders are read three seconds after each five
				s.after(time.Until(began))
				for i := range 3 {
					s.moved(i, 18)
				}
				s.hint("900")
				s.after(4 * time.Second)
				if name == "not held" {
					require.Empty(t, asked)
					return
				}
				require.Contains(t, s.logs.String(), "brake engaged")
				require.NotEmpty(t, asked)
				require.LessOrEqual(t, asked[0].Sub(began), 2*time.Second)
				require.GreaterOrEqual(t, len(asked), 2)
				for i := range asked[1:] {
					require.GreaterOrEqual(t, asked[i+1].Sub(asked[i]), time.Second)
				}
			})
		})
	}
}
