package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A read that must be repeated pauses, also when the wish that sent it still stands.
func TestRepeatedReadDoesNotSpin(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.apply(ledger.WantRead{Ref: webMug, Reason: "a test"})
	for _, pause := range []time.Duration{250 * time.Millisecond, 3 * time.Second} {
		require.Equal(t, ledger.Repeat, s.read(webMug, 6, at(-121)).Ending)
		require.Equal(t, s.now.Add(pause), s.work(webMug).ReadDue, "a copy that lags behind has time to catch up")
		s.wait(1)
	}
	behind, _ := pushedTill(t)
	require.Equal(t, ledger.Repeat, behind.read(tillMug, 6, at(10)).Ending)
	require.True(t, behind.work(tillMug).ReadDue.After(behind.now), "our push is not in the history yet")
	behind.wait(59)
	require.Equal(t, ledger.Repeat, behind.read(tillMug, 6, at(10)).Ending)
	require.Equal(t, behind.now.Add(15*time.Second), behind.work(tillMug).ReadDue, "a quarter of the push's age")
	behind.wait(3600)
	require.Equal(t, ledger.Repeat, behind.read(tillMug, 6, at(10)).Ending)
	require.Equal(t, behind.now.Add(30*time.Second), behind.work(tillMug).ReadDue)
}

// newShop looks that no step writes through to its snapshot; a candidate was once taken away that way.
func TestUntrackedWhileWaitingForTheBaseline(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, webMug)
	s.apply(ledger.WantBaseline{Ref: webMug, Authority: true})
	s.read(webMug, 5, at(-110))
	require.Equal(t, "not tracked", s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Untracked})).Reason)
	s.wait(60)
	s.read(webMug, 5, at(-110))
	s.wait(4)
	s.read(webMug, 5, at(-110))
	require.Equal(t, stock.Units(5), s.model.Level(mug))
}

// An order that is parked and routed within one batch waits for nothing.
func TestOrderRoutedWithinABatch(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	nowhere := line("1", 2)
	nowhere.Location = ""
	s.apply(delivered(webOrder(at(1), nowhere)), delivered(webOrder(at(2), line("1", 2))))
	require.Empty(t, s.waiting(t))
	require.Equal(t, stock.Units(-2), s.model.Ref(webMug).Unexplained)
	s.apply(delivered(webOrder(at(3), line("1", 2))), delivered(webOrder(at(3), line("1", 2), stock.OrderLine{ID: "2", SoldAs: soldAs(webMug), Taken: stock.Unit})))
	require.Len(t, s.waiting(t), 1)
}

// waiting is what the snapshot of an order shows as parked.
func (s *shop) waiting(t *testing.T) (parked map[ledger.CounterKey]ledger.Waiting) {
	t.Helper()
	s.look = func(snapshot *ledger.Snapshot) { parked = snapshot.Waiting }
	s.deliver(webOrder(at(0)))
	s.look = nil
	return parked
}

// A recount that surely absorbed our push is not hidden by a younger one of which nobody knows.
func TestAbsorbedDespiteATie(t *testing.T) {
	t.Parallel()
	s, call := pushedTill(t)
	s.read(tillMug, 8, at(10.5), ownRow(call, at(10.2)), recount("R1", 8, at(10.1), at(10.15)), recount("R2", 8, at(10.18), at(10.2)))
	require.Equal(t, ledger.Live, s.state(tillMug).Status)
	s.has(6, 8, 6, 0, 2)
}

// A ref that was to be unlinked while it was set aside is unlinked as soon as a person has settled its push.
func TestUnlinkWhileSetAside(t *testing.T) {
	t.Parallel()
	s, call := plannedWeb(t)
	s.answer(call, stock.Unknown)
	s.wait(20 * 3600)
	s.answer(call, stock.Unknown)
	require.Equal(t, "unlinked once its call is definite", s.one(ledger.UnlinkRef{Ref: webMug}).Reason)
	require.Equal(t, ledger.SetAside, s.state(webMug).Status)
	s.one(ledger.ResolvePush{Call: call.Key, Ref: webMug, Applied: true, By: "anna"})
	require.Equal(t, ledger.Unlinked, s.state(webMug).Status)
	require.Zero(t, s.work(webMug).Read)
	s.has(7, 7, 0, 1, 0)
}

// A till that is tracked again reads its history from far enough back to find the recounts its baseline contains.
func TestUntrackedForgetsWhereHistoryWasRead(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	require.NotZero(t, s.work(tillMug).FeedFrom)
	s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Untracked}))
	require.Zero(t, s.work(tillMug).FeedFrom)
}
