package simulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A correction takes back what a counter did, up or down. For a counter that followed that it is a repair; for one that follows its shelf
// only since then it is a person's word, and to follow that carries nothing.
func TestCorrectionIsAWordForLaterFollowers(t *testing.T) {
	t.Parallel()
	ch := &channel{traits: stock.Traits{Step: stock.Unit}}
	for _, way := range []int64{1, -1} {
		s, units := &shelf{}, func(n int64) stock.Quantity { return stock.Units(n * way) }
		changed := &counter{ch: ch, shelf: s, effects: []effect{{delta: units(10)}}, others: []stock.Quantity{0, units(10)}}
		m := newMassJudge(nil)
		m.shelves[s] = &massShelf{steps: []massStep{{counter: changed, from: 0, to: 1}, {about: changed, word: units(-10)}}}
		after := func(since int, start, shows int64) stock.Quantity {
			c := &counter{ch: ch, shelf: s, follower: follower{start: units(start), since: since}}
			return m.carries(c, massPush{shows: units(shows), steps: 2})
		}
		require.Zero(t, after(0, 8, 8), "it followed, and is repaired")
		require.Equal(t, units(10), after(0, 8, 18), "it follows, and is not repaired yet")
		require.Zero(t, after(1, 18, 8), "it began with the change in its level")
		require.Equal(t, units(-3), after(1, 18, 5), "beyond the person's word")
	}
}

// A counter was changed and put back, and its shelf's others followed neither. Who says then that it had better not been put back says so of
// all that it was changed by.
func TestCorrectionOfWhatWasPutBackIsAWord(t *testing.T) {
	t.Parallel()
	ch := &channel{traits: stock.Traits{Step: stock.Unit}}
	s := &shelf{}
	changed := &counter{ch: ch, shelf: s, effects: []effect{{delta: stock.Units(10)}, {delta: stock.Units(-11)}}, others: []stock.Quantity{0, stock.Units(10), stock.Units(-1)}}
	m := newMassJudge(nil)
	m.shelves[s] = &massShelf{steps: []massStep{{counter: changed, from: 0, to: 1}, {counter: changed, from: 1, to: 2}, {about: changed, word: stock.Units(11)}}}
	c := &counter{ch: ch, shelf: s, follower: follower{start: stock.Units(8)}}
	require.Zero(t, m.carries(c, massPush{shows: stock.Units(18), steps: 3}), "as the person said")
	require.Equal(t, stock.Units(3), m.carries(c, massPush{shows: stock.Units(21), steps: 3}), "beyond the person's word")
}

// Who releases a mass change has seen what was pushed of it before. It is theirs from then on, and no part of what comes next.
func TestReleaseIsAboutWhatWasPushedToo(t *testing.T) {
	t.Parallel()
	w := &world{now: 5 * time.Minute}
	ch := &channel{name: "web", traits: stock.Traits{Step: stock.Unit}, byRef: map[stock.Ref]*counter{}}
	w.byName = map[stock.Channel]*channel{"web": ch}
	w.judge = newJudge(w)
	m := w.judge.mass
	for name, test := range map[string]struct{ shown, reached int64 }{
		"all of it":         {-10, 0},
		"a part of it":      {-4, 6},
		"more than that":    {-30, 0},
		"another direction": {10, 10},
		"nothing":           {0, 10},
	} {
		ref := stock.Ref{Channel: "web", Item: name}
		s := &shelf{name: stock.Shelf{Item: stock.ItemID(name)}}
		c := &counter{ref: ref, ch: ch, shelf: s, follower: follower{start: stock.Units(20), pushes: []massPush{
			{shows: stock.Units(20)}, {at: time.Minute, shows: stock.Units(14)}, {at: 2 * time.Minute, shows: stock.Units(10)},
		}}}
		s.counters, ch.byRef[ref] = []*counter{c}, c
		w.judge.balances[ledger.AvailableOn(s.name)] = stock.Units(10)
		require.Equal(t, stock.Units(10), m.reached(c, 0), name)
		m.letPass([]ledger.PlannedPush{{Ref: ref, Quantity: stock.Units(test.shown)}})
		require.Equal(t, stock.Units(test.reached), m.reached(c, 0), name)
	}
}

// released is a counter of 20 units, in a judge whose channel was pushed to 15 and whose person let that pass a minute after the start.
// The function pushes it on to what its shelf has at a time, and returns what reached it within the ten minutes before.
func released(t *testing.T) (reached func(at time.Duration, shows int64) stock.Quantity) {
	t.Helper()
	w := &world{}
	ref := stock.Ref{Channel: "web"}
	ch := &channel{name: "web", traits: stock.Traits{Step: stock.Unit}}
	s := &shelf{}
	c := &counter{ref: ref, ch: ch, shelf: s, follower: follower{start: stock.Units(20), pushes: []massPush{{shows: stock.Units(20)}}}}
	s.counters, ch.byRef, w.byName = []*counter{c}, map[stock.Ref]*counter{ref: c}, map[stock.Channel]*channel{"web": ch}
	w.judge = newJudge(w)
	m := w.judge.mass
	reached = func(at time.Duration, shows int64) stock.Quantity {
		w.now = at
		w.judge.balances[ledger.AvailableOn(s.name)] = stock.Units(shows)
		expected := c.follower.pushes[len(c.follower.pushes)-1].shows
		w.judge.states[ref] = ledger.RefState{Expected: expected}
		if delta := stock.Units(shows) - expected; delta != 0 {
			m.planned(ledger.Call{Channel: "web", Rows: []ledger.CallRow{{PushRow: stock.PushRow{Ref: ref, Delta: delta}}}})
		}
		return m.reached(c, w.now-10*time.Minute)
	}
	require.Equal(t, stock.Units(5), reached(time.Minute, 15))
	m.letPass([]ledger.PlannedPush{{Ref: ref, Quantity: stock.Units(-5)}})
	return reached
}

