package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// EditedPush is how a row of ours ends that somebody has edited on the channel.
const EditedPush = "our own push was edited on the channel"

// telling is when a fact was told, as far as the order of tellings goes.
type telling struct {
	// asked is our clock when the answer that brought it was asked for; zero: the channel told unasked.
	asked   time.Time
	content string
}

// corrected is R10: a movement under a key that is booked. The same content is a repetition. Another one, told by an answer that was
// asked for after the last content was booked, corrects it: the difference to what was booked is booked as a movement of its own.
// Rows of history carry no version and no time of their last change, so nothing else says which of two contents is newer; of an answer
// that was asked for earlier, or by a copy that may lag behind, nothing is believed, and the row is read again.
func (s *session) corrected(r *row, m stock.Movement, booked []ledger.Entry, asked time.Time) (ledger.Disposition, error) {
	channel, key, last := m.Ref.Channel, ledger.EntryKey(m.Ref.Channel, m.Key), booked[len(booked)-1]
	if isBooked(last.Fingerprint, m) {
		return duplicate(channel, "movement known"), nil
	}
	if told, now := s.told[key]; booked[0].Ref != m.Ref || booked[0].Recount != nil || now && told.asked.Equal(asked) && told.content != movementFingerprint(m) {
		return ignored(channel, "key reused"), fmt.Errorf("%w: %s", ledger.ErrKeyReused, key)
	}
	if believed := last.RecordedAt.Add(LaggingPause); asked.Before(believed) {
		s.readFact(r, m, later(s.at, believed))
		return ignored(channel, "told before what is booked: read again"), nil
	}
	account, err := causeAccount(r.State.Shelf.Item, channel, m.Cause)
	if err != nil {
		return ignored(channel, "unknown cause"), err
	}
	suspense := ledger.UnexplainedBy(r.State.Shelf.Item, m.Ref)
	was, postings := difference(booked, account, suspense, m.Quantity)
	evidence := maps.Clone(m.Evidence)
	if evidence == nil {
		evidence = stock.Evidence{}
	}
	evidence[ledger.EvidenceCorrects] = strconv.FormatInt(last.Seq, 10)
	evidence[ledger.EvidenceWas], evidence[ledger.EvidenceNow] = was.String(), m.Quantity.String()
	if mark := r.State.Recount; mark != nil && mark.OccurredAt.After(m.OccurredAt) {
		evidence["absorbed"] = mark.Key
	}
	s.tell(key, m, asked)
	s.write(r, ledger.Entry{
		Key: ledger.EditKey(key, len(booked)), Fingerprint: movementFingerprint(m), Kind: ledger.KindMovement,
		OccurredAt: m.OccurredAt, ObservedAt: s.at, Evidence: evidence, Postings: postings,
	})
	s.rememberMovement(r, m, m.Quantity-was)
	s.explainChange(r, m, m.Quantity-was)
	if r.Unexplained != 0 && evidence["absorbed"] == "" && r.State.Status != ledger.SetAside {
		s.wantRead(r, "a correction may not show yet", s.at, time.Time{})
	}
	return done(channel, "corrected by the channel"), nil
}

// difference makes of what was booked what is to be: it returns the quantity booked so far, and what to post so that the cause holds
// the new one and no other account anything.
func difference(booked []ledger.Entry, cause, suspense ledger.Account, quantity stock.Quantity) (was stock.Quantity, postings []ledger.Posting) {
	missing := map[ledger.Account]stock.Quantity{cause: quantity}
	for _, e := range booked {
		for _, p := range e.Postings {
			other := p.From
			if other == suspense {
				other = p.To
			}
			was += p.Into(suspense)
			missing[other] -= p.Into(suspense)
		}
	}
	for _, account := range slices.SortedFunc(maps.Keys(missing), ledger.Account.Compare) {
		postings = append(postings, ledger.Post(account, suspense, missing[account])...)
	}
	return was, postings
}

// readFact wishes for a read that brings a row of history once more.
func (s *session) readFact(r *row, m stock.Movement, due time.Time) {
	if r.State.Status == ledger.SetAside {
		return
	}
	s.wantRead(r, "a fact was told in two ways", due, time.Time{})
	if from := m.ChannelTime.Add(-feedOverlap); !r.Work.FeedFrom.IsZero() && from.Before(r.Work.FeedFrom) {
		r.work().FeedFrom = from
	}
}

