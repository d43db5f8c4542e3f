package reconcile

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// loopSure is how often a counter must answer our pushes the same way, and loopSpan how long that must go on at least, unless it is
	// loopMany times: sales of which the cause is told a moment late look like it.
	loopSure = 4
	loopSpan = 6 * time.Second
	loopMany = 8
	// loopJitter is by how much the pauses between a program's answers differ, or by a quarter. People write less evenly.
	loopJitter = 4 * time.Second
	// appPause is within which a change that another application tells of goes on with a loop: it may be a channel that sells.
	appPause = time.Minute
	// growth is how many times what a counter would hold without them its answers must come to, and growthSure how many they must be.
	growth     = 4
	growthSure = 3
	// growthLeast is what is added to what a counter holds: on a shelf that is nearly empty some units are many times as much.
	growthLeast = 10 * stock.Unit
	// smallBeside is by how many times a change must be smaller than our push to be no answer to it: a recount by one beside hundreds.
	smallBeside = 8
)

// unanswered returns our pushes to the shelf, at most one each way, that a program may still answer: those of lately since which no change
// the same way was an answer. One that was told of since was none.
func (s *session) unanswered(watch ledger.ProgramWatch) []ledger.RecentPush {
	return slices.DeleteFunc(watch.Pushes, func(push ledger.RecentPush) bool {
		return s.at.Sub(push.At) > programPause || slices.ContainsFunc(watch.Changes, func(change ledger.CounterChange) bool {
			return change.Repeated && change.At.After(push.At) && sameWay(change.Quantity, push.Quantity)
		})
	})
}

// withPush remembers a push, unless a larger one the same way is not answered yet. One as large the other way is taken back by it.
func (s *session) withPush(watch ledger.ProgramWatch, quantity stock.Quantity) []ledger.RecentPush {
	larger := slices.DeleteFunc(s.unanswered(watch), func(push ledger.RecentPush) bool { return push.Quantity.Abs() <= quantity.Abs() })
	if slices.ContainsFunc(larger, func(push ledger.RecentPush) bool { return sameWay(push.Quantity, quantity) }) {
		return larger
	}
	return append(larger, ledger.RecentPush{Quantity: quantity, At: s.at})
}

// answers says whether a change answers a push of ours: it goes the same way soon after, and is not small beside it. A program may write
// a part of what we did, or twice as much. A rise to zero is what people count on a shelf that was sold out.
func (s *session) answers(watch ledger.ProgramWatch, change ledger.CounterChange) bool {
	if change.To == 0 && change.Quantity > 0 {
		return false
	}
	return slices.ContainsFunc(s.unanswered(watch), func(push ledger.RecentPush) bool {
		return sameWay(push.Quantity, change.Quantity) && change.Quantity.Abs() >= push.Quantity.Abs()/smallBeside
	})
}

// sameWay says whether two changes raise both, or lower both.
func sameWay(a, b stock.Quantity) bool { return (a < 0) == (b < 0) }

// loopFrom finds the first of the answers to our pushes up, or down, that are a loop, and the one by which they became it; -1: none. Each
// of them we push to the other counters, and that is what the next one answers, for as long as nobody stops it. They are one if they go on
// in a row, an answer that comes unevenly and is no larger than all before counting half, as does what another application told of; or,
// however they come, if they grow beyond what the counter could hold. What answers nothing says nothing: somebody counts one more, or the
// other way.
func loopFrom(changes []ledger.CounterChange, w way) (first, since int) {
	var moved, held, largest, answered stock.Quantity
	var began, last time.Time
	var pause time.Duration
	times, halves, oldest, following, follows := 0, 0, 0, 0, 0
	for i, change := range showing(changes, w) {
		held = max(held, (change.To - change.Quantity - moved).Abs())
		if times == 0 {
			oldest = i
		}
		if change.Follows {
			if follows++; follows == 1 {
				following = i
			}
		}
		times, moved = times+1, moved+change.Quantity
		waited := change.At.Sub(last)
		if waited > programPause || change.ByApp && waited > appPause {
			first, began, halves, largest, waited, pause, answered = i, change.At, 0, 0, 0, 0, -change.Quantity
		}
		answered += change.Quantity
		if halves++; !change.ByApp && (pause == 0 || alike(waited, pause) || change.Quantity.Abs() > largest) {
			halves++
		}
		last, pause, largest = change.At, waited, max(largest, change.Quantity.Abs())
		switch steady := halves >= 2*loopSure && change.At.Sub(began) >= loopSpan || halves >= 2*loopMany; {
		case steady && answered.Abs() >= (change.Pushed-changes[first].Pushed).Abs():
			return first, i
		case change.Follows && follows >= followSure:
			return following, i
		case times >= growthSure && moved.Abs() > growth*(held+growthLeast):
			return oldest, i
		}
	}
	return -1, -1
}

// alike says whether two pauses between answers are as equal as a program's that looks or is told at the same intervals.
func alike(a, b time.Duration) bool { return (a - b).Abs() <= max(loopJitter, b/4) }
