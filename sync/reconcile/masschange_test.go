package reconcile_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// elsewhere is what changes without a cause on other shelves of the channel, of 1000 units.
func elsewhere(shelves int, units int64) ledger.PushLoad {
	return ledger.PushLoad{Shelves: shelves, Units: stock.Units(units), Before: stock.Units(1000), Stocked: 1000}
}

func (s *shop) massBrakes() []ledger.Brake {
	s.Helper()
	stored, err := s.model.StoredBrakes(context.Background())
	require.NoError(s, err)
	return stored
}

func TestMassChangeLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		load   ledger.PushLoad
		reason string
	}{
		"nothing else":                       {ledger.PushLoad{}, ""},
		"as many as may change":              {elsewhere(249, 200), ""},
		"one too many":                       {elsewhere(250, 200), "251 shelves change without a cause within 10 minutes, the limit is 250"},
		"as many units as may change":        {elsewhere(5, 299), ""},
		"one unit too many":                  {elsewhere(5, 300), "301 units of change without a cause within 10 minutes, the limit is 30 % of the 1000 units before"},
		"much of a shop, but two shelves":    {elsewhere(1, 900), ""},
		"much of a shop, and three shelves":  {elsewhere(2, 900), "901 units of change without a cause within 10 minutes, the limit is 30 % of the 1000 units before"},
		"a shop that had nothing":            {ledger.PushLoad{Shelves: 3, Units: stock.Unit}, "2 units of change without a cause within 10 minutes, the limit is 30 % of the 0 units before"},
		"sums that stay at the range's ends": {ledger.PushLoad{Shelves: 3, Units: 1<<63 - 1, Before: 1<<63 - 1}, "92233720368547.75807 units of change without a cause within 10 minutes, the limit is 30 % of the 92233720368547.75807 units before"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.deliver(reading(tillMug, 7, at(1)))
			held := s.planWith(c.load, webMug).Key == ""
			require.Equal(t, c.reason != "", held)
			if held {
				require.Equal(t, c.reason, s.massBrakes()[0].Evidence["reason"])
				require.Equal(t, c.load.Before, s.massBrakes()[0].Quantity)
			}
		})
	}
}

func TestMassChangeIsReleased(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	s.deliver(reading(webMug, 7, at(2)))
	require.NotEmpty(t, s.plan(tillMug).Key, "other channels go on")
	s.has(6, 7, 7, 1, 1)
	id := s.massBrakes()[0].ID
	require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: id, By: "anna", Correct: true}), ledger.ErrNotFound, "there is nothing to correct")
	require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: "another", By: "anna"}), ledger.ErrNotFound)
	s.one(ledger.ReleaseBrake{ID: id, By: "anna", Shown: shown(-1)})
	require.NotEmpty(t, s.plan(webMug).Key)
	require.Equal(t, s.now.Add(15*time.Minute), s.massBrakes()[0].PassUntil)
	require.Equal(t, "anna", s.massBrakes()[0].ReleasedBy)
	require.Zero(t, s.change(webMug), "what a person let pass does not count again")
	require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: id, By: "anna"}), ledger.ErrNotFound, "not twice")
	require.ErrorIs(t, s.refuse(ledger.EngageBrake{Brake: ledger.Brake{ID: "x", Kind: ledger.TypedTwice}}), reconcile.ErrInput)
}

// What a baseline wants pushed is held also after the level had come to what the counter shows, and went back.
func TestMassChangeHoldsABaselineAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
	s.read(webMug, 3, at(-120))
	s.wait(5)
	s.read(webMug, 3, at(-120))
	s.read(tillMug, 11, at(-120))
	s.now = at(0)
	require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	s.read(tillMug, 3, at(1))
	require.False(t, s.work(webMug).Push)
	s.read(tillMug, 11, at(2))
	s.read(tillMug, 11, at(2))
	require.Nil(t, s.work(tillMug).RaiseUnconfirmed, "no other brake holds it")
	require.True(t, s.work(webMug).Push)
	require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
}

// The units before the window are those before the damage, also of a shelf that sold shortly before the window began.
func TestMassChangeIsMeasuredByTheLevelBefore(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	s.wait(8 * 60)
	s.deliver(reading(tillMug, 27, s.now))
	for range 3 {
		before, err := s.model.UnitsBefore(context.Background(), web, reconcile.MassChangeOf(web, nil, s.now).Before())
		require.NoError(t, err)
		require.Equal(t, ledger.PushLoad{Before: stock.Units(8), Stocked: 1}, before)
		s.wait(4 * 60)
	}
}

