package ledger

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// SettleRef is a person's word on units that a ref's counter won or lost and that nobody has explained: where they belong.
type SettleRef struct {
	Ref stock.Ref
	// Shelf is the one that the ref was tied to when the person looked.
	Shelf stock.Shelf
	Cause stock.Cause
	// Quantity is what happened to the stock, as a movement says it: negative where units left.
	Quantity stock.Quantity
	By, Note string
}

// ReopenRef is a person's word that what was settled on a ref was settled wrongly: it is unexplained again.
type ReopenRef struct {
	Ref      stock.Ref
	Shelf    stock.Shelf
	By, Note string
}

// Settlement is units that a person has settled. Facts that the channel tells later may still take them back: the channel knows, and
// the person did not.
type Settlement struct {
	// Key is that of the entry.
	Key   string      `json:"key"`
	Cause stock.Cause `json:"cause"`
	// Quantity is what is still settled, signed as in SettleRef.
	Quantity stock.Quantity `json:"quantity"`
	// Left is what stayed unexplained, signed likewise.
	Left stock.Quantity `json:"left,omitzero"`
	// Version is that of the last reading accepted before it: what happened later was not settled.
	Version time.Time `json:"version"`
}

// settlementsMax is how many settlements of a ref can be taken back; of more, the oldest stay as they are.
const settlementsMax = 16

// The evidence of an entry that settles, or takes a settlement back: as what, how much, and what was left, for states follow from
// entries without their postings. EvidenceSettlement is the key of the entry that is taken back, EvidenceToldSince that of the movement
// that did it.
const (
	EvidenceSettledAs    = "settled_as"
	EvidenceSettledUnits = "settled_units"
	EvidenceSettledLeft  = "settled_left"
	EvidenceSettlement   = "settlement"
	EvidenceToldSince    = "told_since"
)

// settledAfter returns a ref's settlements with one more entry.
func (s RefState) settledAfter(e Entry) []Settlement {
	if e.Kind == KindBaseline && e.Status != 0 { // it contains what happened before, which is never told again
		return nil
	}
	units, err := stock.ParseQuantity(e.Evidence[EvidenceSettledUnits])
	if e.Kind != KindCorrection || err != nil {
		return s.Settled
	}
	list := slices.Clone(s.Settled)
	if key := e.Evidence[EvidenceSettlement]; key != "" {
		if i := slices.IndexFunc(list, func(o Settlement) bool { return o.Key == key }); i >= 0 {
			list[i].Quantity += units
		}
		list = slices.DeleteFunc(list, func(o Settlement) bool { return o.Quantity == 0 })
	} else if cause, err := stock.ParseCause(e.Evidence[EvidenceSettledAs]); err == nil {
		left, _ := stock.ParseQuantity(e.Evidence[EvidenceSettledLeft])
		list = append(list, Settlement{Key: e.Key, Cause: cause, Quantity: units, Left: left, Version: s.Version})
	}
	if len(list) == 0 {
		return nil
	}
	return list[max(0, len(list)-settlementsMax):]
}

// Touch implements Input.
func (in SettleRef) Touch(s *Scope) { s.Refs = append(s.Refs, in.Ref) }

// Touch implements Input.
func (in ReopenRef) Touch(s *Scope) { s.Refs = append(s.Refs, in.Ref) }
