package converge_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// dozen is a small shop: twelve articles of twenty units each.
var dozen = []int64{20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20}

func (s *stage) massBrakes() (brakes []ledger.Brake) {
	stored, err := s.model.StoredBrakes(context.Background())
	require.NoError(s, err)
	return stored
}

// pushed counts the counters of the web shop that do not show what they began with.
func (s *stage) pushed(levels []int64) (n int) {
	for i, level := range levels {
		if s.counters[webRef(i)] != stock.Units(level) {
			n++
		}
	}
	return n
}

// release is anna's word on what she is shown of the web's brake.
func (s *stage) release() {
	brakes := s.massBrakes()
	mass := reconcile.MassChangeOf("web", brakes, time.Now())
	refs, err := s.model.Uncaused(context.Background(), "web", mass.Since)
	require.NoError(s, err)
	s.apply(ledger.ReleaseBrake{ID: mass.Brake(), By: "anna", Shown: mass.Shown(refs)})
	s.waker.Wake("web")
}

// sold tells that the till sold units.
func (s *stage) sold(i int, units int64) {
	s.apply(ledger.Delivered{Event: stock.Event{Channel: "till", Movement: &stock.Movement{Key: fmt.Sprint("sale ", i, " of ", units), Ref: tillRef(i), Quantity: stock.Units(-units),
		Cause: stock.Sold, OccurredAt: time.Now(), ChannelTime: time.Now()}}})
}

func TestMassChangeOfShelves(t *testing.T) {
	t.Parallel()
	inBubbleWith(t, reconcile.Limits{MaxShelves: 4}, "web", []int64{10, 11, 12, 13, 14}, func(s *stage) {
		s.run()
		for i := range 4 {
			s.shows(tillRef(i), int64(9+i))
		}
		s.after(0)
		require.Equal(t, stock.Units(9), s.counters[webRef(0)], "four are no mass change")
		s.stop()
		for i := range 5 {
			s.shows(tillRef(i), 5)
		}
		was := len(s.calls)
		s.worker = s.newWorker("web", s.platform) // a restart forgets nothing
		s.run()
		s.after(20 * time.Minute)
		require.Len(t, s.calls, was)
		brakes := s.massBrakes()
		require.Len(t, brakes, 1, "engaged once, and waiting does not release it")
		require.Equal(t, "5 shelves change without a cause within 10 minutes, the limit is 4", brakes[0].Evidence["reason"])
		s.release()
		s.after(time.Second)
		require.Equal(t, stock.Units(5), s.counters[webRef(4)])
		s.stop()
		for i := range 5 {
			s.shows(tillRef(i), 20)
		}
		s.run()
		s.after(time.Minute)
		require.Len(t, s.massBrakes(), 2, "another mass change waits for another word")
		require.Equal(t, stock.Units(5), s.counters[webRef(4)])
	})
}

// However the changes come, at once or one by one, a few pushes at most get through: the window adds them up.
func TestMassChangeHoweverItArrives(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"at once": 0, "one by one": time.Second, "slowly": 40 * time.Second} {
		for what, to := range map[string]int64{"to zero": 0, "up": 45} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				inBubbleWith(t, reconcile.Limits{MaxShelves: 250, MaxPercent: 30}, "web", dozen, func(s *stage) {
					s.run()
					for i := range dozen {
						s.shows(tillRef(i), to)
						s.after(pause)
					}
					s.after(time.Minute)
					require.LessOrEqual(t, s.pushed(dozen), 3)
					brakes := s.massBrakes()
					require.Len(t, brakes, 1)
					require.Equal(t, stock.Units(240), brakes[0].Quantity, "per cent of the units before")
					for i := range dozen { // the cause is put back
						s.shows(tillRef(i), 20)
					}
					s.after(time.Minute)
					require.Zero(t, s.pushed(dozen))
					brakes = s.massBrakes()
					require.Len(t, brakes, 1)
					require.Equal(t, "evenstock", brakes[0].ReleasedBy, "it releases itself")
				})
			})
		}
	}
}

