package reconcile

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// markPause is the wait before a marked item is read again. A mark may end by a time that was set with it, and no platform tells of that.
const markPause = time.Minute

// noteSoldOut records that people marked an item as sold out, or took the mark back. Of a counter at or below zero it says nothing:
// platforms set the mark there by themselves, and take it back with the first unit. If it stays with the first unit that is told then:
// what reads a channel asks about a mark as long as it was told of one, whatever was counted. Nothing is posted, for no unit moved.
func (s *session) noteSoldOut(r *row, reading stock.Reading) {
	defer s.watchMark(r)
	marked := reading.SoldOut == stock.IsSoldOut && !(reading.Status == stock.Counted && reading.Quantity <= 0)
	if reading.SoldOut == "" || marked == !r.State.SoldOut.IsZero() {
		return
	}
	word := stock.IsNotSoldOut
	if marked {
		word = stock.IsSoldOut
	}
	s.writeMark(r, ledger.Entry{Kind: ledger.KindMovement, OccurredAt: s.at, ObservedAt: s.at, Evidence: stock.Evidence{ledger.EvidenceSoldOut: string(word)}})
}

// writeMark records what begins or ends a mark: a word of the platform's, or the end of its ref.
func (s *session) writeMark(r *row, e ledger.Entry) {
	before := map[*row]stock.Quantity{}
	for _, other := range s.shelfRefs(r.State.Shelf) {
		before[other] = s.target(other)
	}
	s.write(r, e)
	s.rememberMark(r, before)
}

// watchMark has a marked item read again after a while.
func (s *session) watchMark(r *row) {
	if !r.State.SoldOut.IsZero() && r.Work.Read == 0 {
		s.wantRead(r, "it is marked as sold out", s.at.Add(markPause), time.Time{})
	}
}

// rememberMark has the other refs of a shelf remember by how much a mark changes what they should show: a program that marks a whole
// catalog is a mass change as any other.
func (s *session) rememberMark(marked *row, before map[*row]stock.Quantity) {
	if s.limits == (Limits{}) {
		return
	}
	for _, r := range s.shelfRefs(marked.State.Shelf) {
		if change := s.target(r) - before[r]; r != marked && change != 0 && r.State.Status.Follows() {
			s.addUncaused(r, ledger.Uncaused{Quantity: change, At: s.at})
		}
	}
}

// soldOutElsewhere says whether another channel, whose mark counts for all, marks the item of a ref's shelf as sold out.
func (s *session) soldOutElsewhere(r *row) bool {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if other.State.Ref.Channel != r.State.Ref.Channel && !other.State.SoldOut.IsZero() && s.channels[other.State.Ref.Channel].SoldOutEverywhere {
			return true
		}
	}
	return false
}
