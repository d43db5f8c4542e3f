package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

func stockCommand(c *cli) *cobra.Command {
	var at pastFlags
	var request stockRequest
	cmd := &cobra.Command{Use: "stock [SKU]", Short: "List levels, and what every channel shows of them", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.sku = strings.Join(args, "")
			if request.at, err = at.parse(); err != nil {
				return err
			}
			request.now = timeNow()
			return c.stock(cmd.Context(), request)
		}}
	request.limit = stockLimit
	cmd.Flags().Var((*count)(&request.limit), "limit", "most shelves to list; 0: all")
	cmd.Flags().BoolVar(&request.uneven, "uneven", false, "only shelves that are not even")
	at.add(cmd)
	return cmd
}

// stockLimit is how many shelves are listed unless told otherwise.
const stockLimit = 200

// pastFlags ask for a state of the past.
type pastFlags struct{ asOf, knownAt string }

func (f *pastFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "what had happened by this time")
	cmd.Flags().StringVar(&f.knownAt, "known-at", "", "what the ledger knew at this time")
}

func (f *pastFlags) parse() (at ledger.AsOf, err error) {
	if at.Occurred, err = parseTime(f.asOf); err != nil {
		return at, err
	}
	at.Recorded, err = parseTime(f.knownAt)
	return at, err
}

type stockRequest struct {
	sku    string
	limit  int
	uneven bool
	at     ledger.AsOf
	now    time.Time
}

func (r stockRequest) past() bool { return r.at != (ledger.AsOf{}) }

// none says what it means that no shelf is listed.
func (r stockRequest) none() string {
	switch {
	case r.past():
		return "the ledger knew no shelf then"
	case r.uneven:
		return "every shelf is even"
	}
	return "no shelves yet: begin with evenstock link suggest"
}

// listedShelf is one shelf. Channels is empty when a past was asked for: nobody remembers then what every counter showed.
type listedShelf struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Item     stock.ItemID   `json:"item"`
	Location stock.Location `json:"location"`
	// Opened says that a baseline gave the shelf its level; before, the level is no number to rely on.
	Opened bool           `json:"opened"`
	Level  stock.Quantity `json:"level"`
	// Even is yes, no, or unknown while a counter cannot be read or compared; empty in a past.
	Even     explain.Even    `json:"even,omitempty"`
	Channels []listedCounter `json:"channels,omitempty"`
	// Held names the brakes that hold a push of the shelf back.
	Held     []string          `json:"held,omitempty"`
	Oversold *explain.Oversold `json:"oversold,omitempty"`
}

// listedCounter is what a channel shows of a shelf. Expected is null while it is not known.
type listedCounter struct {
	Channel  stock.Channel   `json:"channel"`
	Ref      stock.Ref       `json:"ref"`
	Status   string          `json:"status"`
	Expected *stock.Quantity `json:"expected"`
	State    explain.State   `json:"state"`
	// Version is the platform's time of the counter's last change that we know of.
	Version time.Time `json:"version,omitzero"`
}

func (c *cli) stock(ctx context.Context, request stockRequest) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	list, more, err := listStock(ctx, store, request)
	if err != nil {
		return err
	}
	if more {
		fmt.Fprintf(c.stderr, "only the first %d shelves: --limit 0 lists all\n", len(list))
	}
	return c.print(list, func(w io.Writer) error { return printStock(w, list, request.past(), request.none(), time.Local) })
}

// listStock lists shelves by SKU and location, up to the limit. more says that there are others.
func listStock(ctx context.Context, store ledger.Store, request stockRequest) (list []listedShelf, more bool, err error) {
	candidates, err := stockShelves(ctx, store, request)
	list = []listedShelf{}
	if err != nil {
		return list, false, err
	}
	for _, shelf := range candidates {
		if request.limit > 0 && len(list) == request.limit {
			return list, true, nil
		}
		if !request.past() {
			if err := shelf.readCounters(ctx, store, request.now); err != nil {
				return list, false, err
			}
		}
		if request.uneven && shelf.Even == explain.EvenYes {
			continue
		}
		if shelf.Level < 0 {
			if err := shelf.findOversold(ctx, store, request.at); err != nil {
				return list, false, err
			}
		}
		list = append(list, shelf)
	}
	return list, false, nil
}

// stockShelves finds the shelves of one item or of all, with their levels.
func stockShelves(ctx context.Context, store ledger.Store, request stockRequest) ([]listedShelf, error) {
	var filter ledger.ShelfFilter
	items := map[stock.ItemID]stock.Item{}
	if request.sku != "" {
		item, err := itemBySKU(ctx, store, request.sku)
		if err != nil {
			return nil, err
		}
		filter.Item, items[item.ID] = item.ID, item
	} else {
		for item, err := range ledger.AllItems(ctx, store) {
			if err != nil {
				return nil, err
			}
			items[item.ID] = item
		}
	}
	shelves, err := shelfLevels(ctx, store, filter, request.at)
	if err != nil {
		return nil, err
	}
	var list []listedShelf
	for _, shelf := range shelves {
		if item, wanted := items[shelf.Shelf.Item]; wanted {
			list = append(list, listedShelf{SKU: item.SKU, Name: item.Name, Item: item.ID, Location: shelf.Shelf.Location, Opened: shelf.Opened, Level: shelf.Level})
		}
	}
	slices.SortFunc(list, func(a, b listedShelf) int {
		return cmp.Or(strings.Compare(a.SKU, b.SKU), strings.Compare(string(a.Item), string(b.Item)), cmp.Compare(a.Location, b.Location))
	})
	return list, nil
}

// shelfLevels are shelves with their levels, now or at a time of the past, when all that are known have one.
func shelfLevels(ctx context.Context, store ledger.Store, filter ledger.ShelfFilter, at ledger.AsOf) ([]ledger.ShelfState, error) {
	var shelves []ledger.ShelfState
	if at != (ledger.AsOf{}) {
		levels, err := store.Levels(ctx, at)
		for shelf, level := range levels {
			shelves = append(shelves, ledger.ShelfState{Shelf: shelf, Level: level, Opened: true})
		}
		return shelves, err
	}
	for shelf, err := range ledger.AllShelves(ctx, store, filter) {
		if err != nil {
			return nil, err
		}
		shelves = append(shelves, shelf)
	}
	return shelves, nil
}

// readCounters reads the shelf's counters, and the level of the same moment.
func (s *listedShelf) readCounters(ctx context.Context, store ledger.Store, now time.Time) error {
	s.Even, s.Channels = explain.EvenUnknown, []listedCounter{}
	var refs []ledger.Ref
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{Item: s.Item}) {
		if err != nil {
			return err
		}
		if ref.State.Shelf.Location != s.Location || ref.State.Status == ledger.Unlinked {
			continue
		}
		counter := listedCounter{Channel: ref.State.Ref.Channel, Ref: ref.State.Ref, Status: ref.State.Status.String(), Version: ref.State.Version}
		even := explain.EvenUnknown
		counter.State, even = explain.StateOf(ref)
		if ref.State.Status != ledger.Linked && ref.State.Status != ledger.Untracked {
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
		refs = append(refs, ref.Ref)
	}
	if s.Even != explain.EvenNo {
		return nil
	}
	shelf := ledger.ShelfState{Shelf: stock.Shelf{Item: s.Item, Location: s.Location}, Level: s.Level, Opened: s.Opened}
	for _, brake := range reconcile.Brakes(shelf, refs, now) {
		s.Held = append(s.Held, brake.Kind.String())
	}
	s.Held = slices.Compact(s.Held)
	return nil
}
