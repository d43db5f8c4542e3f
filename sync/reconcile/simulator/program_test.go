package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A program that keeps books is surely one after returns in a row: what its counter sold may lie between them, what others did to it
// without a cause may not.
func TestReturnsInARow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between effect
		returns int
	}{
		"a sale":          {effect{by: "order", delta: -stock.Unit, explained: -stock.Unit}, 2},
		"a hand edit":     {effect{by: "hand edit", delta: -stock.Unit}, 1},
		"its own hand":    {effect{by: string(ownBooks), delta: -stock.Unit}, 2},
		"a write of ours": {effect{by: "push", delta: -stock.Unit, call: "evenstock:k1:0"}, 2},
	} {
		c := &counter{}
		p := &programAct{kind: ownBooks, counter: c}
		reads := func(e effect, shown int64) {
			c.effects = append(c.effects, e)
			c.known.last = len(c.effects)
			p.reading(stock.Units(shown), e.delta)
		}
		back := effect{by: string(ownBooks), delta: stock.Unit}
		p.pushed = -stock.Unit
		reads(back, 10)
		reads(test.between, 9)
		p.pushed = -stock.Unit
		reads(back, 9)
		require.Equal(t, test.returns, p.returns, name)
	}
}

// Who unlinks the counter of a program that is asked about is told that what it wrote is pushed then: the judge begins anew. Nothing else
// that becomes of the counter is such a word.
func TestUnlinkedProgramIsAnswered(t *testing.T) {
	t.Parallel()
	for status, echoes := range map[ledger.RefStatus]int{ledger.Unlinked: 0, ledger.Untracked: 41, ledger.Gone: 41} {
		w := quietWorld(t)
		c := w.first(false)
		p := &programAct{s: &strangers{w: w}, kind: scales, counter: c, echoes: 41, held: stock.Units(7)}
		p.entry(ledger.Entry{Kind: ledger.KindBaseline, Ref: c.ref, Status: status})
		require.Equal(t, echoes, p.echoes, status)
		require.Equal(t, status != ledger.Unlinked, p.held == stock.Units(7), "what the shelf holds now")
	}
}
