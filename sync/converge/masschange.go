package converge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// brakeNotRead stands for the id of the mass change brake before the stored brakes were read.
const brakeNotRead = "not read"

// massChange is what the mass change brake of the channel is judged by, as it stood just now. The rules judge (package reconcile);
// here is only read what they cannot see: the refs that are not in the call.
type massChange struct {
	reconcile.MassChange
	refs   []ledger.DueRef
	before ledger.PushLoad
}

// readMassChange reads where the brake stands before a call for so many refs. While it holds, the refs are read once a round only. What
// was there before is read wherever the call can come to so many shelves that it is needed, or the brake holds and may end meanwhile.
func (w *Worker) readMassChange(ctx context.Context, was *massChange, planned int) (*massChange, error) {
	if was != nil && was.Engaged != nil {
		return was, nil
	}
	brakes, err := w.Ledger.StoredBrakes(ctx)
	if err != nil {
		return was, fmt.Errorf("listing brakes: %w", err)
	}
	mass := &massChange{MassChange: reconcile.MassChangeOf(w.Channel, brakes, w.Now())}
	w.noteBrake(mass.MassChange)
	if mass.refs, err = w.Ledger.Uncaused(ctx, w.Channel, mass.Since); err != nil {
		return mass, fmt.Errorf("listing changes without a cause: %w", err)
	}
	mass.refs = slices.DeleteFunc(mass.refs, func(ref ledger.DueRef) bool { return reconcile.Misplaced(w.Locations, ref.State) })
	if len(mass.refs)+planned >= reconcile.PercentShelvesMin || mass.Engaged != nil {
		if mass.before, err = w.unitsBefore(ctx, mass.MassChange); err != nil {
			return mass, fmt.Errorf("summing units: %w", err)
		}
	}
	return mass, nil
}

// unitsKept is how long what the channel had before the window is remembered: the sum goes over all its refs, and the window moves on by
// seconds.
const unitsKept = time.Second

// units is what a channel had before the window, as it was summed up at a time for a state of the brake.
type units struct {
	load  ledger.PushLoad
	brake string
	at    time.Time
}

func (w *Worker) unitsBefore(ctx context.Context, mass reconcile.MassChange) (ledger.PushLoad, error) {
	if known := w.pusher.units; known.brake == mass.Brake() && w.Now().Sub(known.at) < unitsKept {
		return known.load, nil
	}
	load, err := w.Ledger.UnitsBefore(ctx, w.Channel, mass.Before())
	if err == nil {
		w.pusher.units = units{load, mass.Brake(), w.Now()}
	}
	return load, err
}

// load is what was and is to be changed without a cause on refs other than those of a call.
func (m *massChange) load(refs []stock.Ref) ledger.PushLoad {
	return m.Load(m.refs, refs).Of(m.before)
}

// heldRefs are those of which an engaged brake holds the whole push.
func (m *massChange) heldRefs() map[stock.Ref]struct{} {
	held := map[stock.Ref]struct{}{}
	for _, ref := range m.refs {
		if m.Engaged != nil && m.Holds(ref) {
			held[ref.State.Ref] = struct{}{}
		}
	}
	return held
}

// noteBrake logs once that the brake was engaged, and once that it was released.
func (w *Worker) noteBrake(mass reconcile.MassChange) {
	id := mass.Brake()
	switch {
	case id == w.pusher.brake:
	case id != "":
		w.Logger.Warn("brake engaged", "brake", ledger.MassChange, "channel", w.Channel, "reason", mass.Engaged.Evidence["reason"])
	case w.pusher.brake != brakeNotRead:
		w.Logger.Info("brake released", "brake", ledger.MassChange, "channel", w.Channel)
	}
	w.pusher.brake = id
}

// judgeBrake has an engaged brake judged anew when nothing else is to be pushed: its reason may be gone. What it holds is woken then.
func (w *Worker) judgeBrake(ctx context.Context, mass *massChange) error {
	if mass.Engaged == nil {
		return nil
	}
	_, err := w.apply(ctx, ledger.PlanCall{Channel: w.Channel, Key: mass.Engaged.ID, Since: mass.Since, Load: mass.load(nil), Brake: mass.Brake()})
	return err
}
