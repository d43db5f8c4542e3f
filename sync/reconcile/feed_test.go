package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// pushedTill is a shop whose web sold two at second 1 and whose till was pushed -2 at second 10; nobody has confirmed it yet.
func pushedTill(t *testing.T) (*shop, ledger.Call) {
	t.Helper()
	s := openShop(t, 8)
	s.wait(10)
	s.deliver(reading(webMug, 6, at(1)))
	call := s.push(tillMug)
	s.has(6, 6, 6, 0, 2)
	s.wait(1)
	return s, call
}

// R6: history decides what our push did before any difference is posted.
func TestHistoryJudgesAPush(t *testing.T) {
	t.Parallel()
	t.Run("not in the history yet", func(t *testing.T) {
		t.Parallel()
		s, _ := pushedTill(t)
		require.Equal(t, ledger.Disposition{Ending: ledger.Repeat, Channel: till, Reason: "our push is not in the history yet"}, s.read(tillMug, 6, at(10)))
		s.has(6, 6, 6, 0, 2)
		require.NotZero(t, s.work(tillMug).Read)
	})
	t.Run("the row of another ref is not ours", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		row := ownRow(call, at(10.2))
		row.Ref = tillMugAnnex
		require.Equal(t, ledger.Repeat, s.read(tillMug, 6, at(10), row).Ending)
	})
	t.Run("effective", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		require.Equal(t, ledger.Done, s.read(tillMug, 6, at(10), ownRow(call, at(10.2))).Ending)
		s.has(6, 6, 6, 0, 2)
		require.Empty(t, s.state(tillMug).Unconfirmed)
		require.Zero(t, s.work(tillMug).Read)
		require.Equal(t, s.now.Add(-2e9), s.work(tillMug).FeedFrom, "next time history is read from here")
	})
	t.Run("effective, and somebody sold one more", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 5, at(10.5), ownRow(call, at(10.2)), sold("A1", 1, at(10.5)))
		s.has(5, 5, 6, 0, 2)
		require.Equal(t, "1", s.balance(ledger.Sold, "till"))
	})
	t.Run("absorbed", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 8, at(10.5), ownRow(call, at(10.2)), recount("R1", 8, at(10.1), at(10.1)))
		s.has(6, 8, 6, 0, 2)
		require.Empty(t, s.state(tillMug).Unconfirmed)
		again := s.plan(tillMug)
		require.NotEqual(t, call.Key, again.Key, "it is computed anew under a new key")
		require.Equal(t, stock.Units(-2), again.Rows[0].Delta)
	})
	t.Run("absorbed by a recount that a webhook brought before", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		require.Equal(t, "recount noted", s.deliver(recount("R1", 8, at(10.1), at(10.1))).Reason)
		s.read(tillMug, 8, at(10.5), ownRow(call, at(10.2)))
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("the recount found one too many: it stays unexplained", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 7, at(10.5), ownRow(call, at(10.2)), recount("R1", 7, at(10.1), at(10.1)))
		s.has(5, 7, 6, 1, 2)
		require.Equal(t, "R1", s.state(tillMug).Recount.Key)
	})
	t.Run("a later recount that was received later saw it", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 6, at(10.5), ownRow(call, at(10.2)), recount("R1", 6, at(10.4), at(10.5)))
		s.has(6, 6, 6, 0, 2)
	})
	t.Run("an older recount does not matter", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 6, at(10.5), ownRow(call, at(10.2)), recount("R1", 8, at(9.9), at(10.1)))
		s.has(6, 6, 6, 0, 2)
	})
	t.Run("absorbed by the younger of two recounts", func(t *testing.T) {
		t.Parallel()
		s, call := pushedTill(t)
		s.read(tillMug, 8, at(10.5), ownRow(call, at(10.2)), recount("R1", 8, at(9.9), at(9.95)), recount("R2", 8, at(10.1), at(10.15)))
		s.has(6, 8, 6, 0, 2)
	})
	t.Run("two pushes, one absorbed", func(t *testing.T) {
		t.Parallel()
		s, first := pushedTill(t)
		s.wait(2)
		s.deliver(reading(webMug, 5, at(12)))
		second := s.push(tillMug)
		require.Len(t, s.state(tillMug).Unconfirmed, 2)
		s.wait(1)
		// The recount is dated between them and came before the first: the first is lost, the second counts.
		s.read(tillMug, 7, at(13), ownRow(first, at(12)), ownRow(second, at(13.5)), recount("R1", 8, at(11), at(11)))
		s.has(5, 7, 5, 0, 3)
	})
}

// An exact tie is not guessed: the ref is set aside and a person says what the push did.
func TestTieGoesToAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		applied  bool
		expected int64
	}{"it was applied": {true, 6}, "it was not": {false, 8}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, call := pushedTill(t)
			d := s.read(tillMug, 8, at(10.5), ownRow(call, at(10.2)), recount("R1", 8, call.OccurredAt, at(10.1)))
			require.Equal(t, "a push ties with a recount: a person decides", d.Reason)
			require.Equal(t, ledger.SetAside, s.state(tillMug).Status)
			require.Equal(t, "R1", s.last().Evidence["recount"])
			s.has(6, 6, 6, 0, 2)
			s.deliver(reading(webMug, 5, at(11)))
			require.Empty(t, s.plan(tillMug).Key, "nothing moves until then")
			require.Equal(t, "ref is set aside", s.deliver(reading(tillMug, 3, at(12))).Reason)
			require.Equal(t, "ref is set aside", s.read(tillMug, 3, at(12)).Reason)
			s.one(ledger.ResolvePush{Call: call.Key, Ref: tillMug, Applied: c.applied, By: "anna"})
			require.Equal(t, ledger.Live, s.state(tillMug).Status)
			require.Equal(t, "anna", s.last().Evidence["by"])
			s.has(5, c.expected, 5, 0, 3)
			require.NotZero(t, s.work(tillMug).Read, "it is read again")
			s.read(tillMug, c.expected, at(12))
			s.has(5, c.expected, 5, 0, 3)
			require.ErrorIs(t, s.refuse(ledger.ResolvePush{Call: call.Key, Ref: tillMug}), ledger.ErrNotFound)
		})
	}
}

// Our own rows are pushes, never movements, however they come.
func TestOwnRowIsNeverAMovement(t *testing.T) {
	t.Parallel()
	s, call := pushedTill(t)
	require.Equal(t, "our own push", s.deliver(ownRow(call, at(10.2))).Reason)
	s.read(tillMug, 6, at(10), ownRow(call, at(10.2)))
	require.Equal(t, "our own push", s.deliver(ownRow(call, at(10.2))).Reason)
	s.has(6, 6, 6, 0, 2)
	require.Equal(t, "0", s.balance(ledger.Moved, "till"))
}

// An attempt that strayed in the network was written after another one was refused: it is still our write and nobody else's.
func TestWriteThatStrayedPastARefusal(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.wait(10)
	s.deliver(reading(webMug, 6, at(1)))
	call := s.plan(tillMug)
	s.answer(call, stock.Unknown)
	s.answer(call, stock.Refused)
	s.has(6, 8, 6, 0, 2)
	s.wait(1)
	s.read(tillMug, 6, at(10.5), ownRow(call, at(10.5)))
	s.has(6, 6, 6, 0, 2)
	require.False(t, s.work(tillMug).Push, "nothing is left to push")
	s.read(tillMug, 6, at(10.5), ownRow(call, at(10.5)))
	s.has(6, 6, 6, 0, 2)
}
