package converge

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// repeatMin and repeatMax bound the wait before a call without a definite answer is sent again; it doubles with every attempt.
const (
	repeatMin = 250 * time.Millisecond
	repeatMax = 5 * time.Minute
	// settleAfter is how old a call without a definite answer must be before the platform's history is asked instead. By then it
	// was repeated a dozen times under the same key, which most likely brought an answer.
	settleAfter = 10 * time.Minute
)

// recallCalls notes, once per process, that every call which is still open may have been applied: the process that planned it may
// have been killed after it had sent it and before it had recorded the answer (R7).
func (w *Worker) recallCalls(ctx context.Context) (progress bool, err error) {
	if w.pusher.recalled {
		return false, nil
	}
	calls, err := w.Ledger.OpenCalls(ctx, w.Channel)
	if err != nil {
		return false, fmt.Errorf("listing open calls: %w", err)
	}
	for _, call := range calls {
		answer := stock.Answer{Outcome: stock.Unknown, Reason: "an earlier process may have sent it"}
		// What made it wait may have ended with that process.
		if _, err := w.apply(ctx, ledger.CallAnswered{Key: call.Key, Answer: answer, Due: w.Now()}); err != nil {
			return progress, err
		}
		progress = true
	}
	w.pusher.recalled = true
	return progress, nil
}

// A channel counts as failing while a call has had unansweredMin attempts without a definite answer, or waits longer than
// unansweredPause for its next one.
const (
	unansweredMin   = 5
	unansweredPause = time.Minute
)

// longUnanswered returns an error that says what the platform said to the first such call; nil when there is none.
func (w *Worker) longUnanswered(calls []ledger.Call) error {
	for _, call := range calls {
		if call.Attempts >= unansweredMin || call.Due.Sub(w.Now()) > unansweredPause {
			return fmt.Errorf("call %s has no definite answer after %d attempts: %s", call.Key, call.Attempts, call.Reason)
		}
	}
	return nil
}

// repeatCalls sends calls without a definite answer again, with the same key and body (R7). If no process ran for a day, the platform
// may have forgotten a key, and would apply the call a second time: such a call is not sent, and the rules are told that it was not.
func (w *Worker) repeatCalls(ctx context.Context) (progress bool, err error) {
	calls, err := w.Ledger.OpenCalls(ctx, w.Channel)
	if err != nil {
		return false, fmt.Errorf("listing open calls: %w", err)
	}
	w.report(unanswered, w.longUnanswered(calls))
	w.forgetAttempts(calls)
	w.pusher.repeat = time.Time{}
	for _, call := range calls {
		if call.Due.After(w.Now()) && !w.freed(call.Key) {
			if next := w.pusher.repeat; next.IsZero() || call.Due.Before(next) {
				w.pusher.repeat = call.Due
			}
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

// forgetAttempts forgets those of calls that are not open any more.
func (w *Worker) forgetAttempts(open []ledger.Call) {
	if len(w.pusher.attempts) == 0 {
		return
	}
	kept := make(map[string]attempt, len(open))
	for _, call := range open {
		if last, sent := w.pusher.attempts[call.Key]; sent {
			kept[call.Key] = last
		}
	}
	w.pusher.attempts = kept
}

// send makes one attempt and records what became of it. The record is made even when the process was told to stop meanwhile: else
// the next one would have to ask again for an answer that was given.
func (w *Worker) send(ctx context.Context, call ledger.Call) error {
	w.forgetPromises()
	ctx = stock.InLane(ctx, callLane(call))
	w.Failpoint("before send")
	during := w.Door.Opening()
	answer := w.Platform.SendCall(ctx, call.Key, call.Body)
	w.Failpoint("after send")
	w.pusher.attempts[call.Key] = attempt{during, answer.RetryAfter > 0}
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

// settle asks the platform's history, where it keeps one, what became of a call whose answer does not tell (R7): one that was refused
// although an earlier attempt may have been written (a call older than a day is refused for its age alone), or one whose outcome
// stays unknown. If a row appears after history had none, the rules still recognise it as ours by its reference.
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
