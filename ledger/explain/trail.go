package explain

import (
	"cmp"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Happening is one step of how the level came to be, with the pushes it led to.
type Happening struct {
	Entry int64     `json:"entry"`
	What  string    `json:"what"`
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
	ExplainedBy []int64          `json:"explained_by,omitempty"`
	Pushes      []*ExplainedPush `json:"pushes,omitempty"`
	moved       bool
	// ExplainedWith is the last difference that the same entries explain.
	ExplainedWith int64 `json:"-"`
}

// What a Happening is.
const (
	WasLinked     = "linked"
	WasBaseline   = "baseline"
	WasDifference = "difference"
	WasRecount    = "recount"
	WasCorrection = "correction"
	WasStatus     = "status"
	WasPush       = "push"
)

// ExplainedPush is one of our own writes to a counter, with the happenings (by entry) that it carried there.
type ExplainedPush struct {
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
	carried                []*Happening
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
func (t *telling) happened(e ledger.Entry, before ledger.RefState, level stock.Quantity) *Happening {
	h := &Happening{Entry: e.Seq, Ref: e.Ref, Expected: before.Expected, Showed: t.refs[e.Ref].state.Expected, Level: t.running,
		Source: e.Evidence["source"], Note: noteOf(e), Evidence: evidenceOf(e), OccurredAt: e.OccurredAt, RecordedAt: e.RecordedAt, moved: level != 0}
	switch {
	case e.Push != nil:
		t.pushed(e)
		return nil
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Live:
		h.What, h.Quantity, h.moved = WasBaseline, h.Showed, true
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Linked:
		h.What = WasLinked
	case e.Kind == ledger.KindReading && (e.Status == 0 || e.Status == ledger.Live) && e.ExpectedDelta != 0:
		h.What, h.Quantity = WasDifference, e.ExpectedDelta
	case e.Recount != nil:
		h.What, h.Quantity = WasRecount, e.Recount.Counted
	case e.Kind == ledger.KindCorrection:
		h.What, h.Quantity = WasCorrection, level
	case e.Status != 0:
		h.What, h.Note = WasStatus, e.Status.String()
	default:
		return nil
	}
	t.shelfEnd.Trail = append(t.shelfEnd.Trail, h)
	return h
}

// pushed keeps what became known of one of our writes; the last word holds.
func (t *telling) pushed(e ledger.Entry) {
	id := pushID{e.Push.Call, e.Push.Row}
	p, known := t.pushes[id]
	if !known {
		p = &ExplainedPush{Ref: e.Ref, Because: []int64{}, Delta: e.Push.Delta, Call: e.Push.Call, Through: e.Seq - 1, entry: e.Seq, level: t.running}
		t.pushes[id] = p
		if call, ok := t.Calls[e.Push.Call]; ok && e.Push.Row < len(call.Rows) {
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
func (t *telling) openPushes() {
	if t.At != (ledger.AsOf{}) {
		return
	}
	for _, call := range t.Calls {
		outcome := pushInFlight
		if call.State == ledger.CallRefused {
			outcome = pushRefused
		} else if call.State != ledger.CallOpen {
			continue
		}
		for i, row := range call.Rows {
			if _, ours := t.refs[row.Ref]; ours && row.Through >= t.Entries[0].Seq {
				t.pushes[pushID{call.Key, i}] = &ExplainedPush{Ref: row.Ref, Because: []int64{}, Delta: row.Delta, Call: call.Key, Through: row.Through,
					Outcome: outcome, Note: call.Reason, SentAt: call.CreatedAt, entry: row.Through, level: row.Level}
			}
		}
	}
}

// connectPushes finds what each push carried.
func (t *telling) connectPushes() {
	t.openPushes()
	byRef := map[stock.Ref][]*ExplainedPush{}
	for id, p := range t.pushes {
		p.Confirmed = p.Outcome == ledger.Answered.String() && !slices.ContainsFunc(t.refs[p.Ref].state.Unconfirmed,
			func(mark ledger.PushMark) bool { return mark.Call == id.call && mark.Row == id.row })
		byRef[p.Ref] = append(byRef[p.Ref], p)
	}
	var alone []*Happening
	for _, ref := range t.order {
		pushes := byRef[ref]
		slices.SortFunc(pushes, func(a, b *ExplainedPush) int {
			return cmp.Or(cmp.Compare(a.Through, b.Through), a.SentAt.Compare(b.SentAt), cmp.Compare(a.Call, b.Call))
		})
		// Of refusals only one that nothing followed is worth telling.
		last := len(pushes) - 1
		pushes = slices.DeleteFunc(pushes, func(p *ExplainedPush) bool { return p.Outcome == pushRefused && p != pushes[last] })
		t.carry(ref, pushes)
		for _, p := range pushes {
			for _, h := range p.carried {
				h.Pushes, p.Because = append(h.Pushes, p), append(p.Because, h.Entry)
			}
			if len(p.carried) == 0 {
				alone = append(alone, &Happening{Entry: p.entry, What: WasPush, Ref: ref, Level: p.level, OccurredAt: p.SentAt,
					RecordedAt: p.SentAt, Pushes: []*ExplainedPush{p}})
			}
		}
	}
	t.shelfEnd.Trail = append(t.shelfEnd.Trail, alone...)
	slices.SortStableFunc(t.shelfEnd.Trail, func(a, b *Happening) int { return cmp.Compare(a.Entry, b.Entry) })
}

// turn is a moment at which what a counter still lacks changes. Those of one entry go by rank.
type turn struct {
	seq  int64
	rank int
	do   func(lacks []*Happening) []*Happening
}

// carry goes through the entries once more, for one counter: a step that it does not show by itself is lacking, until a push that
// was planned with it is in, or other steps make up for it. What a void push carried is lacking again.
func (t *telling) carry(ref stock.Ref, pushes []*ExplainedPush) {
	var turns []turn
	add := func(seq int64, rank int, do func(lacks []*Happening) []*Happening) {
		turns = append(turns, turn{seq, rank, do})
	}
	for _, h := range t.shelfEnd.Trail {
		opening := slices.Contains(t.openings, h.Entry)
		switch {
		case h.Ref == ref && h.What == WasBaseline && !opening:
			add(h.Entry, 0, func([]*Happening) []*Happening { return []*Happening{h} })
		case !h.moved || h.Ref == ref && (h.What == WasDifference || opening) || h.What == WasBaseline && !opening:
		default:
			add(h.Entry, 0, func(lacks []*Happening) []*Happening { return append(lacks, h) })
		}
	}
	underway := 0
	for _, seq := range t.refs[ref].even {
		add(seq, 2, func(lacks []*Happening) []*Happening {
			if underway > 0 { // even only until its answer comes
				return lacks
			}
			return nil
		})
	}
	for _, p := range pushes {
		add(p.Through, 3, func(lacks []*Happening) []*Happening {
			p.carried = slices.Clone(lacks)
			if p.applied > 0 {
				underway++
			}
			return lacks
		})
		if p.applied > 0 {
			add(p.applied, 1, func(lacks []*Happening) []*Happening {
				underway--
				return slices.DeleteFunc(lacks, func(h *Happening) bool { return slices.Contains(p.carried, h) })
			})
		}
		if p.voided > 0 {
			add(p.voided, 1, func(lacks []*Happening) []*Happening { return append(slices.Clone(p.carried), lacks...) })
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.rank, b.rank)) })
	var lacks []*Happening
	for _, turn := range turns {
		lacks = turn.do(lacks)
	}
}
