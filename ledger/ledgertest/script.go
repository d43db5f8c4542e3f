package ledgertest

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Script is an input that says itself what it touches and what is to be decided about it. Decide sees the snapshot as the
// scripts before it in the batch have left it.
type Script struct {
	Scope  ledger.Scope
	Decide func(snapshot *ledger.Snapshot, at time.Time) (ledger.Changes, error)
}

// Touch adds the script's scope.
func (s Script) Touch(scope *ledger.Scope) {
	scope.Refs = append(scope.Refs, s.Scope.Refs...)
	scope.Shelves = append(scope.Shelves, s.Scope.Shelves...)
	scope.SoldAs = append(scope.SoldAs, s.Scope.SoldAs...)
	scope.Keys = append(scope.Keys, s.Scope.Keys...)
	scope.Orders = append(scope.Orders, s.Scope.Orders...)
	scope.Calls = append(scope.Calls, s.Scope.Calls...)
	scope.Brakes = append(scope.Brakes, s.Scope.Brakes...)
	scope.Channels = append(scope.Channels, s.Scope.Channels...)
}

// Step decides about batches of scripts. A script that decides no disposition is counted as done.
func Step(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
	all := ledger.Changes{Counters: map[ledger.CounterKey]stock.Quantity{}}
	for i, input := range inputs {
		script, ok := input.(Script)
		if !ok {
			return ledger.Changes{}, &ledger.InputError{Index: i, Err: fmt.Errorf("%T is no script", input)}
		}
		c, err := script.Decide(snapshot, at)
		if err != nil {
			return ledger.Changes{}, err
		}
		if len(c.Dispositions) == 0 {
			c.Dispositions = []ledger.Disposition{{Ending: ledger.Done, Channel: "script"}}
		}
		all.Entries = append(all.Entries, c.Entries...)
		all.Work = append(all.Work, c.Work...)
		all.Calls = append(all.Calls, c.Calls...)
		all.Brakes = append(all.Brakes, c.Brakes...)
		all.Waiting = append(all.Waiting, c.Waiting...)
		all.Resources = append(all.Resources, c.Resources...)
		all.Unlinked = append(all.Unlinked, c.Unlinked...)
		all.Findings = append(all.Findings, c.Findings...)
		all.Dispositions = append(all.Dispositions, c.Dispositions...)
		all.Noted = append(all.Noted, c.Noted...)
		for key, quantity := range c.Counters {
			all.Counters[key] = max(all.Counters[key], quantity)
		}
		advance(snapshot, c)
	}
	return all, nil
}

// advance folds what one script decided into the snapshot that the next one sees.
func advance(s *ledger.Snapshot, c ledger.Changes) {
	for _, e := range c.Entries {
		if e.Ref != (stock.Ref{}) {
			r := s.Refs[e.Ref]
			r.State = r.State.After(e)
			r.Work.Ref = e.Ref
			s.Refs[e.Ref] = r
		}
		shelf := s.Shelves[e.Shelf]
		shelf.Shelf, shelf.Opened = e.Shelf, shelf.Opened || e.Opens
		for _, p := range e.Postings {
			if p.To == ledger.AvailableOn(e.Shelf) {
				shelf.Level += p.Quantity
			}
			if p.From == ledger.AvailableOn(e.Shelf) {
				shelf.Level -= p.Quantity
			}
		}
		s.Shelves[e.Shelf] = shelf
	}
	for _, w := range c.Work {
		r := s.Refs[w.Ref]
		r.Work = w
		s.Refs[w.Ref] = r
	}
}

// decideEntry is a script that touches a ref and writes one entry about it; the entry's key is made unique by the ref's
// count of entries where build leaves it empty.
func decideEntry(ref stock.Ref, build func(r ledger.Ref, s *ledger.Snapshot) ledger.Entry) Script {
	return Script{
		Scope: ledger.Scope{Refs: []stock.Ref{ref}},
		Decide: func(s *ledger.Snapshot, _ time.Time) (ledger.Changes, error) {
			r := s.Refs[ref]
			e := build(r, s)
			e.Ref = ref
			if e.Shelf == (stock.Shelf{}) {
				e.Shelf = r.State.Shelf
			}
			if e.Key == "" {
				e.Key = fmt.Sprintf("%s:%d", ref, r.State.Entries)
			}
			if e.Fingerprint == "" {
				e.Fingerprint = ledger.Fingerprint(e.Key, e.ExpectedDelta.String())
			}
			return ledger.Changes{Entries: []ledger.Entry{e}}, nil
		},
	}
}

