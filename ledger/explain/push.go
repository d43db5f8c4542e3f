package explain

import (
	"cmp"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
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
