package explain

import (
	"cmp"
	"slices"
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
	Note       string         `json:"note,omitempty"`
	Evidence   stock.Evidence `json:"evidence,omitempty"`
	OccurredAt time.Time      `json:"occurred_at"`
	RecordedAt time.Time      `json:"recorded_at"`
	// ExplainedBy are the entries that said why a difference was.
	ExplainedBy []int64 `json:"explained_by,omitempty"`
	Pushes      []*Push `json:"pushes,omitempty"`
	moved       bool
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
)

// Push is one of our own writes to a counter, with the steps (by entry) that it carried there.
type Push struct {
	Ref     stock.Ref      `json:"ref"`
	Delta   stock.Quantity `json:"delta"`
	Call    string         `json:"call"`
	Through int64          `json:"through"`
	Because []int64        `json:"because"`
	// Outcome is answered, absorbed, undecided, resolved, in flight or refused. Confirmed says that a reading followed.
	Outcome    string    `json:"outcome"`
	Note       string    `json:"note,omitempty"`
	Confirmed  bool      `json:"confirmed"`
	SentAt     time.Time `json:"sent_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	// entry is what was first written about it, applied what put it into the counter, voided what took it out again; 0: nothing.
	entry, applied, voided int64
	level                  stock.Quantity
	carried                []*Step
}

// pushID names a row of a call.
type pushID struct {
	call string
	row  int
}

const (
	pushInFlight = "in flight"
	pushRefused  = "refused"
)

// happened adds an entry to the trail. Readings that showed what was expected, and movements, are no steps of it.
// It returns the step; nil: none was added.
func (n *narrator) happened(e ledger.Entry, before ledger.RefState, level stock.Quantity) *Step {
	s := &Step{Entry: e.Seq, Ref: e.Ref, Expected: before.Expected, Showed: n.accounts[e.Ref].state.Expected, Level: n.running,
		Source: e.Evidence["source"], Note: noteOf(e), Evidence: evidenceOf(e), OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt, moved: level != 0}
	switch {
	case e.Push != nil:
		n.pushed(e)
		return nil
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Live:
		s.What, s.Quantity, s.moved = StepBaseline, s.Showed, true
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Linked:
		s.What = StepLinked
	case e.Kind == ledger.KindReading && (e.Status == 0 || e.Status == ledger.Live) && e.ExpectedDelta != 0:
		s.What, s.Quantity = StepDifference, e.ExpectedDelta
	case e.Recount != nil:
		s.What, s.Quantity = StepRecount, e.Recount.Counted
	case e.Kind == ledger.KindCorrection:
		s.What, s.Quantity = StepCorrection, level
	case e.Status != 0:
		s.What, s.Note = StepStatus, e.Status.String()
	default:
		return nil
	}
	n.told.Trail = append(n.told.Trail, s)
	return s
}

// pushed keeps what became known of one of our writes; the last word holds.
func (n *narrator) pushed(e ledger.Entry) {
	id := pushID{e.Push.Call, e.Push.Row}
	p, known := n.pushes[id]
	if !known {
		p = &Push{Ref: e.Ref, Because: []int64{}, Delta: e.Push.Delta, Call: e.Push.Call, Through: e.Seq - 1, entry: e.Seq, level: n.running}
		n.pushes[id] = p
		if call, ok := n.Calls[e.Push.Call]; ok && e.Push.Row < len(call.Rows) {
			row := call.Rows[e.Push.Row]
			p.SentAt, p.Through, p.level = call.CreatedAt, row.Through, row.Level
		}
	}
	p.Outcome = e.Push.Phase.String()
	switch e.ExpectedDelta {
	case p.Delta:
		p.applied = e.Seq
	case -p.Delta:
		p.voided = e.Seq
	}
	switch e.Push.Phase {
	case ledger.Answered:
		p.AnsweredAt = e.ObservedAt
	case ledger.Absorbed, ledger.Undecided:
		p.Note = cmp.Or(noteOf(e), "recount "+e.Evidence["recount"]+" counted "+e.Evidence["counted"])
	case ledger.Resolved:
		p.Note = "applied, says " + cmp.Or(e.Evidence["by"], "-")
		if e.Evidence["applied"] != "true" {
			p.Note = "not " + p.Note
		}
	}
}

// openPushes adds the writes of which no entry speaks yet: in flight, or refused as the last thing that was tried.
func (n *narrator) openPushes() {
	if n.At != (ledger.AsOf{}) {
		return
	}
	for _, call := range n.Calls {
		outcome := pushInFlight
		if call.State == ledger.CallRefused {
			outcome = pushRefused
		} else if call.State != ledger.CallOpen {
			continue
		}
		for i, row := range call.Rows {
			if _, ours := n.accounts[row.Ref]; ours && row.Through >= n.Entries[0].Seq {
				n.pushes[pushID{call.Key, i}] = &Push{Ref: row.Ref, Because: []int64{}, Delta: row.Delta, Call: call.Key, Through: row.Through,
					Outcome: outcome, Note: call.Reason, SentAt: call.CreatedAt, entry: row.Through, level: row.Level}
			}
		}
	}
}

// connectPushes finds what each push carried.
func (n *narrator) connectPushes() {
	n.openPushes()
	byRef := map[stock.Ref][]*Push{}
	for id, p := range n.pushes {
		p.Confirmed = p.Outcome == ledger.Answered.String() && !slices.ContainsFunc(n.accounts[p.Ref].state.Unconfirmed,
			func(mark ledger.PushMark) bool { return mark.Call == id.call && mark.Row == id.row })
		byRef[p.Ref] = append(byRef[p.Ref], p)
	}
	var alone []*Step
	for _, ref := range n.order {
		pushes := byRef[ref]
		slices.SortFunc(pushes, func(a, b *Push) int {
			return cmp.Or(cmp.Compare(a.Through, b.Through), a.SentAt.Compare(b.SentAt), cmp.Compare(a.Call, b.Call))
		})
		// Of refusals only one that nothing followed is worth telling.
		last := len(pushes) - 1
		pushes = slices.DeleteFunc(pushes, func(p *Push) bool { return p.Outcome == pushRefused && p != pushes[last] })
		n.carry(ref, pushes)
		for _, p := range pushes {
			for _, s := range p.carried {
				s.Pushes, p.Because = append(s.Pushes, p), append(p.Because, s.Entry)
			}
			if len(p.carried) == 0 {
				alone = append(alone, &Step{Entry: p.entry, What: StepPush, Ref: ref, Level: p.level, OccurredAt: p.SentAt,
					RecordedAt: p.SentAt, Pushes: []*Push{p}})
			}
		}
	}
	n.told.Trail = append(n.told.Trail, alone...)
	slices.SortStableFunc(n.told.Trail, func(a, b *Step) int { return cmp.Compare(a.Entry, b.Entry) })
}

// turn is a moment at which what a counter still lacks changes. Those of one entry go by rank.
type turn struct {
	seq  int64
	rank int
	do   func(lacks []*Step) []*Step
}

// carry goes through the entries once more, for one counter: a step that it does not show by itself is lacking, until a push that
// was planned with it is in, or other steps make up for it. What a void push carried is lacking again.
func (n *narrator) carry(ref stock.Ref, pushes []*Push) {
	var turns []turn
	add := func(seq int64, rank int, do func(lacks []*Step) []*Step) {
		turns = append(turns, turn{seq, rank, do})
	}
	for _, s := range n.told.Trail {
		opening := slices.Contains(n.openings, s.Entry)
		switch {
		case s.Ref == ref && s.What == StepBaseline && !opening:
			add(s.Entry, 0, func([]*Step) []*Step { return []*Step{s} })
		case !s.moved || s.Ref == ref && (s.What == StepDifference || opening) || s.What == StepBaseline && !opening:
		default:
			add(s.Entry, 0, func(lacks []*Step) []*Step { return append(lacks, s) })
		}
	}
	underway := 0
	for _, seq := range n.accounts[ref].even {
		add(seq, 2, func(lacks []*Step) []*Step {
			if underway > 0 { // even only until its answer comes
				return lacks
			}
			return nil
		})
	}
	for _, p := range pushes {
		add(p.Through, 3, func(lacks []*Step) []*Step {
			p.carried = slices.Clone(lacks)
			if p.applied > 0 {
				underway++
			}
			return lacks
		})
		if p.applied > 0 {
			add(p.applied, 1, func(lacks []*Step) []*Step {
				underway--
				return slices.DeleteFunc(lacks, func(s *Step) bool { return slices.Contains(p.carried, s) })
			})
		}
		if p.voided > 0 {
			add(p.voided, 1, func(lacks []*Step) []*Step { return append(slices.Clone(p.carried), lacks...) })
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.rank, b.rank)) })
	var lacks []*Step
	for _, turn := range turns {
		lacks = turn.do(lacks)
	}
}
