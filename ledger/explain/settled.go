package explain

import (
	"strconv"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Settled is what a person has booked of units that nobody had explained, or that a settlement was taken back.
type Settled struct {
	// As is the account.
	As string `json:"as"`
	// By is who said it; empty where the channel has told what it was since.
	By string `json:"by,omitempty"`
	// Of is the entry of the settlement that is taken back, by this much; 0: it is one.
	Of int64 `json:"of,omitempty"`
}

// settled makes a step of an entry that settles as a cause, or takes a settlement back. Settlements are remembered by their keys, by
// which later entries take them back.
func (n *narrator) settled(s *Step, e ledger.Entry, cause Cause) {
	s.What, s.Quantity, s.Settled = StepSettled, cause.Quantity, &Settled{As: cause.Cause, By: e.Evidence["by"]}
	if of := n.settlements[e.Evidence[ledger.EvidenceSettlement]]; of != nil {
		s.Settled.Of, s.takesBack = of.Entry, of
		return
	}
	n.settlements[e.Key] = s
}

// settlesGain says that a shrinkage is a gain: a person found units, or what they had found is taken back.
func settlesGain(e ledger.Entry, quantity stock.Quantity) bool {
	_, back := e.Evidence[ledger.EvidenceSettlement]
	return e.Evidence[ledger.EvidenceSettledAs] != "" && (quantity > 0) != back
}

// settledNote says what a settlement, or taking one back, was.
func settledNote(e ledger.Entry) string {
	note := ""
	switch {
	case e.Evidence[ledger.EvidenceSettlement] == "":
		note = "settled by a person"
	case e.Evidence[ledger.EvidenceToldSince] != "":
		note = "taken back: the channel has told since what it was"
	default:
		note = "taken back by a person"
	}
	if said := e.Evidence["note"]; said != "" {
		note += ": " + strconv.Quote(said)
	}
	return note
}