// A flash sale passes as fast as its orders are told, and what was told before counts neither.
func TestMassChangeOfSales(t *testing.T) {
	t.Parallel()
	inBubbleWith(t, reconcile.Limits{MaxShelves: 4, MaxPercent: 30}, "web", dozen, func(s *stage) {
		s.run()
		for i := range dozen {
			if i%2 == 0 {
				s.sold(i, 15)
				s.shows(tillRef(i), 5)
			} else {
				s.shows(tillRef(i), 5)
				s.sold(i, 15)
			}
			s.after(0)
			require.Equal(t, stock.Units(5), s.counters[webRef(i)])
		}
		require.Empty(t, s.massBrakes())
		// All at once, before any order is told: held, until they are.
		for i := range dozen {
			s.shows(tillRef(i), 1)
		}
		s.after(0)
		require.Len(t, s.massBrakes(), 1)
		for i := range dozen {
			s.sold(i, 4)
			s.after(0)
			require.Equal(t, stock.Units(1), s.counters[webRef(i)], "explained sales are never held")
		}
		s.after(2 * time.Second)
		require.False(t, s.massBrakes()[0].ReleasedAt.IsZero())
	})
}

// Where the configuration has a location no more, nothing is pushed, and what wanted a push there engages no brake.
func TestNothingIsPushedWhereNothingIsConfigured(t *testing.T) {
	t.Parallel()
	four := dozen[:4]
	limits := reconcile.Limits{MaxPercent: 30}
	inBubbleWith(t, limits, "web", four, func(s *stage) {
		s.platform.maxRows = 1 // so what waits is no part of most calls
		left := func(i int) stock.Ref { return stock.Ref{Channel: "web", Item: webRef(i).Item, Location: "79"} }
		without := s.step
		s.step = stepWith(t, limits, map[string]stock.Location{"77": "main", "79": "main"})
		for i := range four {
			s.apply(ledger.LinkRef{Ref: left(i), Shelf: s.model.Ref(webRef(i)).State.Shelf, SoldAs: left(i).Item})
			s.counters[left(i)], s.versions[left(i)] = stock.Units(20), time.Now().Add(-time.Hour)
			for range 2 {
				s.after(5 * time.Second)
				s.apply(ledger.OwnRead{ReadAt: time.Now(), Mark: s.model.Ref(left(i)).Work.Seq,
					Reading: stock.Reading{Ref: left(i), Status: stock.Counted, Quantity: s.counters[left(i)], Version: s.versions[left(i)]}})
			}
			require.Equal(t, ledger.Live, s.model.Ref(left(i)).State.Status)
		}
		s.step = without
		s.run()
		for i := range four { // one after the other, as in days: each is pushed where it can be
			s.shows(tillRef(i), 10)
			s.after(11 * time.Minute)
			require.Equal(t, stock.Units(10), s.counters[webRef(i)])
			require.Equal(t, stock.Units(20), s.counters[left(i)])
		}
		require.Empty(t, s.massBrakes())
	})
}

// While the brake holds what has no cause, the sales of a held shelf still reach the other channel.
func TestSalesPassAMassChange(t *testing.T) {
	t.Parallel()
	inBubbleWith(t, reconcile.Limits{MaxPercent: 30}, "web", dozen, func(s *stage) {
		for i := range dozen {
			s.shows(tillRef(i), 5)
		}
		s.run()
		s.after(time.Second)
		require.Zero(t, s.pushed(dozen))
		s.shows(tillRef(3), 2)
		s.sold(3, 3)
		s.after(time.Second)
		require.Equal(t, stock.Units(17), s.counters[webRef(3)], "three were sold; nobody knows of the other fifteen")
		require.Equal(t, 1, s.pushed(dozen))
	})
}

// passesBaseline lets what a baseline of a web shop with so many units planned pass.
func (s *stage) passesBaseline(units int64) {
	s.Helper()
	s.apply(ledger.EngageBrake{Brake: ledger.Brake{ID: "mass-change/web/baseline/1", Kind: ledger.MassChange, Channel: "web", Since: time.Now(), ReleasedAt: time.Now(),
		Quantity: stock.Units(units), Stocked: len(dozen), PassUntil: time.Now().Add(time.Hour), Baseline: true}})
}

// The grace after a baseline covers what its plan said, and nothing else.
func TestMassChangeAfterABaseline(t *testing.T) {
	t.Parallel()
	for _, passes := range []bool{true, false} {
		inBubbleWith(t, reconcile.Limits{MaxPercent: 30}, "web", nil, func(s *stage) {
			if passes {
				s.passesBaseline(600)
			}
			for i := range dozen {
				s.openUneven(i, 20, 50, -30)
			}
			s.run()
			s.after(time.Second)
			require.Equal(t, passes, len(s.massBrakes()) == 1 && s.counters[webRef(0)] == stock.Units(20), "its own pushes")
			if !passes {
				return
			}
			for i := range dozen {
				s.shows(tillRef(i), 0)
			}
			s.after(time.Minute)
			require.Len(t, s.massBrakes(), 2, "what somebody does within the hour is not the baseline's")
			require.Equal(t, stock.Units(20), s.counters[webRef(11)])
		})
	}
}

