package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// session is one run of the step: working copies of what the snapshot holds, and what was decided so far. Later inputs of a
// batch see what earlier ones decided.
type session struct {
	*Engine
	at       time.Time
	snapshot *ledger.Snapshot
	refs     map[stock.Ref]*row
	shelves  map[stock.Shelf]*ledger.ShelfState
	byShelf  map[stock.Shelf][]stock.Ref
	keys     map[string]string
	// bookedNow and told are of the movements that this batch books, by key: their entries, and when their content was told.
	bookedNow map[string][]ledger.Entry
	told      map[string]telling
	counters  map[ledger.CounterKey]stock.Quantity
	waiting   map[ledger.CounterKey]ledger.Waiting
	calls     map[string]ledger.Call
	out       ledger.Changes
}

// row is the working copy of a ref. changed says that its Work must be stored.
type row struct {
	ledger.Ref
	changed bool
	// shownTo is the channel's clock when an own read was sent that this batch has accepted; zero: none.
	shownTo time.Time
}

func newSession(e *Engine, snapshot *ledger.Snapshot, at time.Time) *session {
	s := &session{
		Engine: e, at: at, snapshot: snapshot,
		refs:      make(map[stock.Ref]*row, len(snapshot.Refs)),
		shelves:   make(map[stock.Shelf]*ledger.ShelfState, len(snapshot.Shelves)),
		keys:      map[string]string{},
		bookedNow: map[string][]ledger.Entry{},
		told:      map[string]telling{},
		counters:  map[ledger.CounterKey]stock.Quantity{},
		waiting:   map[ledger.CounterKey]ledger.Waiting{},
		calls:     map[string]ledger.Call{},
		byShelf:   map[stock.Shelf][]stock.Ref{},
	}
	for name, stored := range snapshot.Refs {
		s.byShelf[stored.State.Shelf] = append(s.byShelf[stored.State.Shelf], name)
	}
	for _, names := range s.byShelf {
		slices.SortFunc(names, stock.Ref.Compare)
	}
	return s
}

// ref returns the working copy of a ref, nil when it was never linked.
func (s *session) ref(name stock.Ref) *row {
	if r, ok := s.refs[name]; ok {
		return r
	}
	stored, ok := s.snapshot.Refs[name]
	if !ok {
		return nil
	}
	r := &row{Ref: stored}
	r.Work.Ref = name
	s.refs[name] = r
	return r
}

// work gives write access to what is intended for the ref, which then is stored.
func (r *row) work() *ledger.Work {
	r.changed = true
	return &r.Work
}

func (s *session) shelf(name stock.Shelf) *ledger.ShelfState {
	if state, ok := s.shelves[name]; ok {
		return state
	}
	state, ok := s.snapshot.Shelves[name]
	if !ok {
		state = ledger.ShelfState{Shelf: name}
	}
	s.shelves[name] = &state
	return &state
}

// shelfRefs returns the linked refs of a shelf in a fixed order.
func (s *session) shelfRefs(shelf stock.Shelf) []*row {
	var rows []*row
	for _, name := range s.byShelf[shelf] {
		if r := s.ref(name); r.State.Shelf == shelf && r.State.Status != ledger.Unlinked {
			rows = append(rows, r)
		}
	}
	return rows
}

func (s *session) traits(channel stock.Channel) stock.Traits { return s.channels[channel].Traits }

func (s *session) lastSeq() int64 { return s.snapshot.LastSeq + int64(len(s.out.Entries)) }

// known returns the fingerprint of the entry that has a key, written earlier or in this batch.
func (s *session) known(key string) (fingerprint string, taken bool) {
	if fingerprint, taken = s.keys[key]; taken {
		return fingerprint, true
	}
	fingerprint, taken = s.snapshot.Keys[key]
	return fingerprint, taken
}

