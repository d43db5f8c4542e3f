package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// R8: the other refs first, the authority last, and only it posts the opening.
func TestBaselineOfAShelf(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	require.Equal(t, ledger.Linked, s.state(tillMug).Status)
	require.Zero(t, s.work(tillMug).Read, "a link alone reads nothing")
	s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
	require.Zero(t, s.work(tillMug).Read, "nobody is asked before its turn")
	require.Equal(t, "the authority is read last", s.read(tillMug, 8, at(-100)).Reason)
	require.Equal(t, "baseline needs a second equal reading", s.read(webMug, 5, at(-110)).Reason)
	require.Zero(t, s.work(tillMug).Read)
	s.wait(2)
	require.Equal(t, "baseline needs a second equal reading", s.read(webMug, 5, at(-110)).Reason, "three seconds apart at least")
	s.wait(2)
	require.Equal(t, "baseline", s.read(webMug, 5, at(-110)).Reason)
	require.Equal(t, ledger.Live, s.state(webMug).Status)
	require.Zero(t, s.model.Level(mug), "only the authority posts")
	require.Empty(t, s.plan(webMug).Key, "no push on a shelf without an opening")
	require.Equal(t, s.now, s.work(tillMug).ReadDue, "now it is the authority's turn")
	require.Equal(t, "baseline", s.read(tillMug, 8, at(-100)).Reason)
	s.has(8, 8, 5, 0, 0)
	require.Equal(t, "-8", s.balance(ledger.Opening, ""))
	require.Equal(t, stock.Units(3), s.push(webMug).Rows[0].Delta, "then the others follow")
	s.has(8, 8, 8, 0, 0)
	require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: web, Reason: "has a baseline"}, s.one(ledger.WantBaseline{Ref: webMug}))
}

// The authority's turn comes as soon as it is the last one, whatever becomes of the others.
func TestTurnOfTheAuthority(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]func(s *shop) ledger.Input{
		"missing":   func(s *shop) ledger.Input { return s.ownRead(stock.Reading{Ref: webMug, Status: stock.Missing}) },
		"untracked": func(s *shop) ledger.Input { return s.ownRead(stock.Reading{Ref: webMug, Status: stock.Untracked}) },
		"gone":      func(s *shop) ledger.Input { return s.ownRead(stock.Reading{Ref: webMug, Status: stock.Gone}) },
		"unlinked":  func(*shop) ledger.Input { return ledger.UnlinkRef{Ref: webMug} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.link(mug, tillMug, webMug)
			s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
			require.Zero(t, s.work(tillMug).Read)
			s.one(input(s))
			require.NotZero(t, s.work(tillMug).Read)
			require.Equal(t, s.now, s.work(tillMug).ReadDue)
			require.Equal(t, "baseline", s.read(tillMug, 8, at(-100)).Reason)
			s.has(8, 8, 0, 0, 0)
		})
	}
	t.Run("linked before", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.link(mug, tillMug, webMug)
		s.one(ledger.UnlinkRef{Ref: tillMug})
		s.link(mug, tillMug)
		s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
		s.one(ledger.UnlinkRef{Ref: webMug})
		require.Equal(t, s.now.Add(3*time.Second), s.work(tillMug).ReadDue, "a copy that lags behind may not hold our last push yet")
	})
}

func TestDifferencesCountFromEachRefsOwnBaseline(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: webMug})
	s.read(webMug, 5, at(-110))
	s.wait(4)
	s.read(webMug, 5, at(-110))
	s.deliver(reading(webMug, 4, at(-50)))
	require.Equal(t, "-1", s.model.Level(mug).String(), "sold before the opening is known")
	s.read(tillMug, 8, at(-40))
	s.has(7, 8, 4, 0, 1)
}

func TestBaselineWaitsForNobodyWhoIsMissing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: webMug})
	require.Equal(t, "counter is missing", s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Missing})).Reason)
	require.NotZero(t, s.work(webMug).Read, "it is tried again")
	require.Equal(t, "baseline", s.read(tillMug, 8, at(-100)).Reason)
	s.has(8, 8, 0, 0, 0)
	s.wait(30)
	s.read(webMug, 2, at(-35))
	s.wait(4)
	require.Equal(t, "baseline", s.read(webMug, 2, at(-35)).Reason)
	s.has(8, 8, 2, 0, 0)
}

