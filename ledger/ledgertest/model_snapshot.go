package ledgertest

import (
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// snapshot copies what the batch touches, so that a step cannot change the ledger except by its Changes.
func (m *Model) snapshot(batch ledger.Batch) *ledger.Snapshot {
	scope := batch.Scope()
	s := &ledger.Snapshot{
		Refs: map[stock.Ref]ledger.Ref{}, Shelves: map[stock.Shelf]ledger.ShelfState{}, SoldAs: map[ledger.SoldAs][]stock.Ref{},
		Keys: map[string]string{}, Booked: map[string][]ledger.Entry{}, Counters: map[ledger.CounterKey]stock.Quantity{}, Waiting: map[ledger.CounterKey]ledger.Waiting{},
		Calls: map[string]ledger.Call{}, Brakes: map[string]ledger.Brake{}, LastSeq: int64(len(m.entries)),
	}
	for _, key := range scope.Keys {
		if fingerprint, taken := m.keys[key]; taken {
			s.Keys[key] = fingerprint
		}
		if booked := m.booked[key]; len(booked) > 0 {
			s.Booked[key] = slices.Clone(booked)
		}
	}
	for _, order := range scope.Orders {
		maps.Copy(s.Counters, m.counters[order])
		maps.Copy(s.Waiting, m.waiting[order])
	}
	refs, shelves := scope.Refs, scope.Shelves
	for _, key := range scope.Calls {
		if call, known := m.calls[key]; known {
			s.Calls[key] = cloneCall(call)
			for _, row := range call.Rows {
				refs = append(refs, row.Ref)
			}
		}
	}
	for _, id := range scope.Brakes {
		if brake, known := m.brakes[id]; known {
			s.Brakes[id] = brake
			refs = append(refs, brake.Ref)
			if brake.Shelf != (stock.Shelf{}) {
				shelves = append(shelves, brake.Shelf)
			}
		}
	}
	for _, sold := range scope.SoldAs {
		if known := slices.SortedFunc(maps.Keys(m.soldAs[sold]), stock.Ref.Compare); len(known) > 0 {
			s.SoldAs[sold] = known
			refs = append(refs, known...)
		}
	}
	for _, ref := range refs {
		if state, known := m.states[ref]; known {
			s.Refs[ref] = m.ref(state)
			shelves = append(shelves, state.Shelf)
		}
	}
	for _, shelf := range shelves {
		s.Shelves[shelf] = m.shelf(shelf)
		for ref := range m.ofItem[shelf.Item] {
			if _, loaded := s.Refs[ref]; !loaded {
				state := m.states[ref]
				s.Refs[ref], s.Shelves[state.Shelf] = m.ref(state), m.shelf(state.Shelf)
			}
		}
	}
	for _, ref := range s.Refs {
		if call, open := m.calls[ref.Work.InFlight]; open {
			s.Calls[call.Key] = cloneCall(call)
		}
	}
	m.activeBrakes(s, scope, batch.At)
	return s
}

// activeBrakes adds every unreleased or still passing brake of a touched shelf or channel.
func (m *Model) activeBrakes(s *ledger.Snapshot, scope ledger.Scope, at time.Time) {
	for id, brake := range m.brakes {
		if !brake.ReleasedAt.IsZero() && !brake.PassUntil.After(at) {
			continue
		}
		_, shelf := s.Shelves[brake.Shelf]
		if shelf || slices.Contains(scope.Channels, brake.Channel) {
			s.Brakes[id] = brake
		}
	}
}

// ref returns everything stored about a ref.
func (m *Model) ref(state ledger.RefState) ledger.Ref {
	state.Unconfirmed = slices.Clone(state.Unconfirmed)
	item := state.Shelf.Item
	work := cloneWork(m.work[state.Ref])
	work.Ref = state.Ref
	return ledger.Ref{State: state, Work: work, Unexplained: m.balances[item][ledger.UnexplainedBy(item, state.Ref)]}
}

func (m *Model) shelf(shelf stock.Shelf) ledger.ShelfState {
	return ledger.ShelfState{Shelf: shelf, Level: m.balances[shelf.Item][ledger.AvailableOn(shelf)], Opened: m.shelves[shelf]}
}

func cloneWork(w ledger.Work) ledger.Work {
	w.Raises, w.Uncaused = slices.Clone(w.Raises), slices.Clone(w.Uncaused)
	w.Falls = slices.Clone(w.Falls)
	if w.Program != nil {
		program := *w.Program
		program.Shown, program.Changes = slices.Clone(program.Shown), slices.Clone(program.Changes)
		program.Told = slices.Clone(program.Told)
		w.Program = &program
	}
	if w.ZeroUnconfirmed != nil {
		unconfirmed := *w.ZeroUnconfirmed
		w.ZeroUnconfirmed = &unconfirmed
	}
	if w.RaiseUnconfirmed != nil {
		unconfirmed := *w.RaiseUnconfirmed
		w.RaiseUnconfirmed = &unconfirmed
	}
	if w.Baseline != nil {
		wish := *w.Baseline
		if wish.Candidate != nil {
			candidate := *wish.Candidate
			wish.Candidate = &candidate
		}
		wish.Pushes = slices.Clone(wish.Pushes)
		w.Baseline = &wish
	}
	return w
}

func cloneCall(c ledger.Call) ledger.Call {
	c.Rows, c.Body = slices.Clone(c.Rows), slices.Clone(c.Body)
	return c
}
