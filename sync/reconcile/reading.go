package reconcile

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// olderReadsMax is how many own reads in a row may be older than what was accepted; the last of them is believed (R4).
	olderReadsMax = 3
	// repeatPause is the wait before a read is repeated: an answer of the same moment would most likely be the same.
	repeatPause = 250 * time.Millisecond
	// LaggingPause is the wait before the read that is believed however old it is: by then a copy that lags behind should have
	// caught up.
	LaggingPause = 3 * time.Second
	// countSlack is how much earlier than a row of history the count that contains it may be dated: nobody published whether
	// Square takes calculated_at and created_at from one look at the clock.
	countSlack = time.Second
	// historyPause is the wait before a read that asks history what our push did: its row may appear a moment after the answer.
	historyPause = time.Second
)

// deliveredReading is R5: a webhook or a sweep page counts only if it is newer than what was accepted and no push of ours can
// be mixed up with it. In doubt the ref is read again.
func (s *session) deliveredReading(reading stock.Reading) (ledger.Disposition, error) {
	channel := reading.Ref.Channel
	if err := check(reading.Quantity, reading.Version); err != nil {
		return ledger.Disposition{}, err
	}
	r := s.ref(reading.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return s.unlinked(reading.Ref), nil
	}
	s.noteSoldOut(r, reading)
	switch r.State.Status {
	case ledger.Linked:
		if wish := r.Work.Baseline; wish != nil && wish.Missing && reading.Status == stock.Counted {
			return s.readAgain(r, "counter shows"), nil
		}
		return ignored(channel, "waiting for the baseline"), nil
	case ledger.SetAside:
		return ignored(channel, "ref is set aside"), nil
	case ledger.Unreadable, ledger.Untracked, ledger.Gone:
		switch {
		case reading.Status == stock.Counted:
			return s.readAgain(r, "counter shows again"), nil
		case reading.Status == stock.Gone && r.State.Status != ledger.Gone:
			return s.readAgain(r, ledger.ReadGone), nil
		}
		return ignored(channel, "still not counted"), nil
	}
	switch reading.Status {
	case stock.Counted:
	case stock.Gone:
		return s.readAgain(r, ledger.ReadGone), nil
	default:
		return s.readAgain(r, ledger.ReadMissing), nil
	}
	if isAnew(r) {
		return ignored(channel, "waiting for the baseline"), nil
	}
	return s.deliveredCount(r, reading), nil
}

func (s *session) deliveredCount(r *row, reading stock.Reading) ledger.Disposition {
	channel := reading.Ref.Channel
	if reading.Version.Before(r.State.Version) {
		return ignored(channel, "older than the accepted reading")
	}
	newer := reading.Version.After(r.State.Version)
	pending := r.Work.InFlight != "" || len(r.State.Unconfirmed) > 0
	if pending && newer && s.containsPushes(r, reading) {
		pending = false
	}
	switch {
	case reading.Quantity == r.State.Expected && newer && !pending:
		s.acceptDelivered(r, reading)
		return done(channel, "as expected")
	case reading.Quantity == r.State.Expected && newer && s.precedesPush(r, reading):
		return s.readAgain(r, "it shows what our push made, and is of before it")
	case reading.Quantity == r.State.Expected:
		return duplicate(channel, "as expected")
	case newer && s.showsOurPush(r, reading) && s.precedesCall(r, reading):
		return s.readAgain(r, "it shows what our push will make, and is of before it")
	case s.showsOurPush(r, reading):
		return duplicate(channel, "as expected when our push is answered")
	case pending:
		return s.readAgain(r, "a push is in flight or unconfirmed")
	case !newer:
		return s.readAgain(r, "same version, other count")
	}
	s.acceptDelivered(r, reading)
	return done(channel, "difference posted")
}

// containsPushes says whether a delivered reading contains every unconfirmed push. A reading of before the push may show any number, so
// its version must be later than the push's answer: by NewsWindow, for the clock that dates answers need not be the one that dates
// counts, unless it shows what we expect. Where the platform keeps a history only an own read confirms, for it brings the history that
// decides about the push.
func (s *session) containsPushes(r *row, reading stock.Reading) bool {
	if r.Work.InFlight != "" || s.traits(reading.Ref.Channel).History {
		return false
	}
	version := reading.Version
	if reading.Quantity != r.State.Expected {
		version = version.Add(-NewsWindow)
	}
	for _, push := range r.State.Unconfirmed {
		if !version.After(push.AnsweredAt) {
			return false
		}
	}
	return true
}

