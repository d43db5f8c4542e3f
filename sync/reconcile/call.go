package reconcile

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// confirmReason is why a ref is read whose push was answered.
	confirmReason = "confirm a push"
	// refusalPause is the wait after a row was refused; it doubles with every refusal in a row, up to refusalPauseMax.
	refusalPause    = time.Second
	refusalPauseMax = time.Hour
	// abandonAfter is how old a call may grow of which no attempt can have been applied; then its rows are pushed anew under
	// another key. Square refuses an occurred_at older than 24 hours.
	abandonAfter = 20 * time.Hour
)

// KeyForgotten says whether the platform may have forgotten the key of a call, so that sending it again might apply it twice.
func KeyForgotten(call ledger.Call, traits stock.Traits, now time.Time) bool {
	keysLast := time.Duration(traits.ForgetsKeysAfterHours) * time.Hour
	return keysLast > 0 && now.Sub(call.CreatedAt) >= keysLast
}

// call returns the working copy of a call.
func (s *session) call(key string) (ledger.Call, bool) {
	if call, ok := s.calls[key]; ok {
		return call, true
	}
	call, ok := s.snapshot.Calls[key]
	return call, ok
}

// planCall computes every push from the level of this moment and stores the call. The worker sends it next.
func (s *session) planCall(in ledger.PlanCall) (ledger.Disposition, error) {
	call := ledger.Call{Key: in.Key, Channel: in.Channel, State: ledger.CallOpen, OccurredAt: in.OccurredAt,
		CreatedAt: s.at, Attempts: 1, Due: s.at}
	var rows []stock.PushRow
	mass := s.judgeMassChange(in)
	if mass == massUnknown {
		return repeat(in.Channel, "plan again: a mass change began or ended"), nil
	}
	for _, name := range in.Refs {
		r := s.ref(name)
		if r == nil || name.Channel != in.Channel {
			continue
		}
		delta := s.pushOf(r, mass)
		if delta == 0 {
			continue
		}
		push := stock.PushRow{Ref: name, Delta: delta, Reference: Reference(in.Key, len(rows))}
		rows = append(rows, push)
		call.Rows = append(call.Rows, ledger.CallRow{PushRow: push, Level: s.shelf(r.State.Shelf).Level, Through: s.lastSeq()})
		r.work().InFlight = in.Key
		s.followUncaused(r, mass)
		s.expectAnswers(r.State.Shelf, delta)
	}
	if len(rows) == 0 {
		return ignored(in.Channel, "nothing to push"), nil
	}
	body, err := in.Encode(in.Key, in.OccurredAt, rows)
	if err != nil {
		return ledger.Disposition{}, fmt.Errorf("encoding call %s: %w", in.Key, err)
	}
	call.Body = body
	s.calls[in.Key] = call
	return done(in.Channel, "call stored"), nil
}

// pushOf returns the push that a ref wants and that no brake holds; 0: none. A counter that is in doubt is read first. One that the
// configuration has at another of our locations than its link, or not at all, waits until both agree: nobody can tell whose units it counts.
func (s *session) pushOf(r *row, mass massVerdict) stock.Quantity {
	if !s.wantsPush(r) || r.Work.InFlight != "" || r.Work.Unlink || r.Work.Doubted() || r.Work.PushDue.After(s.at) || s.misplaced(r) {
		return 0
	}
	delta := s.target(r) - r.State.Expected
	if mass == massHeld {
		delta = s.causedPart(r, delta)
	}
	delta = s.doubtedPart(r, delta)
	if delta = s.withoutPrograms(r, delta); delta == 0 {
		return 0
	}
	if _, held := s.brakeOn(r, r.State.Expected+delta); held {
		return 0
	}
	return delta
}

func (s *session) callSending(in ledger.CallSending) (ledger.Disposition, error) {
	call, ok := s.call(in.Key)
	if !ok || call.State != ledger.CallOpen {
		return ledger.Disposition{}, fmt.Errorf("sending call %s: %w", in.Key, ledger.ErrNotFound)
	}
	call.Attempts++
	s.calls[in.Key] = call
	return done(call.Channel, "call sent again"), nil
}

// callAnswered is R3 and R7.
func (s *session) callAnswered(in ledger.CallAnswered) (ledger.Disposition, error) {
	call, ok := s.call(in.Key)
	if !ok {
		return ledger.Disposition{}, fmt.Errorf("answering call %s: %w", in.Key, ledger.ErrNotFound)
	}
	if call.State != ledger.CallOpen {
		return duplicate(call.Channel, "call is definite"), nil
	}
	call.Reason = in.Answer.Reason
	switch in.Answer.Outcome {
	case stock.Applied:
		return s.callApplied(call, in.Answer), nil
	case stock.Refused:
		return s.callRefused(call, in.Answer), nil
	}
	if in.Answer.Outcome == stock.Unknown {
		call.MaybeApplied = true
	}
	call.Due = in.Due
	return s.callOpen(call), nil
}

// callOpen keeps a call without a definite answer, until the platform may have forgotten its key.
func (s *session) callOpen(call ledger.Call) ledger.Disposition {
	forgotten := KeyForgotten(call, s.traits(call.Channel), s.at)
	switch {
	case !call.MaybeApplied && (forgotten || s.at.Sub(call.CreatedAt) >= abandonAfter):
		call.Reason = "never sent: " + call.Reason
		return s.callRefused(call, stock.Answer{})
	case call.MaybeApplied && forgotten:
		return s.callSetAside(call)
	}
	s.calls[call.Key] = call
	return done(call.Channel, "call repeated later")
}

