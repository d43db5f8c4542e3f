package reconcile

import (
	"fmt"
	"maps"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// ZeroHold is how long a level at or below zero waits for a second reading before it is pushed all the same.
	ZeroHold = 5 * time.Second
)

// askToConfirm remembers a difference whose consequences wait for a second reading: a raise, or a level that came to zero or
// below.
func (s *session) askToConfirm(r *row, difference, before, after stock.Quantity) {
	zero := before > 0 && after <= 0
	if difference <= 0 && !zero {
		return
	}
	unconfirmed := &ledger.Unconfirmed{Seq: s.wantRead(r, "confirm a reading", s.at, time.Time{}), Since: s.at}
	w := r.work()
	if zero {
		w.ZeroUnconfirmed = unconfirmed
	}
	if difference > 0 {
		w.RaiseUnconfirmed = unconfirmed
	}
}

// confirm notes that an own read was accepted: what was unconfirmed when it was sent is confirmed now.
func (s *session) confirm(r *row, mark uint64) {
	released := false
	if unconfirmed := r.Work.ZeroUnconfirmed; unconfirmed != nil && unconfirmed.Seq <= mark {
		r.work().ZeroUnconfirmed, released = nil, true
	}
	if unconfirmed := r.Work.RaiseUnconfirmed; unconfirmed != nil && unconfirmed.Seq <= mark {
		r.work().RaiseUnconfirmed, released = nil, true
	}
	if released {
		s.wakePushes(r.State.Shelf)
	}
}

// wakePushes stores the wanted pushes of a shelf anew, so that their channels are woken: what held them back let go.
func (s *session) wakePushes(shelf stock.Shelf) {
	for _, r := range s.shelfRefs(shelf) {
		if r.Work.Push {
			r.work()
		}
	}
}

// brakeOn returns the first brake of the shelf that holds a push which would make the counter show this, if one does. What another
// program holds of it was left out before (withoutPrograms), and what was typed in over a mark too (doubtedPart).
func (s *session) brakeOn(r *row, target stock.Quantity) (ledger.Brake, bool) {
	for _, brake := range Brakes(*s.shelf(r.State.Shelf), s.shelfStates(r.State.Shelf), s.at) {
		if brake.Kind != ledger.OtherProgram && brake.Evidence[evidenceHidden] == "" && Holds(brake, r.State.Ref, target, r.State.Expected) {
			return brake, true
		}
	}
	return ledger.Brake{}, false
}

// shelfStates returns what is stored about the refs of a shelf, as decided so far.
func (s *session) shelfStates(shelf stock.Shelf) []ledger.Ref {
	var refs []ledger.Ref
	for _, r := range s.shelfRefs(shelf) {
		refs = append(refs, r.Ref)
	}
	return refs
}

// Holds says whether a brake of a shelf holds the push of a ref from expected to target. What a mass change holds MassChange says.
func Holds(brake ledger.Brake, ref stock.Ref, target, expected stock.Quantity) bool {
	switch brake.Kind {
	case ledger.ZeroUnconfirmed:
		return target <= 0
	case ledger.TypedTwice:
		if brake.Quantity < 0 {
			return target < 0 && target < expected // nobody sells what is not offered, so nothing is lost by waiting
		}
		return target > expected
	case ledger.RaiseUnconfirmed:
		return target > expected // what was sold since must reach the other channels, or they sell it again
	case ledger.OtherProgram:
		return target != expected && passesProgram(brake, ref, target-expected) == 0
	}
	return true
}

