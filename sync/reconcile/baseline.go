package reconcile

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// baselineApart is how far apart the two equal readings of a platform without history must be: a level may show an order
	// that much later (R8).
	baselineApart = NewsWindow
	// baselinePause is the wait before a counter that cannot be read is tried again.
	baselinePause = 30 * time.Second
)

func (s *session) wantBaseline(in ledger.WantBaseline) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return ledger.Disposition{}, fmt.Errorf("wishing for the baseline of %s: it is not linked: %w", in.Ref, ledger.ErrNotFound)
	}
	in.Authority = in.Authority && !s.shelf(r.State.Shelf).Opened
	if hasBaseline(r) && !in.Authority {
		return duplicate(in.Ref.Channel, "has a baseline"), nil
	}
	wish := ledger.BaselineWish{Authority: in.Authority, OrdersFrom: in.OrdersFrom, Pushes: in.Pushes}
	if was := r.Work.Baseline; was != nil {
		wish.Join, wish.By = was.Join, was.By
		if in.Pushes == nil {
			wish.Pushes = was.Pushes
		}
	}
	if len(wish.Pushes) == 0 {
		wish.Pushes = nil
	}
	if s.beginsWith(r, in) {
		wish.Candidate = in.Seen
	}
	if in.Authority {
		wish.Absent = s.cameLate(r)
		s.onlyAuthority(r)
	}
	r.work().Baseline = &wish
	if !s.awaitsTurn(r) {
		s.wantFirstRead(r)
		if wish.Candidate != nil { // what is read too soon after the plan is no second reading
			s.deferRead(r, max(0, in.SeenAt.Add(baselineApart).Sub(s.at)))
		}
	}
	return done(in.Ref.Channel, "baseline wanted"), nil
}

// cancelBaseline gives up what is wanted of a shelf that nobody has opened. What was read of it already is observed only, as ever where
// nothing is open, and is read again when somebody wants a baseline.
func (s *session) cancelBaseline(in ledger.CancelBaseline) (ledger.Disposition, error) {
	if s.shelf(in.Shelf).Opened {
		return ignored("", "the shelf is open"), nil
	}
	ending := duplicate("", "no baseline wanted")
	for _, r := range s.shelfRefs(in.Shelf) {
		if r.Work.Baseline == nil {
			continue
		}
		w := r.work()
		w.Baseline = nil
		if !hasBaseline(r) {
			w.Read, w.ReadDue, w.ReadUntil, w.ReadReason = 0, time.Time{}, time.Time{}, ""
		}
		ending = done("", "baseline given up")
	}
	return ending, nil
}

// beginsWith says whether what a plan read of a ref is the first of its two readings. It is not for a ref that was linked before, whose
// counter may have been read while it was another's, nor for the authority, which is read last.
func (s *session) beginsWith(r *row, in ledger.WantBaseline) bool {
	seen := in.Seen
	return seen != nil && !in.Authority && r.State.Status == ledger.Linked && r.State.Entries == 1 && !s.traits(in.Ref.Channel).History &&
		!in.OrdersFrom.After(seen.ReadAt) && check(seen.Quantity, seen.Version, seen.ReadAt) == nil
}

// baselineRead is R8: the first read of a ref becomes what we expect; differences count from there.
func (s *session) baselineRead(r *row, in ledger.OwnRead) ledger.Disposition {
	channel := r.State.Ref.Channel
	wish := r.Work.Baseline
	counted := in.Reading.Status == stock.Counted
	if wish == nil && r.State.Status != ledger.Linked && counted && !s.misplaced(r) {
		wish = &ledger.BaselineWish{OrdersFrom: in.ReadAt.Add(-lateOrders)}
		r.work().Baseline = wish
	}
	switch {
	case wish == nil:
		s.clearWish(r, in)
		return ignored(channel, "no baseline wanted")
	case !counted:
		s.baselineMissing(r)
		return ignored(channel, "counter is missing")
	case s.misplaced(r): // a count of nobody knows whose units is as unknown as none
		s.baselineMissing(r)
		return ignored(channel, "its location is not configured")
	case wish.Authority && wish.Absent && in.Mark >= r.Work.Read && s.beginAnew(r):
		s.clearWish(r, in)
		return ignored(channel, "the shelf begins anew: the authority is read last")
	case s.awaitsTurn(r):
		s.clearWish(r, in)
		return ignored(channel, "the authority is read last")
	case in.Mark < r.Work.Read:
		return repeat(channel, "wished for again meanwhile")
	}
	contains := in.Reading.Version
	if s.traits(channel).History {
		if historyLags(in) && r.Work.Older < olderReadsMax {
			r.work().Older++
			return s.repeatRead(r, "the history lags behind the count")
		}
	} else {
		settled, ok := s.settleCandidate(r, in)
		if !ok {
			return ignored(channel, "baseline needs a second equal reading")
		}
		contains = settled
	}
	r.work().Older = 0
	s.acceptBaseline(r, in, contains)
	return done(channel, "baseline")
}

