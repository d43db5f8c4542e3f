package converge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func lines(logs *bytes.Buffer, word string) (n int) {
	for line := range strings.Lines(logs.String()) {
		if strings.Contains(line, word) {
			n++
		}
	}
	return n
}

// Reads and pushes take time, and the shop goes on selling meanwhile: still no two requests of a channel overlap (the platform
// panics), and after one read a wanted push goes before the next read.
func TestReadsAndPushesNeverOverlap(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{100, 100, 100}, func(s *stage) {
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			page := s.page(refs)
			time.Sleep(300 * time.Millisecond)
			return page, nil
		}
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			time.Sleep(300 * time.Millisecond)
			return s.take(attempt)
		}
		s.run()
		left := []int64{100, 100, 100}
		for n := range 40 {
			i, units := n%3, int64(99-n)
			s.shows(tillRef(i), units)
			s.apply(ledger.Delivered{Event: stock.Event{Channel: "till", Movement: &stock.Movement{
				Key: fmt.Sprint("sale ", n), Ref: tillRef(i), Quantity: stock.Units(units - left[i]), Cause: stock.Sold, OccurredAt: time.Now(), ChannelTime: time.Now()}}})
			left[i] = units
			s.wantRead(webRef(i))
			s.after(170 * time.Millisecond)
		}
		s.after(time.Minute)
		for i := range 3 {
			require.Equal(t, s.model.Level(shelf(i)), s.counters[webRef(i)])
			require.Equal(t, s.model.Level(shelf(i)), s.expected(webRef(i)))
		}
		require.NotContains(t, strings.Join(s.log[:20], " "), "read read read", "pushes are not starved")
	})
}

// failing is an error of a platform.
type failing struct {
	retryable, denied bool
	after             time.Duration
}

func (failing) Error() string               { return "the platform fails" }
func (f failing) Retryable() bool           { return f.retryable }
func (f failing) Denied() bool              { return f.denied }
func (f failing) RetryAfter() time.Duration { return f.after }

func TestFailureBacksOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err error
		// least and most bound the first pause, total the attempts within ten minutes.
		least, most time.Duration
		total       [2]int
	}{
		"any error":        {errors.New("boom"), 100 * time.Millisecond, 300 * time.Millisecond, [2]int{15, 60}},
		"retryable":        {failing{retryable: true}, 100 * time.Millisecond, 300 * time.Millisecond, [2]int{15, 60}},
		"asks for a pause": {failing{retryable: true, after: 100 * time.Second}, 100 * time.Second, 100 * time.Second, [2]int{6, 7}},
		"a dead token":     {failing{denied: true}, 100 * time.Millisecond, 300 * time.Millisecond, [2]int{8, 22}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, "web", []int64{8}, func(s *stage) {
				fails := true
				s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
					if fails {
						return stock.Page{}, c.err
					}
					return s.page(refs), nil
				}
				s.wantRead(webRef(0))
				s.run()
				began := time.Now()
				require.Equal(t, "web", string(s.worker.Status().Channel))
				require.NotEmpty(t, s.worker.Status().Error)
				for range 600 {
					s.waker.Wake("web") // an outage must not become a storm
					s.after(time.Second)
				}
				require.GreaterOrEqual(t, s.readAt[1].Sub(s.readAt[0]), c.least)
				require.LessOrEqual(t, s.readAt[1].Sub(s.readAt[0]), c.most)
				if class, refused := c.err.(failing); refused && class.denied {
					require.GreaterOrEqual(t, s.readAt[2].Sub(s.readAt[1]), 30*time.Second, "one may be odd, two are not")
				}
				require.GreaterOrEqual(t, len(s.readAt), c.total[0])
				require.LessOrEqual(t, len(s.readAt), c.total[1])
				require.Equal(t, began, s.worker.Status().Since)
				require.Equal(t, 1, lines(s.logs, "channel fails"), "said once")
				fails = false
				s.after(2 * time.Minute)
				require.Empty(t, s.worker.Status().Error)
				require.Equal(t, 1, lines(s.logs, "channel answers again"))
			})
		})
	}
}

