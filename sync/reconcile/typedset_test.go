package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Two persons who count the same goods and type the counts in, neither knowing of the other, have typed them in twice, even where one of
// them miscounted by one.
func TestCountsOfTheSameGoods(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    func(s *shop)
		asked []string
	}{
		"one of the two miscounted": {func(s *shop) {
			s.read(webMug, 44, s.now)
			s.wait(90)
			s.read(tillMug, 43, s.now)
		}, []string{"typed-twice/mug/main/till/35"}},
		"and the other one was first": {func(s *shop) {
			s.read(tillMug, 43, s.now)
			s.wait(90)
			s.read(webMug, 44, s.now)
		}, []string{"typed-twice/mug/main/till/35"}},
		"before our push came": {func(s *shop) {
			s.read(webMug, 44, s.now)
			s.read(webMug, 44, s.now)
			call := s.push(tillMug)
			s.read(tillMug, 43+36, s.now, ownRow(call, s.now))
		}, []string{"typed-twice/mug/main/till/35"}},
		"miscounted by two": {func(s *shop) { s.read(webMug, 44, s.now); s.read(tillMug, 42, s.now) }, nil},
		"one of a few":      {func(s *shop) { s.read(webMug, 12, s.now); s.read(tillMug, 11, s.now) }, nil},
		"the till had our push, so its person typed in what came": {func(s *shop) {
			s.read(webMug, 44, s.now)
			s.read(webMug, 44, s.now)
			call := s.push(tillMug)
			s.wait(1)
			s.read(tillMug, 44, s.now, ownRow(call, s.now))
			s.wait(300)
			s.read(tillMug, 79, s.now)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(3600)
			c.do(s)
			require.Equal(t, c.asked, s.typedTwice(mug, tillMug, webMug))
		})
	}
}

// Two persons who count the same shelf down, neither knowing of the other, take it off twice, even where one of them miscounted by one or
// something was sold between the two counts.
func TestCountsDownOfTheSameGoods(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		began int64
		do    func(s *shop)
		asked string
		level int64
	}{
		"one apart": {41, func(s *shop) { s.read(tillMug, 3, s.now); s.read(webMug, 2, s.now) }, "web/-39", 3},
		"and the larger count came later": {46, func(s *shop) {
			s.wait(1800)
			s.read(tillMug, 30, s.now.Add(-300*time.Second))
			s.read(webMug, 31, s.now.Add(-240*time.Second))
		}, "till/-16", 31},
		"sold at the till between the two counts": {53, func(s *shop) {
			s.read(tillMug, 25, s.now)
			s.wait(1)
			s.read(tillMug, 24, s.now, sold("A1", 1, s.now))
			s.read(webMug, 24, s.now)
		}, "web/-29", 24},
		"three, told before the till showed them": {53, func(s *shop) {
			s.read(tillMug, 25, s.now)
			s.wait(1)
			s.deliver(sold("A1", 3, s.now))
			s.read(tillMug, 22, s.now)
			s.read(webMug, 22, s.now)
		}, "web/-31", 22},
		"three in two sales, and the web counted between them": {53, func(s *shop) {
			s.read(tillMug, 25, s.now)
			s.wait(1)
			s.read(tillMug, 23, s.now, sold("A1", 2, s.now))
			s.read(webMug, 23, s.now)
			s.wait(1)
			s.read(tillMug, 22, s.now, sold("A2", 1, s.now))
		}, "web/-30", 22},
		"the reading of the till's count shows the sale, and the web was counted before it": {53, func(s *shop) {
			s.read(webMug, 25, s.now)
			s.read(tillMug, 22, s.now, sold("A1", 3, s.now))
		}, "web/-28", 22},
		"sold on the web between the two counts": {53, func(s *shop) {
			s.read(tillMug, 25, s.now)
			s.wait(1)
			s.deliver(webOrder(s.now, line("1", 2)))
			s.read(webMug, 51, s.now)
			s.wait(1)
			s.read(webMug, 23, s.now)
		}, "web/-28", 23},
		"after our push had been sent, before it came": {41, func(s *shop) {
			s.read(tillMug, 3, s.now)
			s.wait(6)
			s.push(webMug)
			s.read(webMug, 2-38, s.now)
		}, "web/-39", 3},
		"two apart":    {41, func(s *shop) { s.read(tillMug, 4, s.now); s.read(webMug, 2, s.now) }, "", 4 + 2 - 41},
		"one of a few": {12, func(s *shop) { s.read(tillMug, 4, s.now); s.read(webMug, 3, s.now) }, "", 4 + 3 - 12},
		"sold at both": {41, func(s *shop) {
			s.read(tillMug, 20, s.now, sold("A1", 21, s.now))
			s.deliver(webOrder(s.now, line("1", 20)))
			s.read(webMug, 21, s.now)
		}, "", 0},
		"two apart, and much was sold since": {35, func(s *shop) {
			s.read(tillMug, 15, s.now)
			s.wait(1)
			s.deliver(webOrder(s.now, line("1", 2)))
			s.read(webMug, 33, s.now)
			s.wait(1)
			s.read(tillMug, 8, s.now, sold("A1", 7, s.now))
			s.read(webMug, 11, s.now)
		}, "", 35 - 20 - 2 - 7 - 22},
		"half an hour apart": {41, func(s *shop) {
			s.read(tillMug, 3, s.now)
			s.wait(1800)
			s.read(webMug, 2, s.now)
		}, "", 3 + 2 - 41},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, c.began)
			s.wait(3600)
			c.do(s)
			asked := s.typedTwice(mug, tillMug, webMug)
			if c.asked == "" {
				require.Empty(t, asked)
				require.Equal(t, stock.Units(c.level), s.model.Level(mug))
				return
			}
			require.Equal(t, []string{"typed-twice/mug/main/" + c.asked}, asked)
			if c.began == 41 {
				brakes := s.brakesOf(mug, tillMug, webMug)
				evidence := brakes[slices.IndexFunc(brakes, func(b ledger.Brake) bool { return b.ID == asked[0] })].Evidence
				require.Equal(t, []string{"39", "3", "2"}, []string{evidence["fall"], evidence["count"], evidence["doubted_count"]})
			}
			s.wait(600)
			for _, ref := range []stock.Ref{tillMug, webMug} {
				shown := s.expected(ref)
				if call := s.plan(ref); call.Key != "" {
					s.answer(call, stock.Applied)
				}
				require.GreaterOrEqual(t, s.expected(ref), min(0, shown), "nothing is pushed below zero")
			}
			s.one(ledger.ReleaseBrake{ID: asked[0], Shelf: mug, By: "anna", Correct: true})
			require.Equal(t, stock.Units(c.level), s.model.Level(mug))
			require.Empty(t, s.typedTwice(mug, tillMug, webMug))
		})
	}
}

