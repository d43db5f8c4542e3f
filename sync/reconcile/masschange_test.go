package reconcile_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// elsewhere is what changes without a cause on other shelves of the channel, of 1000 units.
func elsewhere(shelves int, units int64) ledger.PushLoad {
	return ledger.PushLoad{Shelves: shelves, Units: stock.Units(units), Before: stock.Units(1000)}
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
	s.one(ledger.ReleaseBrake{ID: id, By: "anna"})
	require.NotEmpty(t, s.planWith(elsewhere(300, 500), webMug).Key)
	require.Equal(t, s.now.Add(15*time.Minute), s.massBrakes()[0].PassUntil)
	require.Equal(t, "anna", s.massBrakes()[0].ReleasedBy)
	require.Empty(t, s.work(webMug).Uncaused, "what a person let pass does not count again")
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
		require.Equal(t, stock.Units(8), before)
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