// A page that lacks a reading is an error and never a zero; the others of the page are applied.
func TestPageThatLacksAReading(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 9}, func(s *stage) {
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			return s.page(slices.DeleteFunc(slices.Clone(refs), func(ref stock.Ref) bool { return ref == webRef(0) })), nil
		}
		s.counters[webRef(1)], s.versions[webRef(1)] = stock.Units(5), time.Now()
		s.wantRead(webRef(0), webRef(1))
		s.run()
		require.Contains(t, s.worker.Status().Error, webRef(0).String())
		require.Equal(t, stock.Units(8), s.model.Level(shelf(0)))
		require.Equal(t, stock.Units(5), s.model.Level(shelf(1)))
		s.after(10 * time.Second)
		require.Empty(t, s.worker.Status().Error, "the others go on meanwhile")
		s.Read = nil
		s.after(2 * time.Minute)
		require.Zero(t, s.model.Ref(webRef(0)).Work.Read)
	})
}

// One reading that no rule takes must not hold up the refs that were read with it.
func TestRefusedReadDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 9, 10}, func(s *stage) {
		for i := range 3 {
			s.counters[webRef(i)], s.versions[webRef(i)] = stock.Units(5), time.Now()
		}
		s.counters[webRef(1)] = stock.Units(10_000_000_001)
		s.wantRead(webRef(0), webRef(1), webRef(2))
		s.run()
		require.Equal(t, stock.Units(5), s.model.Level(shelf(0)))
		require.Equal(t, stock.Units(9), s.model.Level(shelf(1)))
		require.Equal(t, stock.Units(5), s.model.Level(shelf(2)))
		require.Equal(t, 1, lines(s.logs, "read refused"))
		require.Empty(t, s.worker.Status().Error)
		s.after(50 * time.Second)
		require.Equal(t, 1, lines(s.logs, "read refused"), "it is left alone for a minute")
		s.counters[webRef(1)] = stock.Units(4)
		s.after(2 * time.Minute)
		require.Equal(t, stock.Units(4), s.model.Level(shelf(1)))
	})
}

// A baseline does not wait for a counter that the platform refuses to be asked for.
func TestBaselineReadThatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 9}, func(s *stage) {
		bad := webRef(0)
		s.apply(ledger.UnlinkRef{Ref: bad})
		s.apply(ledger.LinkRef{Ref: bad, Shelf: shelf(0), SoldAs: "v0"})
		require.False(t, s.model.Ref(bad).Work.Baseline.Missing)
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			if slices.Contains(refs, bad) {
				return stock.Page{}, failing{}
			}
			return s.page(refs), nil
		}
		s.run()
		s.after(30 * time.Second)
		require.True(t, s.model.Ref(bad).Work.Baseline.Missing)
		require.Empty(t, s.worker.Status().Error)
	})
}

// However many baselines are wanted, what somebody waits for is read among the next, also of a shelf far from zero.
func TestBaselinesDoNotHoldUpReads(t *testing.T) {
	t.Parallel()
	levels := make([]int64, 21)
	levels[20] = 1_000
	inBubble(t, "web", levels, func(s *stage) {
		s.maxReads = 1
		for i := range 20 {
			s.apply(ledger.UnlinkRef{Ref: webRef(i)})
			s.apply(ledger.LinkRef{Ref: webRef(i), Shelf: shelf(i), SoldAs: fmt.Sprintf("v%d", i)})
		}
		time.Sleep(time.Minute)
		s.wantRead(webRef(20))
		s.run()
		at := slices.IndexFunc(s.reads, func(refs []stock.Ref) bool { return refs[0] == webRef(20) })
		require.LessOrEqual(t, at, 1)
		require.GreaterOrEqual(t, at, 0)
		require.GreaterOrEqual(t, len(s.reads), 21, "and the baselines are")
	})
}

