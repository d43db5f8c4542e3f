package reconcile

import (
	"iter"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

const (
	// returnsSure is how often in a row a counter must return to the same count that it showed before our pushes, and returnsOther how
	// often where that proves less.
	returnsSure  = 2
	returnsOther = 3
	// returnPause is within which returns go on though something else is between.
	returnPause = 2 * time.Minute
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
	return loopFrom(watch.Changes, w)
}

// showing are the changes that look like a way, and their places among all.
func showing(changes []ledger.CounterChange, w way) iter.Seq2[int, ledger.CounterChange] {
	return func(yield func(int, ledger.CounterChange) bool) {
		for i, change := range changes {
			if wayOf(change) == w && !yield(i, change) {
				return
			}
		}
	}
}

// returnsFrom finds the change by which returns in a row became too many to be chance; -1: none. A person's edit meets what a counter
// showed before our pushes by chance now and then; two of them to the same count hardly ever. Zero is what people count on an empty
// shelf, so it must come faster than they do, or three times; and so must counts that differ, as those of a program that goes on
// counting its own sales.
func returnsFrom(changes []ledger.CounterChange) int {
	in, same, lastAt := 0, 0, 0
	var last ledger.CounterChange
	for i, change := range showing(changes, byReturns) {
		inRow := in > 0 && (lastAt == i-1 || goesOn(last, change, changes[lastAt+1:i]))
		together := change.Exactly && last.Exactly && change.Soon && last.Soon
		switch {
		case inRow && change.To == last.To && sameWay(change.Quantity, last.Quantity):
			in, same = in+1, same+1
		case inRow && change.To == last.To:
			in, same = in+1, 1
		case inRow && together:
			in, same = in+1, 1
		default:
			in, same = 1, 1
		}
		if same >= returnsSure && (change.To > 0 || change.Soon && last.Soon) || in >= returnsOther {
			return i
		}
		last, lastAt = change, i
	}
	return -1
}

// goesOn says whether two returns are in a row though something is between: they go the same way minutes apart, and what is between goes the
// other way, as what its channel sells does that nobody has told yet. A change of another size the same way is somebody else's.
func goesOn(last, change ledger.CounterChange, between []ledger.CounterChange) bool {
	return sameWay(last.Quantity, change.Quantity) && change.At.Sub(last.At) <= returnPause && !slices.ContainsFunc(between, func(b ledger.CounterChange) bool {
		return sameWay(b.Quantity, change.Quantity)
	})
}

// wrote says whether the program that was recognised in these ways wrote a change.
func wrote(ways []recognition, i int, change ledger.CounterChange) bool {
	return slices.ContainsFunc(ways, func(r recognition) bool { return r.holds(i, change) })
}