// Brakes returns the brakes that follow from the state of a shelf and its refs.
func Brakes(shelf ledger.ShelfState, refs []ledger.Ref, at time.Time) []ledger.Brake {
	var brakes []ledger.Brake
	if !shelf.Opened {
		brakes = append(brakes, ledger.Brake{ID: brakeID(ledger.Observing, shelf.Shelf), Kind: ledger.Observing, Shelf: shelf.Shelf})
	}
	for _, ref := range refs {
		if unconfirmed := ref.Work.ZeroUnconfirmed; unconfirmed != nil && at.Sub(unconfirmed.Since) < ZeroHold {
			brakes = append(brakes, unconfirmedBrake(ledger.ZeroUnconfirmed, shelf.Shelf, ref, unconfirmed.Since))
		}
		if unconfirmed := ref.Work.RaiseUnconfirmed; unconfirmed != nil {
			brakes = append(brakes, unconfirmedBrake(ledger.RaiseUnconfirmed, shelf.Shelf, ref, unconfirmed.Since))
		}
	}
	for _, pair := range typedTwice(refs, at) {
		brakes = append(brakes, pair.brake())
	}
	for _, ref := range refs {
		if OtherProgram(ref) {
			brakes = append(brakes, programBrake(shelf.Shelf, ref))
		}
	}
	return brakes
}

func unconfirmedBrake(kind ledger.BrakeKind, shelf stock.Shelf, ref ledger.Ref, since time.Time) ledger.Brake {
	return ledger.Brake{ID: brakeID(kind, shelf) + "/" + string(ref.State.Ref.Channel), Kind: kind, Shelf: shelf, Ref: ref.State.Ref, Since: since}
}

func brakeID(kind ledger.BrakeKind, shelf stock.Shelf) string {
	names := map[ledger.BrakeKind]string{ledger.Observing: "observing", ledger.ZeroUnconfirmed: "zero", ledger.RaiseUnconfirmed: "raise", ledger.TypedTwice: "typed-twice",
		ledger.OtherProgram: "other-program"}
	return fmt.Sprintf("%s/%s/%s", names[kind], shelf.Item, shelf.Location)
}

func (s *session) engageBrake(in ledger.EngageBrake) (ledger.Disposition, error) {
	if in.Brake.Kind != ledger.MassChange {
		return ledger.Disposition{}, fmt.Errorf("engaging a brake: %w: %s follows from the ledger's state", ErrInput, in.Brake.Kind)
	}
	if _, ok := s.storedBrakes()[in.Brake.ID]; ok {
		return duplicate(in.Brake.Channel, "brake engaged"), nil
	}
	s.out.Brakes = append(s.out.Brakes, in.Brake)
	return done(in.Brake.Channel, "brake engaged"), nil
}

// storedBrakes are the brakes of the snapshot, as decided so far.
func (s *session) storedBrakes() map[string]ledger.Brake {
	if len(s.out.Brakes) == 0 {
		return s.snapshot.Brakes
	}
	brakes := maps.Clone(s.snapshot.Brakes)
	for _, brake := range s.out.Brakes {
		brakes[brake.ID] = brake
	}
	return brakes
}

func (s *session) releaseBrake(in ledger.ReleaseBrake) (ledger.Disposition, error) {
	if in.Shelf.Item != "" {
		if d, released := s.releaseOtherProgram(in); released {
			return d, nil
		}
		return s.releaseTypedTwice(in)
	}
	brake, ok := s.storedBrakes()[in.ID]
	if !ok || !brake.ReleasedAt.IsZero() || in.Correct {
		return ledger.Disposition{}, fmt.Errorf("releasing brake %s: %w", in.ID, ledger.ErrNotFound)
	}
	mass := MassChangeOf(brake.Channel, []ledger.Brake{brake}, s.at)
	for _, shown := range in.Shown {
		if r := s.ref(shown.Ref); r != nil && shown.Ref.Channel == brake.Channel {
			s.letPass(r, mass, shown.Quantity)
		}
	}
	brake.ReleasedAt, brake.ReleasedBy, brake.PassUntil = s.at, in.By, s.at.Add(massChangePass)
	s.out.Brakes = append(s.out.Brakes, brake)
	return done(brake.Channel, "brake released"), nil
}
