package converge

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// percentShelvesMin is how many shelves a run must change before the percentage counts: in a small shop one box of goods may be a
// large part of all units.
const percentShelvesMin = 20

// brakeMassChange engages the brake of a run that would change too much, unless a person has let it pass.
func (w *Worker) brakeMassChange(ctx context.Context) error {
	load, err := w.Ledger.WantedPushes(ctx, w.Channel)
	if err != nil {
		return fmt.Errorf("summing wanted pushes: %w", err)
	}
	reason := w.Limits.exceeded(load)
	if reason == "" {
		return nil
	}
	brakes, err := w.Ledger.StoredBrakes(ctx)
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
