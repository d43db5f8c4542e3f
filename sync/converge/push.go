package converge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// repeatMin and repeatMax bound the wait before an indefinite call is sent again; it doubles with every attempt.
const (
	repeatMin = 250 * time.Millisecond
	repeatMax = 5 * time.Minute
)

// recallCalls notes, once, that the calls which an earlier process left open may have been applied: it may have been killed
// after it had sent them and before it had recorded the answer (R7).
func (w *Worker) recallCalls(ctx context.Context) (progress bool, err error) {
	if w.recalled {
		return false, nil
	}
	calls, err := w.Store.OpenCalls(ctx, w.Channel)
	if err != nil {
		return false, fmt.Errorf("listing open calls: %w", err)
	}
	for _, call := range calls {
		answer := stock.Answer{Outcome: stock.Unknown, Reason: "an earlier process may have sent it"}
		if _, err := w.apply(ctx, ledger.CallAnswered{Key: call.Key, Answer: answer, Due: call.Due}); err != nil {
			return progress, err
		}
		progress = true
	}
	w.recalled = true
	return progress, nil
}

// forgotten says whether the platform may have forgotten the key of a call, so that sending it again might apply it twice.
func (w *Worker) forgotten(call ledger.Call) bool {
	keysLast := time.Duration(w.Platform.Traits().ForgetsKeysAfterHours) * time.Hour
	return keysLast > 0 && w.Now().Sub(call.CreatedAt) >= keysLast
}

// repeatCalls sends indefinite calls again with the same key and body (R7). One whose key may be forgotten is left to the
// rules unsent: nobody may have been there to send it for a day.
func (w *Worker) repeatCalls(ctx context.Context) (progress bool, err error) {
	calls, err := w.Store.OpenCalls(ctx, w.Channel)
	if err != nil {
		return false, fmt.Errorf("listing open calls: %w", err)
	}
	for _, call := range calls {
		if call.Due.After(w.Now()) {
			continue
		}
		if w.forgotten(call) {
			answer := stock.Answer{Outcome: stock.NotProcessed, Reason: "too old to be sent again"}
			if _, err := w.apply(ctx, ledger.CallAnswered{Key: call.Key, Answer: answer, Due: w.Now()}); err != nil {
				return progress, err
			}
			progress = true
			continue
		}
		receipt, err := w.apply(ctx, ledger.CallSending{Key: call.Key})
		if err != nil {
			return progress, err
		}
		for _, sending := range receipt.Calls {
			if err := w.send(ctx, sending); err != nil {
				return true, err
			}
		}
		progress = true
	}
	return progress, nil
}

// push plans and sends calls until nothing more is wanted and allowed.
func (w *Worker) push(ctx context.Context) (progress bool, err error) {
	due, err := w.Store.DueRefs(ctx, w.Channel, w.Now(), dueMax)
	if err != nil {
		return false, fmt.Errorf("listing wanted pushes: %w", err)
	}
	var refs []stock.Ref
	for _, ref := range due {
		if ref.Work.Push && ref.Opened && ref.Work.InFlight == "" && !ref.Work.PushDue.After(w.Now()) && !w.isHeld(heldRef{ref.State.Ref, true}) {
			refs = append(refs, ref.State.Ref)
		}
	}
	if len(refs) == 0 {
		return false, nil
	}
	if err := w.brakeMassChange(ctx); err != nil {
		return false, err
	}
	if err := w.learnClock(ctx, refs[0]); err != nil {
		return false, err
	}
	for len(refs) > 0 {
		n := min(len(refs), w.Platform.MaxRows())
		sent, err := w.pushSome(ctx, refs[:n])
		progress = progress || sent
		if err != nil {
			return progress, err
		}
		refs = refs[n:]
	}
	return progress, nil
}

// pushSome plans and sends one call. Where the call cannot be made of these refs, such as a delta beyond the platform's range,
// the one at fault is found by halving and held back.
func (w *Worker) pushSome(ctx context.Context, refs []stock.Ref) (sent bool, err error) {
	w.Failpoint("before plan")
	receipt, err := w.apply(ctx, ledger.PlanCall{
		Channel: w.Channel, Key: w.NewKey(), Refs: refs, OccurredAt: w.Platform.PlatformNow(), Encode: w.Platform.EncodeCall,
	})
	var refused *ledger.InputError
	switch {
	case errors.As(err, &refused) && len(refs) > 1:
		first, err := w.pushSome(ctx, refs[:len(refs)/2])
		if err != nil {
			return first, err
		}
		second, err := w.pushSome(ctx, refs[len(refs)/2:])
		return first || second, err
	case errors.As(err, &refused):
		w.Logger.Error("push refused", "channel", w.Channel, "ref", refs[0], "error", refused.Err)
		w.hold(heldRef{refs[0], true})
		return false, nil
	case err != nil:
		return false, err
	}
	w.Failpoint("after plan")
	for _, call := range receipt.Calls {
		if err := w.send(ctx, call); err != nil {
			return true, err
		}
		sent = true
	}
	return sent, nil
}