// precedesPush says whether a reading is certainly of before our last push: then what it shows somebody else did, though it may be just as
// much. Our times are never ahead of the platform's, whose versions may be whole seconds.
func (s *session) precedesPush(r *row, reading stock.Reading) bool {
	last := len(r.State.Unconfirmed) - 1
	return last >= 0 && reading.Version.Before(r.State.Unconfirmed[last].OccurredAt.Truncate(s.versionGrain(r)))
}

// precedesCall is the same for the push that is in flight.
func (s *session) precedesCall(r *row, reading stock.Reading) bool {
	call, known := s.call(r.Work.InFlight)
	return known && reading.Version.Before(call.OccurredAt.Truncate(s.versionGrain(r)))
}

// versionGrain is the grain of a platform's versions: those that keep a history date counts as finely as its rows.
func (s *session) versionGrain(r *row) time.Duration {
	if s.traits(r.State.Ref.Channel).History {
		return time.Microsecond
	}
	return time.Second
}

// inFlight is what the call adds to a ref's counter that is in flight for it, and how often that was sent; 0: none is.
func (s *session) inFlight(r *row) (delta stock.Quantity, attempts int) {
	if r.Work.InFlight == "" {
		return 0, 0
	}
	call, _ := s.call(r.Work.InFlight)
	for _, pushed := range call.Rows {
		if pushed.Ref == r.State.Ref {
			delta += pushed.Delta
		}
	}
	return delta, call.Attempts
}

// showsOurPush says that a reading shows the push that is in flight. Of one that was sent more than once nobody knows when it will be
// answered: what its counter shows is looked at again until then.
func (s *session) showsOurPush(r *row, reading stock.Reading) bool {
	delta, attempts := s.inFlight(r)
	return attempts <= 1 && reading.Quantity == r.State.Expected+delta
}

// acceptDelivered posts a delivered reading. If it shows a difference and the platform keeps a history, that is read some time: it says
// why. It is not read before everything that happened until now shows in the counter, so that one read is enough.
func (s *session) acceptDelivered(r *row, reading stock.Reading) {
	w := r.work()
	w.Seq++
	w.Delivered, w.Older = w.Seq, 0
	s.losesPlace(r)
	if PlaceDiffers(s.channels[reading.Ref.Channel].Locations, r.State) {
		s.wantRead(r, "its location is configured again", s.at, time.Time{})
	}
	if s.postDifference(r, reading, stock.Evidence{"source": "delivered"}) != 0 && s.traits(reading.Ref.Channel).History {
		s.wantRead(r, explainReason, gathered(s.at.Add(NewsWindow)), time.Time{})
	}
	s.shownBy(r, reading)
}

func (s *session) readAgain(r *row, reason string) ledger.Disposition {
	s.wantRead(r, reason, s.at, time.Time{})
	return ignored(r.State.Ref.Channel, "read again: "+reason)
}

// postDifference is R1: what the counter shows beyond what we expect was done by others. It posts that difference at once between
// the level and the suspense account, and returns it.
func (s *session) postDifference(r *row, reading stock.Reading, evidence stock.Evidence) stock.Quantity {
	if r.State.Status == ledger.WaitsToJoin {
		return s.postWaiting(r, reading, evidence)
	}
	difference := reading.Quantity - r.State.Expected
	shelf := s.shelf(r.State.Shelf)
	before, since, push, hidden := shelf.Level, r.State.Version, s.lastPush(r, reading.Version), s.hides(r)
	entry := ledger.Entry{
		Kind: ledger.KindReading, OccurredAt: reading.Version, ObservedAt: s.at, ExpectedDelta: difference, Evidence: evidence,
		Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), ledger.AvailableOn(r.State.Shelf), difference),
	}
	if r.State.Status == ledger.Unreadable {
		entry.Status = ledger.Live
	}
	s.write(r, entry)
	s.rememberChange(r, difference, before)
	s.askToConfirm(r, difference, before, shelf.Level)
	if difference > 0 {
		raise := ledger.Raise{Quantity: difference, At: reading.Version, After: since, From: reading.Quantity - difference, To: reading.Quantity, Push: push, Hidden: hidden}
		s.rememberRaise(r, raise)
		s.putBack(r, raise)
	} else {
		s.takeBack(r, -difference)
		s.rememberFall(r, -difference, reading.Quantity, push, since)
	}
	s.noteChange(r, reading.Quantity, difference, before, since)
	return difference
}

