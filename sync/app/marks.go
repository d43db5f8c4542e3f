package app

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
)

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
