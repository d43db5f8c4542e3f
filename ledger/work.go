package ledger

import (
	"cmp"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Work is what is intended for a ref, and what the rules remember until it is done. It is stored, not derived.
type Work struct {
	Ref stock.Ref `json:"ref"`
	// Seq is the number that was given last to a wish for a read or to an accepted delivery of this ref; it only grows. A read
	// of ours carries the number that stood when it was sent (OwnRead.Mark). So its answer tells which wishes it fulfils, those
	// up to the number, and whether a delivery was accepted while it ran: Delivered is higher then.
	Seq uint64 `json:"seq"`
	// Read is the number of the youngest wish for a read; 0: none. A read clears only wishes numbered at or below its own.
	Read uint64 `json:"read"`
	// ReadDue is our clock before which the read need not be sent; ReadUntil is the channel's clock before which a read does
	// not clear the wish, because a platform may show a level a moment after the order.
	ReadDue   time.Time `json:"read_due"`
	ReadUntil time.Time `json:"read_until"`
	// ReadReason says to a person why the ref is read.
	ReadReason string `json:"read_reason,omitempty"`
	// Push says that the target differs from expected. PushDue holds it back after a definite refusal.
	Push    bool      `json:"push"`
	PushDue time.Time `json:"push_due"`
	// Refusals counts definite refusals in a row.
	Refusals int `json:"refusals,omitempty"`
	// InFlight is the key of the call that carries a row of this ref and is not definite yet.
	InFlight string `json:"in_flight,omitempty"`
	// Delivered is the Seq at which a delivered reading was last accepted.
	Delivered uint64 `json:"delivered"`
	// Older counts own reads in a row that were older than what was known, so that they are not repeated for ever.
	Older int `json:"older,omitempty"`
	// FeedFrom is the channel time from which history has not been read yet.
	FeedFrom time.Time `json:"feed_from"`
	// ZeroUnconfirmed and RaiseUnconfirmed are accepted readings that brought the level to zero or below, or up, and that no
	// second reading has confirmed; nil: none. The brakes of these names follow from them.
	ZeroUnconfirmed  *Unconfirmed `json:"crossed,omitempty"`
	RaiseUnconfirmed *Unconfirmed `json:"raised,omitempty"`
	// Raises are recent increases by others, for recognising goods received that were typed in twice.
	Raises []Raise `json:"raises,omitempty"`
	// Falls are recent decreases by others that no sale explains: a raise as large at another place of the channel is a move, and a fall
	// of another counter of the shelf to the same count may be the same count, typed in twice. A negative one stands for a sale that no
	// reading has shown yet.
	Falls []Raise `json:"falls,omitempty"`
	// Program is what is remembered to recognise a program that undoes our pushes; nil: nothing.
	Program *ProgramWatch `json:"program,omitempty"`
	// Hidden: because of a mark of sold out elsewhere the counter shows less than the level, or did until a reading contains the push that
	// brought it back, or a read of ours says that it needs none.
	Hidden bool `json:"hidden,omitempty"`
	// Uncaused is what others did to the other counters of the shelf and nobody has explained: what a push to this ref carries or
	// carried without a cause, for the mass change brake.
	Uncaused []Uncaused `json:"uncaused,omitempty"`
	// Before is the level of before the shelf's recent changes, of which the brake takes its per cent.
	Before LevelMark `json:"before,omitzero"`
	// Baseline is set while a baseline is wanted.
	Baseline *BaselineWish `json:"baseline,omitempty"`
	// Unlink says that the ref is to be unlinked as soon as its calls are definite.
	Unlink bool `json:"unlink,omitempty"`
}

// Reasons for a read that cast doubt on the counter: it may not be there, or not be counted, any more.
const (
	ReadMissing = "counter is missing"
	ReadGone    = "the item is gone"
	ReadChanged = "the channel says that it changed"
)

// Doubted says that the channel told something of the counter that speaks against it, which no read of ours has settled yet. Until then
// nothing is claimed of it, and nothing pushed to it.
func (w Work) Doubted() bool {
	return w.Read != 0 && (w.ReadReason == ReadMissing || w.ReadReason == ReadGone || w.ReadReason == ReadChanged)
}

// Unconfirmed is an accepted reading that no second one has confirmed.
type Unconfirmed struct {
	// Seq is the wish a confirming read must not be older than; Since is our clock when it was accepted.
	Seq   uint64    `json:"seq"`
	Since time.Time `json:"since"`
}

// Raise remembers that others raised a counter: by how much, and the version of the reading that showed it. When another channel
// of the shelf shows the same raise soon before or after, the same goods may have been typed in twice.
//
// A negative quantity stands for units that came back and were explained before the counter showed them, and At for when it
// might show them first. The raise that shows them is smaller by as much: they are no goods received.
type Raise struct {
	Quantity stock.Quantity `json:"quantity"`
	At       time.Time      `json:"at"`
	// After is the version of the reading before it.
	After time.Time `json:"after,omitzero"`
	// Moved: the units came from another place of the channel, where the counter fell by as much; of a fall: they went there.
	Moved bool `json:"moved,omitempty"`
	// Emptied: somebody counted none at a counter below zero.
	Emptied bool `json:"emptied,omitempty"`
	// PutBack: as much as the counter had lost before without a cause.
	PutBack bool `json:"put_back,omitempty"`
	// Hidden: it was typed in over less than the level, which a mark of sold out elsewhere had the counter show.
	Hidden bool `json:"hidden,omitempty"`
	// To is what the counter showed afterwards, From as much before as the whole change was. Push is our last push since the reading
	// before: whether it came before the change or after it, nobody knows.
	From stock.Quantity `json:"from,omitempty"`
	To   stock.Quantity `json:"to,omitempty"`
	Push stock.Quantity `json:"push,omitempty"`
	// Sold is what sales took from the counter soon after a fall.
	Sold stock.Quantity `json:"sold,omitempty"`
}

// ProgramWatch remembers how a counter answers our pushes. One that returns to what it showed before them, or follows them, for no
// reason that anybody tells, is most likely written by another program.
type ProgramWatch struct {
	// Shown is what the counter showed before our pushes, the oldest first. Ours: its last change was a push of ours.
	Shown []ShownMark `json:"shown,omitempty"`
	Ours  bool        `json:"ours,omitempty"`
	// LastPush is our last push, LastPushAt when it was answered by our clock.
	LastPush   stock.Quantity `json:"last_push,omitempty"`
	LastPushAt time.Time      `json:"last_push_at,omitzero"`
	// Raised and Lowered are how much we have pushed to the counter up and down, ever.
	Raised  stock.Quantity `json:"raised,omitempty"`
	Lowered stock.Quantity `json:"lowered,omitempty"`
	// Changes are what others did to the counter lately and no movement explains.
	Changes []CounterChange `json:"changes,omitempty"`
	// Pushes are our last ones up and down to any counter of the shelf, or larger ones before that this one has not answered.
	Pushes []RecentPush `json:"pushes,omitempty"`
	// Told are movements that no reading has shown yet: changes to come, which have a cause. What they count to is not known.
	Told []CounterChange `json:"told,omitempty"`
	// Warned: a person has said before that the program is wrong, so one such change is enough.
	Warned bool `json:"warned,omitempty"`
	// Name is the program's, where the platform tells.
	Name string `json:"name,omitempty"`
}

// Uncaused is a change of a shelf that no movement explains, as a ref remembers it whose counter is to follow. The older ones of many
// are added up.
type Uncaused struct {
	Quantity stock.Quantity `json:"quantity"`
	// At is our clock when it was read, or when the push that carries it was planned.
	At time.Time `json:"at"`
	// Pushed: the counter follows already, or needs not.
	Pushed bool `json:"pushed,omitempty"`
	// Told: a movement of the opposite quantity was told and no reading has shown it yet.
	Told bool `json:"told,omitempty"`
	// Baseline: it is by how much the counter differed from the level when the shelf was opened.
	Baseline bool `json:"baseline,omitempty"`
	// Planned: the plan of that baseline said it.
	Planned bool `json:"planned,omitempty"`
	// Passed: a person let it pass. It counts no more, and for a while as much again of the same does not.
	Passed bool `json:"passed,omitempty"`
}

// CounterChange is a change of a counter by others. To is what it showed then.
type CounterChange struct {
	Quantity stock.Quantity `json:"quantity"`
	To       stock.Quantity `json:"to"`
	At       time.Time      `json:"at"`
	// Version is that of the reading which showed it.
	Version time.Time `json:"version,omitzero"`
	// Pushed is how much we had pushed to the counter the same way until then.
	Pushed stock.Quantity `json:"pushed,omitempty"`
	// Undid: it took the counter back to what it showed before our pushes, or took back what they had changed. Exactly: by just as much
	// as they. Soon: within minutes of them.
	Undid   bool `json:"undid,omitempty"`
	Exactly bool `json:"exactly,omitempty"`
	Soon    bool `json:"soon,omitempty"`
	// Of is what the shelf had before it. Follows: it is as those before it what keeps the counter at a part of the other ones, or at
	// less than they show.
	Of      stock.Quantity `json:"of,omitempty"`
	Follows bool           `json:"follows,omitempty"`
	// Repeated: it answered a push of ours, by going the same way. ByApp: another application told of it.
	Repeated bool `json:"repeated,omitempty"`
	ByApp    bool `json:"by_app,omitempty"`
	// Reference is that of the row by which another installation of evenstock wrote it.
	Reference string `json:"reference,omitempty"`
}

// RecentPush is a push of ours, answered at a time.
type RecentPush struct {
	Quantity stock.Quantity `json:"quantity"`
	At       time.Time      `json:"at"`
}

// ShownMark is what a counter showed at a time, and what we have pushed to it since.
type ShownMark struct {
	Quantity stock.Quantity `json:"quantity"`
	At       time.Time      `json:"at"`
	Pushed   stock.Quantity `json:"pushed"`
	// PushedAt is when we pushed to it last.
	PushedAt time.Time `json:"pushed_at,omitzero"`
}

// LevelMark is the level of a shelf at a time.
type LevelMark struct {
	Level stock.Quantity `json:"level"`
	At    time.Time      `json:"at"`
}

// BaselineWish says that a ref waits for its first read.
type BaselineWish struct {
	// Authority: this ref opens the shelf, after all other refs of the shelf have their baseline.
	Authority bool `json:"authority"`
	// OrdersFrom is the channel time since which orders must be listed by the read that completes the baseline.
	OrdersFrom time.Time `json:"orders_from"`
	// Missing: the counter could not be read yet, so that the authority need not wait for this ref.
	Missing bool `json:"missing,omitempty"`
	// Absent: the counter was not there while others of the shelf had their baselines. When an authority appears, its count holds
	// what they did meanwhile, and the shelf begins anew.
	Absent bool `json:"absent,omitempty"`
	// Join and By are a person's answer beforehand to what the count of a ref on an open shelf means.
	Join JoinHow `json:"join,omitempty"`
	By   string  `json:"by,omitempty"`
	// Candidate is the first of the two equal readings a platform without history needs.
	Candidate *Candidate `json:"candidate,omitempty"`
	// Pushes is what the plan that a person applied said of the shelf which this ref opens. What is pushed beyond it has no cause.
	Pushes []PlannedPush `json:"pushes,omitempty"`
}

// PlannedPush is what a plan said that would be added to a counter.
type PlannedPush struct {
	Ref      stock.Ref      `json:"ref"`
	Quantity stock.Quantity `json:"quantity"`
}

// Candidate is a reading that becomes a baseline if a later one equals it.
type Candidate struct {
	Quantity stock.Quantity `json:"quantity"`
	Version  time.Time      `json:"version"`
	ReadAt   time.Time      `json:"read_at"`
}

// CallState says how far a call is.
type CallState uint8

// The zero value is invalid.
const (
	// CallOpen: stored; sent any number of times with the same key and body until the outcome is definite.
	CallOpen CallState = iota + 1
	// CallApplied and CallRefused are definite.
	CallApplied
	CallRefused
	// CallSetAside: the platform may have forgotten the key; a person says what became of it.
	CallSetAside
)

// Call is one request that carries pushes, stored before it is sent.
type Call struct {
	Key     string        `json:"key"`
	Channel stock.Channel `json:"channel"`
	State   CallState     `json:"state"`
	// Body is sent byte for byte every time.
	Body []byte    `json:"body"`
	Rows []CallRow `json:"rows"`
	// OccurredAt is the platform time we gave the rows; CreatedAt is our clock.
	OccurredAt time.Time `json:"occurred_at"`
	CreatedAt  time.Time `json:"created_at"`
	Attempts   int       `json:"attempts"`
	// MaybeApplied: an attempt ended with an unknown outcome.
	MaybeApplied bool      `json:"maybe_applied"`
	Due          time.Time `json:"due"`
	Reason       string    `json:"reason,omitempty"`
}

// CallRow is one delta of a call, with the shelf's level it was computed from.
type CallRow struct {
	stock.PushRow
	Level stock.Quantity `json:"level"`
	// Through is the last ledger entry that the level contains.
	Through int64 `json:"through"`
}

// BrakeKind says which rule holds pushes back.
type BrakeKind uint8

// The zero value is invalid. MassChange is stored until a person releases it; the others follow from the state and work of
// a shelf's refs.
const (
	Observing BrakeKind = iota + 1
	ZeroUnconfirmed
	RaiseUnconfirmed
	MassChange
	TypedTwice
	OtherProgram
)

// Brake is a rule that holds pushes back and asks.
type Brake struct {
	ID      string        `json:"id"`
	Kind    BrakeKind     `json:"kind"`
	Channel stock.Channel `json:"channel,omitempty"`
	Shelf   stock.Shelf   `json:"shelf,omitzero"`
	// Ref and Quantity say what a correction would take back (TypedTwice, OtherProgram). Of a MassChange Quantity is how many units the channel
	// had before, and Stocked how many of its shelves had any; of one that lets a baseline pass as many as its plan saw.
	Ref      stock.Ref      `json:"ref,omitzero"`
	Quantity stock.Quantity `json:"quantity,omitempty"`
	Stocked  int            `json:"stocked,omitempty"`
	Since    time.Time      `json:"since"`
	Evidence stock.Evidence `json:"evidence,omitempty"`
	// ReleasedAt is zero while the brake holds. Until PassUntil a MassChange that a person released lets as much again pass of what the
	// person was shown (Uncaused.Passed), and one of a baseline what its plan said.
	ReleasedAt time.Time `json:"released_at,omitzero"`
	ReleasedBy string    `json:"released_by,omitempty"`
	PassUntil  time.Time `json:"pass_until,omitzero"`
	// Baseline: a MassChange that lets only those pushes of a baseline pass that its plan said.
	Baseline bool `json:"baseline,omitempty"`
	// Carried is what an OtherProgram wrote since it was recognised: the part of the pushes to the other counters that it holds. Whole: it
	// holds every push of the shelf. Hidden: its own counter does not show what it wrote, because of a mark of sold out elsewhere.
	Carried stock.Quantity `json:"carried,omitempty"`
	Whole   bool           `json:"whole,omitempty"`
	Hidden  bool           `json:"hidden,omitempty"`
}

// CounterKey names one cumulative counter of an order line.
type CounterKey struct {
	Channel stock.Channel `json:"channel"`
	Order   string        `json:"order"`
	Line    string        `json:"line"`
	// Restocked tells the units put back at Location from the units taken (where Location is empty).
	Restocked bool   `json:"restocked"`
	Location  string `json:"location,omitempty"`
}

// Compare orders counters by channel, order, line, what they count and where.
func (k CounterKey) Compare(o CounterKey) int {
	restocked := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(k.Channel, o.Channel), cmp.Compare(k.Order, o.Order), cmp.Compare(k.Line, o.Line),
		restocked[k.Restocked]-restocked[o.Restocked], cmp.Compare(k.Location, o.Location))
}

// Waiting is an order line that cannot explain anything yet, because nobody has said where its units were taken.
type Waiting struct {
	Counter  CounterKey     `json:"counter"`
	Quantity stock.Quantity `json:"quantity"`
	Reason   string         `json:"reason"`
	Since    time.Time      `json:"since"`
}

// ResourceWish is a stored intention to read a resource that is not a ref, such as "order/900".
type ResourceWish struct {
	Channel  stock.Channel `json:"channel"`
	Resource string        `json:"resource"`
	Due      time.Time     `json:"due"`
}

// UnlinkedItem is a channel's item that facts arrived for although no shelf is tied to it.
type UnlinkedItem struct {
	Channel  stock.Channel `json:"channel"`
	Item     string        `json:"item"`
	LastSeen time.Time     `json:"last_seen"`
}
