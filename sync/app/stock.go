package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// StockQuery asks for levels, and what every channel shows of them.
type StockQuery struct {
	// SKU restricts it to one item, by its SKU or id; empty: all.
	SKU string
	// Limit is how many shelves are listed at most; 0: all.
	Limit int
	// Uneven leaves out shelves that are even.
	Uneven bool
	At     ledger.AsOf
}

// Past says whether a time of the past is asked for.
func (q StockQuery) Past() bool { return q.At != (ledger.AsOf{}) }

// StockList is shelves by SKU and location. More says that there are others, beyond the limit.
type StockList struct {
	Shelves []Shelf `json:"shelves"`
	More    bool    `json:"more"`
}

// Shelf is one shelf. Channels is empty when a past was asked for: nobody remembers then what every counter showed.
type Shelf struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Item     stock.ItemID   `json:"item"`
	Location stock.Location `json:"location"`
	// Opened says that a baseline gave the shelf its level; before, the level is no number to rely on.
	Opened bool           `json:"opened"`
	Level  stock.Quantity `json:"level"`
	// Closed is why it has none.
	Closed *explain.Closure `json:"closed,omitempty"`
	// Even is yes, no, or unknown while a counter cannot be read or compared; empty in a past.
	Even     explain.Even `json:"even,omitempty"`
	Channels []Counter    `json:"channels,omitempty"`
	// Held names the brakes that hold a push of the shelf back.
	Held []string `json:"held,omitempty"`
	// SoldOutBy names the channels that mark the item as sold out and whose mark counts for the others: these show none of it.
	SoldOutBy []stock.Channel   `json:"sold_out_by,omitempty"`
	Oversold  *explain.Oversold `json:"oversold,omitempty"`
}

// Counter is what a channel shows of a shelf. Expected is null while it is not known; Target is what it should show.
type Counter struct {
	Channel  stock.Channel   `json:"channel"`
	Ref      stock.Ref       `json:"ref"`
	Status   string          `json:"status"`
	Expected *stock.Quantity `json:"expected"`
	Target   stock.Quantity  `json:"target"`
	State    explain.State   `json:"state"`
	// Reason is why the platform does not know the item any more, Successor what most likely came in its place.
	Reason    string     `json:"reason,omitempty"`
	Successor *Successor `json:"successor,omitempty"`
	// Unexplained is the counter's suspense account: positive when units left without a cause.
	Unexplained stock.Quantity `json:"unexplained"`
	// Version is the platform's time of the counter's last change that we know of.
	Version time.Time `json:"version,omitzero"`
	// SoldOut is since when the channel has marked the item as sold out, whatever it counts.
	SoldOut time.Time `json:"sold_out,omitzero"`
}

// Stock lists levels, and what every channel shows of them.
func (a *App) Stock(ctx context.Context, q StockQuery) (StockList, error) {
	list := StockList{Shelves: []Shelf{}}
	if q.Past() && q.Uneven {
		return list, &Error{Kind: Invalid, What: "nobody remembers which shelves were even in a past: ask for all of them"}
	}
	candidates, err := a.stockShelves(ctx, q)
	if err != nil {
		return list, err
	}
	mass, err := a.massChanges(ctx)
	if err != nil {
		return list, err
	}
	for _, shelf := range candidates {
		if q.Limit > 0 && len(list.Shelves) == q.Limit {
			list.More = true
			break
		}
		if !q.Past() {
			if err := a.readCounters(ctx, &shelf, mass); err != nil {
				return list, err
			}
		}
		if q.Uneven && shelf.Even == explain.EvenYes {
			continue
		}
		if shelf.Opened && shelf.Level < 0 {
			if err := a.findOversold(ctx, &shelf, q.At); err != nil {
				return list, err
			}
		}
		list.Shelves = append(list.Shelves, shelf)
	}
	return list, a.addSuccessors(ctx, list.Shelves)
}

// stockShelves finds the shelves of one item or of all, with their levels.
func (a *App) stockShelves(ctx context.Context, q StockQuery) ([]Shelf, error) {
	var filter ledger.ShelfFilter
	items := map[stock.ItemID]stock.Item{}
	if q.SKU != "" {
		item, err := a.itemBySKU(ctx, q.SKU)
		if err != nil {
			return nil, err
		}
		filter.Item, items[item.ID] = item.ID, item
	} else {
		for item, err := range ledger.AllItems(ctx, a.Ledger) {
			if err != nil {
				return nil, err
			}
			items[item.ID] = item
		}
	}
	levels, err := a.levels(ctx, filter, q.At)
	if err != nil {
		return nil, err
	}
	var list []Shelf
	for _, shelf := range levels {
		if item, wanted := items[shelf.Shelf.Item]; wanted {
			list = append(list, Shelf{SKU: item.SKU, Name: item.Name, Item: item.ID, Location: shelf.Shelf.Location, Opened: shelf.Opened, Level: shelf.Level})
		}
	}
	slices.SortFunc(list, func(a, b Shelf) int {
		return cmp.Or(strings.Compare(a.SKU, b.SKU), strings.Compare(string(a.Item), string(b.Item)), cmp.Compare(a.Location, b.Location))
	})
	return list, nil
}

