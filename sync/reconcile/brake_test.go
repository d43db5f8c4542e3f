package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A level that comes to zero or below waits five seconds for a second reading, no longer.
func TestBrakeOnCrossingZero(t *testing.T) {
	t.Parallel()
	for _, units := range []int64{0, -2} {
		s := openShop(t, 8)
		s.deliver(reading(tillMug, units, at(1)))
		s.has(units, units, 8, 8-units, 0)
		require.Equal(t, []string{"zero unconfirmed"}, s.brakes())
		require.Empty(t, s.plan(webMug).Key)
		require.NotZero(t, s.work(tillMug).Read, "the confirming read is wanted at once")
		s.wait(4.9)
		require.Empty(t, s.plan(webMug).Key)
		s.wait(0.1)
		require.Empty(t, s.brakes())
		s.push(webMug)
		s.has(units, units, units, 8-units, 0)
	}
}

func TestConfirmedCrossingIsPushedAtOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	early := s.ownRead(reading(tillMug, 0, at(2)))
	s.deliver(reading(tillMug, 0, at(1)))
	s.one(early)
	require.Equal(t, []string{"zero unconfirmed"}, s.brakes(), "a read that was sent before confirms nothing")
	s.read(tillMug, 0, at(2))
	require.Empty(t, s.brakes())
	s.push(webMug)
	s.has(0, 0, 0, 8, 0)
}

// Whoever waits for a second reading is woken by it, for nothing else changes of what it wants.
func TestConfirmedReadingWakesPushes(t *testing.T) {
	t.Parallel()
	for _, units := range []int64{0, 12} {
		s := openShop(t, 8)
		s.deliver(reading(tillMug, units, at(1)))
		require.Contains(t, s.apply(s.ownRead(reading(tillMug, units, at(1)))).Wanted, web)
		require.NotContains(t, s.apply(s.ownRead(reading(tillMug, units, at(1)))).Wanted, web, "it was")
	}
}

func TestFallBelowZeroIsNoCrossing(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, -1, at(1)))
	s.read(tillMug, -1, at(1))
	s.push(webMug)
	s.deliver(reading(tillMug, -2, at(2)))
	require.Empty(t, s.brakes(), "it was below zero before")
	s.push(webMug)
}

// A raise waits until it is confirmed, and only what would raise another counter waits.
func TestBrakeOnRaise(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 12, at(1)))
	s.has(12, 12, 8, -4, 0)
	require.Equal(t, []string{"raise unconfirmed"}, s.brakes())
	s.wait(3600)
	require.Empty(t, s.plan(webMug).Key, "for as long as it takes")
	s.deliver(reading(tillMug, 5, at(2)))
	require.Equal(t, []string{"raise unconfirmed"}, s.brakes())
	require.Equal(t, stock.Units(-3), s.push(webMug).Rows[0].Delta, "but it does not hold back what lowers a counter")
	s.deliver(reading(tillMug, 6, at(3)))
	require.Empty(t, s.plan(webMug).Key)
	s.read(tillMug, 6, at(3))
	require.Empty(t, s.brakes())
	s.push(webMug)
	s.has(6, 6, 6, 2, 0)
}

// A misreading that the confirming read takes back never reaches the other channel.
func TestRaiseTakenBack(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 800, at(1)))
	s.read(tillMug, 8, at(2))
	require.Empty(t, s.brakes())
	require.Empty(t, s.plan(webMug).Key)
	s.has(8, 8, 8, 0, 0)
}

// typedTwiceShop is a shop that received ten mugs, typed in at the till and again on the web.
func typedTwiceShop(t *testing.T, apart float64) *shop {
	t.Helper()
	s := openShop(t, 8)
	s.read(tillMug, 18, at(1))
	s.read(tillMug, 18, at(1))
	s.push(webMug)
	s.has(18, 18, 18, -10, 0)
	s.wait(apart)
	s.read(webMug, 28, s.now)
	s.wait(1)
	s.read(webMug, 28, s.now)
	s.has(28, 18, 28, -10, -10)
	return s
}

func TestTypedTwice(t *testing.T) {
	t.Parallel()
	id := "typed-twice/mug/main/web/10"
	t.Run("corrected by a person", func(t *testing.T) {
		t.Parallel()
		s := typedTwiceShop(t, 600)
		require.Equal(t, []string{"typed in twice"}, s.brakes())
		require.Empty(t, s.plan(tillMug).Key)
		s.wait(7200)
		require.Empty(t, s.plan(tillMug).Key, "until somebody has looked")
		s.one(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna", Correct: true})
		s.has(18, 18, 28, -10, 0)
		require.Equal(t, ledger.KindCorrection, s.last().Kind)
		require.Equal(t, "anna", s.last().Evidence["by"])
		require.Empty(t, s.brakes())
		require.Equal(t, stock.Units(-10), s.push(webMug).Rows[0].Delta)
		s.has(18, 18, 18, -10, 0)
		require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna", Correct: true}), ledger.ErrNotFound, "not twice")
	})
	t.Run("two deliveries after all", func(t *testing.T) {
		t.Parallel()
		s := typedTwiceShop(t, 600)
		s.one(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna"})
		s.has(28, 18, 28, -10, -10)
		s.push(tillMug)
		s.has(28, 28, 28, -10, -10)
	})
	t.Run("too far apart", func(t *testing.T) {
		t.Parallel()
		s := typedTwiceShop(t, 15*60+2)
		require.Empty(t, s.brakes())
		s.push(tillMug)
	})
	t.Run("other quantities", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(tillMug, 18, at(1))
		s.read(webMug, 17, at(2))
		require.NotContains(t, s.brakes(), "typed in twice")
	})
	t.Run("a return dissolves it", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(tillMug, 11, at(1))
		s.read(webMug, 11, at(2))
		require.Contains(t, s.brakes(), "typed in twice")
		back := sold("A1", -3, at(1))
		back.Cause = stock.Returned
		s.deliver(back)
		require.NotContains(t, s.brakes(), "typed in twice")
		require.Empty(t, s.work(tillMug).Raises)
	})
	t.Run("a raise that a return explains beforehand is none", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		back := sold("A1", -1, at(1))
		back.Cause = stock.Returned
		s.deliver(back)
		s.read(tillMug, 9, at(1))
		s.read(webMug, 9, at(2))
		require.NotContains(t, s.brakes(), "typed in twice")
	})
	t.Run("blames what nobody explains", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(tillMug, 18, at(1))
		s.wait(60)
		s.read(webMug, 18, at(61))
		received := stock.Movement{Key: "B1", Ref: webMug, Quantity: stock.Units(10), Cause: stock.Received, OccurredAt: at(61), ChannelTime: at(61)}
		s.deliver(received)
		require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna", Correct: true}), ledger.ErrNotFound, "what it would take back has changed")
		s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/till/10", Shelf: mug, By: "anna", Correct: true})
		require.Equal(t, tillMug, s.last().Ref, "the web's raise has a cause: the till's is taken back")
		s.has(18, 18, 18, 0, 0)
	})
	require.ErrorIs(t, openShop(t, 8).refuse(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna"}), ledger.ErrNotFound)
}

// Brakes hold pushes, never postings.
func TestBrakesNeverHoldPostings(t *testing.T) {
	t.Parallel()
	s := typedTwiceShop(t, 60)
	s.deliver(reading(tillMug, 16, at(100)))
	s.deliver(sold("A1", 2, at(100)))
	s.has(26, 16, 28, -10, -10)
}