// baselineMissing notes that a counter whose baseline is wanted cannot be read. Nobody waits for it any more; it is tried again.
func (s *session) baselineMissing(r *row) {
	s.changeWish(r, func(w *ledger.BaselineWish) { w.Missing, w.Absent, w.Candidate = true, true, nil })
	s.deferRead(r, baselinePause)
}

// historyLags says that the history does not show the counter's last change yet. If that was a recount, a baseline taken now would
// not know that it contains it. Some changes (transfers) never stand in the history, so only a few reads wait for it.
func historyLags(in ledger.OwnRead) bool {
	if in.FeedFrom.IsZero() || !in.Reading.Version.After(in.FeedFrom) {
		return false
	}
	for _, movement := range in.Movements {
		if !movement.ChannelTime.Before(in.Reading.Version) {
			return false
		}
	}
	for _, recount := range in.Recounts {
		if !recount.ChannelTime.Before(in.Reading.Version) {
			return false
		}
	}
	return true
}

// deferRead puts off the read of a ref without forgetting the wish.
func (s *session) deferRead(r *row, pause time.Duration) { r.work().ReadDue = s.at.Add(pause) }

// changeWish replaces the baseline wish, which the snapshot may share, by a changed copy.
func (s *session) changeWish(r *row, change func(*ledger.BaselineWish)) {
	wish := *r.Work.Baseline
	change(&wish)
	r.work().Baseline = &wish
}

// settleCandidate compares the reading with the one before. Two equal readings, far enough apart and with no order in between,
// contain every order up to the first of them. It returns the channel time up to which the baseline contains everything, and
// whether it is settled; if not, the ref is read again.
func (s *session) settleCandidate(r *row, in ledger.OwnRead) (contains time.Time, settled bool) {
	candidate := r.Work.Baseline.Candidate
	reading := in.Reading
	same := candidate != nil && candidate.Quantity == reading.Quantity && candidate.Version.Equal(reading.Version)
	if same && in.ReadAt.Sub(candidate.ReadAt) < baselineApart {
		s.deferRead(r, baselineApart-in.ReadAt.Sub(candidate.ReadAt)+time.Second)
		return time.Time{}, false
	}
	if !same || orderedSince(in.Orders, r.State.SoldAs, candidate.ReadAt) {
		s.changeWish(r, func(w *ledger.BaselineWish) {
			w.Missing = false
			w.Candidate = &ledger.Candidate{Quantity: reading.Quantity, Version: reading.Version, ReadAt: in.ReadAt}
		})
		s.deferRead(r, baselineApart+time.Second)
		return time.Time{}, false
	}
	if unrouted(r.State.SoldAs, in) {
		s.deferRead(r, routingPauseMin)
		return time.Time{}, false
	}
	for _, order := range in.Orders {
		if order.Lines = linesHere(order.Lines, r); len(order.Lines) > 0 {
			s.noteFact(s.order(order, true))
		}
	}
	return candidate.ReadAt.Add(-time.Nanosecond), true
}

// linesHere picks the lines whose units were taken from this ref: the baselines of other refs decide about their own lines.
func linesHere(lines []stock.OrderLine, r *row) []stock.OrderLine {
	var here []stock.OrderLine
	for _, line := range lines {
		if line.SoldAs == r.State.SoldAs && line.Location == r.State.Ref.Location {
			here = append(here, line)
		}
	}
	return here
}

// routingWait is how long a baseline waits for an order to be routed. One that is not routed by then will not be soon.
const routingWait = 10 * time.Minute

// unrouted says that an order took units of the item and does not say yet from which location. Until it does, nobody can tell
// whether this baseline contains them.
func unrouted(soldAs string, in ledger.OwnRead) bool {
	for _, order := range in.Orders {
		for _, line := range order.Lines {
			if line.SoldAs == soldAs && line.Location == "" && line.Taken > 0 && in.ReadAt.Sub(order.UpdatedAt) < routingWait {
				return true
			}
		}
	}
	return false
}

