package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// A counter that need not be linked at a location comes with the command that unlinks it there, and nowhere else.
func TestShelfNoteUnlinksHere(t *testing.T) {
	t.Parallel()
	shelf := app.Shelf{Opened: true, Location: "old stall", Channels: []app.Counter{
		{Channel: "till", Ref: stock.Ref{Channel: "till", Item: "V1", Location: "L2"}, State: explain.StateEven},
		{Channel: "web", Ref: stock.Ref{Channel: "web", Item: "45", Location: "78"}, State: explain.StateNoCount}}}
	require.Equal(t, "web has no count yet: count it there once, and be it zero; or it is not stocked there, and need not be linked there: evenstock link remove web 45 --location 'old stall'",
		shelfNote(shelf, time.UTC))
	shelf.Channels[1].State = explain.StateUntracked
	require.Equal(t, "web does not count it: have it counted there, or unlink it: evenstock link remove web 45 --location 'old stall'", shelfNote(shelf, time.UTC))
}

// A level below zero that waits for an answer is not said to be oversold: both counters may say of the same units that they are gone.
func TestShelfNoteOfAQuestion(t *testing.T) {
	t.Parallel()
	shelf := app.Shelf{Opened: true, Held: []string{ledger.TypedTwice.String()}, Oversold: &explain.Oversold{Units: stock.Units(50)}}
	require.Equal(t, "below zero by 50 while a question about its counts is open; held: typed in twice (evenstock brakes)", shelfNote(shelf, time.UTC))
	shelf.Held = nil
	require.Equal(t, "oversold by 50; no sale is known that did it", shelfNote(shelf, time.UTC))
}
