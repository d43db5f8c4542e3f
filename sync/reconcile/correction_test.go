package reconcile_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// R10: a row that is edited on the channel explains the difference to what is booked, once per content, and never moves the level.
func TestEditedFact(t *testing.T) {
	t.Parallel()
	received := sold("A1", -10, at(1))
	received.Cause = stock.Received
	taught := sold("A1", 3, at(1))
	taught.Cause = stock.Shrinkage
	for name, c := range map[string]struct {
		first, edited stock.Movement
		postings      int
	}{
		"fewer sold":      {sold("A1", 3, at(1)), sold("A1", 1, at(1)), 1},
		"more sold":       {sold("A1", 1, at(1)), sold("A1", 3, at(1)), 1},
		"nothing left":    {sold("A1", 3, at(1)), sold("A1", 0, at(1)), 1},
		"other direction": {sold("A1", 3, at(1)), sold("A1", -2, at(1)), 1},
		"other cause":     {sold("A1", 2, at(1)), taught, 2},
		"fewer received":  {received, sold("A1", -4, at(1)), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.now = at(10)
			first, now := c.first.Quantity, c.edited.Quantity
			s.read(tillMug, 8+int64(first/stock.Unit), at(1), c.first)
			s.has(8+int64(first/stock.Unit), 8+int64(first/stock.Unit), 8, 0, 0)
			booked := s.last()
			s.now = at(60)
			s.read(tillMug, 8+int64(now/stock.Unit), at(50), c.edited)
			level := 8 + int64(now/stock.Unit)
			s.has(level, level, 8, 0, 0)
			require.Len(t, s.last().Postings, c.postings)
			require.Equal(t, ledger.EditKey("till:A1", 1), s.last().Key)
			require.Equal(t, stock.Evidence{ledger.EvidenceCorrects: strconv.FormatInt(booked.Seq, 10), ledger.EvidenceWas: first.String(), ledger.EvidenceNow: now.String()}, s.last().Evidence)
			entries := len(s.model.Entries())
			for range 3 {
				s.wait(30)
				s.read(tillMug, level, at(50), c.edited)
				require.Equal(t, "movement known", s.one(listed(c.edited, s.now)).Reason)
			}
			require.Len(t, s.model.Entries(), entries, "told again it explains nothing again")
			require.Zero(t, s.work(tillMug).Read)
		})
	}
}

// What is told of a row comes in any order: what was asked for before the last content was booked proves nothing, and is read again.
func TestEditedFactOutOfOrder(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]func(s *shop) ledger.Input{
		"a sweep's page that was asked for before": func(*shop) ledger.Input { return listed(sold("A1", 3, at(1)), at(59)) },
		"told unasked":                     func(*shop) ledger.Input { return delivered(sold("A1", 3, at(1))) },
		"asked for within the copies' lag": func(s *shop) ledger.Input { return listed(sold("A1", 3, at(1)), at(61)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.now = at(10)
			s.read(tillMug, 5, at(1), sold("A1", 3, at(1)))
			s.now = at(60)
			s.read(tillMug, 7, at(50), sold("A1", 1, at(1)))
			s.has(7, 7, 8, 0, 0)
			s.now = at(61)
			s.read(tillMug, 7, at(50))
			require.Zero(t, s.work(tillMug).Read, "the raise is confirmed")
			s.now = at(62)
			require.Equal(t, "told before what is booked: read again", s.one(late(s)).Reason)
			s.has(7, 7, 8, 0, 0)
			require.Equal(t, at(63), s.work(tillMug).ReadDue)
			require.False(t, reconcile.FeedSince(s.model.Ref(tillMug)).After(at(1)), "the read brings the row")
			s.now = at(63)
			s.read(tillMug, 7, at(50), sold("A1", 1, at(1)))
			s.has(7, 7, 8, 0, 0)
			require.Zero(t, s.work(tillMug).Read)
			// Edited back: the same content as at first, and a correction all the same.
			s.now = at(100)
			s.read(tillMug, 5, at(90), sold("A1", 3, at(1)))
			s.has(5, 5, 8, 0, 0)
			require.Equal(t, "3", s.balance(ledger.Sold, "till"))
		})
	}
}

// A row that was edited before it was told the first time is booked as it stands; its first content, told late, undoes nothing.
func TestEditedBeforeItWasBooked(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(60)
	s.read(tillMug, 7, at(50), sold("A1", 1, at(1)))
	s.now = at(61)
	s.one(listed(sold("A1", 3, at(1)), at(55)))
	s.now = at(64)
	s.read(tillMug, 7, at(50), sold("A1", 1, at(1)))
	s.has(7, 7, 8, 0, 0)
	// One of nothing explains nothing, and what it is edited to does.
	s.now = at(70)
	require.Equal(t, "no effect on the counter", s.one(listed(sold("A2", 0, at(65)), s.now)).Reason)
	s.now = at(80)
	s.read(tillMug, 5, at(75), sold("A2", 2, at(65)))
	s.has(5, 5, 8, 0, 0)
}

