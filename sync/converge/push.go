package converge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// repeatMin and repeatMax bound the wait before an indefinite call is sent again; it doubles with every attempt.
const (
	repeatMin = 250 * time.Millisecond
	repeatMax = 5 * time.Minute
	// settleAfter is how old a call must be before history decides what became of it although the platform does not say. Until
	// then a dozen repeats under the same key have most likely brought an answer.
	settleAfter = 10 * time.Minute
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

// A channel counts as failing while a call has had unansweredMin attempts without a definite answer, or waits longer than
// unansweredPause for its next one.
const (
	unansweredMin   = 5
	unansweredPause = time.Minute
)

// longUnanswered says of the first such call what the platform said; nil: there is none.
func (w *Worker) longUnanswered(calls []ledger.Call) error {
	for _, call := range calls {
		if call.Attempts >= unansweredMin || call.Due.Sub(w.Now()) > unansweredPause {
			return fmt.Errorf("call %s has no definite answer after %d attempts: %s", call.Key, call.Attempts, call.Reason)
		}
	}
	return nil
}

// repeatCalls sends indefinite calls again with the same key and body (R7). One whose key may be forgotten is left to the
// rules unsent: nobody may have been there to send it for a day.
func (w *Worker) repeatCalls(ctx context.Context) (progress bool, err error) {
	calls, err := w.Store.OpenCalls(ctx, w.Channel)
	if err != nil {
		return false, fmt.Errorf("listing open calls: %w", err)
	}
	w.unanswered = w.longUnanswered(calls)
	for _, call := range calls {
		if call.Due.After(w.Now()) {
			continue
		}
		if reconcile.KeyForgotten(call, w.Platform.Traits(), w.Now()) {
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

// push plans and sends calls until nothing more is wanted and allowed. Before each call it looks anew for what is most urgent,
// and it plans no ref twice: a brake holds the one, and the other may be read before it is pushed again.
func (w *Worker) push(ctx context.Context) (progress bool, err error) {
	planned := map[stock.Ref]struct{}{}
	for {
		refs, err := w.duePushes(ctx, planned)
		if err != nil || len(refs) == 0 {
			return progress, err
		}
		if len(planned) == 0 {
			if err := w.brakeMassChange(ctx); err != nil {
				return false, err
			}
			if err := w.learnClock(ctx, refs[0]); err != nil {
				return false, err
			}
		}
		for _, ref := range refs {
			planned[ref] = struct{}{}
		}
		sent, err := w.pushSome(ctx, refs)
		progress = progress || sent
		if err != nil {
			return progress, err
		}
	}
}

// duePushes lists the refs of the next call, the most urgent first, without those that were planned already.
func (w *Worker) duePushes(ctx context.Context, planned map[stock.Ref]struct{}) (refs []stock.Ref, err error) {
	most := w.Platform.MaxRows()
	var due []ledger.DuePush
	var after ledger.DuePush
	for len(due) < most {
		page, err := w.Store.DuePushes(ctx, w.Channel, w.Now(), after, most+len(planned)+len(w.held))
		if err != nil {
			return nil, fmt.Errorf("listing wanted pushes: %w", err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		due = append(due, slices.DeleteFunc(page, func(push ledger.DuePush) bool {
			_, done := planned[push.Ref]
			return done || w.isHeld(heldRef{push.Ref, true})
		})...)
	}
	if len(due) == 0 {
		return nil, nil
	}
	for _, push := range deal(due, most, func(push ledger.DuePush) int { return push.Refusals })[0] {
		refs = append(refs, push.Ref)
	}
	return refs, nil
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
	switch {
	case answer.Outcome == stock.Refused && call.MaybeApplied,
		answer.Outcome == stock.Unknown && w.Now().Sub(call.CreatedAt) >= settleAfter:
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

// settle asks the platform's history what became of a call (R7) whose refusal may be of what an earlier attempt wrote, or whose
// outcome the platform does not say for so long that it may never: a call older than a day is refused for its age whatever
// became of it. A row that strays in after history had none is recognised by its reference all the same.
func (w *Worker) settle(ctx context.Context, call ledger.Call, answer stock.Answer) stock.Answer {
	finder, ok := w.Platform.(ReferenceFinder)
	if !ok {
		return answer
	}
	refs, references := make([]stock.Ref, len(call.Rows)), make([]string, len(call.Rows))
	for i, row := range call.Rows {
		refs[i], references[i] = row.Ref, row.Reference
	}
	found, err := finder.FindReferences(ctx, refs, reconcile.HistoryFrom(call.OccurredAt), references)
	said := fmt.Sprintf("%s (%s)", answer.Outcome, answer.Reason)
	switch {
	case err != nil:
		return stock.Answer{Outcome: stock.Unknown, Reason: fmt.Sprintf("%s, history not readable: %v", said, err), RetryAfter: answer.RetryAfter}
	case len(found) == len(references):
		return stock.Answer{Outcome: stock.Applied, Reason: "found in the history", PlatformTime: answer.PlatformTime}
	case len(found) == 0:
		return stock.Answer{Outcome: stock.Refused, Reason: said + ", and not in the history", BadRows: answer.BadRows, RetryAfter: answer.RetryAfter}
	}
	return stock.Answer{Outcome: stock.Unknown, Reason: fmt.Sprintf("%s, but the history shows %d of %d rows", said, len(found), len(references))}
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
