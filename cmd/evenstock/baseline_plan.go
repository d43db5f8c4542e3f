package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// plannedShelf is one shelf as baseline apply would find it.
type plannedShelf struct {
	SKU      string                   `json:"sku"`
	Location stock.Location           `json:"location"`
	Counts   map[stock.Channel]string `json:"counts"`
	Opening  *stock.Quantity          `json:"opening"`
	Pushes   map[stock.Channel]string `json:"pushes"`
	Note     string                   `json:"note,omitempty"`
	readings map[stock.Ref]stock.Reading
}

// planBaseline reads every linked counter once and prints what a baseline from the authority would do.
func (c *cli) planBaseline(ctx context.Context, authority string) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if err := checkAuthority(cfg, authority); err != nil {
		return err
	}
	channels, err := openChannels(cfg, c.env, c.quietLogger(cfg), timeNow)
	if err != nil {
		return err
	}
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	shelves := map[stock.Shelf]*plannedShelf{}
	for _, channel := range channels {
		if err := planChannel(ctx, store, channel, shelves); err != nil {
			return err
		}
	}
	plan := []*plannedShelf{}
	for _, shelf := range slices.SortedFunc(maps.Keys(shelves), stock.Shelf.Compare) {
		plan = append(plan, shelves[shelf].decide(stock.Channel(authority), channels))
	}
	slices.SortStableFunc(plan, func(a, b *plannedShelf) int { return strings.Compare(a.SKU, b.SKU) })
	return c.print(plan, func(w io.Writer) error { return printPlan(w, plan, channels) })
}

func checkAuthority(cfg *config.Config, authority string) error {
	var names []string
	for _, c := range cfg.Channels {
		if c.Name == authority {
			return nil
		}
		names = append(names, c.Name)
	}
	return errUsage("--authority must name the channel whose counts are right: one of %s", strings.Join(names, ", "))
}

// planChannel reads the refs of a channel that have no baseline yet.
func planChannel(ctx context.Context, store ledger.Store, c channel, shelves map[stock.Shelf]*plannedShelf) error {
	var waiting []ledger.DueRef
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{Channel: c.name}) {
		if err != nil {
			return err
		}
		if ref.State.Status == ledger.Linked {
			waiting = append(waiting, ref)
		}
	}
	for chunk := range slices.Chunk(waiting, c.adapter.MaxReads()) {
		names := make([]stock.Ref, len(chunk))
		for i, ref := range chunk {
			names[i] = ref.State.Ref
		}
		page, err := c.adapter.ReadRefs(ctx, names, time.Time{})
		if err != nil {
			return fmt.Errorf("reading %s: %w", c.name, err)
		}
		readings := map[stock.Ref]stock.Reading{}
		for _, reading := range page.Readings {
			readings[reading.Ref] = reading
		}
		for _, ref := range chunk {
			if err := planRef(ctx, store, ref, readings[ref.State.Ref], shelves); err != nil {
				return err
			}
		}
	}
	return nil
}

func planRef(ctx context.Context, store ledger.Store, ref ledger.DueRef, reading stock.Reading, shelves map[stock.Shelf]*plannedShelf) error {
	shelf, ok := shelves[ref.State.Shelf]
	if !ok {
		item, err := store.Item(ctx, ref.State.Shelf.Item)
		if err != nil {
			return err
		}
		shelf = &plannedShelf{SKU: item.SKU, Location: ref.State.Shelf.Location, Counts: map[stock.Channel]string{},
			Pushes: map[stock.Channel]string{}, readings: map[stock.Ref]stock.Reading{}}
		if ref.Opened {
			level := ref.Level
			shelf.Opening, shelf.Note = &level, "open already"
		}
		shelves[ref.State.Shelf] = shelf
	}
	shelf.readings[ref.State.Ref] = reading
	return nil
}

// decide fills in what the authority's count would open and push.
func (p *plannedShelf) decide(authority stock.Channel, channels []channel) *plannedShelf {
	for ref, reading := range p.readings {
		p.Counts[ref.Channel] = countText(reading)
		if ref.Channel == authority && p.Opening == nil && reading.Status == stock.Counted {
			p.Opening = &reading.Quantity
		}
	}
	if p.Opening == nil {
		p.Note = "stays closed: " + string(authority) + " has no count for it"
		return p
	}
	for ref, reading := range p.readings {
		for _, c := range channels {
			if c.name != ref.Channel || reading.Status != stock.Counted {
				continue
			}
			if delta := reconcile.Target(*p.Opening, c.adapter.Traits()) - reading.Quantity; delta != 0 {
				p.Pushes[ref.Channel] = delta.String()
			}
		}
	}
	return p
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

func printPlan(w io.Writer, plan []*plannedShelf, channels []channel) error {
	header := []string{"SKU", "LOCATION"}
	for _, c := range channels {
		header = append(header, "ON "+string(c.name))
	}
	header = append(header, "OPENING")
	for _, c := range channels {
		header = append(header, "PUSH TO "+string(c.name))
	}
	t := newTable("nothing to open: every linked counter has its baseline (evenstock link list)", append(header, "NOTE")...)
	for _, p := range plan {
		cells := []string{p.SKU, string(p.Location)}
		for _, c := range channels {
			cells = append(cells, orDash(p.Counts[c.name]))
		}
		opening := "-"
		if p.Opening != nil {
			opening = p.Opening.String()
		}
		cells = append(cells, opening)
		for _, c := range channels {
			cells = append(cells, orDash(p.Pushes[c.name]))
		}
		t.row(append(cells, p.Note)...)
	}
	return t.write(w)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
