package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// R1: each difference is posted at once, an echo posts nothing.
func TestReadingPostsTheDifference(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	require.Equal(t, ledger.Done, s.deliver(reading(tillMug, 7, at(1))).Ending)
	s.has(7, 7, 8, 1, 0)
	require.True(t, s.work(webMug).Push, "the other channel follows")
	require.False(t, s.work(tillMug).Push)
	require.NotZero(t, s.work(tillMug).Read, "the till's history is asked why")
	entries := len(s.model.Entries())
	s.deliver(reading(tillMug, 7, at(2)))
	require.Zero(t, s.last().Postings, "an echo posts nothing")
	require.Len(t, s.model.Entries(), entries+1, "its version is noted")
	s.deliver(reading(webMug, 9, at(3)))
	s.has(8, 7, 9, 1, -1)
}

// R5, branch by branch. The mug stands at 8 everywhere; versions are two minutes old.
func TestDeliveredReading(t *testing.T) {
	t.Parallel()
	aPush := func(s *shop, ref stock.Ref, units int64) ledger.Call {
		other := tillMug
		if ref == tillMug {
			other = webMug
		}
		s.deliver(reading(other, units, at(0)))
		call := s.plan(ref)
		require.NotEmpty(s, call.Key)
		return call
	}
	missing := func(ref stock.Ref, status stock.CountStatus) stock.Reading {
		return stock.Reading{Ref: ref, Status: status, Version: at(1)}
	}
	for name, c := range map[string]struct {
		before func(s *shop)
		fact   stock.Reading
		ending ledger.Ending
		reason string
		// moves is what the level gains; asks says that the ref is to be read.
		moves int64
		asks  bool
	}{
		"newer and different":                   {nil, reading(webMug, 6, at(1)), ledger.Done, "difference posted", -2, false},
		"newer and different, history":          {nil, reading(tillMug, 6, at(1)), ledger.Done, "difference posted", -2, true},
		"newer and as expected":                 {nil, reading(webMug, 8, at(1)), ledger.Done, "as expected", 0, false},
		"same version and as expected":          {nil, reading(webMug, 8, at(-120)), ledger.Duplicate, "as expected", 0, false},
		"same version and different":            {nil, reading(webMug, 6, at(-120)), ledger.Ignored, "read again: same version, other count", 0, true},
		"older":                                 {nil, reading(webMug, 6, at(-121)), ledger.Ignored, "older than the accepted reading", 0, false},
		"older and as expected":                 {nil, reading(webMug, 8, at(-121)), ledger.Ignored, "older than the accepted reading", 0, false},
		"in flight, different":                  {func(s *shop) { aPush(s, webMug, 7) }, reading(webMug, 6, at(1)), ledger.Ignored, "read again: a push is in flight or unconfirmed", 0, true},
		"in flight, as before the push":         {func(s *shop) { aPush(s, webMug, 7) }, reading(webMug, 8, at(1)), ledger.Duplicate, "as expected", 0, false},
		"in flight, as after the push":          {func(s *shop) { aPush(s, webMug, 7) }, reading(webMug, 7, at(1)), ledger.Duplicate, "as expected when our push is answered", 0, false},
		"in flight, of before the push":         {func(s *shop) { aPush(s, webMug, 7) }, reading(webMug, 7, at(-1)), ledger.Ignored, "read again: it shows what our push will make, and is of before it", 0, true},
		"unconfirmed, of before the push":       {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 7, at(-1)), ledger.Ignored, "read again: it shows what our push made, and is of before it", 0, true},
		"unconfirmed, before it, history":       {func(s *shop) { s.answer(aPush(s, tillMug, 7), stock.Applied) }, reading(tillMug, 7, at(-0.001)), ledger.Ignored, "read again: it shows what our push made, and is of before it", 0, true},
		"in flight again, as after the push":    {func(s *shop) { s.apply(ledger.CallSending{Key: aPush(s, webMug, 7).Key}) }, reading(webMug, 7, at(1)), ledger.Ignored, "read again: a push is in flight or unconfirmed", 0, true},
		"unconfirmed, different":                {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 6, at(1)), ledger.Ignored, "read again: a push is in flight or unconfirmed", 0, true},
		"unconfirmed, three seconds later":      {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 6, at(3)), ledger.Ignored, "read again: a push is in flight or unconfirmed", 0, true},
		"unconfirmed, later than that":          {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 6, at(4)), ledger.Done, "difference posted", -1, false},
		"unconfirmed, later, history decides":   {func(s *shop) { s.answer(aPush(s, tillMug, 7), stock.Applied) }, reading(tillMug, 6, at(60)), ledger.Ignored, "read again: a push is in flight or unconfirmed", 0, true},
		"unconfirmed, confirms":                 {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 7, at(1)), ledger.Done, "as expected", 0, false},
		"unconfirmed, no later than the answer": {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 7, at(0)), ledger.Duplicate, "as expected", 0, false},
		"unconfirmed, same version":             {func(s *shop) { s.answer(aPush(s, webMug, 7), stock.Applied) }, reading(webMug, 7, at(-120)), ledger.Duplicate, "as expected", 0, false},
		"unconfirmed, history decides":          {func(s *shop) { s.answer(aPush(s, tillMug, 7), stock.Applied) }, reading(tillMug, 7, at(1)), ledger.Duplicate, "as expected", 0, true},
		"missing":                               {nil, missing(webMug, stock.Missing), ledger.Ignored, "read again: counter is missing", 0, true},
		"untracked":                             {nil, missing(webMug, stock.Untracked), ledger.Ignored, "read again: counter is missing", 0, true},
		"waiting for the baseline":              {func(s *shop) { s.link(cup, webCup) }, reading(webCup, 3, at(1)), ledger.Ignored, "waiting for the baseline", 0, false},
		"unreadable, missing again":             {func(s *shop) { s.one(s.ownRead(missing(webMug, stock.Missing))) }, missing(webMug, stock.Missing), ledger.Ignored, "still not counted", 0, false},
		"unreadable, counted again":             {func(s *shop) { s.one(s.ownRead(missing(webMug, stock.Missing))) }, reading(webMug, 6, at(1)), ledger.Ignored, "read again: counter shows again", 0, true},
		"untracked, counted again":              {func(s *shop) { s.one(s.ownRead(missing(webMug, stock.Untracked))) }, reading(webMug, 6, at(1)), ledger.Ignored, "read again: counter shows again", 0, true},
		"untracked still":                       {func(s *shop) { s.one(s.ownRead(missing(webMug, stock.Untracked))) }, missing(webMug, stock.Untracked), ledger.Ignored, "still not counted", 0, false},
		"item of no shelf":                      {nil, reading(webCup, 6, at(1)), ledger.Ignored, "unlinked item", 0, false},
		"unlinked again":                        {func(s *shop) { s.apply(ledger.UnlinkRef{Ref: webMug}) }, reading(webMug, 6, at(1)), ledger.Ignored, "unlinked item", 0, false},
		"location that is none of ours":         {nil, reading(stock.Ref{Channel: web, Item: "I1", Location: "99"}, 6, at(1)), ledger.Ignored, "location not mapped", 0, false},
		"nothing said about the location":       {nil, reading(stock.Ref{Channel: web, Item: "I9"}, 6, at(1)), ledger.Ignored, "unlinked item", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			if c.before != nil {
				c.before(s)
			}
			level, was := s.model.Level(mug), s.work(c.fact.Ref).Seq
			require.Equal(t, ledger.Disposition{Ending: c.ending, Channel: c.fact.Ref.Channel, Reason: c.reason}, s.deliver(c.fact))
			require.Equal(t, stock.Units(c.moves), s.model.Level(mug)-level)
			if c.asks {
				require.NotZero(t, s.work(c.fact.Ref).Read)
			} else if c.ending != ledger.Done {
				require.Equal(t, was, s.work(c.fact.Ref).Seq, "no new wish")
			}
		})
	}
}

