package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	// MaxPercent is per cent of the units before, from PercentShelvesMin shelves on.
	MaxPercent int
}

// Exceeded says whether so much breaks a limit.
func (l Limits) Exceeded(load ledger.PushLoad) bool { return l.exceeded(load) != "" }

// exceeded says which limit is broken; empty: none.
func (l Limits) exceeded(load ledger.PushLoad) string {
	switch {
	case l.MaxShelves > 0 && load.Shelves > l.MaxShelves:
		return fmt.Sprintf("%d shelves change without a cause within %d minutes, the limit is %d", load.Shelves, int(MassChangeWindow.Minutes()), l.MaxShelves)
	case l.MaxPercent > 0 && load.Shelves >= PercentShelvesMin && load.Units/stock.Quantity(l.MaxPercent) > load.Before/100:
		return fmt.Sprintf("%s units of change without a cause within %d minutes, the limit is %d %% of the %s units before", load.Units, int(MassChangeWindow.Minutes()), l.MaxPercent, load.Before)
	}
	return ""
}

// MassChange is where the mass change brake of a channel stands.
type MassChange struct {
	// Since is when the window began. It does not move on while the brake is engaged: what was held does not become less by waiting.
	Since time.Time
	// Engaged is the brake that holds; nil: none does.
	Engaged *ledger.Brake
	// Passes: a person has released it a moment ago. BaselinePasses: the same, for what a baseline wants pushed.
	Passes, BaselinePasses bool
	// Planned is how many units the plan of that baseline saw. While shelves open one by one, their levels are fewer.
	Planned stock.Quantity
}

// MassChangeOf reads from the stored brakes where the mass change brake of a channel stands.
func MassChangeOf(channel stock.Channel, brakes []ledger.Brake, now time.Time) MassChange {
	mass := MassChange{Since: now.Add(-MassChangeWindow)}
	for _, brake := range brakes {
		if brake.Kind != ledger.MassChange || brake.Channel != channel {
			continue
		}
		passes := brake.PassUntil.After(now)
		switch {
		case brake.ReleasedAt.IsZero():
			mass.Engaged, mass.Since = &brake, brake.Since.Add(-MassChangeWindow)
		case passes && brake.Baseline:
			mass.BaselinePasses, mass.Planned = true, max(mass.Planned, brake.Quantity)
		case passes:
			mass.Passes = true
		}
	}
	return mass
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
			load.Add(change)
		}
	}
	return load
}

// Change is what a ref's counter was changed by in the window without a cause, and is to be changed by.
func (m MassChange) Change(ref ledger.Ref) (sum stock.Quantity) {
	for _, u := range ref.Work.Uncaused {
		if !u.Told && (!u.Pushed || !u.At.Before(m.Since)) && !(u.Planned && m.BaselinePasses) {
			sum += u.Quantity
		}
	}
	return sum
}

// Holds says whether the brake, when it is engaged, leaves nothing to push to a ref: no part of what it wants has a cause.
func (m MassChange) Holds(ref ledger.DueRef) bool {
	return withCause(ref.Level-ref.State.Expected, pendingUncaused(ref.Ref)) == 0
}

// HeldPart is the part of the push of a ref to its target that the brake, when it is engaged, holds: what has no cause.
func (m MassChange) HeldPart(ref ledger.Ref, target stock.Quantity) stock.Quantity {
	push := target - ref.State.Expected
	return push - withCause(push, pendingUncaused(ref))
}

// pendingUncaused is the part of a wanted push that has no cause.
func pendingUncaused(ref ledger.Ref) (sum stock.Quantity) {
	for _, u := range ref.Work.Uncaused {
		if !u.Pushed && !u.Told {
			sum += u.Quantity
		}
	}
	return sum
}

// withCause is the part of a push that is left when what has no cause is taken out of it. A push that goes the other way than what
// has no cause is left whole: it makes the damage no greater.
func withCause(push, uncaused stock.Quantity) stock.Quantity {
	switch {
	case (push < 0) != (uncaused < 0) || uncaused == 0:
		return push
	case push.Abs() <= uncaused.Abs():
		return 0
	}
	return push - uncaused
}

// massVerdict says what the mass change brake lets pass of one call.
type massVerdict uint8

const (
	massFree massVerdict = iota
	// massHeld: only what has a cause.
	massHeld
	// massPassing: all, by a person's word.
	massPassing
	// massBaseline: a baseline's pushes by a person's word, others as long as they are not too many.
	massBaseline
)

// judgeMassChange engages the brake of a channel that was and is to be changed too much without a cause, and releases one whose reason
// is gone. It is judged before every call, over what was done and is to be done.
func (s *session) judgeMassChange(in ledger.PlanCall) massVerdict {
	mass := MassChangeOf(in.Channel, s.massBrakes(), s.at)
	if !in.Since.IsZero() {
		mass.Since = in.Since
	}
	if mass.Passes && mass.Engaged == nil {
		return massPassing
	}
	load := in.Load
	load.Before = max(load.Before, mass.Planned)
	for _, name := range in.Refs {
		if r := s.ref(name); r != nil && r.State.Status == ledger.Live {
			if change := mass.Change(r.Ref); change != 0 {
				load.Add(change)
			}
		}
	}
	if mass.Engaged != nil {
		load.Before = mass.Engaged.Quantity
	}
	reason := s.limits.exceeded(load)
	switch {
	case mass.Engaged != nil && (reason != "" || s.limits == Limits{}):
		return massHeld
	case mass.Engaged != nil:
		ended := *mass.Engaged
		ended.ReleasedAt, ended.ReleasedBy = s.at, "evenstock"
		s.out.Brakes = append(s.out.Brakes, ended)
	case reason != "":
		s.out.Brakes = append(s.out.Brakes, ledger.Brake{
			ID: fmt.Sprintf("mass-change/%s/%s", in.Channel, s.at.UTC().Format("20060102T150405")), Kind: ledger.MassChange, Channel: in.Channel, Since: s.at,
			Quantity: load.Before, Evidence: stock.Evidence{"reason": reason, "shelves": strconv.Itoa(load.Shelves), "units": load.Units.String(), "before": load.Before.String()},
		})
		return massHeld
	}
	if mass.BaselinePasses {
		return massBaseline
	}
	return massFree
}

// massBrakes lists the stored brakes in a fixed order.
func (s *session) massBrakes() []ledger.Brake {
	return slices.SortedFunc(maps.Values(s.storedBrakes()), func(a, b ledger.Brake) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID)) })
}

// causedPart is the part of a push that has a cause, in the steps that its platform takes.
func (s *session) causedPart(r *row, push stock.Quantity) stock.Quantity {
	part := withCause(push, pendingUncaused(r.Ref))
	if part == push || part == 0 {
		return part
	}
	part = Target(r.State.Expected+part, s.traits(r.State.Ref.Channel)) - r.State.Expected
	if (part < 0) != (push < 0) {
		return 0
	}
	return part
}
