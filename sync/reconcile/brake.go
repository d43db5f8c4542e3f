package reconcile

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// crossingHold is how long a level at or below zero waits for a second reading before it is pushed.
	crossingHold = 5 * time.Second
	// typedTwiceWindow is how far apart the same raise on two channels is taken for goods received that were typed in twice.
	typedTwiceWindow = 15 * time.Minute
	// massChangePass is how long pushes pass after a person released a mass change.
	massChangePass = 15 * time.Minute
	// raisesMax bounds how many recent raises of a ref are remembered.
	raisesMax = 32
)

// doubt remembers a difference whose consequences wait for a second reading: a raise, or a level that came to zero or below.
func (s *session) doubt(r *row, difference, before, after stock.Quantity) {
	crossed := before > 0 && after <= 0
	if difference <= 0 && !crossed {
		return
	}
	doubt := &ledger.Doubt{Seq: s.wantRead(r, "confirm a reading", s.at, time.Time{}), Since: s.at}
	w := r.work()
	if crossed {
		w.Crossed = doubt
	}
	if difference > 0 {
		w.Raised = doubt
		s.rememberRaise(r, min(difference, max(0, -r.Unexplained)))
	}
}

// confirm ends the doubts that an accepted own read was sent after.
func (s *session) confirm(r *row, mark uint64) {
	if doubt := r.Work.Crossed; doubt != nil && doubt.Seq <= mark {
		r.work().Crossed = nil
	}
	if doubt := r.Work.Raised; doubt != nil && doubt.Seq <= mark {
		r.work().Raised = nil
	}
}

func (s *session) rememberRaise(r *row, quantity stock.Quantity) {
	if quantity <= 0 {
		return
	}
	raises := slices.Clone(r.Work.Raises)
	if _, held := typedTwice(r.State.Shelf, s.shelfStates(r.State.Shelf)); !held {
		raises = slices.DeleteFunc(raises, func(raise ledger.Raise) bool { return s.at.Sub(raise.At) > typedTwiceWindow })
	}
	raises = append(raises, ledger.Raise{Quantity: quantity, At: s.at})
	r.work().Raises = raises[max(0, len(raises)-raisesMax):]
}

// explainRaise takes returned units out of the remembered raises, the youngest first: a refund is not goods received.
func (r *row) explainRaise(quantity stock.Quantity) {
	raises := slices.Clone(r.Work.Raises)
	for i := len(raises) - 1; i >= 0 && quantity > 0; i-- {
		part := min(quantity, raises[i].Quantity)
		raises[i].Quantity -= part
		quantity -= part
	}
	if len(raises) > 0 {
		r.work().Raises = slices.DeleteFunc(raises, func(raise ledger.Raise) bool { return raise.Quantity == 0 })
	}
}