// write records an entry and brings the working copies of its ref and shelf up to date.
func (s *session) write(r *row, e ledger.Entry) {
	e.RecordedAt = s.at
	e.Ref, e.Shelf = r.State.Ref, r.State.Shelf
	if e.Kind == ledger.KindMovement && r.State.Joining != nil && len(e.Postings) > 0 {
		told := e.Into(ledger.UnexplainedBy(e.Shelf.Item, e.Ref))
		e.Evidence = with(e.Evidence, ledger.EvidenceTold, told.String())
	}
	if e.Key == "" {
		e.Key = fmt.Sprintf("%s/%s/%d", e.Kind, e.Ref, r.State.Entries+1)
	}
	if e.Fingerprint == "" {
		e.Fingerprint = ledger.Fingerprint(e.Kind.String(), e.Ref.String(), e.ExpectedDelta.String())
	}
	s.keys[e.Key] = e.Fingerprint
	s.out.Entries = append(s.out.Entries, e)
	if e.Kind == ledger.KindMovement {
		booked, key := e, ledger.KeyOfEdit(e.Key)
		booked.Seq = s.lastSeq()
		s.bookedNow[key] = append(s.bookedNow[key], booked)
	}
	r.State = r.State.After(e)
	shelf := s.shelf(e.Shelf)
	shelf.Opened = shelf.Opened || e.Opens
	available, suspense := ledger.AvailableOn(e.Shelf), ledger.UnexplainedBy(e.Shelf.Item, e.Ref)
	for _, p := range e.Postings {
		shelf.Level += p.Into(available)
		r.Unexplained += p.Into(suspense)
	}
}

// wantRead stores a wish for a read that is to be sent at due, under a number of its own. A read that shows the counter of before
// until, by the channel's clock, does not fulfil it; with a zero until any later read does.
func (s *session) wantRead(r *row, reason string, due, until time.Time) uint64 {
	w := r.work()
	fresh := w.Read == 0
	w.Seq++
	w.Read = w.Seq
	if fresh || due.Before(w.ReadDue) {
		w.ReadDue = due
	}
	if until.After(w.ReadUntil) {
		w.ReadUntil = until
	}
	w.ReadReason = reason
	return w.Seq
}

// target is what the ref's counter should show by the level as decided so far.
func (s *session) target(r *row) stock.Quantity {
	level, traits := s.shelf(r.State.Shelf).Level, s.traits(r.State.Ref.Channel)
	if s.soldOutElsewhere(r) {
		return TargetSoldOut(level, traits)
	}
	return Target(level, traits)
}

// wantsPush says whether the counter should be moved. Whether a brake holds the push is another question (pushOf).
func (s *session) wantsPush(r *row) bool {
	return r.State.Status == ledger.Live && s.shelf(r.State.Shelf).Opened && r.State.Expected != s.target(r)
}

// finish notes for each ref of every shelf that was touched whether it wants a push, whether its turn has come to be read for a baseline,
// and whether a mark hides what it should show, and returns what was decided, in a fixed order.
func (s *session) finish() ledger.Changes {
	touched := map[stock.Shelf]bool{}
	for _, r := range s.refs {
		touched[r.State.Shelf] = true
	}
	for shelf := range touched {
		for _, r := range s.shelfRefs(shelf) {
			want := s.wantsPush(r)
			if want != r.Work.Push {
				r.work().Push = want
			}
			if !want {
				s.followsUncaused(r)
			}
			s.wakeAuthority(r)
			s.keepHidden(r)
		}
	}
	for _, r := range s.refs {
		if r.changed {
			s.out.Work = append(s.out.Work, r.Work)
		}
	}
	slices.SortFunc(s.out.Work, func(a, b ledger.Work) int { return a.Ref.Compare(b.Ref) })
	s.out.Counters = s.counters
	s.out.Waiting = slices.SortedFunc(maps.Values(s.waiting), func(a, b ledger.Waiting) int { return a.Counter.Compare(b.Counter) })
	for _, key := range slices.Sorted(maps.Keys(s.calls)) {
		s.out.Calls = append(s.out.Calls, s.calls[key])
	}
	return s.out
}

// note has the ending of a fact inside an input counted, as the endings of inputs are.
func (s *session) note(d ledger.Disposition) { s.out.Noted = append(s.out.Noted, d) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
