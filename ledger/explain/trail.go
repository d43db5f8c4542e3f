package explain

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Step is one step of how the level came to be, with the pushes it led to.
type Step struct {
	Entry int64     `json:"entry"`
	What  StepKind  `json:"what"`
	Ref   stock.Ref `json:"ref"`
	// Quantity is what others did to the counter, what a baseline or recount counted, or what a correction changed.
	Quantity stock.Quantity `json:"quantity"`
	// Expected is what we thought the counter would show, Showed what it did.
	Expected   stock.Quantity `json:"expected"`
	Showed     stock.Quantity `json:"showed"`
	Level      stock.Quantity `json:"level"`
	Source     string         `json:"source,omitempty"`
	Edit       *Edit          `json:"edit,omitempty"`
	Note       string         `json:"note,omitempty"`
	Evidence   stock.Evidence `json:"evidence,omitempty"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
	// ExplainedBy are the entries that said why a difference was.
	ExplainedBy []int64 `json:"explained_by,omitempty"`
	// Waits: the counter waits to join the shelf, and the step is no part of the level.
	Waits bool `json:"waits,omitempty"`
	// Settled is set where unexplained units were settled, or a settlement taken back.
	Settled *Settled `json:"settled,omitempty"`
	Pushes  []*Push  `json:"pushes,omitempty"`
	moved   bool
	// takesBack is the settlement that this step takes back; explains are the differences that a settlement explained.
	takesBack *Step
	explains  []*Step
}

// StepKind says what a step is.
type StepKind string

// These are all kinds of steps.
const (
	StepLinked     StepKind = "linked"
	StepBaseline   StepKind = "baseline"
	StepDifference StepKind = "difference"
	StepRecount    StepKind = "recount"
	StepCorrection StepKind = "correction"
	StepStatus     StepKind = "status"
	StepPush       StepKind = "push"
	// StepSoldOut: the item was marked as sold out there, or is no longer; Evidence says which.
	StepSoldOut StepKind = "sold out"
	// StepAnew: an authority that was missing is counted, so that what the others did before is no longer counted beside it.
	StepAnew StepKind = "begins anew"
	// StepPushEdited: somebody edited the row that a push of ours left in the channel's history.
	StepPushEdited StepKind = "push edited"
	// StepJoined: a person has said what the count of a counter means that waited to join the shelf.
	StepJoined StepKind = "joined"
	// StepSettled: a person has said where units belong that nobody had explained, or that was taken back.
	StepSettled StepKind = "settled"
)

// statusNote says what became of a ref, and why where the entry tells.
func statusNote(e ledger.Entry) string {
	if note := e.Evidence["note"]; note != "" {
		return e.Status.String() + ": " + note
	}
	return e.Status.String()
}

// happened adds an entry to the trail. Readings that showed what was expected, and movements, are no steps of it.
// It returns the step; nil: none was added.
func (n *narrator) happened(e ledger.Entry, before ledger.RefState, level stock.Quantity, causes []Cause) *Step {
	s := &Step{Entry: e.Seq, Ref: e.Ref, Expected: before.Expected, Showed: n.accounts[e.Ref].state.Expected, Level: n.running,
		Source: e.Evidence["source"], Edit: editOf(e), Note: noteOf(e), Evidence: evidenceOf(e), OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt, moved: level != 0}
	switch {
	case e.Push != nil:
		n.pushed(e)
		return nil
	case e.Kind == ledger.KindBaseline && (e.Status == ledger.Live || e.Status == ledger.WaitsToJoin):
		s.Waits = e.Status == ledger.WaitsToJoin
		s.What, s.Quantity, s.moved = StepBaseline, s.Showed, true
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Linked:
		s.What = StepLinked
	case e.Kind == ledger.KindBaseline && e.Status == 0:
		s.What, s.Quantity = StepAnew, level
	case e.Kind == ledger.KindReading && (e.Status == 0 || e.Status == ledger.Live) && e.ExpectedDelta != 0:
		s.What, s.Quantity, s.Waits = StepDifference, e.ExpectedDelta, before.Status == ledger.WaitsToJoin
	case e.Evidence[ledger.EvidenceSoldOut] != "":
		s.What = StepSoldOut
	case e.Recount != nil:
		s.What, s.Quantity = StepRecount, e.Recount.Counted
	case e.Evidence[ledger.EvidencePlace] != "":
		s.What, s.Note = StepStatus, statusNote(e)
	case e.Kind == ledger.KindCorrection && before.Status == ledger.WaitsToJoin && e.Status == ledger.Live:
		s.What, s.Quantity = StepJoined, level
	case e.Kind == ledger.KindMovement && s.Edit != nil && s.Edit.Entry == 0:
		s.What = StepPushEdited
	case e.Evidence[ledger.EvidenceLevelCorrected] != "":
		return nil
	case e.Evidence[ledger.EvidenceSettledAs] != "" && len(causes) == 1:
		n.settled(s, e, causes[0])
	case e.Kind == ledger.KindCorrection:
		s.What, s.Quantity = StepCorrection, level
	case e.Status != 0:
		s.What, s.Note = StepStatus, statusNote(e)
		if reason := e.Evidence[ledger.EvidenceReason]; reason != "" && e.Status == ledger.Gone {
			s.Note += ": " + reason
		}
	default:
		return nil
	}
	n.told.Trail = append(n.told.Trail, s)
	return s
}
