package converge

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// nearZero is up to which level a push is urgent: a few sales more, and what is offered twice is sold twice.
const nearZero = 5 * stock.Unit

// callLane is the lane of a call: that of its most urgent row.
func callLane(call ledger.Call) stock.Lane {
	lane := stock.Pushes
	for _, row := range call.Rows {
		lane = min(lane, pushLane(row.Level))
	}
	return lane
}

// pushLane is the lane of the push of a level.
func pushLane(level stock.Quantity) stock.Lane {
	if level.Abs() <= nearZero {
		return stock.UrgentPushes
	}
	return stock.Pushes
}

// readLane is the lane of a read of one ref. One that somebody waits for near zero stands with the pushes: until it is answered the other
// counters offer what may be gone, and in a rush there is always another push.
func readLane(ref ledger.DueRef) stock.Lane {
	switch {
	case reconcile.OnlyExplains(ref.Ref):
		return stock.Causes
	case ref.Opened && ref.Work.Baseline == nil && ref.Level.Abs() <= nearZero && !reconcile.Gathered(ref.Ref):
		return stock.UrgentPushes
	}
	return stock.ConfirmingReads
}
