package explain

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Closed is why a shelf has no level yet. It is a code: each face says in its own words what to do about it.
type Closed string

// The reasons.
const (
	// ClosedNoBaseline: nobody has said yet whose counts are right.
	ClosedNoBaseline Closed = "no baseline"
	// ClosedReading: its counters are being read; it opens by itself.
	ClosedReading Closed = "being read"
	// ClosedNoCount: the channel whose counts are right shows none; it opens by itself when there is one.
	ClosedNoCount Closed = "no count"
	// ClosedNoAuthority: the channels whose counts were said to be right have no counter on it.
	ClosedNoAuthority Closed = "no authority"
)

// Closure says why a shelf is not open.
type Closure struct {
	Why Closed `json:"why"`
	// Channel is the one whose count is missing.
	Channel stock.Channel `json:"channel,omitempty"`
}

// WhyClosed says why a shelf with these counters is not open.
func WhyClosed(refs []ledger.DueRef) *Closure {
	var c Closing
	for _, ref := range refs {
		c.Add(ref)
	}
	return c.Closure()
}

// Closing is what is known of the counters of one shelf that is not open.
type Closing struct {
	// asked: a counter is to be read; unasked: a linked one is not; counted: one is known, and does not open the shelf.
	asked, unasked, counted bool
	missing                 stock.Channel
}

// Add takes a counter of the shelf into account.
func (c *Closing) Add(ref ledger.DueRef) {
	wish := ref.Work.Baseline
	switch {
	case ref.State.Status == ledger.Unlinked:
	case wish != nil && wish.Authority && wish.Missing:
		c.missing = ref.State.Ref.Channel
	case wish != nil && wish.Authority:
		c.asked = true
	case ref.State.Status == ledger.Live:
		c.counted = true
	case wish != nil:
		c.asked = c.asked || !wish.Missing
	case ref.State.Status == ledger.Linked:
		c.unasked = true
	}
}

// Closure says why the shelf is not open.
func (c Closing) Closure() *Closure {
	switch {
	case c.missing != "":
		return &Closure{Why: ClosedNoCount, Channel: c.missing}
	case c.asked:
		return &Closure{Why: ClosedReading}
	case c.counted && !c.unasked:
		return &Closure{Why: ClosedNoAuthority}
	}
	return &Closure{Why: ClosedNoBaseline}
}
