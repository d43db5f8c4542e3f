package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Input is one thing a Step decides about. Touch names what the decision needs to see.
type Input interface{ Touch(*Scope) }

// Scope collects what a batch touches; the store loads and locks it. Refs come with all other refs of their shelf, shelves
// with all their refs, order-line ids with the refs they are linked to.
type Scope struct {
	Refs     []stock.Ref
	Shelves  []stock.Shelf
	SoldAs   []SoldAs
	Keys     []string
	Orders   []OrderID
	Calls    []string
	Brakes   []string
	Channels []stock.Channel
}

// SoldAs names an item as order lines of a channel do.
type SoldAs struct {
	Channel stock.Channel
	Item    string
}

// OrderID names an order of a channel.
type OrderID struct {
	Channel stock.Channel
	Order   string
}

// Delivered is a fact that a channel told: from a webhook by way of the stream, or from a page of a sweep.
type Delivered struct {
	Event stock.Event
	// Booking: an order listed before the baselines; its counters are kept and explain nothing.
	Booking bool
	// AskedAt is our clock when the list that tells it was asked for; zero when the channel told unasked.
	AskedAt time.Time
}

// OwnRead is the answer to a read of ours. Mark is the ref's Work.Seq when it was sent.
type OwnRead struct {
	Reading stock.Reading
	Mark    uint64
	ReadAt  time.Time
	// AskedAt is our clock when the history that came with it was asked for.
	AskedAt   time.Time
	FeedFrom  time.Time
	Movements []stock.Movement
	Recounts  []stock.Recount
	Orders    []stock.Order
}

// PlanCall asks for one call with every row that is wanted and allowed now. Encode is the adapter's pure encoder. Without refs only
// the mass change brake is judged.
type PlanCall struct {
	Channel    stock.Channel
	Key        string
	Refs       []stock.Ref
	OccurredAt time.Time
	Encode     func(key string, at time.Time, rows []stock.PushRow) ([]byte, error)
	// Since is when the window of the mass change brake began; Load is what was and is to be changed in it without a cause on
	// refs other than these. Brake is the id of the brake that was engaged when it was added up; empty: none.
	Since time.Time
	Load  PushLoad
	Brake string
}

// CallSending notes that another attempt is about to be made; the first one is counted when the call is planned.
type CallSending struct{ Key string }

// CallAnswered is what became of one attempt.
type CallAnswered struct {
	Key    string
	Answer stock.Answer
	// Due is our clock for the next attempt when the outcome is not definite.
	Due time.Time
}

// WantBaseline asks for the baseline of a ref. Pushes are what a plan said that the opening by it would push; nil: what a wish from
// before says, if there is one. Seen is what the plan read of the ref, by which one reading less is needed where two must be equal; nil:
// nothing. SeenAt is our clock when it had been read. Orders that changed since then must be listed from OrdersFrom on.
type WantBaseline struct {
	Ref        stock.Ref
	Authority  bool
	OrdersFrom time.Time
	Pushes     []PlannedPush
	Seen       *Candidate
	SeenAt     time.Time
}

// CancelBaseline gives up the baselines that are wanted of a shelf that nobody has opened, all at once: the authority must not open it with
// a part of what was wanted.
type CancelBaseline struct {
	Shelf stock.Shelf
}

// WantRead asks for a read of a ref.
type WantRead struct {
	Ref    stock.Ref
	Reason string
}

// LinkRef ties a ref to a shelf. Join is a person's answer beforehand, for a shelf that is open and has another level than the ref
// shows; 0: the ref waits then.
type LinkRef struct {
	Ref    stock.Ref
	Shelf  stock.Shelf
	SoldAs string
	Join   JoinHow
	By     string
}

// JoinHow says what the count of a ref that waits to join means.
type JoinHow uint8

// The zero value is no answer.
const (
	// JoinAdd: other goods stand behind it; the level grows by the count.
	JoinAdd JoinHow = iota + 1
	// JoinLevel: the level is right, and is pushed to the counter.
	JoinLevel
	// JoinCounter: the counter is right, and becomes the level.
	JoinCounter
)

// UntoldHow says what changes of a counter that waited mean of which nobody has told the cause.
type UntoldHow uint8

// The zero value is no answer.
const (
	// UntoldMoved: goods came or went.
	UntoldMoved UntoldHow = iota + 1
	// UntoldCounted: somebody typed a count in, which holds what others did before.
	UntoldCounted
)

// JoinRef is a person's word on a ref that waits to join its shelf. Untold is needed where the answer depends on it.
type JoinRef struct {
	Ref    stock.Ref
	How    JoinHow
	Untold UntoldHow
	By     string
	// Found is what the answer was checked against; when it is something else by now, nothing is done. Nil: it is not compared.
	Found *JoinNumbers
}

// JoinNumbers is what a ref that waits to join its shelf shows, and the level beside it.
type JoinNumbers struct {
	Counted stock.Quantity
	Level   stock.Quantity
}

// UnlinkRef unties a ref as soon as its calls are definite. Told are the brakes that a person was to answer and that end with the link, by
// id, as far as they were told of them: when another one has been engaged since, nothing is done. Nil: it is not compared.
type UnlinkRef struct {
	Ref  stock.Ref
	Told []string
}

// EngageBrake stores a brake.
type EngageBrake struct{ Brake Brake }

// ReleaseBrake lets pushes pass again. Shelf is set for a brake that follows from a shelf's state. Correct also takes the
// brake's quantity back from the level (goods typed in twice). Shown is what a person saw of a mass change, by counter: that passes.
type ReleaseBrake struct {
	ID      string
	Shelf   stock.Shelf
	By      string
	Correct bool
	Shown   []PlannedPush
}