// ownRead is R4, and the place where R6 and R8 are applied. The movements and orders that came with the reading explain even when
// the reading itself is not accepted.
func (s *session) ownRead(in ledger.OwnRead) (ledger.Disposition, error) {
	r := s.ref(in.Reading.Ref)
	if r == nil || r.State.Status == ledger.Unlinked {
		return s.unlinked(in.Reading.Ref), nil
	}
	if err := check(in.Reading.Quantity, in.Reading.Version, in.ReadAt); err != nil {
		return ledger.Disposition{}, err
	}
	for _, recount := range in.Recounts {
		s.noteFact(s.recount(recount))
	}
	asksWhy := r.Work.ReadReason == explainReason
	disposition := s.ownReading(r, in)
	s.noteSoldOut(r, in.Reading)
	counts := r.State.Status == ledger.Live || r.State.Status == ledger.WaitsToJoin
	if disposition.Ending == ledger.Done && counts && !in.ReadAt.IsZero() {
		r.shownTo = in.ReadAt
		if s.traits(in.Reading.Ref.Channel).History {
			r.work().FeedFrom = in.ReadAt.Add(-feedOverlap)
		}
	}
	explained := false
	twice := contradicted(in.Movements)
	for _, movement := range in.Movements {
		if twice[movement.Key] {
			s.noteFact(ignored(movement.Ref.Channel, ""), fmt.Errorf("%w: %s", ledger.ErrKeyReused, ledger.EntryKey(movement.Ref.Channel, movement.Key)))
			continue
		}
		ending, err := s.movement(movement, in.AskedAt)
		explained = explained || ending.Ending == ledger.Done
		s.noteFact(ending, err)
	}
	if asksWhy && !explained && disposition.Ending == ledger.Done {
		s.lookBack(r, in)
	}
	for _, order := range in.Orders {
		s.noteFact(s.order(order, false))
	}
	return disposition, nil
}

// noteFact counts the ending of a fact that came inside a read. If no rule takes the fact, the read must not fail for it, or it would
// be repeated for ever: the reason is counted, for a person to see.
func (s *session) noteFact(d ledger.Disposition, err error) {
	if err != nil {
		d = ignored(d.Channel, err.Error())
	}
	s.note(d)
}

func (s *session) ownReading(r *row, in ledger.OwnRead) ledger.Disposition {
	channel := r.State.Ref.Channel
	switch {
	case r.State.Status == ledger.SetAside:
		s.clearWish(r, in)
		return ignored(channel, "ref is set aside")
	case r.Work.InFlight != "":
		return repeat(channel, "a push is in flight")
	case in.Reading.Status == stock.Untracked:
		return s.nowUntracked(r, in)
	case in.Reading.Status == stock.Gone:
		return s.nowGone(r, in)
	case !hasBaseline(r):
		return s.baselineRead(r, in)
	case in.Reading.Status != stock.Counted:
		return s.nowUnreadable(r, in)
	}
	return s.ownCount(r, in)
}

func (s *session) ownCount(r *row, in ledger.OwnRead) ledger.Disposition {
	channel, version := r.State.Ref.Channel, in.Reading.Version
	evidence := stock.Evidence{"source": "own read"}
	if s.traits(channel).History {
		if from := s.lateWrites(r, in); from.Before(in.FeedFrom) {
			r.work().FeedFrom = from
			return s.repeatRead(r, "a write that strayed needs older history")
		}
	}
	if reason := behind(r.State, in, s.traits(channel).History); reason != "" {
		if w := r.work(); w.Older+1 < olderReadsMax {
			w.Older++
			return s.repeatRead(r, reason)
		}
		evidence["note"] = reason
		if version.Before(r.State.Version) {
			evidence["note"] = "version went back"
		}
	} else if r.Work.Delivered > in.Mark && !version.After(r.State.Version) {
		return s.repeatRead(r, "a delivered reading was accepted meanwhile")
	}
	if s.traits(channel).History {
		if disposition, settled := s.decidePushes(r, in); !settled {
			return disposition
		}
	}
	if isAnew(r) {
		return s.anewRead(r, in)
	}
	s.losesPlace(r)
	changes := in.Reading.Quantity != r.State.Expected || !version.Equal(r.State.Version) || len(r.State.Unconfirmed) > 0 ||
		r.State.Status == ledger.Unreadable
	if changes {
		s.postDifference(r, in.Reading, evidence)
	}
	s.regainsPlace(r)
	s.confirm(r, in.Mark)
	if r.Work.Older != 0 {
		r.work().Older = 0
	}
	s.clearWish(r, in)
	return done(channel, "read")
}

