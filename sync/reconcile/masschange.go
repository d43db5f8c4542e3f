package reconcile

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// MassChangeWindow is over how long a channel's changes without a cause are added up.
	MassChangeWindow = 10 * time.Minute
	// PercentShelvesMin is from how many shelves on the per cent counts: fewer are an ordinary edit, however much of a small shop
	// they are.
	PercentShelvesMin = 3
	// massChangePass is how long pushes pass after a person released a mass change.
	massChangePass = 15 * time.Minute
)

// Limits are how much of a channel may change within MassChangeWindow without a cause; 0: no limit.
type Limits struct {
	MaxShelves int
	// MaxPercent is per cent of the units before and of the shelves that had any, from PercentShelvesMin shelves on. A shelf of which a
	// part changes is that part of a shelf: so one article with as many units as all others together does not hide what becomes of them.
	MaxPercent int
}

// Exceeded says whether so much breaks a limit.
func (l Limits) Exceeded(load ledger.PushLoad) bool { return l.exceeded(load) != "" }

// exceeded says which limit is broken; empty: none.
func (l Limits) exceeded(load ledger.PushLoad) string {
	percent := l.MaxPercent > 0 && load.Shelves >= PercentShelvesMin
	switch {
	case l.MaxShelves > 0 && load.Shelves > l.MaxShelves:
		return fmt.Sprintf("%d shelves change without a cause within %d minutes, the limit is %d", load.Shelves, int(MassChangeWindow.Minutes()), l.MaxShelves)
	case percent && load.Units/stock.Quantity(l.MaxPercent) > load.Before/100:
		return fmt.Sprintf("%s units of change without a cause within %d minutes, the limit is %d %% of the %s units before", load.Units, int(MassChangeWindow.Minutes()), l.MaxPercent, load.Before)
	case percent && load.Parts > stock.Units(int64(load.Stocked))/100*stock.Quantity(l.MaxPercent):
		return fmt.Sprintf("%d shelves change without a cause within %d minutes, by as much of their own units as %s whole ones, the limit is %d %% of the %d shelves that had units before",
			load.Shelves, int(MassChangeWindow.Minutes()), load.Parts, l.MaxPercent, load.Stocked)
	}
	return ""
}

// MassChange is where the mass change brake of a channel stands.
type MassChange struct {
	// Since is when the window began. It does not move on while the brake is engaged: what was held does not become less by waiting.
	Since time.Time
	// Engaged is the brake that holds; nil: none does.
	Engaged *ledger.Brake
	// BaselinePasses: a person has let pass what the plan of a baseline said.
	BaselinePasses bool
	// Released is when a person last let pass what they were shown; zero: never.
	Released time.Time
	// Planned is what the plan of that baseline saw before. While shelves open one by one, their levels are fewer.
	Planned ledger.PushLoad
	now     time.Time
}

// MassChangeOf reads from the stored brakes where the mass change brake of a channel stands.
func MassChangeOf(channel stock.Channel, brakes []ledger.Brake, now time.Time) MassChange {
	mass := MassChange{Since: now.Add(-MassChangeWindow), now: now}
	for _, brake := range brakes {
		if brake.Kind != ledger.MassChange || brake.Channel != channel {
			continue
		}
		passes := brake.PassUntil.After(now)
		switch {
		case brake.ReleasedAt.IsZero():
			mass.Engaged, mass.Since = &brake, brake.Since.Add(-MassChangeWindow)
		case passes && brake.Baseline:
			mass.BaselinePasses, mass.Planned = true, atLeast(mass.Planned, ledger.PushLoad{Before: brake.Quantity, Stocked: brake.Stocked})
		case !brake.Baseline && !brake.PassUntil.IsZero():
			mass.Released = later(mass.Released, brake.ReleasedAt)
		}
	}
	return mass
}

// Brake is the id of the brake that holds; empty: none does.
func (m MassChange) Brake() string {
	if m.Engaged == nil {
		return ""
	}
	return m.Engaged.ID
}

// atLeast has a load measured by no less than what another one knows of before.
func atLeast(load, before ledger.PushLoad) ledger.PushLoad {
	load.Before, load.Stocked = max(load.Before, before.Before), max(load.Stocked, before.Stocked)
	return load
}

