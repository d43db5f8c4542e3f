package reconcile

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// While a mark of sold out at one channel has the others show none, a person may look at one of those, see that it shows none of what
// stands on the shelf, and type that in. To the counter it is a raise like goods that came, and it is posted (R1). But the level holds what
// the mark hides, so it may hold it twice now. The same may happen after the mark is taken back, until our push brings the counter back.
//
// So it is asked whether goods came: of one counter alone, for what was typed in on two of them is asked about twice. Until somebody has
// answered, or a movement says why, no counter is raised beyond the level without it. Nothing that lowers one is held back.

// putBackLater is after which time a fall that no sale explains takes back what was typed in. The clocks of fall and question differ.
const putBackLater = clocksApart + raiseLag

// hides says that a counter shows less than the level because of a mark elsewhere, and that who types in what stands on the shelf cannot know.
func (s *session) hides(r *row) bool {
	return r.Work.Hidden || s.soldOutElsewhere(r) && s.showsLess(r)
}

// showsLess says that a counter shows less than it would without a mark, as far as nobody is asked about what was typed in over one. What fell
// from that may be a sale; but if not, what is typed in next is typed in over the mark again.
func (s *session) showsLess(r *row) bool {
	onItsWay, _ := s.inFlight(r)
	return r.State.Expected+min(onItsWay, 0) < s.unasked(r, s.at.Add(raisesKept))
}

// unasked is what a counter would show without a mark and without what was typed in over one, which somebody is asked about at a time.
func (s *session) unasked(r *row, at time.Time) stock.Quantity {
	level := s.shelf(r.State.Shelf).Level
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if over, asked := typedOver(other.Ref, at); asked {
			level -= over.units
		}
	}
	return Target(level, s.traits(r.State.Ref.Channel))
}

// keepHidden remembers that a mark hides what a counter should show: the mark ends before the counter is brought back. If it needs not be,
// because all was sold, a read of ours must say first what was typed in until then.
func (s *session) keepHidden(r *row) {
	pending := r.Work.Push || r.Work.InFlight != "" || len(r.State.Unconfirmed) > 0
	hidden := r.State.Status.Follows() && s.hides(r)
	if hidden && !pending && !s.showsLess(r) {
		if hidden = r.State.Expected <= 0 && r.shownTo.IsZero(); hidden && r.Work.Read == 0 {
			s.wantRead(r, "a mark hides it no longer", s.at, time.Time{})
		}
	}
	if hidden != r.Work.Hidden {
		r.work().Hidden = hidden
	}
}

// typedOver is what was typed in on a counter over what a mark hid and nobody has explained, less what fell from it soon after without a
// sale: who mistyped puts it right. asked: it is more than nothing.
func typedOver(ref ledger.Ref, at time.Time) (over side, asked bool) {
	for _, raise := range ref.Work.Raises {
		if isTypedOver(raise) {
			over.changes = append(over.changes, raise)
			over.units += raise.Quantity
		}
	}
	if over.Ref = ref; len(over.changes) == 0 {
		return over, false
	}
	for _, fall := range ref.Work.Falls {
		soon := slices.ContainsFunc(over.changes, func(raise ledger.Raise) bool {
			return fall.At.After(raise.At) && fall.At.Sub(raise.At) <= TypedTwiceWindow
		})
		if soon && fall.Quantity > 0 && !fall.Moved && at.Sub(fall.At) > putBackLater {
			over.units -= fall.Quantity
		}
	}
	return over, over.units > 0
}

// isTypedOver says that a raise was typed in over what a mark hid. One that moved from another place is goods, and one to none, where our push
// may have come after it, is what the mark has the counter show.
func isTypedOver(raise ledger.Raise) bool {
	return raise.Hidden && !raise.Moved && raise.Quantity > 0 && raise.To > raise.Push
}

// overPair is the question about what was typed in on one counter.
func overPair(over side) pair { return pair{kept: over, doubted: over, since: over.changes[0].At} }

// isOver says that a question is about one counter alone.
func (p pair) isOver() bool { return isTypedOver(p.doubted.changes[0]) }

// withoutOver are refs without what was typed in over a mark: it is asked about by itself.
func withoutOver(refs []ledger.Ref) []ledger.Ref {
	refs = slices.Clone(refs)
	for i := range refs {
		if slices.ContainsFunc(refs[i].Work.Raises, isTypedOver) {
			refs[i].Work.Raises = slices.DeleteFunc(slices.Clone(refs[i].Work.Raises), isTypedOver)
		}
	}
	return refs
}