func (s *session) callApplied(call ledger.Call, answer stock.Answer) ledger.Disposition {
	call.State = ledger.CallApplied
	s.calls[call.Key] = call
	for i, pushed := range call.Rows {
		r := s.ref(pushed.Ref)
		if r == nil {
			continue
		}
		w := r.work()
		w.InFlight, w.Refusals, w.PushDue = "", 0, time.Time{}
		answered := answer.PlatformTime
		if answered.IsZero() {
			answered = s.at
		}
		s.rememberPush(r, r.State.Expected, pushed.Delta)
		s.writePush(r, ledger.PushMark{Call: call.Key, Row: i, Delta: pushed.Delta, Phase: ledger.Answered, OccurredAt: call.OccurredAt, AnsweredAt: answered},
			ledger.Entry{ExpectedDelta: pushed.Delta, ObservedAt: answered, Evidence: stock.Evidence{
				"level": pushed.Level.String(), "through": fmt.Sprint(pushed.Through), "reference": pushed.Reference}})
		if s.traits(call.Channel).History {
			s.wantRead(r, confirmReason, gathered(s.at.Add(historyPause)), time.Time{})
		}
		s.unlinkIfDefinite(r)
	}
	return done(call.Channel, "call applied")
}

// writePush records what became known of one of our writes. It posts nothing: a write of ours carries stock nowhere, it only tells
// a counter what the ledger knows.
func (s *session) writePush(r *row, mark ledger.PushMark, e ledger.Entry) {
	e.Kind, e.Push, e.OccurredAt = ledger.KindPush, &mark, mark.OccurredAt
	e.Key = ledger.PushKey(mark.Call, mark.Row, mark.Phase)
	if e.ObservedAt.IsZero() {
		e.ObservedAt = s.at
	}
	s.write(r, e)
}

// callRefused frees the refs of a call that certainly had no effect, so that they can be pushed anew. Those whose rows the platform
// blames, or all if it blames none, wait longer each time; one whose item is gone ends there.
func (s *session) callRefused(call ledger.Call, answer stock.Answer) ledger.Disposition {
	bad := answer.BadRows
	call.State = ledger.CallRefused
	s.calls[call.Key] = call
	for i, pushed := range call.Rows {
		r := s.ref(pushed.Ref)
		if r == nil {
			continue
		}
		w := r.work()
		w.InFlight = ""
		s.followNoMore(r, call)
		if slices.Contains(answer.GoneRows, i) {
			s.goes(r, later(answer.PlatformTime, r.State.Version), answer.Reason)
			s.unlinkIfDefinite(r)
			continue
		}
		if len(bad) == 0 || slices.Contains(bad, i) {
			w.PushDue = s.at.Add(min(refusalPause<<min(w.Refusals, 12), refusalPauseMax))
			w.Refusals++
		}
		s.wantRead(r, "a push was refused", s.at, time.Time{})
		s.unlinkIfDefinite(r)
	}
	return done(call.Channel, "call refused")
}

// callSetAside stops everything on the rows' refs until a person says what became of the call (R7).
func (s *session) callSetAside(call ledger.Call) ledger.Disposition {
	call.State = ledger.CallSetAside
	s.calls[call.Key] = call
	for i, pushed := range call.Rows {
		if r := s.ref(pushed.Ref); r != nil {
			s.writePush(r, ledger.PushMark{Call: call.Key, Row: i, Delta: pushed.Delta, Phase: ledger.Undecided, OccurredAt: call.OccurredAt},
				ledger.Entry{Status: ledger.SetAside, Evidence: stock.Evidence{"note": "the outcome is not known and the platform forgets keys", "reason": call.Reason}})
		}
	}
	return done(call.Channel, "call set aside")
}

// resolvePush takes a person's word on whether a push was applied. Where the platform keeps a history the push was added to expected
// when it was answered, and is taken out again if it was not applied; elsewhere it is added now if it was.
func (s *session) resolvePush(in ledger.ResolvePush) (ledger.Disposition, error) {
	r := s.ref(in.Ref)
	if r == nil || r.State.Status != ledger.SetAside {
		return ledger.Disposition{}, fmt.Errorf("resolving the push of %s: the ref is not set aside: %w", in.Ref, ledger.ErrNotFound)
	}
	i := slices.IndexFunc(r.State.Unconfirmed, func(m ledger.PushMark) bool { return m.Call == in.Call && m.Phase == ledger.Undecided })
	if i < 0 {
		return ledger.Disposition{}, fmt.Errorf("resolving the push of %s: call %s is not undecided: %w", in.Ref, in.Call, ledger.ErrNotFound)
	}
	mark := r.State.Unconfirmed[i]
	mark.Phase, mark.AnsweredAt = ledger.Resolved, s.at
	entry := ledger.Entry{
		Kind: ledger.KindCorrection, Key: ledger.PushKey(mark.Call, mark.Row, mark.Phase), Push: &mark,
		OccurredAt: mark.OccurredAt, ObservedAt: s.at, Evidence: stock.Evidence{"by": in.By, "applied": fmt.Sprint(in.Applied)},
	}
	counted := s.traits(in.Ref.Channel).History
	switch {
	case in.Applied && !counted:
		entry.ExpectedDelta = mark.Delta
	case !in.Applied && counted:
		entry.ExpectedDelta = -mark.Delta
	}
	if !slices.ContainsFunc(r.State.Unconfirmed, func(m ledger.PushMark) bool { return m.Phase == ledger.Undecided && m != r.State.Unconfirmed[i] }) {
		entry.Status = ledger.Live
	}
	s.write(r, entry)
	r.work().InFlight = ""
	if !s.unlinkIfDefinite(r) {
		s.wantRead(r, "a push was resolved", s.at, time.Time{})
	}
	return done(in.Ref.Channel, "push resolved"), nil
}