// ResolvePush is a person's word on a write that was set aside or undecided.
type ResolvePush struct {
	Call    string
	Ref     stock.Ref
	Applied bool
	By      string
}

// ResourceRead says that a resource wish was fulfilled, or when to try again.
type ResourceRead struct {
	Channel  stock.Channel
	Resource string
	Retry    time.Time
}

// EntryKey is the key under which a movement or recount of a channel is remembered for ever.
func EntryKey(channel stock.Channel, key string) string { return string(channel) + ":" + key }

// editMark stands between the key of a movement and the number of a correction of it.
const editMark = "/edit/"

// EditKey is the key of the entry that corrects, for the nth time, what was booked under a movement's key.
func EditKey(key string, n int) string { return key + editMark + strconv.Itoa(n) }

// KeyOfEdit returns the key of the movement that an entry's key corrects; the key itself where it corrects none.
func KeyOfEdit(key string) string {
	if at := strings.LastIndex(key, editMark); at >= 0 {
		return key[:at]
	}
	return key
}

// CallOfReference returns the call key inside a reference id of ours; "" for others'.
func CallOfReference(reference string) string {
	rest, ours := strings.CutPrefix(reference, stock.ReferencePrefix)
	if !ours {
		return ""
	}
	key, _, _ := strings.Cut(rest, ":")
	return key
}

// RowOfReference returns the row inside a reference id of ours; -1 for others'.
func RowOfReference(reference string) int {
	_, text, _ := strings.Cut(strings.TrimPrefix(reference, stock.ReferencePrefix), ":")
	row, err := strconv.Atoi(text)
	if err != nil || row < 0 {
		return -1
	}
	return row
}

// PushKey is the key of the entry that says something about a row of a call.
func PushKey(call string, row int, phase PushPhase) string {
	return fmt.Sprintf("push/%s/%d/%s", call, row, phase)
}

func (in Delivered) Touch(s *Scope) {
	e := in.Event
	switch {
	case e.Reading != nil:
		s.Refs = append(s.Refs, e.Reading.Ref)
	case e.Movement != nil:
		s.movement(*e.Movement)
	case e.Recount != nil:
		s.recount(*e.Recount)
	case e.Order != nil:
		s.order(*e.Order)
	case e.Hint != nil && e.Hint.Ref != nil:
		s.Refs = append(s.Refs, *e.Hint.Ref)
	}
}

func (in OwnRead) Touch(s *Scope) {
	s.Refs = append(s.Refs, in.Reading.Ref)
	for _, m := range in.Movements {
		s.movement(m)
	}
	for _, r := range in.Recounts {
		s.recount(r)
	}
	for _, o := range in.Orders {
		s.order(o)
	}
}

func (s *Scope) movement(m stock.Movement) {
	s.Refs = append(s.Refs, m.Ref)
	s.Keys = append(s.Keys, EntryKey(m.Ref.Channel, m.Key))
	if call := CallOfReference(m.Reference); call != "" {
		s.Calls = append(s.Calls, call)
		s.Keys = append(s.Keys, PushKey(call, RowOfReference(m.Reference), Answered))
	}
}

func (s *Scope) recount(r stock.Recount) {
	s.Refs = append(s.Refs, r.Ref)
	s.Keys = append(s.Keys, EntryKey(r.Ref.Channel, r.Key))
}

func (s *Scope) order(o stock.Order) {
	s.Orders = append(s.Orders, OrderID{o.Channel, o.ID})
	for _, line := range o.Lines {
		s.SoldAs = append(s.SoldAs, SoldAs{o.Channel, line.SoldAs})
	}
}

func (in PlanCall) Touch(s *Scope) {
	s.Refs = append(s.Refs, in.Refs...)
	s.Channels = append(s.Channels, in.Channel)
}
func (in CallSending) Touch(s *Scope)    { s.Calls = append(s.Calls, in.Key) }
func (in CallAnswered) Touch(s *Scope)   { s.Calls = append(s.Calls, in.Key) }
func (in WantBaseline) Touch(s *Scope)   { s.Refs = append(s.Refs, in.Ref) }
func (in CancelBaseline) Touch(s *Scope) { s.Shelves = append(s.Shelves, in.Shelf) }
func (in WantRead) Touch(s *Scope)       { s.Refs = append(s.Refs, in.Ref) }
func (in LinkRef) Touch(s *Scope) {
	s.Refs = append(s.Refs, in.Ref)
	s.Shelves = append(s.Shelves, in.Shelf)
}
func (in JoinRef) Touch(s *Scope)     { s.Refs = append(s.Refs, in.Ref) }
func (in UnlinkRef) Touch(s *Scope)   { s.Refs = append(s.Refs, in.Ref) }
func (in EngageBrake) Touch(s *Scope) { s.Brakes = append(s.Brakes, in.Brake.ID) }
func (in ReleaseBrake) Touch(s *Scope) {
	s.Brakes = append(s.Brakes, in.ID)
	if in.Shelf.Item != "" {
		s.Shelves = append(s.Shelves, in.Shelf)
	}
	for _, shown := range in.Shown {
		s.Refs = append(s.Refs, shown.Ref)
	}
}
func (in ResolvePush) Touch(s *Scope) {
	s.Refs = append(s.Refs, in.Ref)
	s.Calls = append(s.Calls, in.Call)
}
func (in ResourceRead) Touch(*Scope) {}
