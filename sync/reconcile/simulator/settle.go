package simulator

import (
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// settler is a person who, in some runs, books what nobody has explained, often too soon, and now and then takes that back. It has dice of
// its own: a run without it goes as it would.
type settler struct {
	w    *world
	dice dice
	on   bool
}

// settlerChance is how often a shop has one.
const settlerChance = 0.3

func newSettler(w *world, seed int64, opts Options) *settler {
	s := &settler{w: w, dice: newDice(seed ^ 0x736574746c65)}
	wanted := opts.Bug == bugSettlementKept
	s.on = (s.dice.chance(settlerChance) || wanted) && (opts.Bug == "" || wanted) && !opts.Busy
	return s
}

// plan puts its looks at the books into the hour.
func (s *settler) plan() {
	if !s.on {
		return
	}
	for range 4 + s.dice.IntN(12) {
		s.w.after(s.dice.between(2*time.Minute, hour), s.look)
	}
}

// look settles the ref with unexplained units that it finds first, or reopens what it has settled.
func (s *settler) look() {
	w := s.w
	refs := w.ledger.refs()
	for _, i := range s.dice.Perm(len(refs)) {
		ref := refs[i]
		if !w.up || ref.State.Joining != nil || ref.State.Status == ledger.Unlinked {
			continue
		}
		if len(ref.State.Settled) > 0 && s.dice.chance(0.1) {
			s.decide("settlement reopened", ledger.ReopenRef{Ref: ref.State.Ref, Shelf: ref.State.Shelf, By: "person"})
			return
		}
		if ref.Unexplained != 0 {
			cause := []stock.Cause{stock.Shrinkage, stock.Shrinkage, stock.Sold, stock.Moved, stock.Received}[s.dice.IntN(5)]
			s.decide("settled by a person", ledger.SettleRef{Ref: ref.State.Ref, Shelf: ref.State.Shelf, Cause: cause, Quantity: -ref.Unexplained, By: "person"})
			return
		}
	}
}

func (s *settler) decide(what string, input ledger.Input) {
	_, err := s.w.decide(input)
	if err != nil {
		s.w.judge.unexpected(what, err)
	}
	if err == nil || errors.Is(err, errCrashedAfter) {
		s.w.reached(what)
	}
}
