package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func explainCommand(c *cli) *cobra.Command {
	var at pastFlags
	var location string
	explain := &cobra.Command{Use: "explain SKU", Short: "Say why a number is what it is: every unit since the baseline", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			moment, err := at.parse()
			if err != nil {
				return err
			}
			return c.explain(cmd.Context(), args[0], stock.Location(location), moment)
		}}
	explain.Flags().StringVar(&location, "location", "", "only the shelf at this location of ours")
	at.add(explain)
	return explain
}

// explanation says why the levels of an item are what they are.
type explanation struct {
	Item    stock.Item       `json:"item"`
	AsOf    time.Time        `json:"as_of,omitzero"`
	KnownAt time.Time        `json:"known_at,omitzero"`
	Shelves []explainedShelf `json:"shelves"`
}

// explainedShelf is one shelf of it. Sum is what Causes and Unexplained come to: the number a person sees, equal to Level,
// the ledger's balance, unless the ledger is damaged. Faults says in words what does not add up.
type explainedShelf struct {
	Location    stock.Location `json:"location"`
	Opened      bool           `json:"opened"`
	Level       stock.Quantity `json:"level"`
	Sum         stock.Quantity `json:"sum"`
	Faults      []string       `json:"faults"`
	Oversold    *oversold      `json:"oversold,omitempty"`
	Causes      []cause        `json:"causes"`
	Unexplained []unexplained  `json:"unexplained"`
	// Counters is empty when a past of happenings (as_of) was asked for: what a counter should show follows from what was known.
	Counters []explainedRef `json:"counters"`
	Trail    []*happening   `json:"trail"`
}

// cause is one entry's part of the level for a reason that is known.
type cause struct {
	Entry      int64          `json:"entry"`
	Quantity   stock.Quantity `json:"quantity"`
	Cause      string         `json:"cause"`
	Channel    stock.Channel  `json:"channel,omitempty"`
	Note       string         `json:"note,omitempty"`
	Evidence   stock.Evidence `json:"evidence,omitempty"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
}

// unexplained is a ref's part of the level that nothing has explained yet, with what moved its suspense account since that
// was zero for the last time.
type unexplained struct {
	Ref      stock.Ref      `json:"ref"`
	Quantity stock.Quantity `json:"quantity"`
	// Since is when the ledger wrote what brought the account to this side of zero.
	Since    time.Time            `json:"since"`
	Readings []unexplainedReading `json:"readings"`
	Causes   []cause              `json:"causes"`
	Recounts []cause              `json:"recounts"`
	Hint     string               `json:"hint"`
}

type unexplainedReading struct {
	Entry      int64          `json:"entry"`
	Difference stock.Quantity `json:"difference"`
	Showed     stock.Quantity `json:"showed"`
	Source     string         `json:"source"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
}

// explainedRef is what a counter should show: Baseline + Differences + Pushes = Expected.
type explainedRef struct {
	Ref         stock.Ref      `json:"ref"`
	Status      string         `json:"status"`
	Baseline    stock.Quantity `json:"baseline"`
	Differences stock.Quantity `json:"differences"`
	Pushes      stock.Quantity `json:"pushes"`
	Expected    stock.Quantity `json:"expected"`
	// Version is the platform's time of the counter's last change that we know of.
	Version time.Time `json:"version,omitzero"`
	// State says whether it is even with the level; empty in a past.
	State string `json:"state,omitempty"`
}

var (
	errDamaged = errors.New("what the ledger shows does not follow from its entries: run evenstock ledger verify, and do not trust this number")
	errMoving  = errors.New("the shelf changes faster than it can be read: try again")
)

func (c *cli) explain(ctx context.Context, sku string, location stock.Location, at ledger.AsOf) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	e, err := explainItem(ctx, store, evenBy(c.loaded), sku, location, at)
	if err != nil {
		return err
	}
	if err := c.print(e, e.printer(time.Local)); err != nil {
		return err
	}
	if slices.ContainsFunc(e.Shelves, func(s explainedShelf) bool { return len(s.Faults) > 0 }) {
		return errDamaged
	}
	return nil
}

func explainItem(ctx context.Context, store ledger.Store, even evenness, sku string, location stock.Location, at ledger.AsOf) (explanation, error) {
	item, err := itemBySKU(ctx, store, sku)
	if err != nil {
		return explanation{}, err
	}
	e := explanation{Item: item, AsOf: at.Occurred, KnownAt: at.Recorded, Shelves: []explainedShelf{}}
	shelves, err := store.Shelves(ctx, ledger.ShelfFilter{Item: item.ID})
	if err != nil {
		return e, err
	}
	var places []string
	for _, shelf := range shelves {
		places = append(places, string(shelf.Shelf.Location))
		if location != "" && shelf.Shelf.Location != location {
			continue
		}
		facts, err := readFacts(ctx, store, shelf.Shelf, at)
		if err != nil {
			return e, fmt.Errorf("explaining %s at %s: %w", printable(item.SKU), shelf.Shelf.Location, err)
		}
		facts.even = even
		if len(facts.entries) > 0 {
			e.Shelves = append(e.Shelves, facts.explain())
		}
	}
	switch {
	case location != "" && !slices.Contains(places, string(location)):
		return e, fmt.Errorf("%s has no shelf at location %q: it has %s", printable(item.SKU), printable(string(location)), orDash(strings.Join(places, ", ")))
	case len(e.Shelves) == 0:
		return e, fmt.Errorf("the ledger knew nothing about %s then", printable(item.SKU))
	}
	return e, nil
}
