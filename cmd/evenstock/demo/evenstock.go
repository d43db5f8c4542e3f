package demo

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// Evenstock is a running evenstock as the demo asks it: by what is open to any client of its API.
type Evenstock interface {
	// SuggestLinks proposes to tie the items that have the same SKU in both channels to each other.
	SuggestLinks(ctx context.Context) ([]app.LinkRow, error)
	// ImportLinks ties items. It names the rows that it refuses, and takes the others.
	ImportLinks(ctx context.Context, rows []app.LinkRow) (app.LinkResult, error)
	// Baseline takes the first count of every linked counter. progress is told how far it is.
	Baseline(ctx context.Context, authority string, progress func(text string)) error
	// Sweep looks once through every channel for what changed lately.
	Sweep(ctx context.Context) error
	// Stock is what it says of every linked counter.
	Stock(ctx context.Context) ([]Counter, error)
	// Status is what it did and what it has to do.
	Status(ctx context.Context) (Status, error)
	// Verify is what of the ledger's caches does not follow from its entries.
	Verify(ctx context.Context) (faults []string, err error)
}

// Counter is a linked counter and its shelf.
type Counter struct {
	Ref stock.Ref
	// Level is the shelf's; Opened says that a baseline gave it one.
	Level  stock.Quantity
	Opened bool
	// Target is what the counter should show.
	Target stock.Quantity
	// Unexplained is the counter's suspense account, positive when units left without a cause.
	Unexplained stock.Quantity
}

// Status is what an evenstock did and what it has to do.
type Status struct {
	// Entries counts the ledger's entries, Repairs the differences that sweeps were the first to see.
	Entries int64
	Repairs int
	// Lag counts the events on the stream that the ledger has not consumed.
	Lag    int64
	Wishes []Wishes
	// OpenCalls counts calls without a definite answer, SetAside refs that wait for a person.
	OpenCalls, SetAside int64
	Brakes              []Brake
}

// Wishes is what is wanted of one channel.
type Wishes struct {
	Channel               stock.Channel
	Reads, Pushes, Orders int64
}

// Brake holds something back.
type Brake struct {
	ID, Kind string
	// Observing: it holds a shelf that has no baseline yet.
	Observing bool
}

// Fill adds to the judge's items what an evenstock says of their counters.
func Fill(items []judge.Item, counters []Counter) error {
	told := make(map[stock.Ref]Counter, len(counters))
	for _, c := range counters {
		told[c.Ref] = c
	}
	for i := range items {
		item := &items[i]
		for j := range item.Refs {
			ref := &item.Refs[j]
			c, linked := told[stock.Ref{Channel: ref.Channel, Item: ref.Item, Location: ref.Location}]
			if !linked {
				return fmt.Errorf("%s is not linked on %s", item.SKU, ref.Channel)
			}
			item.Level, item.Opened = c.Level, c.Opened
			ref.Target, ref.Unexplained = c.Target, c.Unexplained
		}
	}
	return nil
}
