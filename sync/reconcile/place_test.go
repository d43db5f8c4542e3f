package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// losses are configurations that have a counter's location no more, or as another of ours.
var losses = map[string]map[string]stock.Location{
	"taken out": {"78": "annex"}, "another of ours": {"77": "annex"}, "renumbered": {"79": "main"},
}

var webPlaces = configured()[web].Locations

// A counter whose location the configuration lost waits: by a webhook and by a read it moves nothing, and nothing is pushed to it.
func TestAPlaceIsLost(t *testing.T) {
	t.Parallel()
	for how, places := range losses {
		for _, read := range []bool{true, false} {
			s := openShop(t, 8)
			s.configure(web, places)
			if read {
				s.read(webMug, 6, at(1))
			} else {
				s.deliver(reading(webMug, 6, at(1)))
			}
			require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status, how)
			require.Equal(t, stock.Units(6), s.expected(webMug))
			require.Equal(t, stock.Units(8), s.model.Level(mug), "nothing of it moves the level")
			require.Equal(t, stock.Units(-2), s.state(webMug).Joining.Others, "and what it did is kept")
			require.Equal(t, stock.Units(8), s.state(webMug).Joining.Counted)
			require.Empty(t, s.plan(webMug, tillMug).Key)
			s.wait(60)
			s.deliver(reading(tillMug, 7, s.now))
			require.Equal(t, stock.Units(7), s.model.Level(mug), "the others go on")
			require.False(t, s.work(webMug).Push)
			require.ErrorIs(t, s.refuse(ledger.JoinRef{Ref: webMug, How: ledger.JoinLevel, Untold: ledger.UntoldMoved, By: "anna"}), reconcile.ErrMisplaced)
			require.Equal(t, "linked", s.one(ledger.LinkRef{Ref: webMug, Shelf: mug, SoldAs: soldAs(webMug), Join: ledger.JoinLevel}).Reason)
			require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status, "nothing can be said of it yet")
		}
	}
}

// When the place is back, a counter joins that shows its target and that nobody changed; a webhook has it read for that.
func TestAPlaceIsBackAndNothingHappened(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.configure(web, losses["taken out"])
	s.read(webMug, 8, at(-120))
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	s.wait(3600)
	s.configure(web, webPlaces)
	require.True(t, reconcile.PlaceDiffers(webPlaces, s.state(webMug)))
	s.deliver(reading(webMug, 8, s.now))
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	require.NotZero(t, s.work(webMug).Read, "it is read first")
	s.read(webMug, 8, s.now)
	require.Equal(t, ledger.Live, s.state(webMug).Status)
	require.Nil(t, s.state(webMug).Joining)
	require.False(t, reconcile.PlaceDiffers(webPlaces, s.state(webMug)))
	s.wait(60)
	s.deliver(reading(webMug, 7, s.now))
	require.Equal(t, stock.Units(7), s.model.Level(mug), "from now on it counts")
}

// Else it waits for a person, who is asked about what it counted, what others did to it, and the level; no unit is lost or doubled.
func TestAPlaceIsBackWithAnotherCount(t *testing.T) {
	t.Parallel()
	for answer, level := range map[ledger.JoinHow]int64{ledger.JoinAdd: 7 + 5, ledger.JoinLevel: 7 - 3, ledger.JoinCounter: 7 - 3} {
		s := openShop(t, 8)
		s.configure(web, losses["another of ours"])
		s.read(webMug, 6, at(1))
		s.deliver(reading(tillMug, 7, at(2)))
		s.wait(3600)
		s.configure(web, webPlaces)
		s.read(webMug, 5, s.now)
		state := s.state(webMug)
		require.Equal(t, ledger.WaitsToJoin, state.Status)
		require.False(t, state.Joining.Away, "it is asked about now")
		require.Equal(t, []stock.Quantity{stock.Units(8), stock.Units(8), stock.Units(-3)},
			[]stock.Quantity{state.Joining.Counted, state.Joining.Level, state.Joining.Others})
		require.Equal(t, stock.Units(7), s.model.Level(mug))
		s.read(webMug, 5, s.now)
		require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
		s.one(ledger.JoinRef{Ref: webMug, How: answer, Untold: ledger.UntoldMoved, By: "anna"})
		require.Equal(t, stock.Units(level), s.model.Level(mug), answer)
		require.Equal(t, ledger.Live, s.state(webMug).Status)
	}
}

