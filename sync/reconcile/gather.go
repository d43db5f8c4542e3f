package reconcile

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
)

const (
	// GatherEvery is how far apart the reads are that nobody waits for: what a channel wishes meanwhile shares one.
	GatherEvery = 5 * time.Second
	// ordersAhead is how long before them orders are read, so that one read of a ref comes after both the order and the end of its
	// NewsWindow.
	ordersAhead = 2 * time.Second
)

// gathered is when a read is sent that nobody waits for and that may not be sent earlier: at the next of the moments that all such reads
// share. It is due at all of them at once, so that one request answers for as many refs as its platform takes.
func gathered(earliest time.Time) time.Time { return slot(earliest, 0) }

// gatheredOrder is the same for an order.
func gatheredOrder(earliest time.Time) time.Time { return slot(earliest, GatherEvery-ordersAhead) }

// slot is the first moment from earliest on that lies as long after a whole multiple of GatherEvery as after says.
func slot(earliest time.Time, after time.Duration) time.Time {
	first := earliest.Add(-after).Truncate(GatherEvery).Add(after)
	if first.Before(earliest) {
		first = first.Add(GatherEvery)
	}
	return first
}

// Gathered says whether a wished read of a ref is one that nobody waits for, and that may be sent earlier than it is due.
func Gathered(ref ledger.Ref) bool {
	switch ref.Work.ReadReason {
	case explainReason, confirmReason, newsReason:
		return ref.Work.Older == 0
	}
	return false
}
