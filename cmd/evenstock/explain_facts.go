package main

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// shelfFacts is what the ledger holds about one shelf at one moment.
type shelfFacts struct {
	shelf   stock.Shelf
	at      ledger.AsOf
	entries []ledger.Entry
	level   stock.Quantity
	// refs are the refs that are tied to the shelf now; empty for a past.
	refs []ledger.DueRef
	// calls are those with a row of the shelf's refs, by key.
	calls map[string]ledger.Call
	// even is nil where nobody asks what each push carried.
	even evenness
}

// evenness says whether a channel's counter that is expected to show this is even with a level.
type evenness func(channel stock.Channel, expected, level stock.Quantity) bool

// factsTries bounds how often a shelf is read again because it changed meanwhile.
const factsTries = 20

// readFacts reads entries and caches of one moment: the caches belong to the entries when no entry was added meanwhile.
func readFacts(ctx context.Context, store ledger.Store, shelf stock.Shelf, at ledger.AsOf) (*shelfFacts, error) {
	f := &shelfFacts{shelf: shelf, at: at}
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
func (f *shelfFacts) readEntries(ctx context.Context, store ledger.Store) (grew bool, err error) {
	filter := ledger.EntryFilter{Item: f.shelf.Item, Location: f.shelf.Location, OccurredUpTo: f.at.Occurred, RecordedUpTo: f.at.Recorded}
	for {
		if n := len(f.entries); n > 0 {
			filter.AfterSeq = f.entries[n-1].Seq
		}
		page, err := store.Entries(ctx, filter)
		if err != nil || len(page) == 0 {
			return grew, err
		}
		f.entries, grew = append(f.entries, page...), true
	}
}

func (f *shelfFacts) readCaches(ctx context.Context, store ledger.Store) error {
	balances, err := store.Balances(ctx, f.shelf.Item, f.at)
	if err != nil {
		return err
	}
	f.level, f.refs = balances[ledger.AvailableOn(f.shelf)], nil
	if f.at != (ledger.AsOf{}) {
		return nil
	}
	refs, err := store.Refs(ctx, ledger.RefFilter{Item: f.shelf.Item})
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if ref.State.Shelf == f.shelf {
			f.refs = append(f.refs, ref)
		}
	}
	return nil
}

// readCalls reads the calls of every ref that was ever tied to the shelf: the youngest MaxPage of each at once, older ones
// one by one.
func (f *shelfFacts) readCalls(ctx context.Context, store ledger.Store) error {
	f.calls = map[string]ledger.Call{}
	refs, keys := map[stock.Ref]bool{}, map[string]bool{}
	for _, e := range f.entries {
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
			f.calls[call.Key] = call
		}
	}
	for key := range keys {
		if _, read := f.calls[key]; read {
			continue
		}
		call, err := store.Call(ctx, key)
		if errors.Is(err, ledger.ErrNotFound) {
			continue // the entry alone says what became of it
		}
		if err != nil {
			return err
		}
		f.calls[key] = call
	}
	return nil
}