// brakeOn returns the brake that holds the push a ref wants.
func (s *session) brakeOn(r *row) (ledger.Brake, bool) {
	for _, brake := range s.snapshot.Brakes {
		if brake.Kind == ledger.MassChange && brake.Channel == r.State.Ref.Channel && brake.ReleasedAt.IsZero() {
			return brake, true
		}
	}
	target := s.target(r)
	for _, brake := range Brakes(*s.shelf(r.State.Shelf), s.shelfStates(r.State.Shelf), s.at) {
		if holds(brake, target, r.State.Expected) {
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

// holds says whether a brake of a shelf holds the push from expected to target.
func holds(brake ledger.Brake, target, expected stock.Quantity) bool {
	switch brake.Kind {
	case ledger.ZeroUnconfirmed:
		return target <= 0
	case ledger.RaiseUnconfirmed:
		return target > expected
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
		if doubt := ref.Work.Crossed; doubt != nil && at.Sub(doubt.Since) < crossingHold {
			brakes = append(brakes, doubtBrake(ledger.ZeroUnconfirmed, shelf.Shelf, ref, doubt.Since))
		}
		if doubt := ref.Work.Raised; doubt != nil {
			brakes = append(brakes, doubtBrake(ledger.RaiseUnconfirmed, shelf.Shelf, ref, doubt.Since))
		}
	}
	if brake, ok := typedTwice(shelf.Shelf, refs); ok {
		brakes = append(brakes, brake)
	}
	return brakes
}

func doubtBrake(kind ledger.BrakeKind, shelf stock.Shelf, ref ledger.Ref, since time.Time) ledger.Brake {
	return ledger.Brake{ID: brakeID(kind, shelf) + "/" + string(ref.State.Ref.Channel), Kind: kind, Shelf: shelf, Ref: ref.State.Ref, Since: since}
}

func brakeID(kind ledger.BrakeKind, shelf stock.Shelf) string {
	names := map[ledger.BrakeKind]string{ledger.Observing: "observing", ledger.ZeroUnconfirmed: "zero", ledger.RaiseUnconfirmed: "raise", ledger.TypedTwice: "typed-twice"}
	return fmt.Sprintf("%s/%s/%s", names[kind], shelf.Item, shelf.Location)
}

// typedTwice finds the same raise on two refs of different channels of a shelf. The brake holds until a person has looked, or
// until a return explains one of the raises.
func typedTwice(shelf stock.Shelf, refs []ledger.Ref) (ledger.Brake, bool) {
	for i, a := range refs {
		for _, b := range refs[i+1:] {
			if a.State.Ref.Channel == b.State.Ref.Channel {
				continue
			}
			for _, first := range a.Work.Raises {
				for _, second := range b.Work.Raises {
					if first.Quantity == second.Quantity && first.At.Sub(second.At).Abs() <= typedTwiceWindow {
						return typedTwiceBrake(shelf, a, b, first, second), true
					}
				}
			}
		}
	}
	return ledger.Brake{}, false
}

// typedTwiceBrake blames the later raise, unless it has a cause and the earlier one has none: what nobody explains is what a
// correction would take back.
func typedTwiceBrake(shelf stock.Shelf, a, b ledger.Ref, first, second ledger.Raise) ledger.Brake {
	earlier, blamed, since := a, b, second.At
	if first.At.After(second.At) {
		earlier, blamed, since = b, a, first.At
	}
	if blamed.Unexplained > -first.Quantity && earlier.Unexplained <= -first.Quantity {
		earlier, blamed = blamed, earlier
	}
	return ledger.Brake{
		ID: brakeID(ledger.TypedTwice, shelf), Kind: ledger.TypedTwice, Channel: blamed.State.Ref.Channel, Shelf: shelf, Ref: blamed.State.Ref,
		Quantity: first.Quantity, Since: since,
		Evidence: stock.Evidence{"kept": earlier.State.Ref.String(), "doubted": blamed.State.Ref.String(), "raise": first.Quantity.String()},
	}
}

func (s *session) engageBrake(in ledger.EngageBrake) (ledger.Disposition, error) {
	if in.Brake.Kind != ledger.MassChange {
		return ledger.Disposition{}, fmt.Errorf("engaging a brake: %w: %s follows from the ledger's state", ErrInput, in.Brake.Kind)
	}
	if _, ok := s.snapshot.Brakes[in.Brake.ID]; ok {
		return duplicate(in.Brake.Channel, "brake engaged"), nil
	}
	s.out.Brakes = append(s.out.Brakes, in.Brake)
	return done(in.Brake.Channel, "brake engaged"), nil
}

func (s *session) releaseBrake(in ledger.ReleaseBrake) (ledger.Disposition, error) {
	if in.Shelf.Item != "" {
		return s.releaseTypedTwice(in)
	}
	brake, ok := s.snapshot.Brakes[in.ID]
	if !ok || !brake.ReleasedAt.IsZero() || in.Correct {
		return ledger.Disposition{}, fmt.Errorf("releasing brake %s: %w", in.ID, ledger.ErrNotFound)
	}
	brake.ReleasedAt, brake.ReleasedBy, brake.PassUntil = s.at, in.By, s.at.Add(massChangePass)
	s.out.Brakes = append(s.out.Brakes, brake)
	return done(brake.Channel, "brake released"), nil
}

// releaseTypedTwice forgets the raises of a shelf; Correct also takes the second one back from the level, against the
// suspense account that holds it.
func (s *session) releaseTypedTwice(in ledger.ReleaseBrake) (ledger.Disposition, error) {
	brake, ok := typedTwice(in.Shelf, s.shelfStates(in.Shelf))
	if !ok || brake.ID != in.ID {
		return ledger.Disposition{}, fmt.Errorf("releasing brake %s: %w", in.ID, ledger.ErrNotFound)
	}
	if in.Correct {
		s.write(s.ref(brake.Ref), ledger.Entry{
			Kind: ledger.KindCorrection, OccurredAt: s.at, ObservedAt: s.at,
			Evidence: stock.Evidence{"by": in.By, "note": "the same goods were typed in on two channels", "brake": brake.ID},
			Postings: ledger.Post(ledger.AvailableOn(in.Shelf), ledger.UnexplainedBy(in.Shelf.Item, brake.Ref), brake.Quantity),
		})
	}
	for _, r := range s.shelfRefs(in.Shelf) {
		if len(r.Work.Raises) > 0 {
			r.work().Raises = nil
		}
	}
	return done(brake.Channel, "brake released"), nil
}
