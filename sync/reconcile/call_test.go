package reconcile_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// plannedWeb is a shop whose till sold one and whose web shop has a call of -1 on its way.
func plannedWeb(t *testing.T) (*shop, ledger.Call) {
	t.Helper()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	s.wait(2)
	call := s.plan(webMug)
	require.NotEmpty(t, call.Key)
	return s, call
}

// R3: an answered push moves what we expect, and nothing else.
func TestPushAnswered(t *testing.T) {
	t.Parallel()
	s, call := plannedWeb(t)
	require.Equal(t, ledger.CallOpen, call.State)
	require.Equal(t, 1, call.Attempts)
	require.Equal(t, stock.Units(-1), call.Rows[0].Delta)
	require.Equal(t, reconcile.Reference(call.Key, 0), call.Rows[0].Reference)
	require.Equal(t, stock.Units(7), call.Rows[0].Level)
	require.EqualValues(t, len(s.model.Entries()), call.Rows[0].Through)
	require.Equal(t, call.Key, s.work(webMug).InFlight)
	s.has(7, 7, 8, 1, 0)
	require.Empty(t, s.plan(webMug).Key, "one call at a time")
	require.Equal(t, "call applied", s.answer(call, stock.Applied).Reason)
	s.has(7, 7, 7, 1, 0)
	require.Empty(t, s.last().Postings, "our own writes are no stock events")
	require.Empty(t, s.work(webMug).InFlight)
	require.False(t, s.work(webMug).Push)
	require.Empty(t, s.plan(webMug).Key, "nothing is left to push")
	require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: web, Reason: "call is definite"}, s.answer(call, stock.Refused))
	s.has(7, 7, 7, 1, 0)
}

func TestPushIsComputedWhenSent(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	for i, units := range []int64{7, 6, 7, 4} {
		s.deliver(reading(tillMug, units, at(float64(i+1))))
	}
	s.read(tillMug, 4, at(4))
	require.Equal(t, stock.Units(-4), s.plan(webMug).Rows[0].Delta, "four readings, one push")
}

func TestPushOfOtherChannelsAndUnknownRefsIsLeftOut(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	receipt := s.apply(ledger.PlanCall{Channel: web, Key: "k", Refs: []stock.Ref{webCup, tillMug, webMug},
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return []byte("body"), nil }})
	require.Len(t, receipt.Calls[0].Rows, 1)
	require.Equal(t, "body", string(receipt.Calls[0].Body))
}

// Targets are floored to what a platform takes and never clamped.
func TestTarget(t *testing.T) {
	t.Parallel()
	for shown, want := range map[stock.Quantity]stock.Quantity{
		stock.Units(7): stock.Units(7), 750_000: stock.Units(7), 799_999: stock.Units(7), 1: 0, -1: stock.Units(-1), -250_000: stock.Units(-3), stock.Units(-3): stock.Units(-3),
	} {
		s := openShop(t, 8)
		r := reading(tillMug, 0, at(1))
		r.Quantity = shown
		s.deliver(r)
		s.one(s.ownRead(r))
		s.push(webMug)
		require.Equal(t, want, s.expected(webMug), "till shows %s", shown)
		require.Empty(t, s.plan(webMug).Key, "and that is all")
	}
}

// R7: the same key and body until the outcome is definite.
func TestUnknownOutcomeIsRepeated(t *testing.T) {
	t.Parallel()
	s, call := plannedWeb(t)
	require.Equal(t, "call repeated later", s.answer(call, stock.NotProcessed).Reason)
	stored, _ := s.model.Call(call.Key)
	require.False(t, stored.MaybeApplied)
	require.Equal(t, s.now.Add(time.Second), stored.Due)
	s.answer(call, stock.Unknown)
	for attempts := 2; attempts < 5; attempts++ {
		s.wait(60)
		s.deliver(reading(tillMug, int64(attempts), at(float64(60*attempts))))
		sending := s.apply(ledger.CallSending{Key: call.Key}).Calls[0]
		require.Equal(t, attempts, sending.Attempts)
		require.Equal(t, call.Body, sending.Body, "byte for byte, whatever happened meanwhile")
		require.True(t, sending.MaybeApplied)
		s.answer(call, stock.Unknown)
		require.Empty(t, s.plan(webMug).Key)
	}
	s.answer(call, stock.Applied)
	s.has(4, 4, 7, 4, 0)
	require.Equal(t, stock.Units(-3), s.push(webMug).Rows[0].Delta)
}

// Shopify forgets keys: after 20 hours the ref is set aside, and a person says what became of the push.
func TestSetAsideAfterTwentyHours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		applied bool
		expects int64
	}{"it was applied": {true, 7}, "it was not": {false, 8}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, call := plannedWeb(t)
			s.answer(call, stock.Unknown)
			s.wait(20*3600 - 1)
			require.Equal(t, "call repeated later", s.answer(call, stock.Unknown).Reason)
			s.wait(1)
			require.Equal(t, "call set aside", s.answer(call, stock.Unknown).Reason)
			stored, _ := s.model.Call(call.Key)
			require.Equal(t, ledger.CallSetAside, stored.State)
			require.Equal(t, ledger.SetAside, s.state(webMug).Status)
			s.has(7, 7, 8, 1, 0)
			s.deliver(reading(tillMug, 6, at(72000)))
			require.Empty(t, s.plan(webMug).Key)
			require.Equal(t, "ref is set aside", s.read(webMug, 5, s.now).Reason)
			require.ErrorIs(t, s.refuse(ledger.CallSending{Key: call.Key}), ledger.ErrNotFound, "it is never sent again")
			require.ErrorIs(t, s.refuse(ledger.ResolvePush{Call: "another", Ref: webMug}), ledger.ErrNotFound)
			s.one(ledger.ResolvePush{Call: call.Key, Ref: webMug, Applied: c.applied, By: "anna"})
			require.Equal(t, ledger.Live, s.state(webMug).Status)
			require.Empty(t, s.work(webMug).InFlight)
			s.has(6, 6, c.expects, 2, 0)
			s.read(webMug, c.expects, s.now)
			s.push(webMug)
			s.has(6, 6, 6, 2, 0)
		})
	}
}

func TestPlatformWithHistoryForgetsNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(webMug, 7, at(1)))
	call := s.plan(tillMug)
	s.answer(call, stock.Unknown)
	s.wait(100 * 3600)
	require.Equal(t, "call repeated later", s.answer(call, stock.Unknown).Reason)
	require.Equal(t, ledger.Live, s.state(tillMug).Status)
}

func TestCallThatWasNeverProcessedIsComputedAnew(t *testing.T) {
	t.Parallel()
	s, call := plannedWeb(t)
	s.wait(20 * 3600)
	require.Equal(t, "call refused", s.answer(call, stock.NotProcessed).Reason)
	s.wait(1)
	again := s.plan(webMug)
	require.NotEmpty(t, again.Key)
	require.NotEqual(t, call.Key, again.Key)
}

// A definite refusal has no effect and backs off before a new key.
func TestRefusal(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	pause := time.Second
	for refusals := 1; refusals <= 15; refusals++ {
		call := s.plan(webMug)
		require.NotEmpty(t, call.Key, "after %d refusals", refusals-1)
		s.answer(call, stock.Refused)
		s.has(7, 7, 8, 1, 0)
		require.Equal(t, refusals, s.work(webMug).Refusals)
		require.Equal(t, pause, s.work(webMug).PushDue.Sub(s.now))
		require.NotZero(t, s.work(webMug).Read, "perhaps the counter can say why")
		require.Empty(t, s.plan(webMug).Key, "not before the pause is over")
		s.now = s.work(webMug).PushDue
		pause = min(2*pause, time.Hour)
	}
	s.push(webMug)
	require.Zero(t, s.work(webMug).Refusals)
	require.Zero(t, s.work(webMug).PushDue)
}

func TestRefusalBlamesRows(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.open(cup, 5, tillCup, webCup)
	s.deliver(reading(tillMug, 7, at(1)))
	s.deliver(stock.Reading{Ref: tillCup, Status: stock.Counted, Quantity: stock.Units(4), Version: at(1)})
	call := s.plan(webMug, webCup)
	require.Len(t, call.Rows, 2)
	s.one(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: stock.Refused, BadRows: []int{1}}})
	require.Equal(t, 0, s.work(webMug).Refusals)
	require.Equal(t, 1, s.work(webCup).Refusals)
	again := s.plan(webMug, webCup)
	require.Len(t, again.Rows, 1, "the innocent row goes at once")
	require.Equal(t, webMug, again.Rows[0].Ref)
}

func TestCallErrors(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 7, at(1)))
	boom := errors.New("no such location")
	refs := []stock.Ref{webMug}
	require.ErrorIs(t, s.refuse(ledger.PlanCall{Channel: web, Key: "k", Refs: refs,
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return nil, boom }}), boom)
	require.ErrorIs(t, s.refuse(ledger.PlanCall{Channel: web, Key: "k", Refs: refs}), reconcile.ErrInput, "a rule that panics costs one input")
	require.ErrorIs(t, s.refuse(ledger.CallSending{Key: "k"}), ledger.ErrNotFound)
	require.ErrorIs(t, s.refuse(ledger.CallAnswered{Key: "k"}), ledger.ErrNotFound)
	require.ErrorIs(t, s.refuse(ledger.ResolvePush{Call: "k", Ref: webMug}), ledger.ErrNotFound)
	require.ErrorIs(t, s.refuse(ledger.ResolvePush{Call: "k", Ref: webCup}), ledger.ErrNotFound)
}

func TestKeyForgotten(t *testing.T) {
	t.Parallel()
	call := ledger.Call{CreatedAt: at(0)}
	remembers, forgets := stock.Traits{}, stock.Traits{ForgetsKeysAfterHours: 2}
	require.False(t, reconcile.KeyForgotten(call, remembers, at(1e7)))
	require.False(t, reconcile.KeyForgotten(call, forgets, at(7199)))
	require.True(t, reconcile.KeyForgotten(call, forgets, at(7200)))
}

// TestWhatIsMisplacedIsNoMassChange: a push that a counter wanted when its location was lost is not made, and is no part of a mass change.
func TestWhatIsMisplacedIsNoMassChange(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	left := stock.Ref{Channel: web, Item: webMug.Item, Location: "79"}
	s.configure(web, map[string]stock.Location{"77": "main", "79": "main"})
	s.link(mug, left)
	for range 2 {
		s.wait(5)
		s.read(left, 8, at(-120))
	}
	require.Equal(t, ledger.Live, s.state(left).Status)
	s.deliver(reading(tillMug, 6, at(1)))
	s.configure(web, webPlaces)
	require.True(t, s.work(left).Push, "it waits")
	require.Empty(t, s.plan(left).Key)
	require.Empty(t, s.planWith(elsewhere(250, 200), left).Key)
	require.Empty(t, s.massBrakes(), "it is not the shelf that is one too many")
	call := s.plan(webMug, left)
	require.Len(t, call.Rows, 1)
	require.Equal(t, webMug, call.Rows[0].Ref)
}
