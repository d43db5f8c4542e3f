package explain

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// ShelfFacts is what the ledger holds about one shelf at one moment.
type ShelfFacts struct {
	Shelf   stock.Shelf
	At      ledger.AsOf
	Entries []ledger.Entry
	Level   stock.Quantity
	// Refs are the refs that are tied to the shelf now; empty for a past.
	Refs []ledger.DueRef
	// Calls are those with a row of the shelf's refs, by key.
	Calls map[string]ledger.Call
	// Even is nil where nobody asks what each push carried.
	Even Evenness
}

// Evenness says whether a channel's counter that is expected to show this is even with a level.
type Evenness func(channel stock.Channel, expected, level stock.Quantity) bool
