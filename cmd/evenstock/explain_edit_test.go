package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestExplainEditedFacts has somebody edit rows in the till's history: a delivery, a sale down to nothing, and a push of ours.
func TestExplainEditedFacts(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	told := func(movements ...stock.Movement) ledger.OwnRead {
		return ledger.OwnRead{Movements: movements, AskedAt: b.at}
	}
	received := b.deliver(tillTee, 20)
	b.read(tillTee, 20, received, told(adjusted("A1", 12, stock.Received, received)))
	b.push(webTee)
	sold := b.deliver(tillTee, 17)
	b.read(tillTee, 17, sold, told(adjusted("A2", -3, stock.Sold, sold)))
	b.push(webTee)
	edited := b.deliver(tillTee, 15)
	b.read(tillTee, 15, edited, told(adjusted("A1", 10, stock.Received, received)))
	b.push(webTee)
	undone := b.deliver(tillTee, 18)
	b.read(tillTee, 18, undone, told(adjusted("A2", 0, stock.Sold, sold), adjusted("A1", 10, stock.Received, received)))
	b.push(webTee)
	b.deliver(webTee, 18)
	ordered := b.deliver(webTee, 16)
	b.ordered("1001", ordered, 2, 0)
	key, at := b.push(tillTee)
	b.read(tillTee, 16, at.Add(time.Second), told(b.row(key, at, -2)))
	ours := b.deliver(tillTee, 13)
	b.read(tillTee, 13, ours, told(b.row(key, at, -5)))
	e := b.golden("edited_facts", ledger.AsOf{})
	causes := e.Shelves[0].Causes
	var edits []explain.Edit
	for _, c := range causes {
		if c.Edit != nil {
			edits = append(edits, *c.Edit)
		}
	}
	require.Equal(t, []explain.Edit{{Entry: 6, Was: stock.Units(12), Now: stock.Units(10)}, {Entry: 9, Was: stock.Units(-3)}}, edits)
	require.Equal(t, stock.Units(-3), e.Shelves[0].Unexplained[0].Quantity, "nobody explains an edited push")
}
