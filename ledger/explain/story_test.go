package explain

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	tee  = stock.Shelf{Item: "item-tee", Location: "main"}
	till = stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
	web  = stock.Ref{Channel: "web", Item: "45", Location: "77"}
	// morning is when stories begin: each entry is a minute after the one before.
	morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

func minute(n int64) time.Time { return morning.Add(time.Duration(n) * time.Minute) }

func outside(kind ledger.AccountKind, name string) ledger.Account {
	return ledger.Account{Item: tee.Item, Kind: kind, Name: name}
}

// story is the history of one shelf, in which every entry is written as the engine would.
type story struct{ Facts }

func tell() *story { return &story{Facts{Shelf: tee, Calls: map[string]ledger.Call{}, Even: equal}} }

func equal(_ stock.Channel, expected, level stock.Quantity) bool { return expected == level }

// add writes an entry, and keeps the level as a store does. It returns the entry's number.
func (s *story) add(e ledger.Entry) int64 {
	e.Seq = int64(len(s.Entries) + 1)
	e.Shelf, e.OccurredAt, e.ObservedAt, e.RecordedAt = tee, minute(e.Seq), minute(e.Seq), minute(e.Seq)
	for _, p := range e.Postings {
		s.Level += p.Into(ledger.AvailableOn(tee))
	}
	s.Entries = append(s.Entries, e)
	return e.Seq
}

// baseline is a ref's first count; the authority's opens the shelf.
func (s *story) baseline(ref stock.Ref, units int64, authority bool) int64 {
	e := ledger.Entry{Kind: ledger.KindBaseline, Ref: ref, Status: ledger.Live, ExpectedDelta: stock.Units(units), Opens: authority}
	if authority {
		e.Postings = ledger.Post(outside(ledger.Opening, ""), ledger.AvailableOn(tee), stock.Units(units))
	}
	return s.add(e)
}

// reading is a difference that others made.
func (s *story) reading(ref stock.Ref, units int64) int64 {
	return s.add(ledger.Entry{Kind: ledger.KindReading, Ref: ref, ExpectedDelta: stock.Units(units), Evidence: stock.Evidence{"source": "own read"},
		Postings: ledger.Post(ledger.UnexplainedBy(tee.Item, ref), ledger.AvailableOn(tee), stock.Units(units))})
}

// movement explains units.
func (s *story) movement(ref stock.Ref, kind ledger.AccountKind, units int64) int64 {
	return s.add(ledger.Entry{Kind: ledger.KindMovement, Ref: ref, Evidence: stock.Evidence{"order": "1001"},
		Postings: ledger.Post(outside(kind, string(ref.Channel)), ledger.UnexplainedBy(tee.Item, ref), stock.Units(units))})
}

// plan stores a call with one row, planned after the last entry.
func (s *story) plan(key string, ref stock.Ref, units int64, state ledger.CallState) {
	last := int64(len(s.Entries))
	s.Calls[key] = ledger.Call{Key: key, Channel: ref.Channel, State: state, CreatedAt: minute(last).Add(time.Second),
		Rows: []ledger.CallRow{{PushRow: stock.PushRow{Ref: ref, Delta: stock.Units(units)}, Level: s.Level, Through: last}}}
}

// push is what became known of a row: effect is what it adds to expected.
func (s *story) push(key string, ref stock.Ref, units, effect int64, phase ledger.PushPhase, evidence stock.Evidence) int64 {
	return s.add(ledger.Entry{Kind: ledger.KindPush, Ref: ref, ExpectedDelta: stock.Units(effect), Evidence: evidence,
		Push: &ledger.PushMark{Call: key, Delta: stock.Units(units), Phase: phase}})
}

// answered plans a push, and has the platform take it.
func (s *story) answered(key string, ref stock.Ref, units int64) int64 {
	s.plan(key, ref, units, ledger.CallApplied)
	return s.push(key, ref, units, units, ledger.Answered, nil)
}

func (s *story) explain() Shelf { return Explain(s.Facts) }