// A release lets as much again pass within a quarter of an hour. What goes beyond it is judged. To put back what passed, shown or not, is a
// repair: the counter shows again what it showed before the window.
func TestReleaseIsAboutAsMuchAgain(t *testing.T) {
	t.Parallel()
	reached := released(t)
	require.Zero(t, reached(2*time.Minute, 12), "as much again")
	require.Equal(t, stock.Units(8), reached(3*time.Minute, 2), "two of ten are left of it")
	require.Zero(t, reached(4*time.Minute, 10), "what was beyond it is put back")
	require.Zero(t, reached(5*time.Minute, 15), "and so is what nobody was shown")
	require.Zero(t, reached(6*time.Minute, 20), "and what a person was shown")
	require.Equal(t, stock.Units(3), reached(14*time.Minute, 23), "beyond what is put back")
	require.Equal(t, stock.Units(3), reached(16*time.Minute, 23), "and what was pushed before it counts no more")
}

// A person says of a shelf that what is held of it is right: its counter is pushed to its level then, and only what comes beside it counts.
// What that puts back of what reached the counter before was a repair without their word.
func TestAnswerIsAWordForWhatWasHeld(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start, shows, level, before, then int64
		answered                          ledger.Brake
	}{
		"goods that came":                {20, 20, 30, 0, 0, ledger.Brake{}},
		"a repair":                       {20, 5, 20, -15, 0, ledger.Brake{}},
		"a repair and goods":             {20, 5, 30, -15, 0, ledger.Brake{}},
		"a part of the repair":           {20, 5, 15, -15, -5, ledger.Brake{}},
		"beside goods typed over a mark": {20, 20, 30, 0, 7, ledger.Brake{Quantity: stock.Units(3), Evidence: stock.Evidence{"hidden": "3"}}},
	} {
		w := &world{}
		ref := stock.Ref{Channel: "web"}
		s := &shelf{}
		c := &counter{ref: ref, ch: &channel{name: "web", traits: stock.Traits{Step: stock.Unit}}, shelf: s,
			follower: follower{start: stock.Units(test.start), pushes: []massPush{{shows: stock.Units(test.shows)}}}}
		c.known.live, s.counters = true, []*counter{c}
		w.judge = newJudge(w)
		w.judge.states[ref] = ledger.RefState{Expected: stock.Units(test.shows)}
		w.judge.balances[ledger.AvailableOn(s.name)] = stock.Units(test.level)
		m := w.judge.mass
		m.right(s, test.answered)
		shows := func(units int64) massPush { return massPush{shows: stock.Units(units), steps: len(m.shelf(s).steps)} }
		require.Equal(t, stock.Units(test.before), m.carries(c, c.follower.pushes[0]), "%s: nothing is pushed yet", name)
		require.Zero(t, m.pushed(c, c.follower.pushes[0], shows(test.shows)), "%s: nothing is pushed yet", name)
		require.Equal(t, stock.Units(test.then), m.carries(c, shows(test.level)), "%s: what was held", name)
		require.Equal(t, stock.Units(test.then+4), m.carries(c, shows(test.level+4)), "%s: more than that", name)
	}
}

// What passed within that time stays let pass, and nothing passes after it.
func TestReleaseEnds(t *testing.T) {
	t.Parallel()
	reached := released(t)
	require.Zero(t, reached(15*time.Minute, 12), "as much again")
	require.Zero(t, reached(17*time.Minute, 12))
	require.Equal(t, stock.Units(2), reached(18*time.Minute, 10))
}

// While another channel marks an item as sold out, what a counter of it does by itself is taken back: that is no part of a mass change.
func TestOwnChangesBehindAMarkAreTakenBack(t *testing.T) {
	t.Parallel()
	w := &world{now: time.Minute}
	w.judge = newJudge(w)
	m, s := w.judge.mass, &shelf{}
	web := &counter{ref: stock.Ref{Channel: "web"}, ch: &channel{traits: stock.Traits{Step: stock.Unit}}, shelf: s,
		effects: []effect{{delta: stock.Units(9)}}, others: []stock.Quantity{0, stock.Units(9)},
		follower: follower{start: stock.Units(12), pushes: []massPush{{shows: stock.Units(12)}, {at: time.Minute, shows: stock.Units(12), steps: 1}}}}
	till := &counter{ref: stock.Ref{Channel: "till"}, ch: &channel{marksCount: true}, shelf: s}
	s.counters = []*counter{web, till}
	m.shelves[s] = &massShelf{steps: []massStep{{counter: web, from: 0, to: 1}}}
	require.Equal(t, stock.Units(9), m.reached(web, 0))
	w.judge.states[till.ref] = ledger.RefState{SoldOut: time.Unix(1, 0)}
	require.Zero(t, m.reached(web, 0))
	web.follower.pushes[1].shows = stock.Units(5)
	require.Equal(t, stock.Units(7), m.reached(web, 0), "beyond what it did itself")
}
