package simulator

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// known is what the judge knows about what the ledger took from a counter.
type known struct {
	live bool
	// base is the mark of the baseline, last that of the last reading that was accepted; posted is the sum of the differences
	// posted since the baseline.
	base, last int
	posted     stock.Quantity
	// closed is the sum over earlier periods that ended when the item became untracked; explained likewise.
	closed    stock.Quantity
	explained stock.Quantity
	doubts    []doubt
	corrected stock.Quantity
	// dropped is what was posted before the shelf began anew: it is in the authority's count, and no part of the level. anew: the
	// counter is to be read again for that. since is when what counts into the level was looked at first, absent when an own read
	// last found no count.
	dropped       stock.Quantity
	anew          bool
	since, absent time.Duration
	// waits: it waits to join its shelf since a transaction, and what is posted of it beyond waited is no part of the level yet, as is
	// what it posted in earlier waits, owed. cameTo is the level when it came, with what counts that wait owe it.
	waits                bool
	waitsFrom            int
	waited, owed, cameTo stock.Quantity
	// settled is by how much settling moved its suspense account, settlements what may still be taken back.
	settled     stock.Quantity
	settlements []settlement
	// part: its count is a part of the sum that opens its shelf.
	part bool
	// older counts own reads in a row that were repeated because they lay behind. misled: one that did not contain a write of
	// ours was believed, as the rules allow; until a read that does is accepted, nobody can tell the write from what others do.
	older  int
	misled bool
	// untied is when the ref was unlinked since its last baseline, untiedMark the mark then; 0: it was not.
	untied     time.Duration
	untiedMark int
}

// doubt is a movement of which the rules leave open whether it explains. On Square the entries tell whether it did: told says
// which of the two makes the difference of quantity. Without a key either is accepted.
type doubt struct {
	quantity stock.Quantity
	key      string
	told     bool
}

// truth is what a shelf's level must come to.
type truth struct {
	opened    bool
	opening   stock.Quantity
	corrected stock.Quantity
}

// judge compares what our side writes with what the naive platforms know.
type judge struct {
	w        *world
	failures []string
	states   map[stock.Ref]ledger.RefState
	balances map[ledger.Account]stock.Quantity
	pushed   map[string]bool // references whose write had its effect
	bodies   map[string]string
	definite map[string]int  // the transaction by which a call became definite
	told     map[string]bool // keys of movements that the ledger has explained
	mass     *massJudge
}

func newJudge(w *world) *judge {
	return &judge{w: w, states: map[stock.Ref]ledger.RefState{}, balances: map[ledger.Account]stock.Quantity{}, pushed: map[string]bool{}, bodies: map[string]string{}, definite: map[string]int{}, told: map[string]bool{}, mass: newMassJudge(w)}
}

// failuresMax is how many failures of a run are kept.
const failuresMax = 8

func (j *judge) fail(format string, args ...any) {
	text := fmt.Sprintf("%s %s", j.w.stamp(), fmt.Sprintf(format, args...))
	if j.w.tracing {
		j.w.tracef("FAIL    %s", text)
	}
	if len(j.failures) < failuresMax {
		j.failures = append(j.failures, text)
	}
}

// hopeless ends a run that has failed enough.
func (j *judge) hopeless() bool { return len(j.failures) >= failuresMax }

// unexpected reports an error of a transaction that should not have one. A crash is no error.
func (j *judge) unexpected(what string, err error) {
	if !errors.Is(err, errCrashedBefore) && !errors.Is(err, errCrashedAfter) {
		j.fail("%s: %v", what, err)
	}
}

