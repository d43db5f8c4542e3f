package explain

import (
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// narrator goes through a shelf's entries in the order in which they were written.
type narrator struct {
	Facts
	// told is the answer so far, running the level after the entries so far.
	told     Shelf
	running  stock.Quantity
	accounts map[stock.Ref]*account
	// order is that in which the refs came up.
	order []stock.Ref
	// openings are the entries that opened the shelf: one.
	openings []int64
	pushes   map[pushID]*Push
	// settlements are the steps of settlements, by the keys of their entries.
	settlements map[string]*Step
}

// account is what one ref's entries come to while they are gone through.
type account struct {
	state ledger.RefState
	// baseline, differences and pushes are the parts of what the counter should show.
	baseline, differences, pushes stock.Quantity
	// suspense is the balance of the ref's suspense account, open what moved it since it was zero.
	suspense stock.Quantity
	open     Unexplained
	// moves are those of the suspense account that belong to nothing yet.
	moves []suspenseMove
	// recounts were noted since the suspense account moved last.
	recounts []Cause
	// even are the entries after which the counter was to show its target.
	even []int64
}

// Explain says why the shelf's level is what it is.
func Explain(f Facts) Shelf {
	n := &narrator{Facts: f, accounts: map[stock.Ref]*account{}, pushes: map[pushID]*Push{}, settlements: map[string]*Step{},
		told: Shelf{Location: f.Shelf.Location, Level: f.Level, Faults: []string{}, Causes: []Cause{},
			Unexplained: []Unexplained{}, Counters: []Counter{}, Trail: []*Step{}}}
	for _, e := range f.Entries {
		n.entry(e)
	}
	n.connectPushes()
	n.finish()
	return n.told
}

func (n *narrator) account(ref stock.Ref) *account {
	a, ok := n.accounts[ref]
	if !ok {
		a = &account{}
		n.accounts[ref] = a
		n.order = append(n.order, ref)
	}
	return a
}

func (n *narrator) entry(e ledger.Entry) {
	a := n.account(e.Ref)
	before := a.state
	a.state = a.state.After(e)
	if e.Opens {
		n.told.Opened, n.openings = true, append(n.openings, e.Seq)
	}
	switch {
	case e.Kind == ledger.KindBaseline && (e.Status == ledger.Live || e.Status == ledger.WaitsToJoin):
		a.baseline, a.differences, a.pushes = a.state.Expected, 0, 0
	case a.state.Status == ledger.Unlinked || a.state.Status == ledger.Untracked || a.state.Status == ledger.Gone:
		a.baseline, a.differences, a.pushes = 0, 0, 0
	case e.Push != nil:
		a.pushes += e.ExpectedDelta
	default:
		a.differences += e.ExpectedDelta
	}
	causes, level, suspense := n.split(e)
	n.running += level
	for _, c := range causes {
		n.told.Sum += c.Quantity
	}
	n.told.Causes = append(n.told.Causes, causes...)
	a.explainedBy(e, causes, suspense)
	a.move(suspense, n.happened(e, before, level, causes), causes)
	for ref, a := range n.accounts {
		if n.Even != nil && n.told.Opened && a.state.Status == ledger.Live && n.Even(ref.Channel, a.state.Expected, n.running) {
			a.even = append(a.even, e.Seq)
		}
	}
}

// finish adds what is left over at the end, and compares it with what the ledger shows.
func (n *narrator) finish() {
	s := &n.told
	for _, ref := range n.order {
		a := n.accounts[ref]
		s.Sum -= a.suspense
		if a.suspense != 0 {
			a.open.Recounts = append(a.open.Recounts, a.recounts...)
			a.open.Hint = a.open.hint()
			s.Unexplained = append(s.Unexplained, a.open)
		}
		if n.At.Occurred.IsZero() && ref.Channel != "" && a.state.Status != ledger.Unlinked {
			s.Counters = append(s.Counters, Counter{Ref: ref, Status: a.state.Status.String(), Baseline: a.baseline,
				Differences: a.differences, Pushes: a.pushes, Expected: a.state.Expected, Version: a.state.Version, State: n.stateOf(ref)})
		}
	}
	for _, ref := range n.Refs {
		if since := ref.State.SoldOut; !since.IsZero() {
			channel := ref.State.Ref.Channel
			s.SoldOut = append(s.SoldOut, SoldOutMark{Channel: channel, Since: since, Everywhere: n.SoldOutEverywhere[channel]})
		}
	}
	slices.SortFunc(s.Counters, func(a, b Counter) int { return a.Ref.Compare(b.Ref) })
	// The opening comes first whatever its time: everything else counts from it.
	slices.SortStableFunc(s.Causes, func(a, b Cause) int {
		switch opening := ledger.Opening.String(); {
		case a.Cause == b.Cause:
		case a.Cause == opening:
			return -1
		case b.Cause == opening:
			return 1
		}
		return a.OccurredAt.Compare(b.OccurredAt)
	})
	if !s.Opened && n.At == (ledger.AsOf{}) {
		s.Closed = WhyClosed(n.Refs)
	}
	if s.Opened {
		s.Oversold = OversoldBy(s.Sum, s.Causes)
	}
	n.compare()
}

// stateOf says how a counter stands now.
func (n *narrator) stateOf(name stock.Ref) State {
	for _, ref := range n.Refs {
		if ref.State.Ref == name {
			state, _ := StateOf(ref, n.Misplaced != nil && n.Misplaced(ref.State))
			return state
		}
	}
	return ""
}

// compare finds what does not follow from the entries.
func (n *narrator) compare() {
	s := &n.told
	if s.Sum != s.Level {
		s.Faults = append(s.Faults, fmt.Sprintf("the entries come to %s, but the ledger shows %s", s.Sum, s.Level))
	}
	if n.running != s.Sum {
		s.Faults = append(s.Faults, fmt.Sprintf("the causes come to %s, but the postings to the shelf to %s", s.Sum, n.running))
	}
	for _, c := range s.Counters {
		if sum := c.Baseline + c.Differences + c.Pushes; sum != c.Expected {
			s.Faults = append(s.Faults, fmt.Sprintf("the entries of %s come to %s, but %s is expected of it", c.Ref, sum, c.Expected))
		}
	}
	for _, ref := range n.Refs {
		if a, ok := n.accounts[ref.State.Ref]; !ok || a.state.Expected != ref.State.Expected || a.suspense != ref.Unexplained {
			s.Faults = append(s.Faults, fmt.Sprintf("what the ledger keeps about %s does not follow from its entries", ref.State.Ref))
		}
	}
}