// learnClock makes sure that the platform's clock is known before a push is given a time.
func (w *Worker) learnClock(ctx context.Context, ref stock.Ref) error {
	if !w.Platform.PlatformNow().IsZero() {
		return nil
	}
	if _, err := w.Platform.ReadRefs(ctx, []stock.Ref{ref}, time.Time{}); err != nil {
		return fmt.Errorf("learning the clock of channel %s: %w", w.Channel, err)
	}
	return nil
}

// send makes one attempt and records what became of it. The record is made even when the process is told to stop, so that a
// definite answer is not asked for again.
func (w *Worker) send(ctx context.Context, call ledger.Call) error {
	w.Failpoint("before send")
	answer := w.Platform.SendCall(ctx, call.Key, call.Body)
	w.Failpoint("after send")
	if answer.Outcome == stock.Refused && call.MaybeApplied {
		answer = w.settle(ctx, call, answer)
	}
	wait := min(repeatMin<<min(call.Attempts-1, 16), repeatMax)
	due := w.Now().Add(max(wait, answer.RetryAfter))
	_, err := w.apply(context.WithoutCancel(ctx), ledger.CallAnswered{Key: call.Key, Answer: answer, Due: due})
	if err != nil {
		return err
	}
	w.Failpoint("after answer")
	if answer.Outcome == stock.NotProcessed || answer.Outcome == stock.Unknown {
		w.Logger.Warn("push not answered", "channel", w.Channel, "call", call.Key, "attempts", call.Attempts, "reason", answer.Reason)
	}
	return nil
}

// settle asks the platform's history whether a call that is refused now was applied by an earlier attempt (R7).
func (w *Worker) settle(ctx context.Context, call ledger.Call, refusal stock.Answer) stock.Answer {
	finder, ok := w.Platform.(ReferenceFinder)
	if !ok {
		return refusal
	}
	refs, references := make([]stock.Ref, len(call.Rows)), make([]string, len(call.Rows))
	for i, row := range call.Rows {
		refs[i], references[i] = row.Ref, row.Reference
	}
	found, err := finder.FindReferences(ctx, refs, call.OccurredAt.Add(-time.Second), references)
	switch {
	case err != nil:
		return stock.Answer{Outcome: stock.Unknown, Reason: fmt.Sprintf("refused (%s), history not readable: %v", refusal.Reason, err), RetryAfter: refusal.RetryAfter}
	case len(found) == len(references):
		return stock.Answer{Outcome: stock.Applied, Reason: "found in the history", PlatformTime: refusal.PlatformTime}
	case len(found) == 0:
		return refusal
	}
	return stock.Answer{Outcome: stock.Unknown, Reason: fmt.Sprintf("refused (%s), but the history shows %d of %d rows", refusal.Reason, len(found), len(references))}
}

// percentShelvesMin is how many shelves a run must change before the percentage counts: in a tiny shop one delivery is a
// large part of all units.
const percentShelvesMin = 20

// brakeMassChange engages the brake of a run that would change too much, unless a person has let it pass.
func (w *Worker) brakeMassChange(ctx context.Context) error {
	load, err := w.Store.WantedPushes(ctx, w.Channel)
	if err != nil {
		return fmt.Errorf("summing wanted pushes: %w", err)
	}
	reason := w.Limits.exceeded(load)
	if reason == "" {
		return nil
	}
	brakes, err := w.Store.StoredBrakes(ctx)
	if err != nil {
		return fmt.Errorf("listing brakes: %w", err)
	}
	now := w.Now()
	for _, brake := range brakes {
		if brake.Kind == ledger.MassChange && brake.Channel == w.Channel && (brake.ReleasedAt.IsZero() || brake.PassUntil.After(now)) {
			return nil
		}
	}
	w.Logger.Warn("brake engaged", "brake", ledger.MassChange, "channel", w.Channel, "reason", reason)
	_, err = w.apply(ctx, ledger.EngageBrake{Brake: ledger.Brake{
		ID: fmt.Sprintf("mass-change/%s/%s", w.Channel, now.UTC().Format("20060102T150405")), Kind: ledger.MassChange, Channel: w.Channel, Since: now,
		Evidence: stock.Evidence{"reason": reason, "shelves": fmt.Sprint(load.Shelves), "units": load.Units.String()},
	}})
	return err
}

// exceeded says which limit a run would break; empty: none.
func (l Limits) exceeded(load ledger.PushLoad) string {
	switch {
	case l.MaxShelves > 0 && load.Shelves > l.MaxShelves:
		return fmt.Sprintf("%d shelves would change, the limit is %d", load.Shelves, l.MaxShelves)
	case l.MaxPercent > 0 && load.Shelves >= percentShelvesMin && load.Units/stock.Quantity(l.MaxPercent) > load.Level/100:
		return fmt.Sprintf("%s of %s units would change, the limit is %d %%", load.Units, load.Level, l.MaxPercent)
	}
	return ""
}
