package reconcile

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// uncausedMax bounds how many changes without a cause a ref remembers one by one.
	uncausedMax = 16
	// uncausedKept is how long a change without a cause that the counter follows is remembered. A brake that nobody released for so
	// long is judged by what it still holds.
	uncausedKept = 24 * time.Hour
	// toldLasts is how long a movement waits for the reading that shows it.
	toldLasts = raiseLag + NewsWindow
)

// rememberChange has every other ref of a shelf remember a difference that nobody has explained yet, and all the level before.
func (s *session) rememberChange(changed *row, difference, before stock.Quantity) {
	if difference == 0 || s.limits == (Limits{}) {
		return
	}
	for _, r := range s.shelfRefs(changed.State.Shelf) {
		if s.at.Sub(r.Work.Before.At) > MassChangeWindow {
			r.work().Before = ledger.LevelMark{Level: before, At: s.at}
		}
		if r != changed && r.State.Status.Follows() {
			s.addUncaused(r, ledger.Uncaused{Quantity: s.asShown(r, difference, before), At: s.at})
		}
	}
}

// asShown is how much of a difference the counter of a ref has to follow: while its item is marked as sold out elsewhere, what is
// counted there changes the level and not what the counter should show.
func (s *session) asShown(r *row, difference, before stock.Quantity) stock.Quantity {
	if !s.soldOutElsewhere(r) {
		return difference
	}
	traits := s.traits(r.State.Ref.Channel)
	return TargetSoldOut(before+difference, traits) - TargetSoldOut(before, traits)
}

// rememberCause takes what a movement of a ref explains out of what the other refs of its shelf remember. If no reading has shown it
// yet, it is taken out of the next one.
func (s *session) rememberCause(explained *row, quantity stock.Quantity) {
	if quantity == 0 || s.limits == (Limits{}) || !explained.State.Status.Follows() {
		return
	}
	for _, r := range s.shelfRefs(explained.State.Shelf) {
		if r != explained && r.State.Status.Follows() {
			s.addUncaused(r, ledger.Uncaused{Quantity: -quantity, At: s.at, Told: true})
		}
	}
}

// rememberMovement has the other refs of a shelf remember what a movement explains. One that only somebody's word stands behind explains
// in the books and is no cause for the brake: a program gives a reason for every row that it writes.
func (s *session) rememberMovement(explained *row, m stock.Movement, quantity stock.Quantity) {
	if m.Evidence[stock.EvidenceUnproven] == "" {
		s.rememberCause(explained, quantity)
	}
}

// letPass takes what a person was shown of a mass change and let pass out of what a ref remembers, and remembers that.
func (s *session) letPass(r *row, mass MassChange, shown stock.Quantity) {
	list, rest := slices.Clone(r.Work.Uncaused), shown
	for i, u := range list {
		if mass.counts(u) {
			left := withCause(u.Quantity, rest)
			list[i].Quantity, rest = left, rest-(u.Quantity-left)
		}
	}
	list = slices.DeleteFunc(list, func(u ledger.Uncaused) bool { return u.Quantity == 0 })
	s.keepUncaused(r, append(list, ledger.Uncaused{Quantity: shown, At: s.at, Pushed: true, Passed: true}))
}

// rememberOpening has the refs of a shelf that was just opened remember by how much their counters differ from the level: a baseline
// changes them, and only the person who applied it knows why. What they remembered before is part of it. The authority differs too
// where two of its articles share the shelf. What goes beyond the plan that the person has seen, because counts have changed since, is
// without a cause as any other change.
func (s *session) rememberOpening(shelf stock.Shelf, planned []ledger.PlannedPush) {
	if s.limits == (Limits{}) {
		return
	}
	for _, r := range s.shelfRefs(shelf) {
		if r.State.Status == ledger.Live {
			s.keepUncaused(r, nil)
			push := s.target(r) - r.State.Expected
			beyond := withCause(push, plannedFor(planned, r.State.Ref))
			s.addUncaused(r, ledger.Uncaused{Quantity: push - beyond, At: s.at, Baseline: true, Planned: true})
			s.addUncaused(r, ledger.Uncaused{Quantity: beyond, At: s.at, Baseline: true})
		}
	}
}

// plannedFor is what a plan said that would be pushed to a ref.
func plannedFor(planned []ledger.PlannedPush, ref stock.Ref) stock.Quantity {
	for _, push := range planned {
		if push.Ref == ref {
			return push.Quantity
		}
	}
	return 0
}

