package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
)

// factReader reads what explains one shelf.
type factReader struct{ explain.Facts }

// factsTries bounds how often a shelf is read again because it changed meanwhile.
const factsTries = 20

// readFacts reads entries and caches of one moment: the caches belong to the entries when no entry was added meanwhile.
func readFacts(ctx context.Context, store ledger.Store, shelf stock.Shelf, at ledger.AsOf) (*factReader, error) {
	f := &factReader{explain.Facts{Shelf: shelf, At: at}}
	if _, err := f.readEntries(ctx, store); err != nil {
		return nil, err
	}
	for range factsTries {
		if err := f.readCaches(ctx, store); err != nil {
			return nil, err
		}
		grew, err := f.readEntries(ctx, store)
		if err != nil {
			return nil, err
		}
		if !grew {
			return f, f.readCalls(ctx, store)
		}
	}
	return nil, errMoving
}

// readEntries reads on from the last entry and says whether there were any.
func (f *factReader) readEntries(ctx context.Context, store ledger.Store) (grew bool, err error) {
	filter := ledger.EntryFilter{Item: f.Shelf.Item, Location: f.Shelf.Location, OccurredUpTo: f.At.Occurred, RecordedUpTo: f.At.Recorded}
	if n := len(f.Entries); n > 0 {
		filter.AfterSeq = f.Entries[n-1].Seq
	}
	for entry, err := range ledger.AllEntries(ctx, store, filter) {
		if err != nil {
			return grew, err
		}
		f.Entries, grew = append(f.Entries, entry), true
	}
	return grew, nil
}

func (f *factReader) readCaches(ctx context.Context, store ledger.Store) error {
	balances, err := store.Balances(ctx, f.Shelf.Item, f.At)
	if err != nil {
		return err
	}
	f.Level, f.Refs = balances[ledger.AvailableOn(f.Shelf)], nil
	if f.At != (ledger.AsOf{}) {
		return nil
	}
	for ref, err := range ledger.AllRefs(ctx, store, ledger.RefFilter{Item: f.Shelf.Item}) {
		if err != nil {
			return err
		}
		if ref.State.Shelf == f.Shelf {
			f.Refs = append(f.Refs, ref)
		}
	}
	return nil
}

// readCalls reads the calls of every ref that was ever tied to the shelf: the youngest MaxPage of each at once, older ones
// one by one.
func (f *factReader) readCalls(ctx context.Context, store ledger.Store) error {
	f.Calls = map[string]ledger.Call{}
	refs, keys := map[stock.Ref]bool{}, map[string]bool{}
	for _, e := range f.Entries {
		if e.Ref.Channel != "" {
			refs[e.Ref] = true
		}
		if e.Push != nil {
			keys[e.Push.Call] = true
		}
	}
	for ref := range refs {
		calls, err := store.Calls(ctx, ledger.CallFilter{Ref: ref})
		if err != nil {
			return err
		}
		for _, call := range calls {
			f.Calls[call.Key] = call
		}
	}
	for key := range keys {
		if _, read := f.Calls[key]; read {
			continue
		}
		call, err := store.Call(ctx, key)
		if errors.Is(err, ledger.ErrNotFound) {
			continue // the entry alone says what became of it
		}
		if err != nil {
			return err
		}
		f.Calls[key] = call
	}
	return nil
}

func explainItem(ctx context.Context, store ledger.Store, even explain.EvenRule, sku string, location stock.Location, at ledger.AsOf) (explain.Explanation, error) {
	item, err := itemBySKU(ctx, store, sku)
	if err != nil {
		return explain.Explanation{}, err
	}
	e := explain.Explanation{Item: item, AsOf: at.Occurred, KnownAt: at.Recorded, Shelves: []explain.Shelf{}}
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
		facts.Even = even
		if len(facts.Entries) > 0 {
			e.Shelves = append(e.Shelves, explain.Explain(facts.Facts))
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

// findOversold reads the entries of an oversold shelf for the sales to blame.
func (s *listedShelf) findOversold(ctx context.Context, store ledger.Store, at ledger.AsOf) error {
	f := &factReader{explain.Facts{Shelf: stock.Shelf{Item: s.Item, Location: s.Location}, At: at}}
	if _, err := f.readEntries(ctx, store); err != nil {
		return err
	}
	s.Oversold = explain.OversoldBy(s.Level, explain.Explain(f.Facts).Causes)
	return nil
}