// Where others sold, and came back, the numbers are equal, and still nobody knows what its own sales were of.
func TestAPlaceIsBackByChanceEven(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.configure(web, losses["taken out"])
	s.read(webMug, 7, at(1))
	s.deliver(reading(tillMug, 7, at(2)))
	s.configure(web, webPlaces)
	s.read(webMug, 7, at(3))
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	s.one(ledger.JoinRef{Ref: webMug, How: ledger.JoinLevel, Untold: ledger.UntoldMoved, By: "anna"})
	require.Equal(t, stock.Units(6), s.model.Level(mug))
}

// A push that is on its way when the place is lost is decided before the counter waits; it is no change by others.
func TestAPlaceIsLostUnderAPush(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(tillMug, 6, at(1)))
	s.wait(5)
	s.read(tillMug, 6, at(1))
	call := s.plan(webMug)
	require.NotEmpty(t, call.Key)
	s.configure(web, losses["taken out"])
	s.deliver(reading(webMug, 6, at(6)))
	require.Equal(t, ledger.Live, s.state(webMug).Status, "nothing is decided before the answer")
	s.answer(call, stock.Applied)
	s.wait(5)
	s.read(webMug, 5, s.now)
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	require.Equal(t, stock.Units(6), s.state(webMug).Joining.Counted)
	require.Equal(t, stock.Units(-1), s.state(webMug).Joining.Others)
	require.Equal(t, stock.Units(6), s.model.Level(mug))
}

// A baseline is not taken at a lost place: neither one that opens its shelf, nor one that joins it.
func TestNoBaselineAtALostPlace(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.configure(till, map[string]stock.Location{"L1": "annex"})
	s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
	for range 2 {
		s.wait(5)
		s.read(webMug, 8, at(-120))
	}
	s.read(tillMug, 5, at(-120))
	require.Equal(t, ledger.Linked, s.state(tillMug).Status)
	require.True(t, s.work(tillMug).Baseline.Missing)
	require.Zero(t, s.model.Level(mug))
	s.configure(till, configured()[till].Locations)
	for range 4 {
		s.wait(40)
		s.read(tillMug, 5, at(-120))
		s.read(webMug, 8, at(-120))
	}
	require.Equal(t, stock.Units(5), s.model.Level(mug), "back, it opens the shelf")

	s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Untracked}))
	s.configure(till, map[string]stock.Location{"L1": "annex"})
	s.wait(60)
	s.read(tillMug, 5, s.now)
	require.Equal(t, ledger.Untracked, s.state(tillMug).Status)
	require.Equal(t, stock.Units(5), s.model.Level(mug))
}

// A counter that could not be read when its place was lost, or cannot afterwards, moves nothing either when it is read again.
func TestAPlaceIsLostUnread(t *testing.T) {
	t.Parallel()
	missing := stock.Reading{Ref: webMug, Status: stock.Missing}
	s := openShop(t, 8)
	s.one(s.ownRead(missing))
	require.Equal(t, ledger.Unreadable, s.state(webMug).Status)
	s.configure(web, losses["taken out"])
	s.one(s.ownRead(missing))
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	s.configure(web, webPlaces)
	s.wait(60)
	s.read(webMug, 4, s.now)
	require.Equal(t, ledger.WaitsToJoin, s.state(webMug).Status)
	require.Equal(t, stock.Units(8), s.model.Level(mug))
}
