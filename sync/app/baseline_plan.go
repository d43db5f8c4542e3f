package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// PlannedShelf is one shelf as a baseline would find it.
type PlannedShelf struct {
	SKU      string         `json:"sku"`
	Location stock.Location `json:"location"`
	// Counts is what each channel's counter shows, or why it shows nothing.
	Counts map[stock.Channel]string `json:"counts"`
	// Opening is the level that the shelf would open with; null: it stays closed.
	Opening *stock.Quantity `json:"opening"`
	// Pushes is what would be added to each channel's counter.
	Pushes   map[stock.Channel]string `json:"pushes"`
	Note     string                   `json:"note,omitempty"`
	readings map[stock.Ref]stock.Reading
	opened   bool
}

// PlanBaseline reads every linked counter once and says what a baseline from the authority would open and push. It writes nothing.
func (a *App) PlanBaseline(ctx context.Context, request BaselineRequest) ([]*PlannedShelf, error) {
	if err := a.checkAuthority(request.Authority); err != nil {
		return nil, err
	}
	shelves := map[stock.Shelf]*PlannedShelf{}
	for _, channel := range a.Channels {
		if err := a.planChannel(ctx, channel, shelves); err != nil {
			return nil, err
		}
	}
	plan := []*PlannedShelf{}
	for _, shelf := range slices.SortedFunc(maps.Keys(shelves), stock.Shelf.Compare) {
		a.decide(shelves[shelf], request.Authority)
		plan = append(plan, shelves[shelf])
	}
	slices.SortStableFunc(plan, func(a, b *PlannedShelf) int { return strings.Compare(a.SKU, b.SKU) })
	return plan, nil
}

// planChannel reads the refs of a channel that have no baseline yet, or whose shelf is not open.
func (a *App) planChannel(ctx context.Context, c Channel, shelves map[stock.Shelf]*PlannedShelf) error {
	var waiting []ledger.DueRef
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Channel: c.Name}) {
		if err != nil {
			return err
		}
		if ref.State.Status == ledger.Linked || !ref.Opened && ref.State.Status != ledger.Unlinked {
			waiting = append(waiting, ref)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	for chunk := range slices.Chunk(waiting, c.Platform.MaxReads()) {
		names := make([]stock.Ref, len(chunk))
		for i, ref := range chunk {
			names[i] = ref.State.Ref
		}
		page, err := c.Platform.ReadRefs(ctx, names, time.Time{})
		if err != nil {
			return fmt.Errorf("reading %s: %w", c.Name, err)
		}
		readings := map[stock.Ref]stock.Reading{}
		for _, reading := range page.Readings {
			readings[reading.Ref] = reading
		}
		for _, ref := range chunk {
			if err := a.planRef(ctx, ref, readings[ref.State.Ref], shelves); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) planRef(ctx context.Context, ref ledger.DueRef, reading stock.Reading, shelves map[stock.Shelf]*PlannedShelf) error {
	shelf, ok := shelves[ref.State.Shelf]
	if !ok {
		item, err := a.itemOf(ctx, ref.State.Shelf)
		if err != nil {
			return err
		}
		shelf = &PlannedShelf{SKU: item.SKU, Location: ref.State.Shelf.Location, Counts: map[stock.Channel]string{},
			Pushes: map[stock.Channel]string{}, readings: map[stock.Ref]stock.Reading{}}
		if ref.Opened {
			level := ref.Level
			shelf.Opening, shelf.Note, shelf.opened = &level, "open already", true
		}
		shelves[ref.State.Shelf] = shelf
	}
	shelf.readings[ref.State.Ref] = reading
	return nil
}

// decide fills in what the authority's count would open and push.
func (a *App) decide(p *PlannedShelf, authority stock.Channel) {
	refs := slices.SortedFunc(maps.Keys(p.readings), stock.Ref.Compare)
	for _, ref := range refs {
		reading := p.readings[ref]
		p.Counts[ref.Channel] = countText(reading)
		if ref.Channel == authority && p.Opening == nil && reading.Status == stock.Counted {
			p.Opening = &reading.Quantity
		}
	}
	if p.Opening == nil {
		p.Note = "stays closed: " + string(authority) + " has no count for it"
		return
	}
	for _, ref := range refs {
		reading := p.readings[ref]
		if reading.Status != stock.Counted {
			continue
		}
		switch delta := reconcile.Target(*p.Opening, a.traits(ref.Channel)) - reading.Quantity; {
		case delta == 0:
		case p.opened:
			p.Note += "; " + string(ref.Channel) + " waits to join"
		default:
			p.Pushes[ref.Channel] = delta.String()
		}
	}
}

func countText(reading stock.Reading) string {
	switch reading.Status {
	case stock.Counted:
		return reading.Quantity.String()
	case stock.Untracked:
		return "not tracked"
	}
	return "missing"
}