func orderedSince(orders []stock.Order, soldAs string, since time.Time) bool {
	for _, order := range orders {
		if order.UpdatedAt.Before(since) {
			continue
		}
		for _, line := range order.Lines {
			if line.SoldAs == soldAs {
				return true
			}
		}
	}
	return false
}

func (s *session) acceptBaseline(r *row, in ledger.OwnRead, contains time.Time) {
	s.writeBaseline(r, in, ledger.Entry{ObservedAt: contains, Recount: containedRecount(in.Recounts, contains)})
}

// writeBaseline writes what a baseline counted. Only the authority's posts to the level, and only while the shelf is closed.
func (s *session) writeBaseline(r *row, in ledger.OwnRead, entry ledger.Entry) {
	wish := *r.Work.Baseline
	entry.Kind, entry.OccurredAt = ledger.KindBaseline, in.Reading.Version
	entry.ExpectedDelta = in.Reading.Quantity - r.State.Expected
	authority := wish.Authority && !s.shelf(r.State.Shelf).Opened
	entry.Opens = authority && !s.partsWait(r)
	entry.Status = s.arrives(r, in.Reading.Quantity, entry.Opens)
	if entry.Status == ledger.WaitsToJoin {
		entry.Evidence = with(entry.Evidence, ledger.EvidenceLevel, s.levelBeside(r).String())
	}
	if authority && !entry.Opens && entry.Evidence == nil {
		entry.Evidence = stock.Evidence{"note": "counted there, a part of the sum"}
	}
	if authority {
		entry.Postings = append(entry.Postings, ledger.Post(openingOf(r.State.Shelf), ledger.AvailableOn(r.State.Shelf), in.Reading.Quantity)...)
	}
	s.write(r, entry)
	if entry.Opens {
		s.rememberOpening(r.State.Shelf, wish.Pushes)
	}
	r.work().Baseline = nil
	if wish.Join != 0 && entry.Status == ledger.WaitsToJoin && !NeedsUntold(wish.Join, r.State) {
		s.joinAs(r, ledger.JoinRef{How: wish.Join, By: wish.By})
	}
	s.clearWish(r, in)
}

// partsWait says whether another counter of the authority on the same shelf is not read yet. Articles that share a shelf open it with
// their sum, and a sum of which a part is unknown is unknown: each posts its part, the last one opens.
func (s *session) partsWait(r *row) bool {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		if other != r && other.Work.Baseline != nil && other.Work.Baseline.Authority {
			return true
		}
	}
	return false
}

// openingOf is the account that the units of a shelf come from when it opens.
func openingOf(shelf stock.Shelf) ledger.Account {
	return ledger.Account{Item: shelf.Item, Kind: ledger.Opening}
}

// containedRecount returns the youngest recount that the baseline holds.
func containedRecount(recounts []stock.Recount, contains time.Time) *ledger.RecountMark {
	var youngest *ledger.RecountMark
	for _, recount := range recounts {
		if !recount.ChannelTime.After(contains) && (youngest == nil || recount.OccurredAt.After(youngest.OccurredAt)) {
			mark := markOf(recount)
			youngest = &mark
		}
	}
	return youngest
}

// othersWait says whether another ref of the shelf still waits for its baseline. The authority is read last, so that what the other
// counters do meanwhile is a difference from their own baselines.
func (s *session) othersWait(r *row) bool {
	for _, other := range s.shelfRefs(r.State.Shelf) {
		wish := other.Work.Baseline
		if other != r && wish != nil && !wish.Authority && !wish.Missing {
			return true
		}
	}
	return false
}

// awaitsTurn says that a ref which is to open its shelf is not read yet: another one waits for its baseline. One that was away is read
// all the same, for it may begin the shelf anew.
func (s *session) awaitsTurn(r *row) bool {
	wish := r.Work.Baseline
	return wish != nil && wish.Authority && !wish.Absent && s.othersWait(r)
}

// wakeAuthority wishes for a read of a ref that is to open its shelf when its turn has come. Until then there is no wish, so that the
// platform is not asked for what would be thrown away.
func (s *session) wakeAuthority(r *row) {
	wish := r.Work.Baseline
	if wish != nil && wish.Authority && !wish.Missing && r.Work.Read == 0 && r.State.Status != ledger.SetAside && !s.awaitsTurn(r) {
		s.wantFirstRead(r)
	}
}