// What was held when the brake was engaged goes as soon as it is explained; the brake ends when the rest is no mass change any more.
func TestMassChangeEndsByItself(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 5, at(1)))
	require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	s.deliver(sold("A1", 2, at(1)))
	require.Equal(t, stock.Units(-2), s.planWith(elsewhere(299, 299), webMug).Rows[0].Delta, "two of three were sold")
	require.True(t, s.massBrakes()[0].ReleasedAt.IsZero())
	s.planWith(elsewhere(10, 290), webMug)
	require.Equal(t, "evenstock", s.massBrakes()[0].ReleasedBy)
	require.Zero(t, s.massBrakes()[0].PassUntil, "nothing passes that a new one would hold")
}

// What a ref remembers of changes without a cause on the other counters of its shelf.
func TestUncaused(t *testing.T) {
	t.Parallel()
	uncaused := func(s *shop) (list []int64) {
		for _, u := range s.work(webMug).Uncaused {
			list = append(list, int64(u.Quantity/stock.Unit))
		}
		return list
	}
	for name, c := range map[string]struct {
		do   func(s *shop)
		want []int64
	}{
		"its own changes are none":     {func(s *shop) { s.deliver(reading(webMug, 5, at(1))) }, nil},
		"another counter's are":        {func(s *shop) { s.deliver(reading(tillMug, 5, at(1))) }, []int64{-3}},
		"explained afterwards":         {func(s *shop) { s.deliver(reading(tillMug, 5, at(1))); s.deliver(sold("A", 3, at(1))) }, nil},
		"explained beforehand":         {func(s *shop) { s.deliver(sold("A", 3, at(1))); s.deliver(reading(tillMug, 5, at(1))) }, nil},
		"explained in part":            {func(s *shop) { s.deliver(reading(tillMug, 5, at(1))); s.deliver(sold("A", 2, at(1))) }, []int64{-1}},
		"put back":                     {func(s *shop) { s.read(tillMug, 5, at(1)); s.read(tillMug, 8, at(2)) }, nil},
		"put back in part":             {func(s *shop) { s.read(tillMug, 0, at(1)); s.read(tillMug, 6, at(2)) }, []int64{-2}},
		"a cause told long before":     {func(s *shop) { s.deliver(sold("A", 3, at(1))); s.wait(90); s.deliver(reading(tillMug, 5, s.now)) }, []int64{-3}},
		"pushed, and still remembered": {func(s *shop) { s.read(tillMug, 5, at(1)); s.push(webMug) }, []int64{-3}},
		"pushed a day ago": {func(s *shop) {
			s.read(tillMug, 5, at(1))
			s.push(webMug)
			s.wait(25 * 3600)
			s.read(tillMug, 4, s.now)
		}, []int64{-1}},
		"wanted for a day": {func(s *shop) { s.deliver(reading(tillMug, 5, at(1))); s.wait(25 * 3600); s.read(tillMug, 4, s.now) }, []int64{-3, -1}},
		"goods counted twice, put right": {func(s *shop) {
			s.read(tillMug, 18, at(1))
			s.read(webMug, 18, at(2))
			s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/10", Shelf: mug, By: "anna", Correct: true})
		}, []int64{10}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			c.do(s)
			require.Equal(t, c.want, uncaused(s))
		})
	}
	t.Run("many are added up", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		for i := range 40 {
			s.read(tillMug, int64(7-i), at(float64(i+1)))
		}
		list := uncaused(s)
		require.Len(t, list, 16)
		require.EqualValues(t, -25, list[0]+list[1]-list[1])
	})
	t.Run("a refused push carries nothing", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(tillMug, 5, at(1))
		call := s.plan(webMug)
		require.True(t, s.work(webMug).Uncaused[0].Pushed)
		s.answer(call, stock.Refused)
		require.False(t, s.work(webMug).Uncaused[0].Pushed)
	})
}

func shown(units int64) []ledger.PlannedPush {
	return []ledger.PlannedPush{{Ref: webMug, Quantity: stock.Units(units)}}
}

// change is what of a counter counts for the brake.
func (s *shop) change(ref stock.Ref) stock.Quantity {
	s.Helper()
	return reconcile.MassChangeOf(ref.Channel, s.massBrakes(), s.now).Change(s.model.Ref(ref))
}