func TestDeliveredReadingConfirmsAPush(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	s.push(webMug)
	require.Len(t, s.state(webMug).Unconfirmed, 1)
	s.deliver(reading(webMug, 7, at(2)))
	require.Empty(t, s.state(webMug).Unconfirmed)
	require.Equal(t, at(2), s.state(webMug).Version)
	s.has(7, 7, 7, 1, 0)
}

// A counter that showed our push before it was answered is read all the same when the push turns out to have had no effect: then somebody
// else did it.
func TestEchoOfWhatWasRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(0)))
	call := s.plan(webMug)
	s.deliver(reading(webMug, 7, at(1)))
	require.Zero(t, s.work(webMug).Read)
	s.answer(call, stock.Refused)
	require.Equal(t, s.now, s.work(webMug).ReadDue)
	s.read(webMug, 7, at(1))
	s.has(6, 7, 7, 1, 1)
}

// R4, branch by branch.
func TestOwnRead(t *testing.T) {
	t.Parallel()
	t.Run("takes an equal version", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		require.Equal(t, "read", s.read(webMug, 6, at(-120)).Reason)
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("takes a newer version", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		require.Equal(t, ledger.Done, s.read(webMug, 6, at(1)).Ending)
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("believes the third older version in a row", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		for range 2 {
			require.Equal(t, ledger.Disposition{Ending: ledger.Repeat, Channel: web, Reason: "version is older than the accepted one"}, s.read(webMug, 6, at(-121)))
			require.NotZero(t, s.work(webMug).Read, "it is read again")
			s.wait(1)
		}
		s.has(8, 8, 8, 0, 0)
		require.Equal(t, ledger.Done, s.read(webMug, 6, at(-121)).Ending)
		require.Equal(t, "version went back", s.last().Evidence["note"])
		require.Equal(t, at(-121), s.state(webMug).Version)
		require.Zero(t, s.work(webMug).Older)
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("an accepted read ends the count of older ones", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(webMug, 6, at(-121))
		s.read(webMug, 6, at(-121))
		s.read(webMug, 8, at(-120))
		require.Equal(t, ledger.Repeat, s.read(webMug, 6, at(-121)).Ending)
	})
	t.Run("repeats when a delivered reading was accepted meanwhile", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		sent := s.ownRead(reading(webMug, 8, at(1)))
		s.deliver(reading(webMug, 6, at(1)))
		require.Equal(t, ledger.Disposition{Ending: ledger.Repeat, Channel: web, Reason: "a delivered reading was accepted meanwhile"}, s.one(sent))
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("is strictly newer than the delivered reading accepted meanwhile", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		sent := s.ownRead(reading(webMug, 5, at(2)))
		s.deliver(reading(webMug, 6, at(1)))
		require.Equal(t, ledger.Done, s.one(sent).Ending)
		s.has(5, 8, 5, 0, 3)
	})
	t.Run("was sent after the delivered reading was accepted", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.deliver(reading(webMug, 6, at(1)))
		require.Equal(t, ledger.Done, s.read(webMug, 5, at(1)).Ending)
		s.has(5, 8, 5, 0, 3)
	})
	t.Run("overlaps a push", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.deliver(reading(tillMug, 7, at(1)))
		s.plan(webMug)
		require.Equal(t, ledger.Disposition{Ending: ledger.Repeat, Channel: web, Reason: "a push is in flight"}, s.read(webMug, 7, at(2)))
		s.has(7, 7, 8, 1, 0)
	})
	t.Run("of an item of no shelf", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		require.Equal(t, "unlinked item", s.read(webCup, 7, at(2)).Reason)
	})
	t.Run("of a ref that nobody wants a baseline of", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.link(cup, webCup)
		require.Equal(t, "no baseline wanted", s.read(webCup, 7, at(2)).Reason)
	})
}

