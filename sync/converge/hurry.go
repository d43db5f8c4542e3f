package converge

import (
	"time"

	"github.com/evenstock/evenstock/sync/reconcile"
)

const (
	// hurryLasts is how long causes count as awaited after a push was seen to wait for them: a loop that pushes looks every pollPause.
	hurryLasts = 2 * pollPause
	// hurryPause is how often a loop asks early then: what has no cause yet, or an order that is not routed, is asked for again.
	hurryPause = time.Second
)

// hurry lets one loop ask early for causes while a push waits for them.
type hurry struct {
	// asked is when the loop last did.
	asked time.Time
}

// until is up to which time what is due counts as due now: while a push waits for causes, what the rules gather is due early.
func (h *hurry) until(w *Worker) time.Time {
	now := w.Now()
	if !w.Waker.causesAwaited(now) || now.Sub(h.asked) < hurryPause {
		return now
	}
	h.asked = now
	return now.Add(reconcile.GatherEvery)
}