// An edit of a row from before the last recount moves no counter. It may explain what that recount found missing, as a late sale does.
func TestEditedFactThatARecountHolds(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(10)
	s.read(tillMug, 7, at(1), sold("A1", 1, at(1)))
	s.now = at(60)
	s.read(tillMug, 5, at(50), recount("R1", 5, at(50), at(50)))
	s.has(5, 5, 8, 2, 0)
	s.now = at(100)
	s.read(tillMug, 5, at(50), sold("A1", 3, at(1)))
	s.has(5, 5, 8, 0, 0)
	require.Equal(t, "R1", s.last().Evidence["absorbed"])
	require.Zero(t, s.work(tillMug).Read)
}

// A correction that comes before the counter shows it is followed by one read, not by one after the other.
func TestEditedFactMayNotShowYet(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(10)
	s.read(tillMug, 7, at(1), sold("A1", 1, at(1)))
	s.now = at(60)
	s.one(listed(sold("A1", 3, at(1)), s.now))
	s.has(7, 7, 8, -2, 0)
	require.NotZero(t, s.work(tillMug).Read)
	s.now = at(61)
	s.read(tillMug, 7, at(1))
	require.Zero(t, s.work(tillMug).Read)
	s.deliver(reading(tillMug, 5, at(70)))
	s.has(5, 5, 8, 0, 0)
}

// Two contents of one row in one answer are no edit.
func TestTwoContentsInOneAnswer(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(10)
	first := listed(sold("A1", 1, at(1)), at(9))
	_, err := s.model.Apply(t.Context(), s.step, ledger.Batch{At: s.now, Inputs: []ledger.Input{first, listed(sold("A1", 3, at(1)), at(9))}})
	require.ErrorIs(t, err, ledger.ErrKeyReused)
	s.apply(first)
	s.now = at(60)
	_, err = s.model.Apply(t.Context(), s.step, ledger.Batch{At: s.now, Inputs: []ledger.Input{listed(sold("A1", 3, at(1)), at(59)), listed(sold("A1", 4, at(1)), at(59))}})
	require.ErrorIs(t, err, ledger.ErrKeyReused)
	require.Equal(t, "1", s.balance(ledger.Sold, "till"))
}

// Our own push is never a movement, whatever somebody makes of its row: what the counter shows has no cause, and the edit is noted.
func TestEditedPush(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(webMug, 6, at(1)))
	s.now = at(10)
	call := s.push(tillMug)
	row := ownRow(call, at(10.2))
	s.now = at(20)
	s.read(tillMug, 6, at(10.2), row)
	s.has(6, 6, 6, 0, 2)
	row.Quantity = stock.Units(-5)
	s.now = at(60)
	require.Equal(t, ledger.Done, s.read(tillMug, 3, at(50), row).Ending)
	s.has(3, 3, 6, 3, 2)
	require.Equal(t, ledger.Disposition{Ending: ledger.Done, Channel: till, Reason: reconcile.EditedPush}, s.noted[0])
	require.Empty(t, s.last().Postings)
	require.Equal(t, "-2", s.last().Evidence[ledger.EvidenceWas])
	entries := len(s.model.Entries())
	for _, asked := range []time.Time{at(40), at(70)} {
		require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: till, Reason: reconcile.EditedPush}, s.one(listed(row, asked)))
	}
	require.Len(t, s.model.Entries(), entries)
	row.Quantity = stock.Units(-4)
	require.Equal(t, reconcile.EditedPush, s.one(listed(row, at(80))).Reason)
	require.Len(t, s.model.Entries(), entries+1)
}

// The counters of an order only grow (Shopify): what an edit takes back from a line shows as a refund line or not at all.
func TestOrderCounterThatGoesDown(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(webOrder(at(1), line("1", 3)))
	s.deliver(webOrder(at(5), line("1", 1)))
	s.deliver(webOrder(at(6), line("1", 3)))
	require.Equal(t, "3", s.balance(ledger.Sold, "web"))
	s.has(8, 8, 8, 0, -3)
}

// Where a platform does not list a row anew that was edited, a read that goes back to it does, once for each difference.
func TestEditedFactIsLookedFor(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(10)
	s.read(tillMug, 5, at(1), sold("A1", 3, at(1)))
	s.now = at(20)
	s.read(tillMug, 5, at(1))
	s.now = at(60)
	s.deliver(reading(tillMug, 7, at(59)))
	s.now = at(61)
	s.read(tillMug, 7, at(59))
	s.has(7, 7, 8, -2, 0)
	require.Equal(t, at(65), s.work(tillMug).ReadDue)
	require.True(t, reconcile.FeedSince(s.model.Ref(tillMug)).Before(at(1)))
	s.now = at(63)
	s.read(tillMug, 7, at(59), sold("A1", 1, at(1)))
	s.has(7, 7, 8, 0, 0)
	require.Zero(t, s.work(tillMug).Read)
	// A hand edit has no row, and is looked for once.
	s.deliver(reading(tillMug, 9, at(80)))
	s.now = at(90)
	s.read(tillMug, 9, at(80), sold("A1", 1, at(1)))
	require.NotZero(t, s.work(tillMug).Read)
	for _, seconds := range []float64{95, 100} {
		s.now = at(seconds)
		s.read(tillMug, 9, at(80), sold("A1", 1, at(1)))
		require.Zero(t, s.work(tillMug).Read)
	}
	// What a recount changed is not looked for.
	s.deliver(reading(tillMug, 4, at(105)))
	s.now = at(110)
	s.read(tillMug, 4, at(105), recount("R1", 4, at(105), at(105)))
	require.NotEqual(t, "a row may have been edited", s.work(tillMug).ReadReason)
}
