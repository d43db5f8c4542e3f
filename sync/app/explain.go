package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// ExplainQuery asks why the levels of an item are what they are.
type ExplainQuery struct {
	SKU string
	// Location restricts it to one of our places; empty: all.
	Location stock.Location
	At       ledger.AsOf
}

// Explain says why the levels of an item are what they are: every unit since the baseline. An explanation whose shelves have
// faults is an answer, not an error: what the ledger shows does not follow from its entries then.
func (a *App) Explain(ctx context.Context, q ExplainQuery) (explain.Explanation, error) {
	item, err := a.itemBySKU(ctx, q.SKU)
	if err != nil {
		return explain.Explanation{}, err
	}
	e := explain.Explanation{Item: item, AsOf: q.At.Occurred, KnownAt: q.At.Recorded, Shelves: []explain.Shelf{}}
	shelves, err := a.Ledger.Shelves(ctx, ledger.ShelfFilter{Item: item.ID})
	if err != nil {
		return e, err
	}
	var places []string
	for _, shelf := range shelves {
		places = append(places, string(shelf.Shelf.Location))
		if q.Location != "" && shelf.Shelf.Location != q.Location {
			continue
		}
		facts, err := a.readFacts(ctx, shelf.Shelf, q.At)
		if err != nil {
			return e, within(fmt.Sprintf("explaining %s at %s", quote(item.SKU), shelf.Shelf.Location), err)
		}
		if len(facts.Entries) > 0 {
			e.Shelves = append(e.Shelves, explain.Explain(facts))
		}
	}
	switch {
	case q.Location != "" && !slices.Contains(places, string(q.Location)):
		return e, &Error{Kind: NotFound, What: fmt.Sprintf("%s has no shelf at location %q", item.SKU, q.Location), Remedy: RemedyNameLocation, Meant: places}
	case len(e.Shelves) == 0:
		return e, &Error{Kind: NotFound, What: fmt.Sprintf("the ledger knew nothing about %s then", item.SKU)}
	}
	return e, nil
}

// factsTries bounds how often a shelf is read again because it changed meanwhile.
const factsTries = 20

// readFacts reads entries and caches of one moment: the caches belong to the entries when no entry was added meanwhile.
func (a *App) readFacts(ctx context.Context, shelf stock.Shelf, at ledger.AsOf) (explain.Facts, error) {
	f := explain.Facts{Shelf: shelf, At: at, Even: func(channel stock.Channel, expected, level stock.Quantity) bool {
		return reconcile.Even(expected, level, a.traits(channel))
	}, Misplaced: a.misplaced, SoldOutEverywhere: map[stock.Channel]bool{}}
	for _, c := range a.Channels {
		f.SoldOutEverywhere[c.Name] = c.SoldOutEverywhere
	}
	if _, err := a.readEntries(ctx, &f); err != nil {
		return f, err
	}
	for range factsTries {
		if err := a.readCaches(ctx, &f); err != nil {
			return f, err
		}
		grew, err := a.readEntries(ctx, &f)
		if err != nil {
			return f, err
		}
		if !grew {
			return f, a.readCalls(ctx, &f)
		}
	}
	return f, &Error{Kind: Busy, What: "the shelf changes faster than it can be read", Remedy: RemedyAgain}
}

// readEntries reads on from the last entry and says whether there were any.
func (a *App) readEntries(ctx context.Context, f *explain.Facts) (grew bool, err error) {
	filter := ledger.EntryFilter{Item: f.Shelf.Item, Location: f.Shelf.Location, OccurredUpTo: f.At.Occurred, RecordedUpTo: f.At.Recorded}
	if n := len(f.Entries); n > 0 {
		filter.AfterSeq = f.Entries[n-1].Seq
	}
	for entry, err := range ledger.AllEntries(ctx, a.Ledger, filter) {
		if err != nil {
			return grew, err
		}
		f.Entries, grew = append(f.Entries, entry), true
	}
	return grew, nil
}

func (a *App) readCaches(ctx context.Context, f *explain.Facts) error {
	balances, err := a.Ledger.Balances(ctx, f.Shelf.Item, f.At)
	if err != nil {
		return err
	}
	f.Level, f.Refs = balances[ledger.AvailableOn(f.Shelf)], nil
	if f.At != (ledger.AsOf{}) {
		return nil
	}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Item: f.Shelf.Item}) {
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
func (a *App) readCalls(ctx context.Context, f *explain.Facts) error {
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
		calls, err := a.Ledger.Calls(ctx, ledger.CallFilter{Ref: ref})
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
		call, err := a.Ledger.Call(ctx, key)
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
