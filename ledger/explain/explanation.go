package explain

import (
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Explanation says why the levels of an item are what they are.
type Explanation struct {
	Item    stock.Item `json:"item"`
	AsOf    time.Time  `json:"as_of,omitzero"`
	KnownAt time.Time  `json:"known_at,omitzero"`
	Shelves []Shelf    `json:"shelves"`
}

// Shelf is one shelf of it. Sum is what Causes and Unexplained come to: the number a person sees, equal to Level,
// the ledger's balance, unless the ledger is damaged. Faults says in words what does not add up.
type Shelf struct {
	Location stock.Location `json:"location"`
	Opened   bool           `json:"opened"`
	// Closed is why it is not open now.
	Closed   *Closure       `json:"closed,omitempty"`
	Level    stock.Quantity `json:"level"`
	Sum      stock.Quantity `json:"sum"`
	Faults   []string       `json:"faults"`
	Oversold *Oversold      `json:"oversold,omitempty"`
	// SoldOut are the channels that mark the item as sold out now, whatever it counts there.
	SoldOut     []SoldOutMark `json:"sold_out,omitempty"`
	Causes      []Cause       `json:"causes"`
	Unexplained []Unexplained `json:"unexplained"`
	// Counters is empty when it was asked what had happened by a time (as_of): what a counter should show follows from what was known.
	Counters []Counter `json:"counters"`
	Trail    []*Step   `json:"trail"`
}

// SoldOutMark is a channel's mark. Everywhere says that the other channels show none of the item while it lasts: that is their target
// then, whatever the level.
type SoldOutMark struct {
	Channel    stock.Channel `json:"channel"`
	Since      time.Time     `json:"since"`
	Everywhere bool          `json:"everywhere"`
}

// Cause is one entry's part of the level for a reason that is known.
type Cause struct {
	Entry    int64          `json:"entry"`
	Quantity stock.Quantity `json:"quantity"`
	Cause    string         `json:"cause"`
	Channel  stock.Channel  `json:"channel,omitempty"`
	// Edit is set where the channel edited what another entry had booked: the quantity is the difference.
	Edit       *Edit          `json:"edit,omitempty"`
	Note       string         `json:"note,omitempty"`
	Evidence   stock.Evidence `json:"evidence,omitempty"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
}

// Edit is what a channel made of a fact afterwards: Was is what was booked, by Entry, and Now what the channel says.
type Edit struct {
	Entry int64          `json:"entry,omitempty"`
	Was   stock.Quantity `json:"was"`
	Now   stock.Quantity `json:"now"`
}

// Unexplained is a ref's part of the level that nothing has explained yet, with what moved its suspense account since that
// was zero for the last time.
type Unexplained struct {
	Ref      stock.Ref      `json:"ref"`
	Quantity stock.Quantity `json:"quantity"`
	// Since is when the ledger wrote what brought the account to this side of zero.
	Since    time.Time `json:"since"`
	Readings []Reading `json:"readings"`
	Causes   []Cause   `json:"causes"`
	Recounts []Cause   `json:"recounts"`
	Hint     string    `json:"hint"`
	// reopened: a settlement of it was taken back, so that the readings behind it were of before.
	reopened bool
}

// Reading is one that posted a difference which nothing explains yet.
type Reading struct {
	Entry      int64          `json:"entry"`
	Difference stock.Quantity `json:"difference"`
	Showed     stock.Quantity `json:"showed"`
	Source     string         `json:"source"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
}

// Counter is what a counter should show: Baseline + Differences + Pushes = Expected.
type Counter struct {
	Ref         stock.Ref      `json:"ref"`
	Status      string         `json:"status"`
	Baseline    stock.Quantity `json:"baseline"`
	Differences stock.Quantity `json:"differences"`
	Pushes      stock.Quantity `json:"pushes"`
	Expected    stock.Quantity `json:"expected"`
	// Version is the platform's time of the counter's last change that we know of.
	Version time.Time `json:"version,omitzero"`
	// State says whether it is even with the level; empty in a past.
	State State `json:"state,omitempty"`
}