func TestReadClearsOnlyWishesOlderThanItself(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.apply(ledger.WantRead{Ref: webMug, Reason: "a test"})
	sent := s.ownRead(reading(webMug, 8, at(1)))
	s.apply(ledger.WantRead{Ref: webMug, Reason: "another one"})
	require.Equal(t, ledger.Done, s.one(sent).Ending)
	require.Equal(t, "another one", s.work(webMug).ReadReason, "the younger wish stays")
	s.read(webMug, 8, at(1))
	require.Zero(t, s.work(webMug).Read)
	require.Equal(t, "unlinked item", s.one(ledger.WantRead{Ref: webCup}).Reason)
}

// R8: a missing count is unknown, never zero.
func TestMissingCounter(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	gone := stock.Reading{Ref: webMug, Status: stock.Missing, Version: at(1)}
	require.Equal(t, "counter is missing", s.one(s.ownRead(gone)).Reason)
	require.Equal(t, ledger.Unreadable, s.state(webMug).Status)
	s.has(8, 8, 8, 0, 0)
	entries := len(s.model.Entries())
	s.one(s.ownRead(gone))
	require.Len(t, s.model.Entries(), entries, "it is recorded once")
	s.deliver(reading(tillMug, 7, at(2)))
	require.Empty(t, s.plan(webMug).Key, "no push to a counter that cannot be read")
	s.read(webMug, 6, at(3))
	require.Equal(t, ledger.Live, s.state(webMug).Status)
	s.has(5, 7, 6, 1, 2)
}

