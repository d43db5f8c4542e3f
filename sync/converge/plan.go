package converge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// pushAll sends whatever is to be sent. Nothing is sent before the calls that an earlier process left open are noted.
func (w *Worker) pushAll(ctx context.Context) (progress bool, err error) {
	if progress, err = w.recallCalls(ctx); err != nil {
		return progress, err
	}
	for _, do := range []func(context.Context) (bool, error){w.repeatCalls, w.push} {
		did, doErr := do(ctx)
		progress = progress || did
		err = errors.Join(err, doErr)
		if ctx.Err() != nil {
			return progress, ctx.Err()
		}
	}
	if err != nil {
		w.forgetPromises()
	}
	return progress, err
}

// pushRound is what a round of pushes knows.
type pushRound struct {
	// planned are the refs that are not planned any more: one that still wants a push is held by a brake, or changed again and may be
	// read first.
	planned map[stock.Ref]struct{}
	mass    *massChange
}

// push plans and sends calls until nothing more is wanted and allowed. Before each call it looks anew for what is most urgent, and how
// much of the channel changes without a cause. It plans no ref twice in a round.
func (w *Worker) push(ctx context.Context) (progress bool, err error) {
	round := pushRound{planned: map[stock.Ref]struct{}{}}
	for {
		sent, more, err := w.pushNext(ctx, &round)
		progress = progress || sent
		if err != nil || !more {
			return progress, err
		}
	}
}

// pushNext plans and sends the next call, when its turn has come: it carries what is due then.
func (w *Worker) pushNext(ctx context.Context, round *pushRound) (sent, more bool, err error) {
	held, turn, err := w.claimTurn(ctx, round.planned)
	if err != nil {
		return false, false, err
	}
	defer turn.giveBack()
	calls, more, err := w.planNext(ctx, round, held)
	for _, call := range calls {
		if sendErr := w.send(turn.ctx, call); sendErr != nil {
			return true, false, errors.Join(err, sendErr)
		}
		sent = true
	}
	return sent, more, err
}

// claimTurn claims the refs of the next call and has its turn. Nothing is claimed while it waits for that.
func (w *Worker) claimTurn(ctx context.Context, planned map[stock.Ref]struct{}) (*claim, turn, error) {
	held, lane, err := w.claimPushes(ctx, planned)
	if err != nil || len(held.refs) == 0 {
		return held, noTurn(ctx), err
	}
	turn, now := w.turnNow(ctx, lane)
	if now {
		return held, turn, nil
	}
	w.releasePlanned(held)
	w.forgetPromises()
	turn = w.waitTurn(ctx, lane)
	if held, _, err = w.claimPushes(ctx, planned); err != nil {
		turn.giveBack()
		return held, noTurn(ctx), err
	}
	return held, turn, nil
}

// planNext stores the next call, of refs that are claimed, and gives them up; two or more calls if one cannot carry them all. more: there
// may be others.
func (w *Worker) planNext(ctx context.Context, round *pushRound, held *claim) (calls []ledger.Call, more bool, err error) {
	defer w.releasePlanned(held)
	if len(held.refs) == 0 && w.pusher.brake == "" {
		return nil, false, nil
	}
	first := round.mass == nil
	if round.mass, err = w.readMassChange(ctx, round.mass, len(held.refs)); err != nil {
		return nil, false, err
	}
	if round.mass.Engaged != nil {
		w.Waker.awaitCauses(w.Now())
	}
	if braked := round.mass.heldRefs(); first && len(braked) > 0 {
		maps.Copy(round.planned, braked)
		return nil, true, nil
	}
	if len(held.refs) == 0 {
		return nil, false, w.judgeBrake(ctx, round.mass)
	}
	if first {
		if err := w.learnClock(ctx, held.refs[0]); err != nil {
			return nil, false, err
		}
	}
	for _, ref := range held.refs {
		round.planned[ref] = struct{}{}
	}
	calls, err = w.plan(ctx, held.refs, round.mass)
	return calls, true, err
}

