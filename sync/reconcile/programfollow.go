package reconcile

import (
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// followSure is how many changes of a counter in a row must follow the other counters, and followRare how rarely they may do so by
	// chance: once in so many times.
	followSure = 3
	followRare = 20
	// followLeast is how large a change is that another application tells of and that may be the first.
	followLeast = 5 * stock.Unit
	// stepRare bounds what one change of as much as the one before proves: people take goods by the case.
	stepRare = 3
)

// following are changes of a counter that have in common of how much of the level they leave, the newest first, and their places among
// all. parts is how rarely the same part of it fits by chance, steps how rarely as much less does; 0: it does not fit.
type following struct {
	changes      []ledger.CounterChange
	places       []int
	parts, steps int64
}

// markFollowing marks the changes, up to the newest, by which a counter follows the other ones. Each of them we push to these, so the next
// one is that much of what is left. How long it takes says nothing: a program may look once an hour. Of changes of a few units many fit by
// chance, so what counts is how large they are. Smaller changes between, and those the other way, are somebody else's.
func markFollowing(changes []ledger.CounterChange) {
	var f following
	for i := len(changes) - 1; i >= 0; i-- {
		if !f.add(i, changes[i]) && !f.beside(changes[i]) {
			break
		}
	}
	if !f.sure() {
		return
	}
	for _, i := range f.places {
		changes[i].Undid, changes[i].Repeated, changes[i].Follows = false, true, true
	}
}

// beside says whether a change is somebody else's: it goes the other way, or is small.
func (f *following) beside(change ledger.CounterChange) bool {
	if len(f.changes) == 0 {
		return false
	}
	next := f.changes[len(f.changes)-1].Quantity
	return !sameWay(change.Quantity, next) || change.Quantity.Abs() <= next.Abs()/4
}

// add takes an earlier change among those that follow; false: it does not fit. One to zero says nothing: zero is what people count.
func (f *following) add(i int, change ledger.CounterChange) bool {
	if change.Of <= 0 || change.To <= 0 || change.Reference != "" || !sameWay(change.To-change.Of, change.Quantity) {
		return false
	}
	parts, steps := int64(1), int64(1)
	if len(f.changes) > 0 {
		next := f.changes[len(f.changes)-1].Quantity
		if !sameWay(next, change.Quantity) {
			return false
		}
		size := min(next.Abs(), change.Quantity.Abs()).FloorTo(stock.Unit) / stock.Unit
		parts, steps = f.parts*max(1, int64(size)*2/3), f.steps*min(stepRare, max(1, int64(size)/2))
	}
	if slices.ContainsFunc(f.changes, func(other ledger.CounterChange) bool { return !samePart(change, other) }) {
		parts = 0
	}
	if slices.ContainsFunc(f.changes, func(other ledger.CounterChange) bool { return other.Quantity != change.Quantity }) || change.Quantity > 0 {
		steps = 0
	}
	if len(f.changes) > 0 && parts == 0 && steps == 0 {
		return false
	}
	f.changes, f.places, f.parts, f.steps = append(f.changes, change), append(f.places, i), min(parts, followRare), min(steps, followRare)
	return true
}

// samePart says whether two changes may leave the same part of the level, but for what is rounded or sold meanwhile.
func samePart(a, b ledger.CounterChange) bool {
	const unit = stock.Unit
	return (a.To/unit-1)*(b.Of/unit) <= (b.To/unit+1)*(a.Of/unit) && (b.To/unit-1)*(a.Of/unit) <= (a.To/unit+1)*(b.Of/unit)
}

// sure says whether so many changes fit hardly ever by chance. Where all are about as large they tell nothing of a part.
func (f *following) sure() bool {
	if len(f.changes) < followSure {
		return false
	}
	last, first := f.changes[0].Quantity, f.changes[len(f.changes)-1].Quantity
	if (first - last).Abs() > 2*stock.Unit {
		return f.parts >= followRare
	}
	return f.steps >= followRare
}
