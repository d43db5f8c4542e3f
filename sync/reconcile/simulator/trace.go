package simulator

import (
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// tracer notes what happens: always as a hash and as the set of what was reached, on demand as text.
type tracer struct {
	world   *world
	tracing bool
	lines   []string
	sum     uint64
	// reaches counts faults and branches that were reached, endings how inputs ended, by reason.
	reaches map[string]int
	endings map[string]int
	// forgotten numbers the keys of a planted bug.
	forgotten int
}

func newTracer(tracing bool) tracer {
	return tracer{tracing: tracing, sum: 14695981039346656037, reaches: map[string]int{}, endings: map[string]int{}}
}

// reached counts that a fault or branch was reached.
func (t *tracer) reached(what string) { t.reaches[what]++ }

func (t *tracer) happened(what string) { t.reaches["act: "+what]++ }

// hash mixes values and the time into the run's hash: two runs with one hash went the same way.
func (t *tracer) hash(values ...uint64) {
	sum := t.sum ^ uint64(t.world.now)
	for _, v := range values {
		sum = (sum ^ v) * 1099511628211
		sum ^= sum >> 29
	}
	t.sum = sum
}

func (t *tracer) stamp() string {
	return fmt.Sprintf("%02d:%02d:%06.3f", int(t.world.now.Hours()), int(t.world.now.Minutes())%60, t.world.now.Seconds()-60*float64(int(t.world.now.Minutes())))
}

func (t *tracer) tracef(format string, args ...any) {
	if t.tracing {
		t.lines = append(t.lines, t.stamp()+" "+fmt.Sprintf(format, args...))
	}
}

func (t *tracer) traceInput(fact told, d ledger.Disposition) {
	switch in := fact.input.(type) {
	case ledger.Delivered:
		t.tracef("input   %s %s => %s: %s", in.Event.ID, describe(in.Event, fact.look), d.Ending, d.Reason)
	case ledger.OwnRead:
		t.tracef("input   own read (wish %d) of %s, feed from %s: %d movements, %d recounts, %d orders => %s: %s", in.Mark, describeLook(fact.look, in.Reading),
			clockText(in.FeedFrom), len(in.Movements), len(in.Recounts), len(in.Orders), d.Ending, d.Reason)
	case ledger.PlanCall:
		t.tracef("input   plan call %s for %v => %s: %s", in.Key, in.Refs, d.Ending, d.Reason)
	case ledger.CallAnswered:
		t.tracef("input   call %s answered %d %s => %s: %s", in.Key, in.Answer.Outcome, in.Answer.Reason, d.Ending, d.Reason)
	default:
		t.tracef("input   %T %+v => %s: %s", in, in, d.Ending, d.Reason)
	}
}

func describe(e stock.Event, seen look) string {
	switch {
	case e.Reading != nil:
		return e.Topic + ": " + describeLook(seen, *e.Reading)
	case e.Order != nil:
		return fmt.Sprintf("%s: order %s updated %s %+v", e.Topic, e.Order.ID, clockText(e.Order.UpdatedAt), e.Order.Lines)
	case e.Movement != nil:
		return fmt.Sprintf("%s: %s of %s moved %s, occurred %s, created %s %s", e.Topic, e.Movement.Key, e.Movement.Ref, e.Movement.Quantity,
			clockText(e.Movement.OccurredAt), clockText(e.Movement.ChannelTime), e.Movement.Reference)
	case e.Recount != nil:
		return fmt.Sprintf("%s: %s of %s counted %s, occurred %s, created %s", e.Topic, e.Recount.Key, e.Recount.Ref, e.Recount.Counted,
			clockText(e.Recount.OccurredAt), clockText(e.Recount.ChannelTime))
	}
	return e.Topic
}

func describeLook(seen look, r stock.Reading) string {
	if r.Status != stock.Counted {
		return fmt.Sprintf("%s not counted (%d)", r.Ref, r.Status)
	}
	return fmt.Sprintf("%s shows %s version %s (effect %d)", r.Ref, r.Quantity, clockText(r.Version), seen.mark)
}

func clockText(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("15:04:05.000")
}

func (t *tracer) traceEntry(e ledger.Entry, after ledger.RefState) {
	t.tracef("ENTRY %d %s of %s (%s): level %s, expected %s = %s, %s, unconfirmed %d, %v %v", e.Seq, e.Kind, e.Ref, e.Key, toLevel(e), e.ExpectedDelta, after.Expected,
		after.Status, len(after.Unconfirmed), e.Postings, e.Evidence)
}
