package explain

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Facts is what the ledger holds about one shelf at one moment: no entry may be written between the reading of Entries and that
// of the rest, or a sound ledger looks damaged.
type Facts struct {
	Shelf stock.Shelf
	// At is the past to which Entries and Level are cut; zero: now.
	At ledger.AsOf
	// Entries are all of the shelf, ordered by seq.
	Entries []ledger.Entry
	Level   stock.Quantity
	// Refs are the refs that are tied to the shelf now; empty for a past.
	Refs []ledger.DueRef
	// Calls are those with a row of the shelf's refs, by key. A call that is not among them is told by its entries alone.
	Calls map[string]ledger.Call
	// SoldOutEverywhere are the channels whose mark of an item as sold out counts for the others.
	SoldOutEverywhere map[stock.Channel]bool
	// Misplaced says whether the configuration does not have a counter where it is linked; nil: it has all.
	Misplaced func(ledger.RefState) bool
	// Even is nil where nobody asks what each push carried.
	Even EvenRule
}

// EvenRule says whether a channel's counter that is expected to show this is even with a level.
type EvenRule func(channel stock.Channel, expected, level stock.Quantity) bool