// receipt checks what a transaction wrote.
func (j *judge) receipt(facts []told, receipt ledger.Receipt) {
	used := make([]bool, len(facts))
	j.mass.facts(facts)
	for i := range facts {
		if _, own := facts[i].input.(ledger.OwnRead); own {
			facts[i].behind = j.behind(facts[i].look)
			j.patience(facts[i], receipt.Dispositions[i])
		}
	}
	for _, e := range receipt.Entries {
		j.fold(e)
		j.entry(e, facts, used)
	}
	for i, d := range receipt.Dispositions {
		j.w.hash(uint64(d.Ending), uint64(len(d.Reason)))
		j.w.endings[d.Reason]++
		if j.w.tracing {
			j.w.traceInput(facts[i], d)
		}
		if in, own := facts[i].input.(ledger.OwnRead); own && in.Reading.Status != stock.Counted {
			facts[i].look.counter.known.absent = facts[i].look.at
		}
		if in, own := facts[i].input.(ledger.OwnRead); own && !used[i] && d.Ending == ledger.Done && in.Reading.Status == stock.Counted {
			j.accepted(facts[i], true)
		}
		if _, delivered := facts[i].input.(ledger.Delivered); delivered && !used[i] && d.Ending == ledger.Done && facts[i].look.counter != nil {
			j.accepted(facts[i], false)
		}
	}
	if j.w.tracing {
		for _, e := range receipt.Entries {
			j.w.traceEntry(e, j.states[e.Ref])
		}
	}
	j.calls(receipt.Calls)
	j.marks(facts)
	j.sane(receipt)
}

// calls checks calls when they are stored.
func (j *judge) calls(calls []ledger.Call) {
	for _, call := range calls {
		if _, known := j.definite[call.Key]; !known {
			j.definite[call.Key] = never
			j.planned(call)
		}
		if call.State != ledger.CallOpen && j.definite[call.Key] == never {
			j.definite[call.Key] = j.w.applies
		}
		if call.State == ledger.CallRefused {
			j.mass.refused(call)
		}
	}
}

// never is the number of a transaction that did not come yet.
const never = math.MaxInt

// planned checks a call at the moment it is stored.
func (j *judge) planned(call ledger.Call) {
	for _, row := range call.Rows {
		if c := j.w.counterOf(row.Ref); c.known.waits {
			j.fail("R9: call %s is to push %s, which waits to join its shelf", call.Key, row.Ref)
		} else if shows := j.states[row.Ref].Expected + row.Delta; row.Delta > 0 && shows > 0 && j.hidden(c) {
			j.fail("sold out: call %s raises %s to %s, which another channel marks", call.Key, row.Ref, shows)
		}
	}
	if j.w.strange.massive {
		j.mass.planned(call)
	}
	j.w.strange.program.planned(call)
	j.w.typists.planned(call)
	j.w.marks.over.planned(call)
}

// fold keeps balances and states from entries alone.
func (j *judge) fold(e ledger.Entry) {
	j.w.hash(uint64(e.Seq), uint64(e.Kind), uint64(e.ExpectedDelta), uint64(e.OccurredAt.UnixNano()))
	for _, p := range e.Postings {
		j.balances[p.From] -= p.Quantity
		j.balances[p.To] += p.Quantity
	}
	if e.Ref != (stock.Ref{}) {
		j.states[e.Ref] = j.states[e.Ref].After(e)
	}
}

// callArrived checks a request at the moment it reaches its platform.
func (j *judge) callArrived(call ledger.Call) {
	if body, known := j.bodies[call.Key]; known && body != string(call.Body) {
		j.fail("call %s was sent with two bodies", call.Key)
	}
	j.bodies[call.Key] = string(call.Body)
	stored, known := j.w.ledger.model.Call(call.Key)
	if !known || string(stored.Body) != string(call.Body) {
		j.fail("call %s was sent before it was stored", call.Key)
	}
	for _, row := range call.Rows {
		switch c := j.w.counterOf(row.Ref); {
		case !c.shelf.truth.opened:
			j.fail("call %s pushes %s, whose shelf has no opening", call.Key, row.Ref)
		case c.known.waits && j.definite[call.Key] >= c.known.waitsFrom: // no copy, late, of one that was answered before
			j.fail("R9: call %s pushes %s, which waits to join its shelf", call.Key, row.Ref)
		}
	}
}

// pushHappened checks that a write has its effect once.
func (j *judge) pushHappened(reference string) {
	if j.pushed[reference] {
		j.fail("push %s had its effect twice", reference)
	}
	j.pushed[reference] = true
}