// A read that the platform refuses because of one ref must not hold up the refs that were asked for with it, nor pushes.
func TestReadThatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	levels := make([]int64, 40)
	for i := range levels {
		levels[i] = 10
	}
	inBubble(t, "web", levels, func(s *stage) {
		bad := webRef(17)
		s.Read = func(_ context.Context, refs []stock.Ref) (stock.Page, error) {
			if slices.Contains(refs, bad) {
				return stock.Page{}, failing{}
			}
			return s.page(refs), nil
		}
		for i := range levels {
			s.counters[webRef(i)], s.versions[webRef(i)] = stock.Units(5), time.Now()
			s.wantRead(webRef(i))
		}
		s.run()
		for i := range levels {
			if webRef(i) != bad {
				require.Equal(t, stock.Units(5), s.model.Level(shelf(i)), "%d", i)
			}
		}
		require.Less(t, len(s.reads), 20)
		require.Equal(t, 1, lines(s.logs, "read refused"))
		require.Empty(t, s.worker.Status().Error)
		was := len(s.reads)
		s.after(50 * time.Second)
		require.Len(t, s.reads, was, "it is left alone for a minute")
		s.Read = nil
		s.after(2 * time.Minute)
		require.Equal(t, stock.Units(5), s.model.Level(shelf(17)))
	})
}

// Where every read is refused it is not the refs: the channel fails and rests, instead of asking for each of them.
func TestReadsThatAreAllRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", make([]int64, 100), func(s *stage) {
		s.Read = func(context.Context, []stock.Ref) (stock.Page, error) { return stock.Page{}, failing{} }
		for i := range 100 {
			s.wantRead(webRef(i))
		}
		s.run()
		require.NotEmpty(t, s.worker.Status().Error)
		s.after(10 * time.Minute)
		require.Less(t, len(s.reads), 300)
		s.Read = nil
		s.after(2 * time.Minute)
		require.Empty(t, s.worker.Status().Error)
		for i := range 100 {
			require.Zero(t, s.model.Ref(webRef(i)).Work.Read)
		}
	})
}

// A call that the platform does not take (a dead token) shows in the status although nothing else fails, and is not sent in a
// loop.
func TestUnansweredCallShows(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		dead := true
		s.Send = func(_ context.Context, attempt sent) stock.Answer {
			if dead {
				return stock.Answer{Outcome: stock.NotProcessed, Reason: "HTTP 401: invalid API key"}
			}
			return s.take(attempt)
		}
		s.shows(tillRef(0), 7)
		s.run()
		require.Empty(t, s.worker.Status().Error, "one attempt says little")
		s.after(10 * time.Second)
		require.Contains(t, s.worker.Status().Error, "invalid API key")
		s.after(time.Hour)
		require.Less(t, len(s.calls), 30)
		require.Equal(t, 1, lines(s.logs, "channel fails"))
		dead = false
		s.after(10 * time.Minute)
		require.Empty(t, s.worker.Status().Error)
		require.Equal(t, 1, lines(s.logs, "channel answers again"))
		require.Equal(t, stock.Units(7), s.counters[webRef(0)])
	})
}

// An order that is still not routed wishes for itself again; the note that it was read must stand before it in the batch.
func TestOrdersAreReadUntilTheyAreRouted(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		routed, asked := false, 0
		order := stock.Order{Channel: "web", ID: "900", CreatedAt: time.Now(), UpdatedAt: time.Now(),
			Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Taken: stock.Units(1)}}}
		s.Orders = func(ids []string) (stock.Page, error) {
			asked++
			require.Equal(t, []string{"900"}, ids)
			read := order
			read.Lines = slices.Clone(order.Lines)
			if routed {
				read.Lines[0].Location = "77"
			}
			return stock.Page{Orders: []stock.Order{read}}, nil
		}
		s.worker = s.newWorker("web", orderly{s.platform})
		s.counters[webRef(0)], s.versions[webRef(0)] = stock.Units(7), time.Now()
		s.run()
		s.apply(ledger.Delivered{Event: stock.Event{Channel: "web", Hint: &stock.Hint{Resource: "order/900"}}})
		s.after(15 * time.Second)
		require.GreaterOrEqual(t, asked, 3)
		require.Equal(t, stock.Unit, s.model.Ref(webRef(0)).Unexplained, "the level is right already")
		routed = true
		s.after(time.Minute)
		require.Zero(t, s.model.Ref(webRef(0)).Unexplained)
		was := asked
		s.after(time.Hour)
		require.Equal(t, was, asked, "and then no more")
	})
}