// claimPushes lists the refs of the next call, the most urgent first, without those that were planned already, and claims them.
func (w *Worker) claimPushes(ctx context.Context, planned map[stock.Ref]struct{}) (held *claim, lane stock.Lane, err error) {
	w.claims.mu.Lock()
	defer w.claims.mu.Unlock()
	if w.claims.takeBack() {
		w.wake(reading)
	}
	most := w.Platform.MaxRows()
	var due []ledger.DuePush
	var after ledger.DuePush
	// What was planned is mostly wanted no more. Where a brake holds it, larger and larger pages come past it.
	for limit := most + w.skips.count() + len(w.claims.held); len(due) < most; limit = min(2*limit, ledger.MaxPage) {
		page, err := w.Ledger.DuePushes(ctx, w.Channel, w.Now(), after, limit)
		if err != nil {
			return nil, lane, fmt.Errorf("listing wanted pushes: %w", err)
		}
		last := len(page) < ledger.PageSize(limit)
		if len(page) > 0 {
			after = page[len(page)-1]
		}
		due = append(due, slices.DeleteFunc(page, func(push ledger.DuePush) bool {
			_, done := planned[push.Ref]
			return done || w.skips.skipped(skippedRef{push.Ref, true}) || !w.claims.plannable(push.Ref)
		})...)
		if last {
			break
		}
	}
	var refs []stock.Ref
	lane = stock.Pushes
	if len(due) > 0 {
		for _, push := range deal(due, most, func(push ledger.DuePush) int { return push.Refusals })[0] {
			refs = append(refs, push.Ref)
			lane = min(lane, pushLane(push.Level))
		}
	}
	return w.claims.take(pushing, refs), lane, nil
}

// releasePlanned gives up refs whose call is stored, or is not to be.
func (w *Worker) releasePlanned(held *claim) {
	if w.claims.release(held) {
		w.wake(reading)
	}
}

// forgetPromises lets refs be read although a push wants to go first: it cannot go now.
func (w *Worker) forgetPromises() {
	w.claims.mu.Lock()
	defer w.claims.mu.Unlock()
	if w.claims.takeBack() {
		w.wake(reading)
	}
}

// plan stores one call. If none can be made of these refs, for instance because a delta is beyond the platform's range, it tries with
// each half of them, until the one at fault is alone and is skipped.
func (w *Worker) plan(ctx context.Context, refs []stock.Ref, mass *massChange) ([]ledger.Call, error) {
	w.Failpoint("before plan")
	receipt, err := w.apply(ctx, ledger.PlanCall{
		Channel: w.Channel, Key: w.NewKey(), Refs: refs, OccurredAt: w.Platform.PlatformNow(), Encode: w.Platform.EncodeCall,
		Since: mass.Since, Load: mass.load(refs), Brake: mass.Brake(),
	})
	var refused *ledger.InputError
	switch {
	case errors.As(err, &refused) && len(refs) > 1:
		first, err := w.plan(ctx, refs[:len(refs)/2], mass)
		if err != nil {
			return first, err
		}
		second, err := w.plan(ctx, refs[len(refs)/2:], mass)
		return append(first, second...), err
	case errors.As(err, &refused):
		w.Logger.Error("push refused", "channel", w.Channel, "ref", refs[0], "error", refused.Err)
		w.skips.skip(skippedRef{refs[0], true})
		return nil, nil
	case err != nil:
		return nil, err
	}
	w.Failpoint("after plan")
	return receipt.Calls, nil
}

// learnClock makes sure that the platform's clock is known, for a push is given a time by it. Any answer tells it, so a ref is read.
func (w *Worker) learnClock(ctx context.Context, ref stock.Ref) error {
	if !w.Platform.PlatformNow().IsZero() {
		return nil
	}
	if _, err := w.Platform.ReadRefs(stock.InLane(ctx, stock.Pushes), []stock.Ref{ref}, time.Time{}); err != nil {
		return fmt.Errorf("learning the clock of channel %s: %w", w.Channel, err)
	}
	return nil
}
