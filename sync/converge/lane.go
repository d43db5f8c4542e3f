package converge

import (
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// nearZero is up to which level a push is urgent: a few sales more, and what is offered twice is sold twice.
const nearZero = 5 * stock.Unit

// callLane is the lane of a call: that of its most urgent row.
func callLane(call ledger.Call) stock.Lane {
	if slices.ContainsFunc(call.Rows, func(row ledger.CallRow) bool { return row.Level.Abs() <= nearZero }) {
		return stock.UrgentPushes
	}
	return stock.Pushes
}

// readLane is the lane of a read of one ref.
func readLane(ref ledger.DueRef) stock.Lane {
	if reconcile.OnlyExplains(ref.Ref) {
		return stock.Causes
	}
	return stock.ConfirmingReads
}
