package reconcile

import (
	"cmp"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Goods received are not always typed in at once: a till that scans two boxes shows 12 and 8 where the web shop shows 20. So sums of
// raises are compared too, where single raises are no pair.
//
// Of many raises some sum is always equal to some other. Therefore a sum is everything that came to both counters within a time, after a
// time in which nothing as large as its steps did. Raises so small that they prove nothing are left out, unless the goods were typed in one by one.

// step is one raise of one of two refs.
type step struct {
	ledger.Raise
	of int // 0 or 1: of the first ref or of the second
}

// sameSums finds raises of two refs that come to the same within the window, at least one of them by several steps.
func sameSums(a, b ledger.Ref) (pairs []pair) {
	all := unpaired(a, b)
	large := slices.DeleteFunc(slices.Clone(all), func(s step) bool { return s.Quantity <= smallRaise })
	for pass, steps := range [][]step{large, all} {
		for length := 3; length <= len(steps); length++ {
			for i := 0; i+length <= len(steps); i++ {
				if !sameSum(steps[i : i+length]) {
					continue
				}
				sides := sidesOf(steps[i : i+length])
				if quiet(steps[:i], steps[i:i+length]) && (pass == 0 || oneByOne(sides)) {
					pairs = append(pairs, pairOf(raised(a, sides[0]...), raised(b, sides[1]...)))
					steps = slices.Delete(steps, i, i+length)
					i--
				}
			}
		}
	}
	return pairs
}

// oneByOneLeast is how many equal steps are no chance, however small they are.
const oneByOneLeast = 4

// oneByOne says that goods were typed in by many equal steps on one channel, and at once on the other.
func oneByOne(sides [2][]ledger.Raise) bool {
	if len(sides[0]) < len(sides[1]) {
		sides[0], sides[1] = sides[1], sides[0]
	}
	unequal := func(raise ledger.Raise) bool { return raise.Quantity != sides[0][0].Quantity }
	return len(sides[1]) == 1 && len(sides[0]) >= oneByOneLeast && !slices.ContainsFunc(sides[0], unequal)
}

// sameSum says whether steps that follow each other come to the same on both sides, within the window.
func sameSum(steps []step) bool {
	if steps[len(steps)-1].At.Sub(steps[0].At) > TypedTwiceWindow {
		return false
	}
	var sums [2]stock.Quantity
	for i := range steps {
		sums[steps[i].of] += steps[i].Quantity
	}
	return sums[0] == sums[1] && sums[0] > smallRaise
}

// sidesOf parts steps by whose they are.
func sidesOf(steps []step) (sides [2][]ledger.Raise) {
	for _, s := range steps {
		sides[s.of] = append(sides[s.of], s.Raise)
	}
	return sides
}

// quiet says that nothing as large as one of the steps came in the time before: where such goods come all the time, some come to as much
// as others by chance.
func quiet(before, steps []step) bool {
	least := slices.MinFunc(steps, func(a, b step) int { return cmp.Compare(a.Quantity, b.Quantity) }).Quantity
	return !slices.ContainsFunc(before, func(s step) bool {
		return s.Quantity > smallRaise && s.Quantity >= least && steps[0].At.Sub(s.At) <= TypedTwiceWindow
	})
}

// unpaired are the raises of two refs that may be goods received and are no pair by themselves, in the order of time.
func unpaired(a, b ledger.Ref) (steps []step) {
	for of, refs := range [][2]ledger.Ref{{a, b}, {b, a}} {
		for _, raise := range refs[0].Work.Raises {
			paired := slices.ContainsFunc(refs[1].Work.Raises, func(other ledger.Raise) bool {
				return mayBeSame(raise, other) && !byChance(refs[0], refs[1], raise, other)
			})
			if raise.Quantity > 0 && !raise.Moved && !raise.Emptied && !raise.PutBack && !paired {
				steps = append(steps, step{raise, of})
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.of, b.of)) })
	return steps
}
