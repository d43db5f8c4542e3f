package reconcile

import (
	"slices"

	"github.com/evenstock/evenstock/ledger"
)

// A way is how a program shows itself by a change; byNone: the change says nothing.
type way int

const (
	byNone way = iota
	byRows
	byReturns
	byAnswersDown
	byAnswersUp
)

// wayOf is what a change looks like. A person's may look so too: it is a program's only where a program was recognised in that way.
func wayOf(change ledger.CounterChange) way {
	switch {
	case change.Reference != "":
		return byRows
	case change.Undid:
		return byReturns
	case !change.Repeated:
		return byNone
	case change.Quantity > 0:
		return byAnswersUp
	}
	return byAnswersDown
}

// recognition is a way by which a program was recognised: all changes from first on that look so are its own, and since is the one that
// made it sure.
type recognition struct {
	way          way
	first, since int
}

func (r recognition) holds(i int, change ledger.CounterChange) bool {
	return i >= r.first && wayOf(change) == r.way
}

// recognise returns the ways by which a program was recognised; none: there is no other program.
func recognise(watch ledger.ProgramWatch) (ways []recognition) {
	for w := byRows; w <= byAnswersUp; w++ {
		if first, since := recogniseBy(watch, w); since >= 0 {
			ways = append(ways, recognition{way: w, first: first, since: since})
		}
	}
	return ways
}

// recogniseBy finds the first change of a program that shows itself in one way, and the one that made it sure; -1: there is none.
func recogniseBy(watch ledger.ProgramWatch, w way) (first, since int) {
	first = slices.IndexFunc(watch.Changes, func(change ledger.CounterChange) bool { return wayOf(change) == w })
	switch {
	case first < 0 || w == byRows || watch.Warned:
		return first, first
	case w == byReturns:
		return first, returnsFrom(watch.Changes)
	}
	return loopFrom(watch.Changes, w == byAnswersUp)
}

// wrote says whether the program that was recognised in these ways wrote a change.
func wrote(ways []recognition, i int, change ledger.CounterChange) bool {
	return slices.ContainsFunc(ways, func(r recognition) bool { return r.holds(i, change) })
}
