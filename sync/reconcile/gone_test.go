package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// A refusal that says that an item is gone ends what is tried of its ref at once, and holds up nobody else in the call.
func TestRefusalOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.open(mugAnnex, 5, tillMugAnnex, webMugAnnex)
	s.deliver(reading(tillMug, 7, at(1)))
	s.deliver(reading(tillMugAnnex, 3, at(1)))
	call := s.plan(webMug, webMugAnnex)
	require.Len(t, call.Rows, 2)
	s.one(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: stock.Refused, Reason: "INVALID_INVENTORY_ITEM", BadRows: []int{0}, GoneRows: []int{0}, PlatformTime: at(2)}})
	state := s.state(webMug)
	require.Equal(t, ledger.Gone, state.Status)
	require.Equal(t, "INVALID_INVENTORY_ITEM", state.Reason)
	require.Zero(t, state.Expected)
	work := s.work(webMug)
	require.False(t, work.Push)
	require.Zero(t, work.Read)
	require.Zero(t, work.Refusals)
	require.Equal(t, stock.Units(7), s.model.Level(mug), "the units are still there")
	require.Equal(t, stock.Units(-2), s.push(webMugAnnex).Rows[0].Delta, "the other row is sent again at once")

	require.Equal(t, "gone", s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Gone})).Reason)
	require.Equal(t, state.Entries, s.state(webMug).Entries, "recorded once")
	require.Equal(t, "not tracked", s.deliver(webOrder(at(3), line("1", 1))).Reason, "only its counters are kept")
	require.Equal(t, "still not counted", s.deliver(stock.Reading{Ref: webMug, Status: stock.Gone, Version: at(3)}).Reason)
	require.Equal(t, "read again: counter shows again", s.deliver(reading(webMug, 7, at(4))).Reason)
	s.wait(60)
	s.read(webMug, 7, at(4))
	s.wait(5)
	s.read(webMug, 7, at(4))
	require.Equal(t, ledger.Live, s.state(webMug).Status, "it is back, with its number")
	require.Empty(t, s.state(webMug).Reason)
}

// What the channel says is gone, or is not counted, is read before anything is pushed to it.
func TestNoPushToWhatIsInDoubt(t *testing.T) {
	t.Parallel()
	for name, event := range map[string]stock.Event{
		"gone":      {Reading: &stock.Reading{Ref: webMug, Status: stock.Gone}},
		"untracked": {Reading: &stock.Reading{Ref: webMug, Status: stock.Untracked}},
		"changed":   {Hint: &stock.Hint{Ref: &webMug}},
	} {
		s := openShop(t, 8)
		s.deliver(reading(tillMug, 7, at(1)))
		event.Channel, event.ID, event.ObservedAt = web, name, s.now
		s.one(ledger.Delivered{Event: event})
		require.Empty(t, s.plan(webMug).Rows, name)
		s.read(webMug, 8, at(0))
		require.Equal(t, stock.Units(-1), s.push(webMug).Rows[0].Delta, "%s: it was there after all", name)
	}
}

// What is gone is told at once.
func TestFindingOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(stock.Reading{Ref: webMug, Status: stock.Gone})
	require.Empty(t, s.findings, "a delivery alone says nothing")
	s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Gone}))
	s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Gone}))
	require.Len(t, s.findings, 1)
	require.Equal(t, reconcile.ClassGone, s.findings[0].Class)
	require.Equal(t, webMug, s.findings[0].Ref)
	require.Equal(t, mug, s.findings[0].Shelf)
	require.Equal(t, "8", s.findings[0].Evidence["level"])
}

// An authority that is gone before its baseline is waited for by nobody; if it comes back, the shelf begins anew.
func TestAuthorityThatIsGone(t *testing.T) {
	t.Parallel()
	s := uncounted(t, stock.Gone)
	require.Equal(t, ledger.Gone, s.state(tillMug).Status)
	s.deliver(reading(webMug, 40, at(10)))
	s.wait(600)
	s.deliver(reading(tillMug, 40, s.now))
	s.takeBaselines(40, s.now, 40, at(10))
	require.Equal(t, stock.Units(40), s.model.Level(mug))
}

// A ref that is to be unlinked is unlinked when its last push was refused because it is gone.
func TestUnlinkWhatIsGone(t *testing.T) {
	t.Parallel()
	s, call := plannedWeb(t)
	s.one(ledger.UnlinkRef{Ref: webMug})
	s.one(ledger.CallAnswered{Key: call.Key, Answer: stock.Answer{Outcome: stock.Refused, Reason: "gone", BadRows: []int{0}, GoneRows: []int{0}}})
	require.Equal(t, ledger.Unlinked, s.state(webMug).Status)
}
