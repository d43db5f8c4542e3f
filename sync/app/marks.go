package app

import (
	"context"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// target is what a counter should show, beside the other counters of its shelf.
func (a *App) target(ref ledger.DueRef, shelf []ledger.DueRef) stock.Quantity {
	traits := a.traits(ref.State.Ref.Channel)
	if a.soldOutFor(ref, shelf) {
		return reconcile.TargetSoldOut(ref.Level, traits)
	}
	return reconcile.Target(ref.Level, traits)
}

// soldOutFor says whether another channel, whose mark counts for all, marks the item of a counter's shelf as sold out.
func (a *App) soldOutFor(ref ledger.DueRef, shelf []ledger.DueRef) bool {
	return slices.ContainsFunc(shelf, func(other ledger.DueRef) bool {
		if other.State.SoldOut.IsZero() || other.State.Ref.Channel == ref.State.Ref.Channel {
			return false
		}
		c, err := a.channel(other.State.Ref.Channel)
		return err == nil && c.SoldOutEverywhere
	})
}

// ReadMarks wishes for a read of every counter whose item is marked as sold out: what the mark means for the other channels follows from
// the configuration, which may be another one since the last start.
func (a *App) ReadMarks(ctx context.Context) error {
	var wishes []ledger.Input
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return err
		}
		if !ref.State.SoldOut.IsZero() {
			wishes = append(wishes, ledger.WantRead{Ref: ref.State.Ref, Reason: "it was marked as sold out"})
		}
	}
	if len(wishes) == 0 {
		return nil
	}
	_, err := a.apply(ctx, wishes...)
	return err
}
