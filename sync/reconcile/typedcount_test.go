package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A person who sets both counters to the same count lowers the level twice.
func TestSameCountTypedInTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    func(s *shop)
		asked []string
	}{
		"sold out, both set to zero": {func(s *shop) { s.read(tillMug, 0, s.now); s.read(webMug, 0, s.now) }, []string{"typed-twice/mug/main/web/-8"}},
		"hours apart, while nobody served": {func(s *shop) {
			s.wait(7 * 3600)
			s.read(tillMug, 0, at(3600))
			s.read(webMug, 0, at(6*3600))
		}, []string{"typed-twice/mug/main/web/-8"}},
		"counted, and typed in on both": {func(s *shop) { s.read(tillMug, 5, s.now); s.read(webMug, 5, s.now) }, []string{"typed-twice/mug/main/web/-3"}},
		"after our push had been sent, before it came": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(6)
			s.push(webMug)
			s.read(webMug, -8, s.now) // zero by a person, and our eight less
		}, []string{"typed-twice/mug/main/web/-8"}},
		"after our push, which a copy confirmed that lags behind": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(6)
			s.push(webMug)
			s.read(webMug, 0, s.now)
			s.wait(1)
			s.read(webMug, -8, s.now)
		}, []string{"typed-twice/mug/main/web/-8"}},
		"after our push, which a copy confirmed that lags behind, heard of late": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(6)
			s.push(webMug)
			s.read(webMug, 0, s.now)
			pushed := s.now
			s.wait(50)
			s.deliver(reading(webMug, -8, pushed.Add(2*time.Second)))
		}, []string{"typed-twice/mug/main/web/-8"}},
		"long after our push": {func(s *shop) {
			s.read(tillMug, 1, s.now)
			s.wait(6)
			s.push(webMug)
			s.read(webMug, 1, s.now)
			s.wait(50)
			s.deliver(reading(webMug, -6, s.now))
		}, nil},
		"what was damaged has a cause, and is typed in on the web too": {func(s *shop) {
			damaged := sold("A1", 8, s.now)
			damaged.Cause = stock.Shrinkage
			s.read(tillMug, 0, s.now, damaged)
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/-8"}},
		"the web had not heard of a sale": {func(s *shop) {
			s.read(tillMug, 5, s.now, sold("A1", 3, s.now))
			s.wait(1)
			s.read(tillMug, 0, s.now)
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/-8"}},
		"a part of it was sold": {func(s *shop) {
			s.read(tillMug, 0, s.now, sold("A1", 3, s.now))
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/-8"}},
		"sold twice": {func(s *shop) {
			s.read(tillMug, 0, s.now, sold("A1", 8, s.now))
			s.deliver(webOrder(s.now, line("1", 8)))
			s.read(webMug, 0, s.now)
		}, nil},
		"sold twice while nobody served": {func(s *shop) {
			s.wait(3 * 3600)
			order := webOrder(at(600), line("1", 8))
			s.deliver(order)
			s.read(webMug, 0, at(7200), order)
			s.read(tillMug, 0, at(7200), sold("A1", 5, at(60)), sold("A2", 3, at(1200)))
		}, nil},
		"the web knew of it": {func(s *shop) {
			s.read(tillMug, 5, s.now)
			s.push(webMug)
			s.wait(1)
			s.read(webMug, 5, s.now)
			s.wait(60)
			s.read(webMug, 2, s.now)
		}, nil},
		"two units less, not to zero, is chance": {func(s *shop) { s.read(tillMug, 6, s.now); s.read(webMug, 6, s.now) }, nil},
		"the last one": {func(s *shop) {
			s.read(tillMug, 1, s.now)
			s.push(webMug)
			s.wait(1)
			s.read(webMug, 1, s.now)
			s.wait(1)
			s.read(tillMug, 0, s.now)
			s.read(webMug, 0, s.now)
		}, []string{"typed-twice/mug/main/web/-1"}},
		"put back": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(1)
			s.read(tillMug, 8, s.now)
			s.read(webMug, 0, s.now)
		}, nil},
		"other counts": {func(s *shop) { s.read(tillMug, 1, s.now); s.read(webMug, 0, s.now) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			c.do(s)
			require.Equal(t, c.asked, s.typedTwice(mug, tillMug, webMug))
		})
	}
}

// While it is asked, neither counter is pushed below zero; a correction brings the level to the count, and a release the counters to
// the level.
func TestSameCountWaitsAboveZero(t *testing.T) {
	t.Parallel()
	for _, correct := range []bool{true, false} {
		s := openShop(t, 8)
		s.read(tillMug, 0, at(1))
		s.read(webMug, 0, at(2))
		s.has(-8, 0, 0, 8, 8)
		s.wait(600)
		require.Empty(t, s.plan(tillMug).Key)
		require.Empty(t, s.plan(webMug).Key)
		s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/-8", Shelf: mug, By: "anna", Correct: correct})
		require.Empty(t, s.typedTwice(mug, tillMug, webMug))
		if correct {
			require.Equal(t, "the same count was typed in on two counters", s.last().Evidence["note"])
			s.has(0, 0, 0, 8, 0)
			require.Empty(t, s.plan(tillMug).Key)
			continue
		}
		s.push(tillMug)
		s.push(webMug)
		s.has(-8, -8, -8, 8, 8)
	}
}

// What was counted above zero is asked about, and pushed: it may have been sold twice.
func TestSameCountAboveZeroIsPushed(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 5, at(1))
	s.read(webMug, 5, at(2))
	s.push(tillMug)
	s.has(2, 2, 5, 3, 3)
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/-3", Shelf: mug, By: "anna", Correct: true})
	s.has(5, 2, 5, 3, 0)
	s.push(tillMug)
	s.has(5, 5, 5, 3, 0)
}

// Two articles of one channel that share a shelf are set to zero: the third counter comes to zero and no lower.
func TestSharedShelfIsSetToZeroOnBoth(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.read(tillMug, 10, at(-120))
	s.read(tillMug2, 3, at(-120))
	for _, ref := range []stock.Ref{tillMug, tillMug2, webMug} {
		call := s.push(ref)
		s.wait(1)
		s.read(ref, 13, s.now, ownRow(call, s.now))
	}
	s.wait(3600)
	s.read(tillMug, 0, s.now)
	s.wait(20)
	s.read(tillMug2, 0, s.now)
	require.Equal(t, stock.Units(-13), s.model.Level(mug))
	refs := []stock.Ref{tillMug, tillMug2, webMug}
	require.Equal(t, []string{"typed-twice/mug/main/till/-13"}, s.typedTwice(mug, refs...))
	s.wait(10)
	require.Empty(t, s.plan(tillMug).Key)
	require.Equal(t, stock.Units(-13), s.push(webMug).Rows[0].Delta, "to zero, not below")
	require.Empty(t, s.plan(webMug).Key)
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/till/-13", Shelf: mug, By: "anna", Correct: true})
	require.Zero(t, s.model.Level(mug))
	for _, ref := range refs {
		require.Zero(t, s.expected(ref))
		require.Empty(t, s.plan(ref).Key)
	}
}