// Before is since when the level before a shelf's changes counts as that before the window. A shelf keeps the level before the first of
// the changes of some ten minutes: of one that changed shortly before the window and again in it that is the level before both, and the
// level of now would hold the damage.
func (m MassChange) Before() time.Time { return m.Since.Add(-MassChangeWindow) }

// Load adds up what was and is to be changed without a cause on refs, but for those named.
func (m MassChange) Load(refs []ledger.DueRef, except []stock.Ref) ledger.PushLoad {
	var load ledger.PushLoad
	for _, ref := range refs {
		if change := m.Change(ref.Ref); change != 0 && !slices.Contains(except, ref.State.Ref) {
			load.Add(change, m.LevelBefore(ref.Ref, ref.Level))
		}
	}
	return load
}

// Shown is what a person is shown of these refs, and lets pass with a release.
func (m MassChange) Shown(refs []ledger.DueRef) (shown []ledger.PlannedPush) {
	for _, ref := range refs {
		if change := m.Change(ref.Ref); change != 0 {
			shown = append(shown, ledger.PlannedPush{Ref: ref.State.Ref, Quantity: change})
		}
	}
	return shown
}

// Change is what a ref's counter was changed by in the window without a cause, and is to be changed by.
func (m MassChange) Change(ref ledger.Ref) (sum stock.Quantity) {
	for _, u := range ref.Work.Uncaused {
		if m.counts(u) {
			sum += u.Quantity
		}
	}
	passes, _ := passed(ref.Work.Uncaused, m.now)
	return withCause(sum, passes)
}

// LevelBefore is what a ref of this level had before the window: without its changes, and without what a baseline wants.
func (m MassChange) LevelBefore(ref ledger.Ref, level stock.Quantity) stock.Quantity {
	for _, u := range ref.Work.Uncaused {
		if m.counts(u) || u.Planned && (!u.Pushed || !u.At.Before(m.Since)) {
			level -= u.Quantity
		}
	}
	return level
}

// counts says whether the window has a change that a ref remembers.
func (m MassChange) counts(u ledger.Uncaused) bool {
	return !u.Told && !u.Passed && (!u.Pushed || !u.At.Before(m.Since)) && !(u.Planned && m.BaselinePasses)
}

// Holds says whether the brake, when it is engaged, leaves nothing to push to a ref: no part of what it wants has a cause.
func (m MassChange) Holds(ref ledger.DueRef) bool {
	return withCause(ref.Level-ref.State.Expected, pendingUncaused(ref.Ref, m.now)) == 0
}

// HeldPart is the part of the push of a ref to its target that the brake, when it is engaged, holds: what has no cause.
func (m MassChange) HeldPart(ref ledger.Ref, target stock.Quantity) stock.Quantity {
	return nearerZero(target-ref.State.Expected, pendingUncaused(ref, m.now))
}

// pendingUncaused is the part of a wanted push that has no cause, and that no person let pass.
func pendingUncaused(ref ledger.Ref, now time.Time) stock.Quantity {
	_, passes := passed(ref.Work.Uncaused, now)
	return withCause(wantedUncaused(ref.Work.Uncaused), passes)
}

// wantedUncaused adds up what has no cause and is still to be pushed.
func wantedUncaused(list []ledger.Uncaused) (sum stock.Quantity) {
	for _, u := range list {
		if !u.Pushed && !u.Told {
			sum += u.Quantity
		}
	}
	return sum
}

// passed is how much more of a ref passes because a person let as much pass a while ago, and what of that was not pushed since.
func passed(list []ledger.Uncaused, now time.Time) (all, left stock.Quantity) {
	var since time.Time
	for _, u := range list {
		if u.Passed && !u.Planned && now.Sub(u.At) < massChangePass {
			all, since = all+u.Quantity, u.At
		}
	}
	var pushed stock.Quantity
	for _, u := range list {
		if u.Pushed && !u.Passed && !u.Told && !u.At.Before(since) {
			pushed += u.Quantity
		}
	}
	return all, withCause(all, pushed)
}

// withCause is the part of a push that is left when what has no cause is taken out of it. A push that goes the other way than what
// has no cause is left whole: it makes the damage no greater.
func withCause(push, uncaused stock.Quantity) stock.Quantity {
	return push - nearerZero(push, uncaused)
}

// nearerZero is the smaller of two quantities of one sign; zero where the signs differ.
func nearerZero(a, b stock.Quantity) stock.Quantity {
	if a < 0 {
		return min(0, max(a, b))
	}
	return max(0, min(a, b))
}