// Link ties a ref to a shelf.
func Link(ref stock.Ref, shelf stock.Shelf, soldAs string) Script {
	script := decideEntry(ref, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
		return ledger.Entry{
			Kind: ledger.KindBaseline, Shelf: shelf, Status: ledger.Linked, Evidence: stock.Evidence{ledger.EvidenceSoldAs: soldAs},
		}
	})
	script.Scope.Shelves = []stock.Shelf{shelf}
	return script
}

// Baseline makes a linked ref live at a count, and opens its shelf with it.
func Baseline(ref stock.Ref, count stock.Quantity, version time.Time) Script {
	return decideEntry(ref, func(r ledger.Ref, s *ledger.Snapshot) ledger.Entry {
		e := ledger.Entry{
			Kind: ledger.KindBaseline, Status: ledger.Live, OccurredAt: version, ObservedAt: version, ExpectedDelta: count - r.State.Expected,
		}
		if !s.Shelves[r.State.Shelf].Opened {
			e.Opens = true
			opening := ledger.Account{Item: r.State.Shelf.Item, Kind: ledger.Opening}
			e.Postings = ledger.Post(opening, ledger.AvailableOn(r.State.Shelf), count)
		}
		return e
	})
}

// Read posts the difference between a counter and what it should show, and wants a push of the shelf's other refs.
func Read(ref stock.Ref, count stock.Quantity, version time.Time) Script {
	script := decideEntry(ref, func(r ledger.Ref, _ *ledger.Snapshot) ledger.Entry {
		d := count - r.State.Expected
		return ledger.Entry{
			Kind: ledger.KindReading, OccurredAt: version, ObservedAt: version, ExpectedDelta: d,
			Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, ref), ledger.AvailableOn(r.State.Shelf), d),
		}
	})
	entry := script.Decide
	script.Decide = func(s *ledger.Snapshot, at time.Time) (ledger.Changes, error) {
		c, err := entry(s, at)
		for other, r := range s.Refs {
			if r.State.Shelf == c.Entries[0].Shelf && r.State.Status == ledger.Live {
				w := r.Work
				w.Seq++
				if w.Push = w.Push || other != ref; other == ref {
					w.Read, w.ReadDue, w.ReadReason = w.Seq, version.Add(time.Second), "explain"
				}
				c.Work = append(c.Work, w)
			}
		}
		return c, err
	}
	return script
}

// Sell explains units that left a counter.
func Sell(ref stock.Ref, key string, quantity stock.Quantity, occurred time.Time) Script {
	script := decideEntry(ref, func(r ledger.Ref, _ *ledger.Snapshot) ledger.Entry {
		item := r.State.Shelf.Item
		return ledger.Entry{
			Key: ledger.EntryKey(ref.Channel, key), Fingerprint: ledger.Fingerprint(ref.String(), quantity.String()),
			Kind: ledger.KindMovement, OccurredAt: occurred, ObservedAt: occurred.Add(time.Second),
			Postings: ledger.Post(ledger.UnexplainedBy(item, ref), ledger.Account{Item: item, Kind: ledger.Sold, Name: string(ref.Channel)}, quantity),
		}
	})
	script.Scope.Keys = []string{ledger.EntryKey(ref.Channel, key)}
	return script
}

// Do writes what it is given.
func Do(scope ledger.Scope, changes ledger.Changes) Script {
	return Script{Scope: scope, Decide: func(*ledger.Snapshot, time.Time) (ledger.Changes, error) { return changes, nil }}
}

// Look calls see with the snapshot of its scope.
func Look(scope ledger.Scope, see func(*ledger.Snapshot)) Script {
	return Script{Scope: scope, Decide: func(s *ledger.Snapshot, _ time.Time) (ledger.Changes, error) {
		see(s)
		return ledger.Changes{}, nil
	}}
}
