package ledger

import (
	"cmp"
	"math"
	"math/bits"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// DueRef is a ref as a worker needs it: with the level of its shelf and whether that shelf may be pushed.
type DueRef struct {
	Ref
	Level  stock.Quantity
	Opened bool
}

// DuePush is a wanted push that is due. It holds what the order of urgency goes by, so that it is a position in it too:
// the zero value stands before everything.
type DuePush struct {
	Ref   stock.Ref
	Level stock.Quantity
	Due   time.Time
	// Refusals is Work.Refusals; it is not part of the order.
	Refusals int
}

// Compare orders pushes by urgency: smallest |level|, then longest due, then by ref.
func (p DuePush) Compare(o DuePush) int {
	return cmp.Or(cmp.Compare(p.Level.Abs(), o.Level.Abs()), p.Due.Compare(o.Due), p.Ref.Compare(o.Ref))
}

// PushLoad is how much a channel was and is to be changed without a cause, for the mass change brake. Sums saturate at the range
// of a Quantity.
type PushLoad struct {
	// Shelves counts the shelves, Units is the sum of their changes' magnitudes.
	Shelves int
	Units   stock.Quantity
	// Parts is the sum of the parts of their own units that the shelves change by, of before or after, whichever is more: of a shelf at
	// most all, which is 1. To empty one is all of it, and to double one is half.
	Parts stock.Quantity
	// Before is how many units all live refs of the channel had before, Stocked how many of their shelves had any.
	Before  stock.Quantity
	Stocked int
}

// Add adds the change of one shelf that had so many units before.
func (l *PushLoad) Add(change, before stock.Quantity) {
	l.Shelves++
	l.Units = AddMagnitude(l.Units, change)
	after, _ := before.Plus(change)
	by, of := uint64(AddMagnitude(0, change)), uint64(max(AddMagnitude(0, before), AddMagnitude(0, after)))
	if by >= of {
		l.Parts += stock.Unit
		return
	}
	high, low := bits.Mul64(by, uint64(stock.Unit))
	part, _ := bits.Div64(high, low, of)
	l.Parts += stock.Quantity(part)
}

// Of is the load in per cent of what another one knows of before.
func (l PushLoad) Of(before PushLoad) PushLoad {
	l.Before, l.Stocked = before.Before, before.Stocked
	return l
}

// AddBefore adds a ref that had so many units before.
func (l *PushLoad) AddBefore(level stock.Quantity) {
	l.Before = AddMagnitude(l.Before, level)
	if level != 0 {
		l.Stocked++
	}
}

// AddMagnitude adds |q| and stays at the range's end.
func AddMagnitude(sum, q stock.Quantity) stock.Quantity {
	if sum, fits := sum.Plus(q.Abs()); fits && q != math.MinInt64 {
		return sum
	}
	return math.MaxInt64
}

// RefFilter selects refs, ordered by Ref.Compare. Zero fields select everything; unlinked refs are included.
type RefFilter struct {
	Channel stock.Channel
	// Article is what the channel calls the item (stock.Ref.Item), Item what we do.
	Article string
	Item    stock.ItemID
	// After is the last ref of the page before.
	After stock.Ref
	// Limit is the page size; 0 or more than MaxPage means MaxPage.
	Limit int
}

// ShelfFilter selects shelves that have at least one entry, ordered by Shelf.Compare.
type ShelfFilter struct {
	Item  stock.ItemID
	After stock.Shelf
	Limit int
}

// EntryFilter selects entries, ordered by seq. Zero fields select everything.
type EntryFilter struct {
	Item     stock.ItemID
	Location stock.Location
	Ref      stock.Ref
	AfterSeq int64
	// OccurredUpTo and RecordedUpTo are inclusive.
	OccurredUpTo time.Time
	RecordedUpTo time.Time
	Limit        int
}

// CallFilter selects calls, youngest first. Zero fields select everything.
type CallFilter struct {
	Ref   stock.Ref
	State CallState
	Limit int
}

// MaxPage is the most rows that one query returns; whoever wants more pages on.
const MaxPage = 10_000

// PageSize returns the page size for a wanted limit.
func PageSize(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// AsOf asks for a state of the past: what had happened by Occurred, as far as it was known at Recorded. Both are
// inclusive; a zero time does not restrict.
type AsOf struct {
	Occurred time.Time
	Recorded time.Time
}

// Tally counts how often inputs of a channel ended in one way, for one reason.
type Tally struct {
	Channel stock.Channel
	Ending  Ending
	Reason  string
	Count   int64
}

// Suspense is a suspense account that is not zero: units whose cause is not known yet.
type Suspense struct {
	Shelf    stock.Shelf
	Ref      stock.Ref
	Quantity stock.Quantity
	// Since is when the ledger wrote the posting that brought the account to this side of zero.
	Since time.Time
}

// Run is one sweep of a channel.
type Run struct {
	ID string `json:"id"`
	// Kind is "recent" or "full".
	Kind      string        `json:"kind"`
	Channel   stock.Channel `json:"channel"`
	StartedAt time.Time     `json:"started_at"`
	// EndedAt is zero while the run is going on, and for ever if it was killed.
	EndedAt time.Time `json:"ended_at"`
	// Read counts refs read, Repaired those whose drift the run repaired.
	Read     int    `json:"read"`
	Repaired int    `json:"repaired"`
	Error    string `json:"error,omitempty"`
}

// Finding is one thing that a run or the rules found.
type Finding struct {
	ID string `json:"id"`
	// Run is empty when the rules found it.
	Run string    `json:"run"`
	At  time.Time `json:"at"`
	// Class is what was found, such as "missed delivery"; Action is what was done about it.
	Class    string         `json:"class"`
	Channel  stock.Channel  `json:"channel"`
	Ref      stock.Ref      `json:"ref"`
	Shelf    stock.Shelf    `json:"shelf"`
	SKU      string         `json:"sku,omitempty"`
	Evidence stock.Evidence `json:"evidence,omitempty"`
	Action   string         `json:"action"`
}

// RunFilter selects runs by their start (From inclusive, To exclusive), youngest first.
type RunFilter struct {
	Channel stock.Channel
	Kind    string
	From    time.Time
	To      time.Time
	Limit   int
}

// FindingFilter selects findings by their time (From inclusive, To exclusive), oldest first, then by id. AfterAt and AfterID
// are those of the last finding of the page before.
type FindingFilter struct {
	Run     string
	Channel stock.Channel
	Class   string
	From    time.Time
	To      time.Time
	AfterAt time.Time
	AfterID string
	Limit   int
}

// Wishes counts what waits to be done for a channel.
type Wishes struct {
	Reads     int64
	Pushes    int64
	Resources int64
}

// Summary is the ledger in a few figures, for status pages.
type Summary struct {
	Items     int64
	Shelves   int64
	Entries   int64
	Refs      map[RefStatus]int64
	OpenCalls int64
	Wishes    map[stock.Channel]Wishes
	// Uneven counts shelves of which at least one live ref wants a push.
	Uneven int64
	// Unexplained counts suspense accounts that are not zero; OldestUnexplained is the Since of the oldest, zero when none.
	Unexplained       int64
	OldestUnexplained time.Time
}

// VerifyReport is what recomputing the ledger's caches found.
type VerifyReport struct {
	Entries  int64
	Postings int64
	Refs     int64
	Accounts int64
	Shelves  int64
	// LastSeq is the entry up to which the ledger was verified.
	LastSeq int64
	// Faults says in words what is wrong, at most MaxFaults of them; FaultCount counts all.
	Faults     []string
	FaultCount int64
}

// MaxFaults is how many faults a VerifyReport spells out.
const MaxFaults = 100

// Clean reports whether nothing was wrong.
func (r VerifyReport) Clean() bool { return r.FaultCount == 0 }

// Fault adds a fault.
func (r *VerifyReport) Fault(text string) {
	r.FaultCount++
	if len(r.Faults) < MaxFaults {
		r.Faults = append(r.Faults, text)
	}
}
