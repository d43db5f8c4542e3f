package reconcile

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// moveWindow is how far apart the two halves of a move are at most: a transfer, or an order that is taken from another place.
const moveWindow = 5 * time.Minute

// elsewhere are the refs of the same item of the channel at other places.
func (s *session) elsewhere(r *row) []*row {
	var rows []*row
	for name, stored := range s.snapshot.Refs {
		if name.Channel == r.State.Ref.Channel && name != r.State.Ref && stored.State.Shelf.Item == r.State.Shelf.Item && stored.State.Shelf != r.State.Shelf {
			rows = append(rows, s.ref(name))
		}
	}
	slices.SortFunc(rows, func(a, b *row) int { return a.State.Ref.Compare(b.State.Ref) })
	return rows
}

// nearest finds the change of a quantity that is nearest in time and no half of a move yet; -1: none is near.
func nearest(changes []ledger.Raise, quantity stock.Quantity, at time.Time) int {
	found := -1
	for i, change := range changes {
		apart := change.At.Sub(at).Abs()
		if change.Quantity == quantity && !change.Moved && apart <= moveWindow && (found < 0 || apart < changes[found].At.Sub(at).Abs()) {
			found = i
		}
	}
	return found
}

// tookFall says whether a raise is a move: at another place of the channel the counter fell by as much, and no sale says why.
func (s *session) tookFall(r *row, raise stock.Quantity, at time.Time) bool {
	for _, other := range s.elsewhere(r) {
		if i := nearest(other.Work.Falls, raise, at); i >= 0 {
			falls := slices.Clone(other.Work.Falls)
			falls[i].Moved = true
			other.work().Falls = falls
			return true
		}
	}
	return false
}

// gaveRaise says whether a fall is a move, and notes it of the raise that is its other half.
func (s *session) gaveRaise(r *row, fall stock.Quantity, at time.Time) bool {
	for _, other := range s.elsewhere(r) {
		if i := nearest(other.Work.Raises, fall, at); i >= 0 {
			raises := slices.Clone(other.Work.Raises)
			raises[i].Moved = true
			s.keepRaises(other, raises)
			return true
		}
	}
	return false
}

// rememberFall remembers a fall for as long as a raise elsewhere may turn out to be its other half, or another counter of the shelf may
// fall to the same count, without what sales told beforehand have explained of it: those are remembered as negative falls. push is our
// last one since the reading before it, of the version since.
func (s *session) rememberFall(r *row, fall, to, push stock.Quantity, since time.Time) {
	if fall == 0 {
		return
	}
	version, whole := r.State.Version, fall
	falls := slices.DeleteFunc(slices.Clone(r.Work.Falls), func(old ledger.Raise) bool {
		if old.Quantity < 0 {
			return !old.At.Add(s.showsWithin(r)).After(since)
		}
		return version.Sub(old.At) > raisesKept && !slices.ContainsFunc(r.Work.Raises, isTypedOver)
	})
	for i, told := range falls {
		if told.Quantity < 0 && !told.At.After(version) {
			part := min(-told.Quantity, fall)
			falls[i].Quantity += part
			fall -= part
		}
	}
	if fall > 0 {
		falls = append(falls, ledger.Raise{Quantity: fall, At: version, After: since, Moved: s.gaveRaise(r, fall, version), From: to + whole, To: to, Push: push})
	} else {
		noteSold(falls, whole, version)
	}
	s.keepFalls(r, falls)
}

func (s *session) keepFalls(r *row, falls []ledger.Raise) {
	falls = slices.DeleteFunc(falls, func(fall ledger.Raise) bool { return fall.Quantity == 0 })
	if len(falls) == 0 {
		falls = nil
	}
	if len(falls) > 0 || len(r.Work.Falls) > 0 {
		r.work().Falls = falls[max(0, len(falls)-raisesMax):]
	}
}

// explainFall takes what a sale explains out of the fall that shows it: that is no half of a move, and what is left may be. A raise
// elsewhere that was taken for the other half is goods received again, for all that is known. A sale that no fall shows was shown
// together with a raise, or by several falls, or is told before it shows.
func (s *session) explainFall(r *row, units stock.Quantity, occurred, channelTime time.Time) {
	before := r.Work
	s.takeOutOfFalls(r, units, occurred, channelTime)
	s.forgetPutBack(r, before)
}

func (s *session) takeOutOfFalls(r *row, units stock.Quantity, occurred, channelTime time.Time) {
	effect, falls := channelTime, slices.Clone(r.Work.Falls)
	if !s.traits(r.State.Ref.Channel).History {
		effect = occurred // as for raises
	}
	i := s.fallOf(r, units, effect)
	if i < 0 && !effect.Equal(channelTime) {
		i = s.fallOf(r, units, channelTime) // an edit of the order took more
	}
	if i < 0 {
		if s.soldBeforePutBack(r, units, effect) || s.saleInRaise(r, units, effect) {
			return
		}
		units -= s.takeParts(r, falls, units, effect)
		if effect.Add(s.showsWithin(r)).After(r.State.Version) {
			falls = append(falls, ledger.Raise{Quantity: -units, At: effect})
		}
		s.keepFalls(r, falls)
		return
	}
	fall := falls[i]
	if fall.Moved {
		s.giveBack(r, fall)
	}
	falls[i].Quantity -= units
	falls[i].Moved = falls[i].Quantity > 0 && s.gaveRaise(r, falls[i].Quantity, fall.At)
	if falls[i].Quantity == 0 {
		noteSold(falls, fall.From-fall.To, fall.At)
	}
	s.keepFalls(r, falls)
}