// Counts that change between the plan and the reads that open the shelves: what the plan did not say is judged as any other change, in
// per cent of what the plan saw.
func TestMassChangeBetweenPlanAndBaseline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		level, planned int64
		held           bool
	}{
		"nothing":                            {40, -10, false},
		"sales":                              {38, -10, false},
		"nothing was planned":                {0, 0, true},
		"something else was planned":         {0, -10, true},
		"the other direction was planned":    {0, 10, true},
		"less is pushed than was planned":    {45, -10, false},
		"as it was planned, however much":    {0, -50, false},
		"a little more than a mass of goods": {0, -48, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubbleWith(t, reconcile.Limits{MaxShelves: 250, MaxPercent: 30}, "web", nil, func(s *stage) {
				s.passesBaseline(600)
				for i := range dozen {
					s.openUneven(i, c.level, 50, c.planned)
				}
				s.run()
				s.after(time.Second)
				if !c.held {
					require.Len(t, s.massBrakes(), 1, "the pass")
					require.Equal(t, stock.Units(c.level), s.counters[webRef(0)])
					return
				}
				require.Len(t, s.massBrakes(), 2)
				require.Equal(t, stock.Units(600), s.massBrakes()[1].Quantity)
				for i := range dozen {
					require.Equal(t, stock.Units(50), s.counters[webRef(i)])
				}
			})
		})
	}
}

// A shop of forty articles with five units each, and one with so many that the others are two per cent of all units.
func TestMassChangeBesideAHeap(t *testing.T) {
	t.Parallel()
	levels := slices.Repeat([]int64{5}, 40)
	for name, pause := range map[string]time.Duration{"at once": 0, "one by one": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubbleWith(t, reconcile.Limits{MaxShelves: 250, MaxPercent: 30}, "web", append(slices.Clone(levels), 9999), func(s *stage) {
				s.run()
				for i := range levels {
					s.shows(tillRef(i), 0)
					s.after(pause)
				}
				s.after(time.Minute)
				require.LessOrEqual(t, s.pushed(levels), 12, "30 % of 41 shelves")
				require.Len(t, s.massBrakes(), 1)
				require.Equal(t, 41, s.massBrakes()[0].Stocked)
			})
		})
	}
}

// A window adds up what goes down and what goes up, in whichever order and however it arrives.
func TestMassChangeInBothDirections(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"at once": 0, "one by one": 20 * time.Second} {
		for what, order := range map[string][]int{"down first": {0, 1, 2, 3, 4}, "up first": {2, 3, 4, 0, 1}, "mixed": {2, 0, 3, 1, 4}} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				to := []int64{0, 0, 38, 38, 37} // 17 % down, 22 % up
				inBubbleWith(t, reconcile.Limits{MaxShelves: 250, MaxPercent: 30}, "web", dozen, func(s *stage) {
					s.run()
					for _, i := range order {
						s.shows(tillRef(i), to[i])
						s.after(pause)
					}
					s.after(time.Minute)
					require.Len(t, s.massBrakes(), 1)
					var pushed stock.Quantity
					for i := range dozen {
						pushed += (s.counters[webRef(i)] - stock.Units(20)).Abs()
					}
					require.LessOrEqual(t, pushed, stock.Units(72), "30 % of 240")
				})
			})
		}
	}
}

// What changes between what the worker reads and the call that it plans is judged by what was there before, and not by nothing.
func TestMassChangeWhileACallIsPlanned(t *testing.T) {
	t.Parallel()
	inBubbleWith(t, reconcile.Limits{MaxPercent: 30}, "web", dozen, func(s *stage) {
		for i := range 4 {
			s.shows(tillRef(i), 10)
			s.sold(i, 10)
		}
		planned := false
		s.worker.Failpoint = func(at string) {
			if at == "before plan" && !planned {
				planned = true
				for i := range 4 {
					s.shows(tillRef(i), 9)
				}
			}
		}
		s.run()
		s.after(time.Second)
		require.True(t, planned)
		require.Empty(t, s.massBrakes(), "four of 240 units")
		require.Equal(t, 4, s.pushed(dozen))
	})
}