const (
	// explainReason is why a ref is read whose counter showed a difference.
	explainReason = "explain a difference"
	// lookBackReason is why the history of one is read far back that nothing new explains.
	lookBackReason = "a row may have been edited"
	// editMax is how old a row may be that is edited.
	editMax = 365 * 24 * time.Hour
	// lookBackPause is the wait before history is read that far back: a row may be listed a moment after its count.
	lookBackPause = 2 * time.Second
)

// OnlyExplains says whether a wished read of a ref only asks why its counter changed. Nobody waits for it: no brake, no baseline, no
// push that is not confirmed, and no movement that the counter may not show yet.
func OnlyExplains(ref ledger.Ref) bool {
	w := ref.Work
	return (w.ReadReason == explainReason || w.ReadReason == lookBackReason) && w.ReadUntil.IsZero() && w.Baseline == nil &&
		w.ZeroUnconfirmed == nil && w.RaiseUnconfirmed == nil && len(ref.State.Unconfirmed) == 0
}

// lookBack wishes for a read of the history back to where an edit moves the counter: to the last recount, the baseline, at most a year.
// Nothing new has explained a difference, and a platform need not list a row anew because it was edited.
func (s *session) lookBack(r *row, in ledger.OwnRead) {
	if r.Unexplained == 0 || r.State.Status != ledger.Live || !s.traits(r.State.Ref.Channel).History || len(in.Recounts) > 0 || r.Work.FeedFrom.IsZero() {
		return
	}
	from := later(r.State.Contains, r.Work.FeedFrom.Add(-editMax))
	if mark := r.State.Recount; mark != nil {
		from = later(from, mark.OccurredAt)
	}
	if !from.Add(time.Second).Before(in.FeedFrom) {
		return // this read went back so far
	}
	s.wantRead(r, lookBackReason, gathered(s.at.Add(lookBackPause)), time.Time{})
	r.work().FeedFrom = from
}

// ownRow is a row of ours in the history. It explains nothing, whatever it says; that somebody has edited it is noted once, and the
// difference stays without a cause, for a person to see.
func (s *session) ownRow(m stock.Movement, call ledger.Call) ledger.Disposition {
	channel, i := m.Ref.Channel, ledger.RowOfReference(m.Reference)
	r := s.ref(m.Ref)
	if i < 0 || i >= len(call.Rows) || call.Rows[i].Ref != m.Ref || call.Rows[i].Delta == m.Quantity || r == nil || r.State.Status == ledger.Unlinked {
		return ignored(channel, "our own push")
	}
	key := ledger.EntryKey(channel, m.Key)
	booked := s.booked(key)
	if n := len(booked); n > 0 && isBooked(booked[n-1].Fingerprint, m) {
		return duplicate(channel, EditedPush)
	}
	entry := ledger.Entry{
		Key: key, Fingerprint: movementFingerprint(m), Kind: ledger.KindMovement, OccurredAt: m.OccurredAt, ObservedAt: s.at,
		Evidence: stock.Evidence{"note": EditedPush, "call": call.Key, ledger.EvidenceWas: call.Rows[i].Delta.String(), ledger.EvidenceNow: m.Quantity.String()},
	}
	if len(booked) > 0 {
		entry.Key = ledger.EditKey(key, len(booked))
	}
	s.write(r, entry)
	return done(channel, EditedPush)
}

// booked returns what is booked under a movement's key, earlier or in this batch: the movement and what corrected it since.
func (s *session) booked(key string) []ledger.Entry {
	return append(slices.Clip(s.snapshot.Booked[key]), s.bookedNow[key]...)
}

// tell notes when the content was told that this batch books.
func (s *session) tell(key string, m stock.Movement, asked time.Time) {
	s.told[key] = telling{asked, movementFingerprint(m)}
}

// contradicted lists the keys under which one answer tells two contents.
func contradicted(movements []stock.Movement) map[string]bool {
	contents, twice := map[string]string{}, map[string]bool{}
	for _, m := range movements {
		content := movementFingerprint(m)
		if was, seen := contents[m.Key]; seen && was != content {
			twice[m.Key] = true
		}
		contents[m.Key] = content
	}
	return twice
}
