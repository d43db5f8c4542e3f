package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// A correction takes back what a counter raised. For a counter that followed the raise it is a repair; for one that follows its shelf only
// since then it is a person's word, and to follow that carries nothing.
func TestCorrectionIsAWordForLaterFollowers(t *testing.T) {
	t.Parallel()
	ch := &channel{traits: stock.Traits{Step: stock.Unit}}
	s := &shelf{}
	raised := &counter{ch: ch, shelf: s, effects: []effect{{delta: stock.Units(10)}}, others: []stock.Quantity{0, stock.Units(10)}}
	m := newMassJudge(nil)
	m.shelves[s] = &massShelf{steps: []massStep{{counter: raised, from: 0, to: 1}, {about: raised, word: stock.Units(-10)}}}
	after := func(since int, start, shows int64) stock.Quantity {
		c := &counter{ch: ch, shelf: s, follower: follower{start: stock.Units(start), since: since}}
		return m.carries(c, massPush{shows: stock.Units(shows), steps: 2})
	}
	require.Zero(t, after(0, 8, 8), "it followed, and is repaired")
	require.Equal(t, stock.Units(10), after(0, 8, 18), "it follows, and is not repaired yet")
	require.Zero(t, after(1, 18, 8), "it began with the raise in its level")
	require.Equal(t, stock.Units(-3), after(1, 18, 5), "beyond the person's word")
}
