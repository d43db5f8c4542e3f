package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// The catalog is asked along with a count when something hints at it, as our process does. What was told at or below zero is no mark to
// the ledger, and may be one with the first unit: so it hints at it as any mark does.
func TestMarksAreAskedForAsLongAsOneWasTold(t *testing.T) {
	t.Parallel()
	w := &world{life: 1, dice: newDice(1)}
	w.marks = &marks{w: w, on: true}
	c := &counter{ch: &channel{square: &square{}}, tracked: true, exists: true, quantity: stock.Units(4)}
	asked := func(units int64) stock.SoldOut {
		c.quantity = stock.Units(units)
		return w.marks.asked(c, stock.Reading{Status: stock.Counted, Quantity: c.quantity}).SoldOut
	}
	require.Equal(t, stock.IsNotSoldOut, asked(4), "nothing is known yet")
	require.Empty(t, asked(4), "nothing hints at it")
	c.marked = true
	require.Empty(t, asked(4))
	require.Equal(t, stock.IsSoldOut, w.marks.told(c, stock.Reading{Status: stock.Counted}), "a sweep asks")
	require.Equal(t, stock.IsSoldOut, asked(-2))
	require.Equal(t, stock.IsSoldOut, asked(4), "goods came at once")
	c.marked = false
	require.Equal(t, stock.IsNotSoldOut, asked(4))
	require.Empty(t, asked(4))
	w.life++
	require.Equal(t, stock.IsNotSoldOut, asked(4), "our process remembers nothing of before")
	require.NotEmpty(t, w.marks.asked(c, stock.Reading{Status: stock.Untracked}).SoldOut, "no count is a hint")
}