// What a plan read is the first of the two equal readings, if nothing speaks against it.
func TestBaselineBeginsWithWhatAPlanRead(t *testing.T) {
	t.Parallel()
	seen := func(s *shop) *ledger.Candidate {
		return &ledger.Candidate{Quantity: stock.Units(5), Version: at(-110), ReadAt: s.now.Add(-10 * time.Second)}
	}
	for name, c := range map[string]struct {
		want   func(s *shop) ledger.WantBaseline
		before func(s *shop)
		shows  int64
		order  bool
		taken  bool
	}{
		"equal":               {shows: 5, taken: true},
		"another count":       {shows: 4},
		"an order since then": {shows: 5, order: true},
		"orders are listed too late": {want: func(s *shop) ledger.WantBaseline {
			return ledger.WantBaseline{Ref: webMug, OrdersFrom: s.now, Seen: seen(s)}
		}, shows: 5},
		"of the authority": {want: func(s *shop) ledger.WantBaseline {
			return ledger.WantBaseline{Ref: webMug, Authority: true, Seen: seen(s)}
		}, shows: 5},
		"of a counter out of range": {want: func(s *shop) ledger.WantBaseline {
			return ledger.WantBaseline{Ref: webMug, Seen: &ledger.Candidate{Quantity: stock.Units(10_000_000_001), ReadAt: s.now}}
		}, shows: 5},
		"of what was linked before": {shows: 5, before: func(s *shop) { s.one(ledger.UnlinkRef{Ref: webMug}); s.link(mug, webMug) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.link(mug, webMug)
			if c.before != nil {
				c.before(s)
			}
			want := ledger.WantBaseline{Ref: webMug, OrdersFrom: s.now.Add(-10 * time.Second), Seen: seen(s), SeenAt: s.now.Add(-time.Second)}
			if c.want != nil {
				want = c.want(s)
			}
			s.one(want)
			if c.taken {
				require.Equal(t, s.now.Add(2*time.Second), s.work(webMug).ReadDue, "earlier it is no second reading")
			}
			s.wait(3)
			in := s.ownRead(reading(webMug, c.shows, at(-110)))
			if c.order {
				line := stock.OrderLine{ID: "1", SoldAs: soldAs(webMug), Location: "77", Taken: stock.Units(1)}
				in.Orders = []stock.Order{{Channel: web, ID: "900", CreatedAt: s.now.Add(-9 * time.Second), UpdatedAt: s.now.Add(-9 * time.Second), Lines: []stock.OrderLine{line}}}
			}
			reason := "baseline needs a second equal reading"
			if c.taken {
				reason = "baseline"
			}
			require.Equal(t, reason, s.one(in).Reason)
			if c.taken {
				require.Equal(t, s.now.Add(-13*time.Second-time.Nanosecond), s.state(webMug).Contains, "what came after the first reading is not in it")
			}
		})
	}
}

// The web shop has no history: two equal readings with no order in between.
func TestCandidate(t *testing.T) {
	t.Parallel()
	orderOf := func(taken int64, updated time.Time) stock.Order {
		line := stock.OrderLine{ID: "1", SoldAs: soldAs(webMug), Location: "77", Taken: stock.Units(taken)}
		return stock.Order{Channel: web, ID: "900", CreatedAt: at(-3600), UpdatedAt: updated, Lines: []stock.OrderLine{line}}
	}
	begin := func(t *testing.T) *shop {
		t.Helper()
		s := newShop(t)
		s.link(mug, webMug)
		s.apply(ledger.WantBaseline{Ref: webMug, Authority: true})
		s.read(webMug, 5, at(-110))
		s.wait(4)
		return s
	}
	t.Run("another count begins anew", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		require.Equal(t, "baseline needs a second equal reading", s.read(webMug, 4, at(-58)).Reason)
		s.wait(4)
		require.Equal(t, "baseline", s.read(webMug, 4, at(-58)).Reason)
		require.Equal(t, stock.Units(4), s.model.Level(mug))
	})
	t.Run("another version begins anew", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		require.Equal(t, "baseline needs a second equal reading", s.read(webMug, 5, at(-58)).Reason)
	})
	t.Run("an order in between begins anew", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		require.Equal(t, "baseline needs a second equal reading", s.read(webMug, 5, at(-110), orderOf(2, at(-58))).Reason)
	})
	t.Run("orders of before are booked and explain nothing", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		before := orderOf(2, at(-600))
		require.Equal(t, "baseline", s.read(webMug, 5, at(-110), before).Reason)
		require.Equal(t, ledger.Duplicate, s.deliver(before).Ending)
		require.Equal(t, stock.Units(5), s.model.Level(mug))
		require.Equal(t, "explained", s.deliver(orderOf(3, at(5))).Reason, "only the increase")
		require.Equal(t, "1", s.balance(ledger.Sold, "web"))
	})
}