// An order that no rule takes, or that is gone, is not asked for again for ever.
func TestOrdersThatCannotBeApplied(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		asked := 0
		s.Orders = func([]string) (stock.Page, error) {
			asked++
			bad := stock.Order{Channel: "web", ID: "900", Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Taken: -1}}}
			good := stock.Order{Channel: "web", ID: "901", CreatedAt: time.Now(), UpdatedAt: time.Now(),
				Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Location: "77", Taken: stock.Units(1)}}}
			return stock.Page{Orders: []stock.Order{bad, good}}, nil
		}
		s.worker = s.newWorker("web", orderly{s.platform})
		s.run()
		for _, id := range []string{"900", "901", "902"} {
			s.apply(ledger.Delivered{Event: stock.Event{Channel: "web", Hint: &stock.Hint{Resource: "order/" + id}}})
		}
		s.after(time.Minute)
		require.LessOrEqual(t, asked, 3)
		require.Equal(t, -stock.Unit, s.model.Ref(webRef(0)).Unexplained, "the good one explains")
		require.Positive(t, lines(s.logs, "order refused"))
	})
}

// An order whose read the platform refuses does not hold up those that are asked for with it, and is asked for once an hour.
func TestOrderReadRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		refused := 0
		s.Orders = func(ids []string) (page stock.Page, err error) {
			if slices.Contains(ids, "900") {
				refused++
				return page, failing{}
			}
			for _, id := range ids {
				page.Orders = append(page.Orders, stock.Order{Channel: "web", ID: id, CreatedAt: time.Now(), UpdatedAt: time.Now(),
					Lines: []stock.OrderLine{{ID: "1", SoldAs: "variant-I00", Location: "77", Taken: stock.Unit}}})
			}
			return page, nil
		}
		s.worker = s.newWorker("web", orderly{s.platform})
		for _, id := range []string{"900", "901", "902"} {
			s.apply(ledger.Delivered{Event: stock.Event{Channel: "web", Hint: &stock.Hint{Resource: "order/" + id}}})
		}
		s.run()
		s.after(time.Minute)
		require.Equal(t, stock.Units(-2), s.model.Ref(webRef(0)).Unexplained, "the others explain")
		require.Equal(t, 2, refused, "with the others, and alone")
		require.Positive(t, lines(s.logs, "order read refused"))
		s.after(time.Hour)
		require.Equal(t, 4, refused)
	})
}

func TestBellWakesAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8}, func(s *stage) {
		s.run()
		s.after(300 * time.Millisecond)
		began := time.Now()
		s.wantRead(webRef(0))
		s.after(0)
		require.Len(t, s.readAt, 1)
		require.Equal(t, began, s.readAt[0])
	})
}

// A read of what the ledger knows to be marked as sold out looks for the mark, whatever the platform remembers of it; any other does not.
func TestAMarkIsLookedForAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{8, 8}, func(s *stage) {
		soldOut := stock.Reading{Ref: webRef(1), Status: stock.Counted, Quantity: stock.Units(8), Version: s.versions[webRef(1)], SoldOut: stock.IsSoldOut}
		s.apply(ledger.Delivered{Event: stock.Event{Channel: "web", Reading: &soldOut}})
		s.apply(ledger.WantRead{Ref: webRef(0), Reason: "test"}, ledger.WantRead{Ref: webRef(1), Reason: "test"})
		s.run()
		s.after(time.Second)
		require.Equal(t, []stock.Ref{webRef(1)}, s.platform.marks)
	})
}
