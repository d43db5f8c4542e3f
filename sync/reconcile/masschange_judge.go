package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// massVerdict says what the mass change brake lets pass of one call.
type massVerdict uint8

const (
	massFree massVerdict = iota
	// massHeld: only what has a cause.
	massHeld
	// massUnknown: nothing, for the brake was engaged or released since it was looked at.
	massUnknown
	// massBaseline: a baseline's pushes by a person's word, others as long as they are not too many.
	massBaseline
)

// judgeMassChange engages the brake of a channel that was and is to be changed too much without a cause, and releases one whose reason
// is gone. It is judged before every call, over what was done and is to be done.
func (s *session) judgeMassChange(in ledger.PlanCall) massVerdict {
	mass := MassChangeOf(in.Channel, s.massBrakes(), s.at)
	if !in.Since.IsZero() {
		if in.Brake != mass.Brake() {
			return massUnknown
		}
		mass.Since = in.Since
	}
	load := atLeast(in.Load, mass.Planned)
	for _, name := range in.Refs {
		if r := s.ref(name); r != nil && r.State.Status == ledger.Live && !s.misplaced(r) {
			if change := mass.Change(r.Ref); change != 0 {
				load.Add(change, mass.LevelBefore(r.Ref, s.target(r)))
			}
		}
	}
	if mass.Engaged != nil {
		load.Before, load.Stocked = mass.Engaged.Quantity, mass.Engaged.Stocked
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
			ID: fmt.Sprintf("mass-change/%s/%s", in.Channel, s.at.UTC().Format("20060102T150405.000")), Kind: ledger.MassChange, Channel: in.Channel, Since: s.at,
			Quantity: load.Before, Stocked: load.Stocked, Evidence: stock.Evidence{"reason": reason, "shelves": strconv.Itoa(load.Shelves), "units": load.Units.String(), "before": load.Before.String(), "stocked": strconv.Itoa(load.Stocked)},
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
	return s.inSteps(r, push, withCause(push, pendingUncaused(r.Ref, s.at)))
}

// inSteps makes a part of a push one that its platform takes.
func (s *session) inSteps(r *row, push, part stock.Quantity) stock.Quantity {
	if part == push || part == 0 {
		return part
	}
	part = Target(r.State.Expected+part, s.traits(r.State.Ref.Channel)) - r.State.Expected
	if (part < 0) != (push < 0) {
		return 0
	}
	return part
}