func TestBaselineContainsARecount(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true})
	s.read(tillMug, 8, at(-100), recount("R1", 8, at(-100), at(-100)), recount("R0", 9, at(-200), at(-150)))
	require.Equal(t, "R1", s.state(tillMug).Contained.Key)
	offline := sold("A1", 1, at(-110))
	offline.ChannelTime = at(60)
	require.Equal(t, "before baseline: absorbed by a recount that the baseline contains", s.deliver(offline).Reason)
	later := sold("A2", 1, at(-90))
	later.ChannelTime = at(60)
	require.Equal(t, "explained", s.deliver(later).Reason)
}

// Tracking switched off forgets expected; switched on again it begins with a baseline and posts no second opening.
func TestUntrackedAndTrackedAgain(t *testing.T) {
	t.Parallel()
	for _, ref := range []stock.Ref{tillMug, webMug} {
		s := openShop(t, 8)
		off := stock.Reading{Ref: ref, Status: stock.Untracked, Version: at(1)}
		require.Equal(t, "not tracked", s.one(s.ownRead(off)).Reason)
		require.Equal(t, ledger.Untracked, s.state(ref).Status)
		require.Zero(t, s.expected(ref))
		require.Equal(t, stock.Units(8), s.model.Level(mug), "the units are still there")
		entries := len(s.model.Entries())
		s.one(s.ownRead(off))
		require.Len(t, s.model.Entries(), entries, "recorded once")
		require.Empty(t, s.plan(ref).Key)
		s.wait(60)
		var history []any
		if ref == tillMug {
			history = append(history, sold("A1", 1, at(50)))
		}
		s.read(ref, 30, at(50), history...)
		s.wait(4)
		s.read(ref, 30, at(50), history...)
		require.Equal(t, ledger.WaitsToJoin, s.state(ref).Status, "%s", ref)
		require.Equal(t, stock.Units(30), s.expected(ref))
		require.Equal(t, stock.Units(8), s.model.Level(mug))
		require.Equal(t, "-8", s.balance(ledger.Opening, ""), "no second opening")
		require.Empty(t, s.plan(ref).Key)
	}
}

// An order that comes while an item tracked again waits for its baseline may come after what that baseline contains.
func TestOrderBesideTheBaselineOfAnItemTrackedAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Untracked, Version: at(1)}))
	s.deliver(webOrder(at(2), line("1", 1)))
	s.wait(60)
	s.read(webMug, 8, at(50))
	s.wait(4)
	answer := s.ownRead(reading(webMug, 8, at(50)), webOrder(at(2), line("1", 1)))
	late := webOrder(at(64), line("2", 2))
	late.ID, late.CreatedAt = "901", at(64)
	require.Equal(t, "waiting for the baseline", s.deliver(late).Reason)
	require.Equal(t, "baseline", s.one(answer).Reason)
	s.deliver(reading(webMug, 6, at(64)))
	require.Equal(t, "explained", s.deliver(late).Reason)
	require.Equal(t, ledger.Duplicate, s.deliver(webOrder(at(2), line("1", 1))).Ending)
	s.has(6, 8, 6, 0, 0)
}

// A history that lacks the count's last change may lack a recount too: the baseline waits for it, but not for ever, for some
// changes never stand there.
func TestBaselineWaitsForHistory(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true})
	read := func(facts ...any) ledger.Disposition {
		in := s.ownRead(reading(tillMug, 8, at(-100)), facts...)
		in.FeedFrom = at(-7 * 24 * 3600)
		return s.one(in)
	}
	repeated := 0
	for read(sold("A1", 1, at(-101))).Ending == ledger.Repeat {
		repeated++
		s.wait(1)
	}
	require.Equal(t, 3, repeated)
	require.Equal(t, ledger.Live, s.state(tillMug).Status)
	s.apply(ledger.UnlinkRef{Ref: tillMug})
	s.link(mug, tillMug)
	require.Equal(t, ledger.Done, read(recount("R1", 8, at(-100), at(-100))).Ending, "a history that has the change is waited for by nobody")
}

