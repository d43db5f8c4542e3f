package reconcile

import (
	"cmp"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A person who finds the shelf empty sets both counters to zero, and one who counts the shelf types the number in on both. If our push
// did not come between, because we were down or a second late, each counter fell by as much and the level fell twice: eight units that
// are gone once leave a level of -8. So two counters that fell to the same count, neither knowing of the other, are asked about.
//
// Unlike a raise this holds back hardly anything: what lowers a counter is pushed, for it may be sold, and a counter below zero offers
// no less than one at zero. Only what would be pushed below zero waits.

// clocksApart is how much the clocks of two platforms may differ.
const clocksApart = 3 * time.Minute

// sameCounts finds falls of two refs of a shelf, of one channel or of two, to the same count, or of the same moves.
func sameCounts(a, b ledger.Ref) (pairs []pair) {
	for _, first := range a.Work.Falls {
		for _, second := range b.Work.Falls {
			if sameCount(first, second) || sameMove(a, b, first, second) {
				pairs = append(pairs, countPair(fell(a, first), fell(b, second)))
			}
		}
	}
	return pairs
}

// countPair is the question whether two counts are of the same goods. One of them is taken back by a correction as a whole: the other
// counter's change holds all that came or is gone. That is the one that shows fewer sales, for those happened; else the larger fall or the
// smaller raise, for it knew nothing of what the other had shown before.
func countPair(a, b side) pair {
	kept, doubted := inOrder(a, b)
	p := pair{kept: kept, doubted: doubted, since: doubted.at()}
	if cmp.Or(cmp.Compare(kept.sold(), doubted.sold()), cmp.Compare(kept.units, doubted.units)) < 0 {
		p.kept, p.doubted = doubted, kept
	}
	return p
}

// sold is what a fall shows of sales together with what nobody explains.
func (s side) sold() stock.Quantity { return s.units.Abs() - s.changes[0].Quantity }

func fell(ref ledger.Ref, fall ledger.Raise) side {
	return side{Ref: ref, changes: []ledger.Raise{fall}, units: fall.To - fall.From}
}

// miscounts is of how many units on somebody who counts them is wrong by one now and then.
const miscounts = 10 * stock.Unit

// sameCount says whether two changes the same way may be one count that was typed in twice: to the same number, each before a reading after
// the other. Small changes to a number above zero meet by chance, as small raises do, and nobody types in less than nothing.
func sameCount(a, b ledger.Raise) bool {
	up, least := a.To > a.From, min((a.To-a.From).Abs(), (b.To-b.From).Abs())
	same := slices.ContainsFunc(counts(a), func(one stock.Quantity) bool {
		return slices.ContainsFunc(counts(b), func(other stock.Quantity) bool {
			if up {
				return sameRise(a, b, one, other)
			}
			return one == other && (one == 0 || one > 0 && least > smallRaise)
		})
	})
	unexplained := a.Quantity > 0 && b.Quantity > 0 && !a.Moved && !b.Moved
	return unexplained && (same || !up && sameFall(a, b)) && neitherKnew(a, b)
}

// neitherKnew says that each of two changes came before a reading after the other.
func neitherKnew(a, b ledger.Raise) bool {
	return a.At.Add(clocksApart).After(b.After) && b.At.Add(clocksApart).After(a.After)
}

// sameMove says whether two halves of moves are of one move. In a shop that moves units all day such moves meet by chance, so neither counter
// may have shown another one within the last day.
func sameMove(a, b ledger.Ref, first, second ledger.Raise) bool {
	another := func(ref ledger.Ref, of ledger.Raise) bool {
		return slices.ContainsFunc(slices.Concat(ref.Work.Raises, ref.Work.Falls), func(move ledger.Raise) bool { return move.Moved && move != of })
	}
	same := first.Moved && second.Moved && first.Quantity == second.Quantity && first.Quantity > smallRaise && neitherKnew(first, second)
	return same && !another(a, first) && !another(b, second)
}

// sameRise says whether two raises to counts are one. Goods may come to the same count by steps, so both must have begun with the same. To
// none rises who counts an empty shelf that was oversold; of many units one of the two who counted may have found one more.
func sameRise(a, b ledger.Raise, one, other stock.Quantity) bool {
	began := one-a.To+a.From == other-b.To+b.From
	least, apart := min(a.Quantity, b.Quantity), (one - other).Abs()
	counted := one == 0 && apart == 0 && least > smallRaise || one > 0 && other > 0 && apart == stock.Unit && least >= miscounts
	return began && counted && a.At.Sub(b.At).Abs() <= TypedTwiceWindow
}

// sameFall says whether two falls to counts of some goods are one, as sameRise does. What a counter's sales took, in the reading of the count
// or soon after, the other one may have been counted before or after. Where they began with other numbers, sales made the difference.
func sameFall(a, b ledger.Raise) bool {
	most := func(fall ledger.Raise) stock.Quantity {
		if a.From != b.From {
			return fall.From - fall.To
		}
		return fall.From - fall.To + fall.Sold
	}
	some := slices.Max(counts(a)) > 0 && slices.Max(counts(b)) > 0
	apart := max(a.Quantity-most(b), b.Quantity-most(a))
	return some && apart <= stock.Unit && min(a.Quantity, b.Quantity) >= miscounts && a.At.Sub(b.At).Abs() <= TypedTwiceWindow
}

// noteSold notes of the last count before a reading that sales took units since then.
func noteSold(falls []ledger.Raise, units stock.Quantity, at time.Time) {
	for i, fall := range slices.Backward(falls) {
		if fall.Quantity > 0 && !fall.At.After(at) {
			if at.Sub(fall.At) <= TypedTwiceWindow {
				falls[i].Sold += units
			}
			return
		}
	}
}

// emptied says that a raise is a recount of none at a counter below zero: goods that came are counted as some.
func emptied(recount ledger.RecountMark, raise ledger.Raise) bool {
	return recount.Counted == 0 && raise.To == 0 && raise.At.Sub(recount.ChannelTime).Abs() <= countSlack
}

// noteEmptied notes of a raise that a recount says why.
func (s *session) noteEmptied(r *row, recount ledger.RecountMark) {
	raises := slices.Clone(r.Work.Raises)
	if i := slices.IndexFunc(raises, func(raise ledger.Raise) bool { return raise.Quantity > 0 && emptied(recount, raise) }); i >= 0 {
		raises[i].Emptied = true
		s.keepRaises(r, raises)
	}
}

// counts are what a change may have set a counter to: what it showed then, or what our last push left of it.
func counts(change ledger.Raise) []stock.Quantity {
	return []stock.Quantity{change.To, change.To - change.Push}
}

// countsOf are the counts of a pair: of what each of its changes may have set its counter to, those that are nearest to each other.
func countsOf(p pair) (kept, doubted stock.Quantity) {
	kept, doubted = p.kept.changes[0].To, p.doubted.changes[0].To
	for _, one := range counts(p.kept.changes[0]) {
		for _, other := range counts(p.doubted.changes[0]) {
			if (one - other).Abs() < (kept - doubted).Abs() {
				kept, doubted = one, other
			}
		}
	}
	return kept, doubted
}

// lastPush is our last push to a counter since its last accepted reading; 0: there is none. It counts although a reading has confirmed
// it if that is hardly older, by its platform's clock, than the one at version: a copy that lags behind the push shows by chance what we
// expect, where a person set the counter to that.
func (s *session) lastPush(r *row, version time.Time) stock.Quantity {
	if n := len(r.State.Unconfirmed); n > 0 {
		return r.State.Unconfirmed[n-1].Delta
	}
	if watch := r.Work.Program; watch != nil && watch.Ours && version.Sub(r.State.Version) <= LaggingPause {
		return watch.LastPush
	}
	return 0
}

// putBack forgets a fall that was taken back soon: the counter does not say any more that the units are gone. What is typed in over a
// mark puts nothing back.
func (s *session) putBack(r *row, raise ledger.Raise) {
	i := slices.IndexFunc(r.Work.Falls, func(fall ledger.Raise) bool {
		return fall.Quantity > 0 && fall.From-fall.To == raise.Quantity && r.State.Version.Sub(fall.At) <= TypedTwiceWindow && !raise.Hidden
	})
	if i >= 0 {
		s.keepFalls(r, slices.Delete(slices.Clone(r.Work.Falls), i, i+1))
	}
}

// doubtedPart is the part of a push that takes a counter to zero at most while it is asked whether units are gone once or twice, and that
// raises it to no more than what nobody is asked about.
func (s *session) doubtedPart(r *row, push stock.Quantity) stock.Quantity {
	if push > 0 {
		return max(0, min(push, s.unasked(r, s.at)-r.State.Expected))
	}
	expected := r.State.Expected
	least := min(expected, 0)
	if expected+push >= least || !slices.ContainsFunc(s.typedTwice(r.State.Shelf), func(p pair) bool { return p.doubted.units < 0 }) {
		return push
	}
	return least - expected
}
