package reconcile

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// lateOrders is how far back orders are listed for the baseline of a ref that is linked, or tracked again, on an open shelf: what
// happened before is certainly in its count.
const lateOrders = 10 * time.Minute

// link ties a ref to a shelf. On a shelf that is open already the ref begins with a baseline of its own.
func (s *session) link(in ledger.LinkRef) (ledger.Disposition, error) {
	channel := in.Ref.Channel
	r := s.ref(in.Ref)
	switch {
	case r == nil:
		r = &row{Ref: ledger.Ref{State: ledger.RefState{Ref: in.Ref}, Work: ledger.Work{Ref: in.Ref}}}
		s.refs[in.Ref] = r
	case r.State.Status != ledger.Unlinked:
		return s.linkAgain(r, in)
	}
	r.State.Shelf = in.Shelf
	s.putOnShelf(in.Ref, in.Shelf)
	s.write(r, ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Linked, OccurredAt: s.at, ObservedAt: s.at,
		Evidence: stock.Evidence{ledger.EvidenceSoldAs: in.SoldAs}})
	*r.work() = ledger.Work{Ref: in.Ref, Seq: r.Work.Seq}
	if s.shelf(in.Shelf).Opened {
		r.work().Baseline = &ledger.BaselineWish{OrdersFrom: s.at.Add(-lateOrders), Join: in.Join, By: in.By}
		s.wantFirstRead(r)
	}
	return done(channel, "linked"), nil
}

// wantFirstRead wishes for the read that a baseline begins with. If the ref was linked before, the read waits: a copy that lags
// behind may not show our last push, and when it does, the push would be taken for what others did.
func (s *session) wantFirstRead(r *row) {
	due := s.at
	if r.State.Entries > 1 {
		due = due.Add(LaggingPause)
	}
	s.wantRead(r, "baseline", due, time.Time{})
}

// linkAgain decides about the link of a ref that is linked already. A ref that waits to be unlinked stays linked if it is linked to
// the same shelf again: the last word counts. So does an answer to what the count of a ref means that has not joined yet.
func (s *session) linkAgain(r *row, in ledger.LinkRef) (ledger.Disposition, error) {
	same := r.State.Shelf == in.Shelf && r.State.SoldAs == in.SoldAs
	switch {
	case same && r.Work.Unlink:
		r.work().Unlink = false
		return done(in.Ref.Channel, "stays linked"), nil
	case same && in.Join != 0 && r.State.Status == ledger.WaitsToJoin:
		if s.misplaced(r) || NeedsUntold(in.Join, r.State) { // a standing answer knows nothing of what came after it
			return duplicate(in.Ref.Channel, "linked"), nil
		}
		s.joinAs(r, ledger.JoinRef{How: in.Join, By: in.By})
		return done(in.Ref.Channel, "joined"), nil
	case same && in.Join != 0 && r.Work.Baseline != nil:
		s.changeWish(r, func(w *ledger.BaselineWish) { w.Join, w.By = in.Join, in.By })
		return duplicate(in.Ref.Channel, "linked"), nil
	case same:
		return duplicate(in.Ref.Channel, "linked"), nil
	case r.Work.Unlink:
		return ledger.Disposition{}, fmt.Errorf("linking %s: it is linked to item %s until its call is definite: link it again then: %w", in.Ref, r.State.Shelf.Item, ErrInput)
	}
	return ledger.Disposition{}, fmt.Errorf("linking %s: it is linked to item %s: unlink it first: %w", in.Ref, r.State.Shelf.Item, ErrInput)
}

// putOnShelf lists a ref that this batch ties to a shelf among the shelf's refs.
func (s *session) putOnShelf(ref stock.Ref, shelf stock.Shelf) {
	names := s.byShelf[shelf]
	if i, found := slices.BinarySearchFunc(names, ref, stock.Ref.Compare); !found {
		s.byShelf[shelf] = slices.Insert(names, i, ref)
	}
}

// unlink unties a ref, at once or as soon as all its calls have a definite outcome: until then nobody knows whether its counter
// contains our last push.
func (s *session) unlink(in ledger.UnlinkRef) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return duplicate(in.Ref.Channel, "unlinked"), nil
	}
	for _, question := range Unanswered(in.Ref, *s.shelf(r.State.Shelf), s.shelfStates(r.State.Shelf), s.at) {
		if in.Told != nil && !slices.Contains(in.Told, question.ID) {
			return ledger.Disposition{}, fmt.Errorf("unlinking %s: %s: %w", in.Ref, question.ID, ErrMeanwhile)
		}
	}
	r.work().Unlink = true
	if s.unlinkIfDefinite(r) {
		return done(in.Ref.Channel, "unlinked"), nil
	}
	return done(in.Ref.Channel, "unlinked once its call is definite"), nil
}

// unlinkIfDefinite unties a ref that is to be unlinked once nothing of ours is on its way to it, and forgets what was expected of
// it. It posts nothing: the units stay on the shelf. What a person was still to say of it is a finding from then on.
func (s *session) unlinkIfDefinite(r *row) bool {
	if !r.Work.Unlink || r.Work.InFlight != "" || r.State.Status == ledger.SetAside {
		return false
	}
	s.out.Findings = append(s.out.Findings, Dropped(r.Ref, *s.shelf(r.State.Shelf), s.shelfStates(r.State.Shelf), s.at)...)
	s.writeMark(r, ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Unlinked, OccurredAt: s.at, ObservedAt: s.at, ExpectedDelta: -r.State.Expected})
	*r.work() = ledger.Work{Ref: r.State.Ref, Seq: r.Work.Seq}
	return true
}

// unlinked lists the item of a fact that no shelf is tied to.
func (s *session) unlinked(ref stock.Ref) ledger.Disposition {
	if ref.Location != "" && !s.mapped(ref.Channel, ref.Location) {
		return ignored(ref.Channel, "location not mapped")
	}
	s.listUnlinked(ref.Channel, ref.Item)
	return ignored(ref.Channel, "unlinked item")
}

// mapped says whether a location of a channel is one of ours.
func (s *session) mapped(channel stock.Channel, location string) bool {
	_, mapped := s.channels[channel].Locations[location]
	return mapped
}

func (s *session) listUnlinked(channel stock.Channel, item string) {
	if item != "" {
		s.out.Unlinked = append(s.out.Unlinked, ledger.UnlinkedItem{Channel: channel, Item: item, LastSeen: s.at})
	}
}

func (s *session) wantReadOf(in ledger.WantRead) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return s.unlinked(in.Ref), nil
	}
	s.wantRead(r, in.Reason, s.at, time.Time{})
	return done(in.Ref.Channel, "read wanted"), nil
}
