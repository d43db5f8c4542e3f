package ledger

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// RefStatus says what may happen to a ref.
type RefStatus uint8

// The zero value is invalid (in an Entry: no change).
const (
	// Linked: tied to a shelf, waiting for its baseline. Nothing is posted or pushed.
	Linked RefStatus = iota + 1
	// Live: expected is known; differences are posted, pushes allowed.
	Live
	// Unreadable: the counter was missing or null. Expected is kept, pushes stop until it can be read again.
	Unreadable
	// Untracked: the platform said that it does not track the item; expected is forgotten, tracking begins with a baseline.
	Untracked
	// SetAside: a person must say what became of a push; nothing moves until then.
	SetAside
	// Unlinked: no longer tied to a shelf; expected is forgotten.
	Unlinked
	// WaitsToJoin: it came to a shelf that was open already and shows another count, or its location is lost from the configuration.
	// Nothing is pushed to it and nothing of it moves the level until a person says what its count means (JoinRef).
	WaitsToJoin
	// Gone: the platform does not know its item any more; expected is forgotten. It begins with a baseline if it comes back.
	Gone
)

// Follows says whether a ref has a counter that is to show what its shelf holds, though it may not be possible just now.
func (s RefStatus) Follows() bool { return s == Live || s == Unreadable || s == SetAside }

// PushPhase says what an entry tells about one of our writes.
type PushPhase uint8

// The zero value is invalid.
const (
	// Answered: the platform said it was written. On a platform with history provisionally, until the feed was read.
	Answered PushPhase = iota + 1
	// Absorbed: a recount contains it; its effect is zero.
	Absorbed
	// Undecided: it ties with a recount exactly; a person decides.
	Undecided
	// Resolved: a person has said whether it was applied. It stays unconfirmed until a reading of ours was accepted.
	Resolved
)

// PushMark names the write an entry of kind push or correction is about.
type PushMark struct {
	Call  string         `json:"call"`
	Row   int            `json:"row"`
	Delta stock.Quantity `json:"delta"`
	Phase PushPhase      `json:"phase"`
	// OccurredAt is the time we gave the write; a recount with a later one absorbs it.
	OccurredAt time.Time `json:"occurred_at"`
	// AnsweredAt is the platform's clock in the answer: a reading whose version is later contains the write.
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// RecountMark is the youngest recount (by occurred_at) known of a ref.
type RecountMark struct {
	Key         string         `json:"key"`
	Counted     stock.Quantity `json:"counted"`
	OccurredAt  time.Time      `json:"occurred_at"`
	ChannelTime time.Time      `json:"channel_time"`
}

// RefState is what the entries say about a ref. It is a cache: After folds entries into it, nothing else changes it.
type RefState struct {
	Ref    stock.Ref   `json:"ref"`
	Shelf  stock.Shelf `json:"shelf"`
	SoldAs string      `json:"sold_as"`
	Status RefStatus   `json:"status"`
	// Expected is what the counter should show now: baseline + differences posted + our effective pushes.
	Expected stock.Quantity `json:"expected"`
	// Version is the platform time of the last accepted reading.
	Version time.Time `json:"version"`
	// Contains is the channel time up to which the baseline holds every movement.
	Contains time.Time `json:"contains"`
	// Entries counts the ref's entries; it numbers the next one's key.
	Entries int64 `json:"entries"`
	// Unconfirmed are answered or resolved writes that no accepted reading has followed yet, oldest first.
	Unconfirmed []PushMark `json:"unconfirmed,omitempty"`
	// Recount is the youngest recount by occurred_at, Contained the youngest that the baseline contains; nil: none known.
	Recount   *RecountMark `json:"recount,omitempty"`
	Contained *RecountMark `json:"contained,omitempty"`
	// SoldOut is since when the item has been marked as sold out there, whatever it counts; zero: it is not.
	SoldOut time.Time `json:"sold_out,omitzero"`
	// Joining is set while the ref waits to join, also while there is no counter of it meanwhile; Reason is why it is gone, in the
	// platform's words.
	Joining *Joining `json:"joining,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	// Settled is what people have settled of its unexplained units since its baseline, oldest first.
	Settled []Settlement `json:"settled,omitempty"`
}

// After returns the state with one more entry of this ref.
func (s RefState) After(e Entry) RefState {
	s.Entries++
	s.Ref, s.Shelf = e.Ref, e.Shelf
	s.Settled = s.settledAfter(e)
	s.Expected += e.ExpectedDelta
	waited := s.Joining
	if e.Status != 0 {
		s.Status, s.Reason = e.Status, ""
		if e.Status != Untracked && e.Status != Gone {
			s.Joining = nil
		}
	}
	if e.Push != nil {
		s = s.afterPush(*e.Push)
	}
	if r := e.Recount; r != nil && (s.Recount == nil || r.OccurredAt.After(s.Recount.OccurredAt)) {
		s.Recount = r
	}
	switch marked := stock.SoldOut(e.Evidence[EvidenceSoldOut]); {
	case marked == stock.IsSoldOut:
		s.SoldOut = e.RecordedAt
	case marked == stock.IsNotSoldOut || e.Status == Unlinked || e.Status == Gone:
		s.SoldOut = time.Time{}
	}
	switch {
	case e.Kind == KindBaseline && e.Status == Linked:
		s.SoldAs = e.Evidence[EvidenceSoldAs]
	case e.Kind == KindBaseline && (e.Status == Live || e.Status == WaitsToJoin):
		s.Version, s.Contains, s.Unconfirmed = e.OccurredAt, e.ObservedAt, nil
		s.Contained = e.Recount
		if e.Status == WaitsToJoin {
			s.Joining = waited.arrived(e, s.Expected)
		}
	case e.Kind == KindCorrection && e.Status == WaitsToJoin:
		s.Joining = waited.placed(e, s.Expected)
	case e.Kind == KindReading && (s.Status == Live || s.Status == WaitsToJoin):
		s.Version, s.Unconfirmed = e.OccurredAt, nil
	case s.Status == Unlinked || s.Status == Untracked || s.Status == Gone:
		s.Version, s.Unconfirmed, s.Recount, s.Contained = time.Time{}, nil, nil, nil
		if e.Status == Gone {
			s.Reason = e.Evidence[EvidenceReason]
		}
	}
	if s.Joining != nil && s.Joining == waited {
		s.Joining = waited.after(e)
	}
	return s
}

func (s RefState) afterPush(mark PushMark) RefState {
	rest := slices.DeleteFunc(slices.Clone(s.Unconfirmed), func(u PushMark) bool { return u.Call == mark.Call && u.Row == mark.Row })
	if mark.Phase != Absorbed {
		rest = append(rest, mark)
	}
	s.Unconfirmed = rest
	if len(rest) == 0 {
		s.Unconfirmed = nil
	}
	return s
}

// EvidenceSoldAs is the evidence key under which a link keeps the id that order lines use.
const EvidenceSoldAs = "sold_as"

// EvidenceSoldOut is the evidence key under which an entry keeps that an item was marked as sold out, or is no longer.
const EvidenceSoldOut = "sold_out"

// EvidenceReason is the evidence key under which an entry keeps the platform's words for why a ref is gone.
const EvidenceReason = "reason"