// A read of a copy that lags behind shows the counter as it was before our push. Believed, it would undo a sale: the level
// would rise by it, and the other channels with it.
func TestOwnReadOlderThanOurPush(t *testing.T) {
	t.Parallel()
	t.Run("without history", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10.7)
		s.read(tillMug, 7, at(10))
		s.push(webMug)
		for range 2 {
			s.wait(1)
			require.Equal(t, ledger.Disposition{Ending: ledger.Repeat, Channel: web, Reason: "the count is older than our push"}, s.read(webMug, 8, at(-120)))
			s.has(7, 7, 7, 1, 0)
		}
		s.wait(3)
		require.Equal(t, "read", s.read(webMug, 7, at(10)).Reason, "versions are whole seconds")
		s.has(7, 7, 7, 1, 0)
	})
	t.Run("that never catches up", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.read(tillMug, 7, at(10))
		s.push(webMug)
		for range 2 {
			require.Equal(t, ledger.Repeat, s.read(webMug, 8, at(-120)).Ending)
		}
		require.Equal(t, "read", s.read(webMug, 8, at(-120)).Reason, "no endless loop")
		require.Equal(t, "the count is older than our push", s.last().Evidence["note"])
		s.has(8, 7, 8, 1, -1)
	})
	t.Run("with history", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		lagging := s.state(tillMug).Version
		require.Equal(t, "the count is older than our push", s.read(tillMug, 8, lagging, ownRow(call, at(10.2))).Reason)
		s.has(6, 6, 6, 0, 2)
		s.read(tillMug, 6, at(10.2), ownRow(call, at(10.2)))
		s.has(6, 6, 6, 0, 2)
	})
	t.Run("that strayed past its refusal", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.read(webMug, 6, at(10))
		call := s.plan(tillMug)
		s.answer(call, stock.Refused)
		s.wait(20)
		lagging := s.state(tillMug).Version
		require.Equal(t, "the count is older than our push", s.read(tillMug, 8, lagging, ownRow(call, at(25))).Reason)
		s.has(6, 6, 6, 0, 2)
		s.wait(4)
		require.Equal(t, "read", s.read(tillMug, 6, at(25), ownRow(call, at(25))).Reason)
		s.has(6, 6, 6, 0, 2)
	})
	t.Run("which a recount absorbed", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 8, at(10.1), recount("R1", 8, at(10.1), at(10.1)), ownRow(call, at(12)))
		s.has(6, 8, 6, 0, 2)
	})
}

// Three reads in a row: a delivery that was accepted in between shows that the counter did not go back.
func TestOlderReadsInARow(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	for range 2 {
		require.Equal(t, ledger.Repeat, s.read(webMug, 5, at(-130)).Ending)
	}
	s.deliver(reading(webMug, 7, at(1)))
	require.Equal(t, ledger.Repeat, s.read(webMug, 5, at(-130)).Ending)
	s.has(7, 8, 7, 0, 1)
}

// TestHintOfACounter: a counter that came to be or ceased is read, however it stands; one that waits for its baseline is read for that.
func TestHintOfACounter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(s *shop)
		ref    stock.Ref
		ending ledger.Ending
		reason string
		asks   bool
	}{
		"live":                     {nil, webMug, ledger.Done, "counter will be read", true},
		"not counted":              {func(s *shop) { s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Missing})) }, webMug, ledger.Done, "counter will be read", true},
		"waiting for the baseline": {func(s *shop) { s.link(cup, webCup) }, webCup, ledger.Ignored, "waiting for the baseline", false},
		"of no shelf":              {nil, webCup, ledger.Ignored, "unlinked item", false},
		"at no location of ours":   {nil, stock.Ref{Channel: web, Item: "I1", Location: "99"}, ledger.Ignored, "location not mapped", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			if c.before != nil {
				c.before(s)
			}
			level := s.model.Level(mug)
			d := s.one(ledger.Delivered{Event: stock.Event{Channel: web, Hint: &stock.Hint{Ref: &c.ref}}})
			require.Equal(t, c.ending, d.Ending)
			require.Equal(t, c.reason, d.Reason)
			require.Equal(t, level, s.model.Level(mug), "a hint moves nothing")
			if c.ref == webMug {
				require.Equal(t, c.asks, s.work(webMug).Read != 0)
			}
		})
	}
	s := openShop(t, 8)
	require.ErrorIs(t, s.refuse(ledger.Delivered{Event: stock.Event{Channel: web, Hint: &stock.Hint{Ref: &tillMug}}}), reconcile.ErrInput)
}