// mayShow says whether a fall may show units that left at a time: its reading was the first one after that, or soon after it.
func (s *session) mayShow(r *row, fall ledger.Raise, left time.Time) bool {
	after := fall.At.Sub(left)
	return after >= 0 && (after <= raiseLag || left.Add(s.showsWithin(r)).After(fall.After))
}

// fallOf finds the fall that shows units which left at a time: just as large if there is one; -1: none does.
func (s *session) fallOf(r *row, units stock.Quantity, left time.Time) int {
	holds := func(fall ledger.Raise) bool { return fall.Quantity >= units && s.mayShow(r, fall, left) }
	i := slices.IndexFunc(r.Work.Falls, func(fall ledger.Raise) bool { return holds(fall) && fall.Quantity == units })
	if i < 0 {
		i = slices.IndexFunc(r.Work.Falls, holds)
	}
	return i
}

// takeParts takes units that left at a time out of falls that are smaller and returns how many those were: sales of one second are told in
// any order, and what was taken of one fall may be of the next.
func (s *session) takeParts(r *row, falls []ledger.Raise, units stock.Quantity, left time.Time) (taken stock.Quantity) {
	for i, fall := range falls {
		if fall.Quantity > 0 && !fall.Moved && s.mayShow(r, fall, left) {
			part := min(fall.Quantity, units-taken)
			falls[i].Quantity -= part
			taken += part
			if falls[i].Quantity == 0 {
				noteSold(falls, fall.From-fall.To, fall.At)
			}
		}
	}
	return taken
}

// soldBeforePutBack notes that a raise put nothing back: as much as it was sold before it, which is why its counter had fallen.
func (s *session) soldBeforePutBack(r *row, units stock.Quantity, effect time.Time) bool {
	raises := slices.Clone(r.Work.Raises)
	i := slices.IndexFunc(raises, func(raise ledger.Raise) bool {
		return raise.PutBack && raise.Quantity == units && !raise.At.Before(effect) && raise.At.Sub(effect) <= TypedTwiceWindow
	})
	if i < 0 {
		return false
	}
	raises[i].PutBack = false
	s.keepRaises(r, raises)
	return true
}

// saleInRaise adds a sale to the raise whose reading showed both, for it showed neither before: so many more units must have come.
func (s *session) saleInRaise(r *row, units stock.Quantity, effect time.Time) bool {
	raises := slices.Clone(r.Work.Raises)
	i := slices.IndexFunc(raises, func(raise ledger.Raise) bool {
		return raise.Quantity > 0 && !raise.At.Before(effect) && effect.Add(s.showsWithin(r)).After(raise.After)
	})
	if i < 0 {
		return false
	}
	raises[i].Quantity += units
	s.keepRaises(r, raises)
	return true
}

// receivedIn tells goods received from what else the reading of a raise showed with them.
func (s *session) receivedIn(r *row, units stock.Quantity, channelTime time.Time) {
	holds := func(raise ledger.Raise) bool {
		return raise.Quantity >= units && !raise.Moved && !raise.At.Before(channelTime) && channelTime.After(raise.After)
	}
	i := slices.IndexFunc(r.Work.Raises, func(raise ledger.Raise) bool { return holds(raise) && raise.Quantity == units })
	if i < 0 {
		i = slices.IndexFunc(r.Work.Raises, holds)
	}
	if i < 0 {
		return
	}
	raises := slices.Clone(r.Work.Raises)
	rest := raises[i]
	rest.Quantity -= units
	raises[i].Quantity, raises[i].PutBack, raises[i].Hidden = units, false, false
	s.keepRaises(r, slices.Insert(raises, i+1, rest))
}

// takeTold removes the sales that were told before a reading and returns how many units of them it shows and the one before, of since,
// did not.
func (s *session) takeTold(r *row, version, since time.Time) (units stock.Quantity) {
	falls := slices.Clone(r.Work.Falls)
	for i, told := range falls {
		if told.Quantity < 0 && !told.At.After(version) {
			if told.At.Add(s.showsWithin(r)).After(since) {
				units -= told.Quantity
			}
			falls[i].Quantity = 0
		}
	}
	s.keepFalls(r, falls)
	return units
}

// giveBack undoes that a raise elsewhere was taken for the other half of a fall.
func (s *session) giveBack(r *row, fall ledger.Raise) {
	for _, other := range s.elsewhere(r) {
		raises := slices.Clone(other.Work.Raises)
		i := slices.IndexFunc(raises, func(raise ledger.Raise) bool {
			return raise.Moved && raise.Quantity == fall.Quantity && raise.At.Sub(fall.At).Abs() <= moveWindow
		})
		if i >= 0 {
			raises[i].Moved = false
			s.keepRaises(other, raises)
			return
		}
	}
}