// A person who finds an oversold shelf empty counts zero at the till: no goods came. Where both counters are set to zero the level
// would rise twice.
func TestCountOfAnEmptyShelfIsNoGoods(t *testing.T) {
	t.Parallel()
	empty := func(s *shop) any { return recount("R1", 0, s.now, s.now) }
	for name, c := range map[string]struct {
		do    func(s *shop)
		asked []string
	}{
		"and goods came on the web": {func(s *shop) {
			s.read(tillMug, 0, s.now, empty(s))
			s.wait(60)
			s.read(webMug, 1, s.now)
		}, nil},
		"counted before anybody said so": {func(s *shop) {
			s.deliver(reading(tillMug, 0, s.now))
			s.read(webMug, 1, s.now)
			s.wait(1)
			s.read(tillMug, 0, s.now.Add(-time.Second), recount("R1", 0, s.now.Add(-time.Second), s.now.Add(-time.Second)))
		}, nil},
		"and both are set to zero": {func(s *shop) {
			s.read(tillMug, 0, s.now, empty(s))
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/4"}},
		"goods came that made it zero": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(60)
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/4"}},
		"a count of some goods": {func(s *shop) {
			s.read(tillMug, 4, s.now, recount("R1", 4, s.now, s.now))
			s.read(webMug, 4, s.now)
		}, []string{"typed-twice/mug/main/web/8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			s.read(tillMug, -4, s.now, sold("A1", 12, s.now))
			s.wait(10)
			s.push(webMug)
			s.wait(1)
			s.read(webMug, -4, s.now)
			s.wait(3600)
			if name == "and goods came on the web" || name == "counted before anybody said so" {
				s.deliver(webOrder(s.now, line("1", 1)))
				s.read(webMug, -3, s.now)
				s.wait(10)
			}
			c.do(s)
			require.Equal(t, c.asked, s.typedTwice(mug, tillMug, webMug))
		})
	}
}

// A transfer that is typed in on both channels moves twice as many: each of its places asks.
func TestTransferTypedInOnBothChannels(t *testing.T) {
	t.Parallel()
	s := twoPlaces(t)
	for _, from := range []stock.Ref{tillAnnexMug, webAnnexMug} {
		s.read(from, 3, s.now)
		s.wait(5)
	}
	s.read(tillMug, 13, s.now)
	s.wait(5)
	s.read(webMug, 13, s.now)
	require.Equal(t, []string{"typed-twice/mug/main/web/5"}, s.typedTwice(mug, tillMug, webMug))
	require.Equal(t, []string{"typed-twice/mug/annex/web/-5"}, s.typedTwice(annexMug, tillAnnexMug, webAnnexMug))
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/5", Shelf: mug, By: "anna", Correct: true})
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/annex/web/-5", Shelf: annexMug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(13), s.model.Level(mug))
	require.Equal(t, stock.Units(3), s.model.Level(annexMug))
}

// Two units that moved on both channels may be two transfers.
func TestSmallTransfersMeetByChance(t *testing.T) {
	t.Parallel()
	s := twoPlaces(t)
	for _, move := range []struct{ from, to stock.Ref }{{tillAnnexMug, tillMug}, {webAnnexMug, webMug}} {
		s.read(move.from, 6, s.now)
		s.read(move.to, 10, s.now)
	}
	require.Empty(t, s.typedTwice(mug, tillMug, webMug))
	require.Empty(t, s.typedTwice(annexMug, tillAnnexMug, webAnnexMug))
}

// A question that ends because one of its counters is unlinked leaves a finding: the level may hold the goods twice.
func TestUnlinkingEndsAQuestionWithAFinding(t *testing.T) {
	t.Parallel()
	for _, ref := range []stock.Ref{tillMug, webMug} {
		s := openShop(t, 8)
		s.wait(60)
		s.read(tillMug, 28, s.now)
		s.read(webMug, 28, s.now)
		asked := s.typedTwice(mug, tillMug, webMug)
		require.Len(t, asked, 1)
		s.findings = nil
		s.one(ledger.UnlinkRef{Ref: ref})
		require.Len(t, s.findings, 1)
		require.Equal(t, reconcile.ClassDropped, s.findings[0].Class)
		require.Equal(t, mug, s.findings[0].Shelf)
		require.Equal(t, "20", s.findings[0].Evidence["raise"])
	}
}

// Unlinking a counter that nobody is asked about tells nothing.
func TestUnlinkingWithoutAQuestionTellsNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.one(ledger.UnlinkRef{Ref: webMug})
	require.Empty(t, s.findings)
}

// Every counter of the web is set to zero, and those of the till ten seconds later: the shelves are empty once.
func TestBothChannelsAreSetToZero(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	cups := stock.Shelf{Item: "cup", Location: "main"}
	s.open(cups, 5, tillCup, webCup)
	s.wait(3600)
	s.read(webMug, 0, s.now)
	s.read(webCup, 0, s.now)
	s.wait(10)
	s.read(tillMug, 0, s.now)
	s.read(tillCup, 0, s.now)
	s.wait(600)
	for shelf, refs := range map[stock.Shelf][]stock.Ref{mug: {tillMug, webMug}, cups: {tillCup, webCup}} {
		asked := s.typedTwice(shelf, refs...)
		require.Len(t, asked, 1)
		for _, ref := range refs {
			require.Empty(t, s.plan(ref).Key, "nothing goes below zero")
		}
		s.one(ledger.ReleaseBrake{ID: asked[0], Shelf: shelf, By: "anna", Correct: true})
		require.Zero(t, s.model.Level(shelf))
	}
}

// Goods that are typed in on both listings of a channel that share a shelf came once, and so does a count of none.
func TestSharedShelfTypedInOnBothListings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to     int64
		asked  string
		really int64
	}{
		"goods": {23, "typed-twice/mug/main/till/10", 23},
		"none":  {0, "typed-twice/mug/main/till/-13", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shared(t)
			s.read(tillMug, 10, at(-120))
			s.read(tillMug2, 3, at(-120))
			refs := []stock.Ref{tillMug, tillMug2, webMug}
			for _, ref := range refs {
				call := s.push(ref)
				s.wait(1)
				s.read(ref, 13, s.now, ownRow(call, s.now))
			}
			s.wait(3600)
			s.read(tillMug, c.to, s.now)
			s.wait(20)
			s.read(tillMug2, c.to, s.now)
			require.Equal(t, []string{c.asked}, s.typedTwice(mug, refs...))
			s.one(ledger.ReleaseBrake{ID: c.asked, Shelf: mug, By: "anna", Correct: true})
			require.Equal(t, stock.Units(c.really), s.model.Level(mug))
		})
	}
}
