package app

import (
	"context"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Successor is what most likely came in the place of an item that is gone: the one article of its channel that has its SKU and was
// tied to no shelf when a sweep saw it.
type Successor struct {
	Item string `json:"item"`
	Name string `json:"name,omitempty"`
	// Counts is what it counted then, at the same location; null when it counted nothing.
	Counts *stock.Quantity `json:"counts"`
	// Linked says that it is tied to a shelf now: the one that is gone is only to be unlinked.
	Linked bool `json:"linked"`
}

// successorWindow is how far back findings are looked through for a successor: a full sweep finds it anew every night.
const successorWindow = 48 * time.Hour

// addSuccessors says of counters that are gone what came in their place, as sweeps have found it.
func (a *App) addSuccessors(ctx context.Context, shelves []Shelf) error {
	var found map[stock.Ref]Successor
	for _, shelf := range shelves {
		for i := range shelf.Channels {
			counter := &shelf.Channels[i]
			if counter.Status != ledger.Gone.String() {
				continue
			}
			if found == nil {
				var err error
				if found, err = a.successors(ctx); err != nil {
					return err
				}
			}
			successor, known := found[counter.Ref]
			if !known {
				continue
			}
			ref, err := a.Ledger.Ref(ctx, stock.Ref{Channel: counter.Channel, Item: successor.Item, Location: counter.Ref.Location})
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			successor.Linked = err == nil && ref.State.Status != ledger.Unlinked
			counter.Successor = &successor
		}
	}
	return nil
}

// successors are what sweeps found lately in the place of refs that are gone. The youngest finding that names one counts.
func (a *App) successors(ctx context.Context) (map[stock.Ref]Successor, error) {
	found := map[stock.Ref]Successor{}
	filter := ledger.FindingFilter{Class: sweep.Gone, From: a.Now().Add(-successorWindow)}
	for {
		page, err := a.Ledger.Findings(ctx, filter)
		if err != nil || len(page) == 0 {
			return found, err
		}
		for _, finding := range page {
			item := finding.Evidence[sweep.EvidenceSuccessor]
			if item == "" {
				continue
			}
			successor := Successor{Item: item, Name: finding.Evidence[sweep.EvidenceName]}
			if counts, err := stock.ParseQuantity(finding.Evidence[sweep.EvidenceCounts]); err == nil {
				successor.Counts = &counts
			}
			found[finding.Ref] = successor
		}
		last := page[len(page)-1]
		filter.AfterAt, filter.AfterID = last.At, last.ID
	}
}
