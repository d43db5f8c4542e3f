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

// push plans and sends calls until nothing more is wanted and allowed. Before each call it looks anew for what is most urgent, and how
// much of the channel changes without a cause. It plans no ref twice in a round: one that still wants a push is held by a brake, or
// changed again and may be read first.
func (w *Worker) push(ctx context.Context) (progress bool, err error) {
	planned := map[stock.Ref]struct{}{}
	var mass *massChange
	for {
		refs, err := w.duePushes(ctx, planned)
		if err != nil || len(refs) == 0 && w.brake == "" {
			return progress, err
		}
		first := mass == nil
		if mass, err = w.readMassChange(ctx, mass); err != nil {
			return progress, err
		}
		if held := mass.heldRefs(); first && len(held) > 0 {
			maps.Copy(planned, held)
			continue
		}
		if len(refs) == 0 {
			return progress, w.judgeBrake(ctx, mass)
		}
		if first {
			if err := w.learnClock(ctx, refs[0]); err != nil {
				return false, err
			}
		}
		for _, ref := range refs {
			planned[ref] = struct{}{}
		}
		sent, err := w.pushSome(ctx, refs, mass)
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
		page, err := w.Ledger.DuePushes(ctx, w.Channel, w.Now(), after, most+len(planned)+len(w.skipped))
		if err != nil {
			return nil, fmt.Errorf("listing wanted pushes: %w", err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		due = append(due, slices.DeleteFunc(page, func(push ledger.DuePush) bool {
			_, done := planned[push.Ref]
			return done || w.isSkipped(skippedRef{push.Ref, true})
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

// pushSome plans and sends one call. If no call can be made of these refs, for instance because a delta is beyond the platform's
// range, it tries with each half of them, until the one at fault is alone and is skipped.
func (w *Worker) pushSome(ctx context.Context, refs []stock.Ref, mass *massChange) (sent bool, err error) {
	w.Failpoint("before plan")
	receipt, err := w.apply(ctx, ledger.PlanCall{
		Channel: w.Channel, Key: w.NewKey(), Refs: refs, OccurredAt: w.Platform.PlatformNow(), Encode: w.Platform.EncodeCall,
		Since: mass.Since, Load: mass.load(refs),
	})
	var refused *ledger.InputError
	switch {
	case errors.As(err, &refused) && len(refs) > 1:
		first, err := w.pushSome(ctx, refs[:len(refs)/2], mass)
		if err != nil {
			return first, err
		}
		second, err := w.pushSome(ctx, refs[len(refs)/2:], mass)
		return first || second, err
	case errors.As(err, &refused):
		w.Logger.Error("push refused", "channel", w.Channel, "ref", refs[0], "error", refused.Err)
		w.skip(skippedRef{refs[0], true})
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

// learnClock makes sure that the platform's clock is known, for a push is given a time by it. Any answer tells it, so a ref is read.
func (w *Worker) learnClock(ctx context.Context, ref stock.Ref) error {
	if !w.Platform.PlatformNow().IsZero() {
		return nil
	}
	if _, err := w.Platform.ReadRefs(ctx, []stock.Ref{ref}, time.Time{}); err != nil {
		return fmt.Errorf("learning the clock of channel %s: %w", w.Channel, err)
	}
	return nil
}
