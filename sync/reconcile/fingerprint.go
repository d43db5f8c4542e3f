package reconcile

import (
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// movementForm begins the fingerprint of a movement. A fingerprint without it is of the form before, which held our word for the
// cause.
const movementForm = "2:"

// causesBefore are the words for causes as fingerprints of the form before held them. They stand in ledgers: never change them.
var causesBefore = []string{"sold", "returned", "received", "wasted", "moved"}

// movementFingerprint holds what the platform said, and never our word for it: a cause that is taught later must not make a
// contradiction of a row that is booked already.
func movementFingerprint(m stock.Movement) string {
	return movementForm + ledger.Fingerprint(m.Ref.String(), m.Quantity.String(), m.Said)
}

// isBooked says whether the entry with this fingerprint booked this very movement. In the form before any of the causes will do:
// the one that was ours then says nothing, and no platform changes the states of a row (Square's UpdateInventoryAdjustment edits
// quantities, costs and reasons only).
func isBooked(fingerprint string, m stock.Movement) bool {
	return fingerprint == movementFingerprint(m) || slices.ContainsFunc(causesBefore, func(cause string) bool {
		return fingerprint == ledger.Fingerprint(m.Ref.String(), m.Quantity.String(), cause)
	})
}