// addUncaused adds a change to what a ref remembers. Opposites cancel each other: a cause and what it explains, damage and its repair.
func (s *session) addUncaused(r *row, change ledger.Uncaused) {
	list := slices.DeleteFunc(slices.Clone(r.Work.Uncaused), func(u ledger.Uncaused) bool {
		return u.Told && s.at.Sub(u.At) > toldLasts || u.Pushed && s.at.Sub(u.At) > uncausedKept || u.Passed && s.at.Sub(u.At) > massChangePass
	})
	list, change.Quantity = cancelUncaused(list, change)
	if change.Quantity != 0 {
		list = append(list, change)
	}
	if len(list) > uncausedMax {
		list = mergeUncaused(list)
	}
	s.keepUncaused(r, list)
}

// keepUncaused stores what a ref remembers; what is empty is nil, as it comes back from a store.
func (s *session) keepUncaused(r *row, list []ledger.Uncaused) {
	if len(list) == 0 {
		list = nil
	}
	if len(list) > 0 || len(r.Work.Uncaused) > 0 {
		r.work().Uncaused = list
	}
}

// cancelUncaused takes a change out of its opposites: first out of one that is just as large, then out of the youngest. It returns
// what is left of both. What a person let pass only a cause explains: to put it back is a change of its own.
func cancelUncaused(list []ledger.Uncaused, change ledger.Uncaused) ([]ledger.Uncaused, stock.Quantity) {
	opposes := func(u ledger.Uncaused) bool {
		return (u.Quantity < 0) != (change.Quantity < 0) && !(u.Told && change.Told) && (!u.Passed || change.Told) && !u.Baseline && !change.Baseline
	}
	rest := change.Quantity
	if i := slices.IndexFunc(list, func(u ledger.Uncaused) bool { return opposes(u) && u.Quantity == -rest }); i >= 0 {
		return slices.Delete(list, i, i+1), 0
	}
	for i := len(list) - 1; i >= 0 && rest != 0; i-- {
		if !opposes(list[i]) {
			continue
		}
		if list[i].Quantity.Abs() > rest.Abs() {
			list[i].Quantity += rest
			return list, 0
		}
		rest += list[i].Quantity
		list = slices.Delete(list, i, i+1)
	}
	return list, rest
}

// mergeUncaused adds up the two oldest changes that are no more than that.
func mergeUncaused(list []ledger.Uncaused) []ledger.Uncaused {
	first := -1
	for i, u := range list {
		switch {
		case u.Told || u.Baseline || u.Passed:
		case first < 0:
			first = i
		default:
			list[i].Quantity += list[first].Quantity
			list[i].Pushed = u.Pushed && list[first].Pushed
			return slices.Delete(list, first, first+1)
		}
	}
	return list[1:]
}

// followUncaused notes that a planned push carries what the ref remembers. What a plan said and a person let pass counts no more.
func (s *session) followUncaused(r *row, mass massVerdict) {
	if len(r.Work.Uncaused) == 0 || mass == massHeld {
		return
	}
	list := slices.Clone(r.Work.Uncaused)
	for i, u := range list {
		list[i].Passed = u.Passed || u.Planned && mass == massBaseline
		if !u.Pushed && !u.Told {
			list[i].Pushed, list[i].At = true, s.at
		}
	}
	s.keepUncaused(r, list)
}

// followNoMore notes that the push which carried changes was refused: they are still to be pushed.
func (s *session) followNoMore(r *row, call ledger.Call) {
	list := slices.Clone(r.Work.Uncaused)
	for i, u := range list {
		if u.Pushed && !u.Passed && u.At.Equal(call.CreatedAt) {
			list[i].Pushed = false
		}
	}
	s.keepUncaused(r, list)
}

// followsUncaused notes that a counter shows its target: nothing that the ref remembers is still to be pushed.
func (s *session) followsUncaused(r *row) {
	if r.State.Status != ledger.Live || !s.shelf(r.State.Shelf).Opened || r.Work.InFlight != "" ||
		!slices.ContainsFunc(r.Work.Uncaused, func(u ledger.Uncaused) bool { return !u.Pushed && !u.Told }) {
		return
	}
	list := slices.Clone(r.Work.Uncaused)
	if wantedUncaused(r.Work.Uncaused) == 0 { // a baseline's difference that a change made good: neither was ever pushed
		s.keepUncaused(r, slices.DeleteFunc(list, func(u ledger.Uncaused) bool { return !u.Pushed && !u.Told }))
		return
	}
	for i, u := range list {
		list[i].Pushed = u.Pushed || !u.Told
	}
	r.work().Uncaused = list
}