// One article with many units does not hide what becomes of all others: each shelf counts by the part of its own units that changes.
func TestMassChangeByParts(t *testing.T) {
	t.Parallel()
	limits := reconcile.Limits{MaxShelves: 250, MaxPercent: 30}
	for name, c := range map[string]struct {
		changes [][2]int64 // by how much, of how many
		heaps   int        // articles of 9,999 that stay
		held    bool
	}{
		"a third of the articles emptied":       {[][2]int64{{-5, 5}, {-5, 5}, {-5, 5}, {-5, 5}}, 9, true},
		"too few":                               {[][2]int64{{-5, 5}, {-5, 5}, {-5, 5}}, 9, false},
		"halved":                                {[][2]int64{{-3, 5}, {-3, 5}, {-3, 5}, {-3, 5}}, 1, true},
		"a little of each":                      {[][2]int64{{-1, 5}, {-1, 5}, {-1, 5}, {-1, 5}}, 1, false},
		"raised above what was there":           {[][2]int64{{20, 5}, {20, 5}, {20, 5}}, 4, true}, // four fifths of each
		"raised from none":                      {[][2]int64{{1, 0}, {1, 0}, {1, 0}}, 4, true},
		"up and down at once":                   {[][2]int64{{-5, 5}, {-5, 5}, {5, 5}, {5, 5}}, 5, true},
		"below zero":                            {[][2]int64{{-9, 5}, {-9, 5}, {-9, 5}}, 4, true},
		"as far as a quantity goes":             {[][2]int64{{-1, 2}, {-1, 2}, {math.MinInt64 / int64(stock.Unit), math.MaxInt64 / int64(stock.Unit)}}, 1, true},
		"two articles are never a mass of them": {[][2]int64{{-5, 5}, {-5, 5}}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var load ledger.PushLoad
			for _, change := range c.changes {
				load.Add(stock.Units(change[0]), stock.Units(change[1]))
				load.AddBefore(stock.Units(change[1]))
			}
			for range c.heaps {
				load.AddBefore(stock.Units(9999))
			}
			require.Equal(t, c.held, limits.Exceeded(load), "%+v", load)
		})
	}
}

// A release is about what a person was shown, and as much again of it. What else changes is judged as ever, and so is what goes back.
func TestReleaseIsAboutWhatWasShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then  func(s *shop)
		wants int64 // what counts then
	}{
		"as shown":                   {func(*shop) {}, 0},
		"as much again":              {func(s *shop) { s.read(tillMug, 16, at(2)) }, 0},
		"more than as much again":    {func(s *shop) { s.read(tillMug, 13, at(2)) }, -3},
		"again and again":            {func(s *shop) { s.read(tillMug, 16, at(2)); s.push(webMug); s.read(tillMug, 14, at(3)) }, -2},
		"put back":                   {func(s *shop) { s.read(tillMug, 20, at(2)); s.read(tillMug, 20, at(2)) }, 2},
		"as much again, but later":   {func(s *shop) { s.wait(16 * 60); s.read(tillMug, 16, s.now) }, -2},
		"a cause is told afterwards": {func(s *shop) { s.deliver(sold("A", 2, at(1))); s.read(tillMug, 16, at(2)) }, -2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 20)
			s.deliver(reading(tillMug, 18, at(1)))
			require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
			s.one(ledger.ReleaseBrake{ID: s.massBrakes()[0].ID, By: "anna", Shown: shown(-2)})
			s.push(webMug)
			c.then(s)
			require.Equal(t, stock.Units(c.wants), s.change(webMug))
			if c.wants != 0 {
				s.wait(1)
				s.planWith(elsewhere(300, 500), webMug)
				require.Len(t, s.massBrakes(), 2, "it holds again")
			}
		})
	}
	t.Run("what grew unseen", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 20)
		s.deliver(reading(tillMug, 18, at(1)))
		require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
		s.deliver(reading(tillMug, 10, at(2)))
		s.one(ledger.ReleaseBrake{ID: s.massBrakes()[0].ID, By: "anna", Shown: shown(-2)})
		require.Equal(t, stock.Units(-6), s.change(webMug))
		require.Equal(t, stock.Units(-4), s.planWith(elsewhere(300, 500), webMug).Rows[0].Delta, "two were shown, and as much again")
	})
}

// A call that was planned by another state of the brake than that of now is planned again: what it adds up is of another window.
func TestMassChangeIsJudgedByTheStateOfNow(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 5, at(1)))
	require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	engaged := s.massBrakes()[0]
	call := ledger.PlanCall{Channel: web, Key: "late", Refs: []stock.Ref{webMug}, OccurredAt: s.now, Since: s.now.Add(-time.Hour), Load: ledger.PushLoad{Shelves: 4, Units: stock.Units(4)}}
	require.Equal(t, ledger.Repeat, s.one(call).Ending, "it knew of no brake")
	require.True(t, s.massBrakes()[0].ReleasedAt.IsZero())
	s.one(ledger.ReleaseBrake{ID: engaged.ID, By: "anna"})
	call.Brake = engaged.ID
	require.Equal(t, ledger.Repeat, s.one(call).Ending, "the brake is released")
	require.Len(t, s.massBrakes(), 1, "no brake of 5 of 0 units")
}

// What only the word of who wrote it stands behind explains in the books, and no mass change.
func TestUnprovenIsNoCause(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		s := openShop(t, 8)
		row := sold("A", 3, at(1))
		row.Evidence = stock.Evidence{stock.EvidenceUnproven: "only the word of who wrote it"}
		if first {
			s.deliver(row)
		}
		s.deliver(reading(tillMug, 5, at(1)))
		if !first {
			s.deliver(row)
		}
		require.Zero(t, s.model.Ref(tillMug).Unexplained)
		require.Equal(t, stock.Units(-3), s.change(webMug))
		require.Empty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	}
}