func TestLink(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	link := ledger.LinkRef{Ref: webMug, Shelf: mug, SoldAs: soldAs(webMug)}
	require.Equal(t, ledger.Duplicate, s.one(link).Ending)
	other := link
	other.Shelf = cup
	require.ErrorIs(t, s.refuse(other), reconcile.ErrInput)
	other = link
	other.SoldAs = "another variant"
	require.ErrorIs(t, s.refuse(other), reconcile.ErrInput)
	require.ErrorIs(t, s.refuse(ledger.WantBaseline{Ref: webCup}), ledger.ErrNotFound)
	second := stock.Ref{Channel: web, Item: "I7", Location: "77"}
	s.link(mug, second)
	require.NotNil(t, s.work(second).Baseline, "on an open shelf it begins by itself")
	require.False(t, s.work(second).Baseline.Authority)
	s.read(second, 20, at(-30))
	s.wait(4)
	s.read(second, 20, at(-30))
	s.has(8, 8, 8, 0, 0)
	require.Equal(t, ledger.WaitsToJoin, s.state(second).Status)
	require.Empty(t, s.plan(second).Key, "nothing is pushed to it")
}

func TestUnlink(t *testing.T) {
	t.Parallel()
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		require.Equal(t, "unlinked", s.one(ledger.UnlinkRef{Ref: webMug}).Reason)
		require.Equal(t, ledger.Unlinked, s.state(webMug).Status)
		s.has(8, 8, 0, 0, 0)
		require.Equal(t, ledger.Duplicate, s.one(ledger.UnlinkRef{Ref: webMug}).Ending)
		require.Equal(t, ledger.Duplicate, s.one(ledger.UnlinkRef{Ref: webCup}).Ending)
	})
	t.Run("while in flight", func(t *testing.T) {
		t.Parallel()
		for outcome, expects := range map[stock.Outcome]string{stock.Applied: "call applied", stock.Refused: "call refused"} {
			s, call := plannedWeb(t)
			require.Equal(t, "unlinked once its call is definite", s.one(ledger.UnlinkRef{Ref: webMug}).Reason)
			require.Equal(t, ledger.Live, s.state(webMug).Status)
			s.answer(call, stock.Unknown)
			require.Equal(t, ledger.Live, s.state(webMug).Status)
			require.Equal(t, expects, s.answer(call, outcome).Reason)
			require.Equal(t, ledger.Unlinked, s.state(webMug).Status)
			require.Zero(t, s.work(webMug).Read)
			s.has(7, 7, 0, 1, 0)
		}
	})
	t.Run("and link again while in flight", func(t *testing.T) {
		t.Parallel()
		s, call := plannedWeb(t)
		s.one(ledger.UnlinkRef{Ref: webMug})
		link := ledger.LinkRef{Ref: webMug, Shelf: cup, SoldAs: soldAs(webMug)}
		require.ErrorContains(t, s.refuse(link), "until its call is definite")
		link.Shelf = mug
		require.Equal(t, "stays linked", s.one(link).Reason)
		require.Equal(t, ledger.Duplicate, s.one(link).Ending)
		s.answer(call, stock.Applied)
		require.Equal(t, ledger.Live, s.state(webMug).Status, "the last word counts")
		s.has(7, 7, 7, 1, 0)
	})
	t.Run("and link again", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.deliver(reading(webMug, 7, at(1)))
		s.one(ledger.UnlinkRef{Ref: webMug})
		s.link(mug, webMug)
		require.Equal(t, ledger.Linked, s.state(webMug).Status)
		s.read(webMug, 3, at(5))
		s.wait(4)
		s.read(webMug, 3, at(5))
		s.has(7, 8, 3, 0, 1)
	})
	t.Run("and link again at once", func(t *testing.T) {
		t.Parallel()
		for _, shelf := range []stock.Shelf{mug, cup} {
			s, call := plannedWeb(t)
			require.Equal(t, "call applied", s.answer(call, stock.Applied).Reason)
			s.one(ledger.UnlinkRef{Ref: webMug})
			s.link(shelf, webMug)
			s.apply(ledger.WantBaseline{Ref: webMug})
			require.Equal(t, s.now.Add(3*time.Second), s.work(webMug).ReadDue, "a copy that lags behind may not hold our last push yet")
		}
	})
	t.Run("and link to another shelf", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.one(ledger.UnlinkRef{Ref: webMug})
		s.link(cup, webMug)
		require.Equal(t, cup, s.state(webMug).Shelf)
		require.Equal(t, stock.Units(8), s.model.Level(mug))
	})
}

// A new installation reads and reports; it pushes nothing before its shelves have an opening.
func TestObserving(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug}, ledger.WantBaseline{Ref: webMug})
	s.read(tillMug, 8, at(-100))
	s.read(webMug, 5, at(-110))
	s.wait(4)
	s.read(webMug, 5, at(-110))
	s.deliver(reading(webMug, 3, at(-10)))
	s.has(-2, 8, 3, 0, 2)
	require.Empty(t, s.plan(webMug).Key)
	require.Empty(t, s.plan(tillMug).Key)
	require.Equal(t, []string{"observing"}, s.brakes())
}
