package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// marked is a delivered reading of the mug at the till, which shows what is expected.
func (s *shop) marked(ref stock.Ref, units int64, mark stock.SoldOut) ledger.Disposition {
	s.Helper()
	shows := reading(ref, units, s.state(ref).Version)
	shows.SoldOut = mark
	return s.deliver(shows)
}

// TestSoldOutElsewhere: while the till marks the mug as sold out the web shows none of it, and the level stays; the till, whose mark it
// is, and the same mark of a channel whose mark counts for itself alone, change nothing.
func TestSoldOutElsewhere(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.marked(tillMug, 8, stock.IsSoldOut)
	s.has(8, 8, 8, 0, 0)
	require.True(t, s.work(webMug).Push)
	require.False(t, s.work(tillMug).Push)
	call := s.plan(webMug)
	require.Equal(t, stock.Units(-8), call.Rows[0].Delta)
	s.answer(call, stock.Applied)
	s.has(8, 8, 0, 0, 0)
	entries := len(s.model.Entries())
	s.marked(tillMug, 8, stock.IsSoldOut)
	s.marked(tillMug, 8, "")
	require.Len(t, s.model.Entries(), entries, "nothing new, nothing said")
	require.False(t, s.state(tillMug).SoldOut.IsZero())

	s.marked(tillMug, 8, stock.IsNotSoldOut)
	require.True(t, s.state(tillMug).SoldOut.IsZero())
	require.True(t, s.work(webMug).Push)
	back := s.plan(webMug)
	require.Equal(t, stock.Units(8), back.Rows[0].Delta)

	alone := openShop(t, 8)
	alone.marked(webMug, 8, stock.IsSoldOut)
	require.False(t, alone.state(webMug).SoldOut.IsZero(), "it is shown")
	require.False(t, alone.work(tillMug).Push, "and stops nobody")
}

// TestSoldOutAtZero: platforms mark an article that has run out by themselves; the next goods must not be hidden by that mark.
func TestSoldOutAtZero(t *testing.T) {
	t.Parallel()
	for name, units := range map[string]int64{"none": 0, "oversold": -2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, units)
			s.marked(tillMug, units, stock.IsSoldOut)
			require.True(t, s.state(tillMug).SoldOut.IsZero())
			require.False(t, s.work(webMug).Push, "what is oversold stays visible")
		})
	}
	s := openShop(t, 2)
	s.marked(tillMug, 2, stock.IsSoldOut)
	ran := reading(tillMug, 0, at(1))
	ran.SoldOut = stock.IsSoldOut
	s.deliver(ran)
	require.True(t, s.state(tillMug).SoldOut.IsZero())
}

// TestSoldOutWithoutACount: a mark holds for an article that the channel does not count, too; unlinking forgets it.
func TestSoldOutWithoutACount(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Untracked, SoldOut: stock.IsSoldOut}))
	require.False(t, s.state(tillMug).SoldOut.IsZero())
	require.True(t, s.work(webMug).Push)
	s.apply(ledger.UnlinkRef{Ref: tillMug})
	require.True(t, s.state(tillMug).SoldOut.IsZero())
	s.one(ledger.WantRead{Ref: webMug})
	require.False(t, s.work(webMug).Push)
}

// TestSoldOutAndGone: the mark of an item that is deleted, or unlinked, ends with it: nobody would ever take it back.
func TestSoldOutAndGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*shop){
		"gone":     func(s *shop) { s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Gone})) },
		"unlinked": func(s *shop) { s.apply(ledger.UnlinkRef{Ref: tillMug}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.marked(tillMug, 8, stock.IsSoldOut)
			s.push(webMug)
			s.has(8, 8, 0, 0, 0)
			end(s)
			require.True(t, s.state(tillMug).SoldOut.IsZero())
			require.Zero(t, s.work(tillMug).Read, "nothing is left to be looked at again")
			require.Equal(t, stock.Units(8), s.push(webMug).Rows[0].Delta)
			require.Empty(t, s.work(webMug).Uncaused, "what the mark hid is shown again")
		})
	}
}

// TestSoldOutIsAMassChange: who marks everything as sold out stops as a mass change does.
func TestSoldOutIsAMassChange(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.marked(tillMug, 8, stock.IsSoldOut)
	uncaused := func() (sum stock.Quantity) {
		for _, u := range s.work(webMug).Uncaused {
			sum += u.Quantity
		}
		return sum
	}
	require.Equal(t, stock.Units(-8), uncaused())
	s.now = s.now.Add(time.Minute)
	s.marked(tillMug, 8, stock.IsNotSoldOut)
	require.Zero(t, uncaused(), "taken back before anything was pushed")
}

// TestSoldOutIsWatched: a mark that ends by itself is noticed, for the item is read again as long as it lasts.
func TestSoldOutIsWatched(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.wait(10)
	s.marked(tillMug, 8, stock.IsSoldOut)
	for range 3 {
		require.NotZero(t, s.work(tillMug).Read)
		require.Equal(t, s.now.Add(time.Minute), s.work(tillMug).ReadDue)
		s.wait(60)
		s.one(s.ownRead(reading(tillMug, 8, s.state(tillMug).Version)))
		require.False(t, s.state(tillMug).SoldOut.IsZero(), "nothing was said of it")
	}
	s.wait(60)
	over := reading(tillMug, 8, s.state(tillMug).Version)
	over.SoldOut = stock.IsNotSoldOut
	s.one(s.ownRead(over))
	require.True(t, s.state(tillMug).SoldOut.IsZero())
	require.Zero(t, s.work(tillMug).Read, "no longer")
}

// TestCountsBehindAMark: while the till marks the mug as sold out, what is counted there changes the level and not what the web should
// show, so that it is no part of a mass change; what is sold meanwhile is a cause of what the mark does.
func TestCountsBehindAMark(t *testing.T) {
	t.Parallel()
	uncaused := func(s *shop) (sum int64) {
		for _, u := range s.work(webMug).Uncaused {
			sum += int64(u.Quantity / stock.Unit)
		}
		return sum
	}
	s := openShop(t, 8)
	s.marked(tillMug, 8, stock.IsSoldOut)
	s.read(tillMug, 5, at(1))
	require.EqualValues(t, -8, uncaused(s))
	s.deliver(sold("A1", 1, at(1)))
	require.EqualValues(t, -7, uncaused(s), "one of the eight was sold")
	s.marked(tillMug, 5, stock.IsNotSoldOut)
	require.EqualValues(t, -2, uncaused(s), "three less, and one of them was sold")
	s.read(tillMug, -2, at(2))
	s.marked(tillMug, -2, stock.IsSoldOut)
	require.EqualValues(t, -9, uncaused(s), "oversold goods are shown")
}
