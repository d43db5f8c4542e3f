package explain

import (
	"strconv"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A correction is told as two causes: one for the difference that it takes back, one for taking it back.
const (
	CauseCorrected  = "corrected"
	CauseCorrection = "correction"
)

// CauseWaiting: what others did to a counter that waits to join the shelf, until it joins and they are part of the level.
const CauseWaiting = "waiting"

// CauseGain: units that a person found beyond what the books say. They are booked against the account of what is missing.
const CauseGain = "gain"

// split takes an entry apart: what it adds to the level for a known reason, what it changes of the level, and of the ref's
// suspense account. The level is always the sum of all causes less all suspense.
func (n *narrator) split(e ledger.Entry) (causes []Cause, level, suspense stock.Quantity) {
	available, unknown := ledger.AvailableOn(n.Shelf), ledger.UnexplainedBy(n.Shelf.Item, e.Ref)
	base := Cause{Entry: e.Seq, Channel: e.Ref.Channel, Edit: editOf(e), Note: noteOf(e), Evidence: evidenceOf(e), OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt}
	for _, p := range e.Postings {
		level += p.Into(available)
		suspense += p.Into(unknown)
		for _, side := range []ledger.Account{p.From, p.To} {
			if side != available && side != unknown {
				c := base
				c.Quantity = -p.Into(side)
				c.Cause = causeOf(e, side, c.Quantity, p.Into(unknown) != 0)
				causes = append(causes, c)
			}
		}
	}
	if e.Kind == ledger.KindCorrection && len(causes) == 0 && level != 0 && level == -suspense {
		taken, balanced := base, base
		taken.Cause, taken.Quantity = CauseCorrection, level
		balanced.Cause, balanced.Quantity, balanced.Note = CauseCorrected, suspense, "what the correction takes back"
		causes = append(causes, balanced, taken)
	}
	return causes, level, suspense
}

// causeOf names an account as a cause. The opening stands in for the level while a counter waits to join the shelf.
func causeOf(e ledger.Entry, side ledger.Account, quantity stock.Quantity, suspense bool) string {
	joins := e.Evidence["join"]
	waits := suspense || joins != "" && joins != ledger.JoinAdd.String()
	switch {
	case side.Kind == ledger.Shrinkage && (quantity > 0 && joins != "" || settlesGain(e, quantity)):
		return CauseGain
	case side.Kind == ledger.Opening && waits && e.Kind != ledger.KindBaseline:
		return CauseWaiting
	}
	return side.Kind.String()
}

// explainedBy keeps what moved the suspense account since it was zero, or changed sides, for the last time.
func (a *account) explainedBy(e ledger.Entry, causes []Cause, suspense stock.Quantity) {
	if e.Recount != nil {
		a.recounts = append(a.recounts, Cause{Entry: e.Seq, Quantity: e.Recount.Counted, Cause: "recount", Channel: e.Ref.Channel,
			Evidence: e.Evidence, OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt})
	}
	if suspense == 0 {
		return
	}
	was := a.suspense
	a.suspense += suspense
	if was == 0 || (was > 0) != (a.suspense > 0) {
		a.open = Unexplained{Ref: e.Ref, Since: e.RecordedAt, Readings: []Reading{}, Causes: []Cause{}, Recounts: []Cause{}}
	}
	a.open.Quantity = -a.suspense
	a.open.reopened = a.open.reopened || e.Evidence[ledger.EvidenceSettlement] != ""
	a.open.Recounts = append(a.open.Recounts, a.recounts...)
	a.recounts = nil
	if e.Kind == ledger.KindReading || e.Kind == ledger.KindBaseline {
		a.open.Readings = append(a.open.Readings, Reading{Entry: e.Seq, Difference: e.ExpectedDelta, Showed: a.state.Expected,
			Source: e.Evidence["source"], OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt})
	}
	if e.Kind != ledger.KindBaseline && e.Kind != ledger.KindReading { // those only say against what a difference was posted
		a.open.Causes = append(a.open.Causes, causes...)
	}
}

// hint says to a person what units without a cause may be.
func (u Unexplained) hint() string {
	switch {
	case len(u.Readings) == 0 && !u.reopened:
		return "the channel told of this, and its counter has not moved: it does within seconds, if it does; else what was told takes nothing from the counter (an imported order, a return that was not restocked), and the level is right as it is"
	case len(u.Recounts) > 0:
		return "somebody counted; a sale that comes in late may still explain it, the rest was a miscount or is missing"
	}
	if u.Quantity > 0 {
		return "if it stays, goods came in, a return was restocked without a refund, or a person or another app changed the count by hand: see the item's history and the returns on the channel"
	}
	return "if it stays, a person or another app changed the count by hand: see the item's history on the channel"
}

// editOf returns what the channel edited; nil where it did not.
func editOf(e ledger.Entry) *Edit {
	was, now := e.Evidence[ledger.EvidenceWas], e.Evidence[ledger.EvidenceNow]
	if was == "" || now == "" {
		return nil
	}
	var edit Edit
	edit.Entry, _ = strconv.ParseInt(e.Evidence[ledger.EvidenceCorrects], 10, 64)
	edit.Was, _ = stock.ParseQuantity(was)
	edit.Now, _ = stock.ParseQuantity(now)
	return &edit
}

// noteOf says what no account says.
func noteOf(e ledger.Entry) string {
	switch {
	case e.Opens:
		return "counted there, by the authority"
	case e.Evidence["join"] != "":
		return "joined the shelf"
	case e.Evidence["absorbed"] != "":
		return "contained in a recount"
	case e.Evidence[ledger.EvidenceSettledAs] != "":
		return settledNote(e)
	}
	return e.Evidence["note"]
}

// evidenceOf leaves out what noteOf and others say in words.
func evidenceOf(e ledger.Entry) stock.Evidence {
	kept := stock.Evidence{}
	for key, value := range e.Evidence {
		switch key {
		case ledger.EvidenceLevel:
			if e.Kind == ledger.KindCorrection {
				kept[key] = value
			}
		case "note", "source", ledger.EvidenceLevelCorrected, ledger.EvidenceTold, ledger.EvidenceCorrects, ledger.EvidenceWas, ledger.EvidenceNow,
			ledger.EvidenceSettledAs, ledger.EvidenceSettledUnits, ledger.EvidenceSettledLeft, ledger.EvidenceSettlement:
		default:
			if value != "" {
				kept[key] = value
			}
		}
	}
	return kept
}
