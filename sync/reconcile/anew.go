package reconcile

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// An authority that was missing when the others took their baselines, and is counted later, begins the baseline of its shelf anew
// (R8). Its count holds already what the others sold and received meanwhile, and its opening must not book that twice. So what they
// posted is taken off the level, they are read again, and it is read last: what the others do counts from their second read on. They
// keep their first baseline for explaining: an order of meanwhile that is told late still explains what it sold.

// hasBaseline says that differences of the ref count from a baseline that it has.
func hasBaseline(r *row) bool {
	switch r.State.Status {
	case ledger.Linked, ledger.Untracked, ledger.Gone:
		return false
	}
	return true
}

// isAnew says that a ref which has a baseline is to be read for another one.
func isAnew(r *row) bool { return r.Work.Baseline != nil && hasBaseline(r) }

// cameLate says of a ref that is to open its shelf whether others count already, so that the shelf must begin anew. A baseline that
// is wanted and was never missing goes on: its counter was there all the time.
func (s *session) cameLate(r *row) bool {
	if wish := r.Work.Baseline; wish != nil {
		return wish.Absent || !wish.Authority
	}
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if hasBaseline(other) {
			return true
		}
	}
	return s.shelf(r.State.Shelf).Level != 0
}

// onlyAuthority takes the opening of a shelf from the refs of every other channel: the last word of a person counts.
func (s *session) onlyAuthority(r *row) {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if wish := other.Work.Baseline; other.State.Ref.Channel != r.State.Ref.Channel && wish != nil && wish.Authority {
			s.changeWish(other, func(w *ledger.BaselineWish) { w.Authority = false })
		}
	}
}

// beginAnew takes what the others posted off the level and wishes for their counts again. It reports whether there are any to wait
// for.
func (s *session) beginAnew(authority *row) (others bool) {
	s.changeWish(authority, func(w *ledger.BaselineWish) { w.Missing, w.Absent, w.Candidate = false, false, nil })
	shelf := authority.State.Shelf
	for _, r := range s.shelfRefs(shelf) {
		if r != authority && hasBaseline(r) {
			r.work().Baseline = &ledger.BaselineWish{Authority: r.State.Ref.Channel == authority.State.Ref.Channel}
			s.wantRead(r, "baseline", s.at, time.Time{})
			others = true
		}
	}
	if level := s.shelf(shelf).Level; others || level != 0 {
		s.write(authority, ledger.Entry{Kind: ledger.KindBaseline, OccurredAt: s.at, ObservedAt: s.at,
			Evidence: stock.Evidence{"note": "the authority was missing: its count holds what the others did before it"},
			Postings: ledger.Post(openingOf(shelf), ledger.AvailableOn(shelf), -level)})
	}
	return others
}

// countAnew takes the second baseline of a ref. What it shows beyond what we expect is in the authority's count, so it is posted
// against the opening instead of the level.
func (s *session) countAnew(r *row, in ledger.OwnRead) {
	difference := in.Reading.Quantity - r.State.Expected
	s.writeBaseline(r, in, ledger.Entry{ObservedAt: r.State.Contains, Recount: r.State.Contained,
		Evidence: stock.Evidence{"source": "own read", "note": "counted again: the shelf begins anew"},
		Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), openingOf(r.State.Shelf), difference)})
}

// anewRead decides about an own read, accepted as any other, of a ref that is to be read anew.
func (s *session) anewRead(r *row, in ledger.OwnRead) ledger.Disposition {
	channel := r.State.Ref.Channel
	wish := r.Work.Baseline
	switch {
	case in.Mark < r.Work.Read:
		return repeat(channel, "wished for again meanwhile")
	case s.misplaced(r):
		s.baselineMissing(r)
		return ignored(channel, "its location is not configured")
	case wish.Authority && wish.Absent && s.beginAnew(r):
		s.clearWish(r, in)
		return ignored(channel, "the shelf begins anew: the authority is read last")
	case s.awaitsTurn(r):
		s.clearWish(r, in)
		return ignored(channel, "the authority is read last")
	}
	s.countAnew(r, in)
	return done(channel, "baseline")
}