// levels are shelves with their levels, now or at a time of the past.
func (a *App) levels(ctx context.Context, filter ledger.ShelfFilter, at ledger.AsOf) ([]ledger.ShelfState, error) {
	var states []ledger.ShelfState
	if at != (ledger.AsOf{}) {
		return a.levelsOf(ctx, filter, at)
	}
	for state, err := range ledger.AllShelves(ctx, a.Ledger, filter) {
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	return states, nil
}

// levelsOf are shelves with their levels of a time of the past. One that is not opened now was not then.
func (a *App) levelsOf(ctx context.Context, filter ledger.ShelfFilter, at ledger.AsOf) ([]ledger.ShelfState, error) {
	levels, err := a.Ledger.Levels(ctx, at)
	if err != nil {
		return nil, err
	}
	var states []ledger.ShelfState
	for state, err := range ledger.AllShelves(ctx, a.Ledger, filter) {
		if err != nil {
			return nil, err
		}
		if level, known := levels[state.Shelf]; known {
			state.Level = level
			states = append(states, state)
		}
	}
	return states, nil
}

// readCounters reads the shelf's counters, and the level of the same moment.
func (a *App) readCounters(ctx context.Context, s *Shelf, mass map[stock.Channel]reconcile.MassChange) error {
	s.Even, s.Channels = explain.EvenUnknown, []Counter{}
	var refs []ledger.DueRef
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Item: s.Item}) {
		if err != nil {
			return err
		}
		if ref.State.Shelf.Location != s.Location || ref.State.Status == ledger.Unlinked {
			continue
		}
		counter := Counter{Channel: ref.State.Ref.Channel, Ref: ref.State.Ref, Status: ref.State.Status.String(), Version: ref.State.Version,
			Unexplained: ref.Unexplained, SoldOut: ref.State.SoldOut, Reason: ref.State.Reason}
		even := explain.EvenUnknown
		counter.State, even = explain.StateOf(ref, a.misplaced(ref.State))
		if status := ref.State.Status; status != ledger.Linked && status != ledger.Untracked && status != ledger.Gone {
			counter.Expected = &ref.State.Expected
		}
		switch {
		case len(s.Channels) == 0:
			s.Even = even
		case s.Even == explain.EvenNo || even == explain.EvenNo:
			s.Even = explain.EvenNo
		case even == explain.EvenUnknown:
			s.Even = explain.EvenUnknown
		}
		s.Level, s.Channels = ref.Level, append(s.Channels, counter)
		refs = append(refs, ref)
	}
	if !s.Opened {
		s.Closed = explain.WhyClosed(refs)
	}
	a.markSoldOut(s)
	for i, ref := range refs {
		s.Channels[i].Target = a.target(ref, refs)
		if brake := mass[ref.State.Ref.Channel]; brake.Engaged != nil && wantsPush(ref) && brake.HeldPart(ref.Ref, s.Channels[i].Target) != 0 {
			s.Held = append(s.Held, ledger.MassChange.String())
		}
	}
	if s.Even != explain.EvenNo {
		return nil
	}
	shelf := ledger.ShelfState{Shelf: stock.Shelf{Item: s.Item, Location: s.Location}, Level: s.Level, Opened: s.Opened}
	for _, brake := range reconcile.Brakes(shelf, plainRefs(refs), a.Now()) {
		s.Held = append(s.Held, brake.Kind.String())
	}
	slices.Sort(s.Held)
	s.Held = slices.Compact(s.Held)
	return nil
}

// markSoldOut names the channels whose mark counts for the others.
func (a *App) markSoldOut(s *Shelf) {
	for _, c := range a.Channels {
		if c.SoldOutEverywhere && slices.ContainsFunc(s.Channels, func(counter Counter) bool { return counter.Channel == c.Name && !counter.SoldOut.IsZero() }) {
			s.SoldOutBy = append(s.SoldOutBy, c.Name)
		}
	}
}

// findOversold reads the entries of a shelf below zero for the sales to blame. One that nobody had opened by then is not oversold: what is
// below zero is what moved, and nobody had said from which level.
func (a *App) findOversold(ctx context.Context, s *Shelf, at ledger.AsOf) error {
	f := explain.Facts{Shelf: stock.Shelf{Item: s.Item, Location: s.Location}, At: at}
	if _, err := a.readEntries(ctx, &f); err != nil {
		return err
	}
	told := explain.Explain(f)
	s.Opened, s.Oversold = told.Opened, told.Oversold
	return nil
}
