package reconcile

import (
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A ref whose item the platform does not know any more is gone: an item deleted, a variation made anew under another id. Trying
// again is no use, and there is no counter whose differences could be read, so expected is forgotten; the units stay on the shelf,
// for they were not sold. If the platform shows a count of it again, it begins with a baseline and joins its shelf as any other (R9).

// nowGone records what an own read says of a ref.
func (s *session) nowGone(r *row, in ledger.OwnRead) ledger.Disposition {
	if r.State.Status != ledger.Gone {
		s.goes(r, in.ReadAt, "the platform shows no item with this id")
	}
	s.noCount(r)
	s.clearWish(r, in)
	return done(r.State.Ref.Channel, "gone")
}

// goes ends everything that is intended for a ref, and lets those that wait for it go on.
func (s *session) goes(r *row, at time.Time, reason string) {
	s.writeMark(r, ledger.Entry{Kind: ledger.KindReading, OccurredAt: at, ObservedAt: s.at, Status: ledger.Gone,
		ExpectedDelta: -r.State.Expected, Evidence: stock.Evidence{ledger.EvidenceReason: reason}})
	w := r.work()
	w.ZeroUnconfirmed, w.RaiseUnconfirmed, w.FeedFrom, w.Uncaused = nil, nil, time.Time{}, nil
	w.Refusals, w.PushDue = 0, time.Time{}
	s.noCount(r)
	s.out.Findings = append(s.out.Findings, ledger.Finding{
		ID: ClassGone + "/" + r.State.Ref.String() + "/" + strconv.FormatInt(s.at.Unix(), 10), At: s.at, Class: ClassGone, Channel: r.State.Ref.Channel,
		Ref: r.State.Ref, Shelf: r.State.Shelf, Evidence: stock.Evidence{"reason": reason, "level": s.shelf(r.State.Shelf).Level.String()},
		Action: "nothing is tried any more; unlink it, or link what came in its place",
	})
}

// ClassGone is the class of findings about items that their platforms do not know any more.
const ClassGone = "gone"

// noCount notes in the wish for a baseline that there is no counter to take it from: or no more, if it was back for a moment and began
// the shelf anew. Without a wish there is one to be made only
// for a part of a sum that does not open its shelf yet: the part is unknown again, and so is the sum.
func (s *session) noCount(r *row) {
	switch {
	case r.Work.Baseline != nil:
		s.changeWish(r, func(wish *ledger.BaselineWish) { wish.Candidate, wish.Missing, wish.Absent = nil, true, true })
	case s.partOfClosed(r):
		r.work().Baseline = &ledger.BaselineWish{Authority: true, Missing: true, Absent: true}
	}
}

// partOfClosed says that the shelf of the ref waits for another part of the sum that is to open it.
func (s *session) partOfClosed(r *row) bool {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if wish := other.Work.Baseline; other != r && other.State.Ref.Channel == r.State.Ref.Channel && wish != nil && wish.Authority {
			return true
		}
	}
	return false
}