// behind says why a count cannot be what the counter shows now, or "": it is older than the last accepted one, or than a write of
// ours that had its effect. Such a count comes from a copy that lags behind its platform.
func behind(state ledger.RefState, in ledger.OwnRead, history bool) string {
	version := in.Reading.Version
	if version.Before(state.Version) {
		return "version is older than the accepted one"
	}
	for _, push := range state.Unconfirmed {
		written := push.OccurredAt.Truncate(time.Second) // never ahead of the platform, whose versions may be whole seconds
		if history {
			row, effect, _ := effectOf(push, state, in)
			if effect != effective {
				continue
			}
			written = row.ChannelTime.Add(-countSlack)
		}
		if push.Phase == ledger.Answered && version.Before(written) {
			return "the count is older than our push"
		}
	}
	return ""
}

// repeatRead wishes for the read again after a moment, or after a longer one if that read will be believed however old it is.
func (s *session) repeatRead(r *row, reason string) ledger.Disposition {
	pause := repeatPause
	if r.Work.Older == olderReadsMax-1 {
		pause = LaggingPause
	}
	s.wantRead(r, reason, s.at, time.Time{})
	r.work().ReadDue = s.at.Add(pause)
	return repeat(r.State.Ref.Channel, reason)
}

// clearWish removes the wish that a read fulfilled. One that came after the read was sent stays, and so does one whose time by the
// channel's clock had not come: what is read before that time may not show yet what is waited for.
func (s *session) clearWish(r *row, in ledger.OwnRead) {
	w := r.work()
	if w.Read == 0 || w.Read > in.Mark {
		return
	}
	if wait := w.ReadUntil.Sub(in.ReadAt); !w.ReadUntil.IsZero() && !in.ReadAt.IsZero() && wait > 0 {
		w.ReadDue = s.at.Add(min(wait, NewsWindow+time.Second))
		if r.Unexplained == 0 || w.ReadReason != newsReason { // it shows most likely
			w.ReadDue = gathered(w.ReadDue)
		}
		return
	}
	w.Read, w.ReadDue, w.ReadUntil, w.ReadReason = 0, time.Time{}, time.Time{}, ""
}

// nowUnreadable records that a counter could not be read: unknown, never zero (R8).
func (s *session) nowUnreadable(r *row, in ledger.OwnRead) ledger.Disposition {
	if len(r.State.Unconfirmed) == 0 && !isAnew(r) { // what our last push did is decided first
		s.losesPlace(r)
	}
	if r.State.Status == ledger.Live {
		s.write(r, ledger.Entry{Kind: ledger.KindReading, OccurredAt: in.ReadAt, ObservedAt: s.at, Status: ledger.Unreadable,
			Evidence: stock.Evidence{"note": missingNote(in.Reading)}})
	}
	if isAnew(r) {
		s.baselineMissing(r)
		return ignored(r.State.Ref.Channel, "counter is missing")
	}
	s.clearWish(r, in)
	return done(r.State.Ref.Channel, "counter is missing")
}

// missingNote says that a counter shows no count, and why where that is known.
func missingNote(reading stock.Reading) string {
	if reading.Why == "" {
		return "the counter is missing"
	}
	return "the counter is missing: " + string(reading.Why)
}

// nowUntracked forgets expected, for the platform said explicitly that it keeps no count (R8).
func (s *session) nowUntracked(r *row, in ledger.OwnRead) ledger.Disposition {
	if r.State.Status != ledger.Untracked {
		s.write(r, ledger.Entry{Kind: ledger.KindReading, OccurredAt: in.ReadAt, ObservedAt: s.at, Status: ledger.Untracked,
			ExpectedDelta: -r.State.Expected, Evidence: stock.Evidence{"note": "the platform does not track the item here"}})
		w := r.work()
		w.ZeroUnconfirmed, w.RaiseUnconfirmed, w.FeedFrom, w.Uncaused, w.Program = nil, nil, time.Time{}, nil, nil
	}
	s.noCount(r)
	s.clearWish(r, in)
	return done(r.State.Ref.Channel, "not tracked")
}
