package converge

import (
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Status says how a worker is doing.
type Status struct {
	Channel stock.Channel `json:"channel"`
	// Error is why a loop failed, or why a call has no definite answer for long; empty when all is well. Since is when that began.
	Error string    `json:"error,omitempty"`
	Since time.Time `json:"since"`
}

// health joins how the loops of a worker are doing.
type health struct {
	mu     sync.Mutex
	errs   [partCount]error
	status Status
	// shown is the part whose error the status shows.
	shown part
}

// Status returns how the worker is doing.
func (w *Worker) Status() Status {
	w.health.mu.Lock()
	defer w.health.mu.Unlock()
	return w.health.status
}

// report notes how a part is doing. A failure of the channel is logged once when it begins and once when it ends.
func (w *Worker) report(of part, err error) {
	h := &w.health
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs[of] = err
	failed := h.status.Error != ""
	if failed && h.errs[h.shown] != nil {
		return
	}
	for i, err := range h.errs {
		if err == nil {
			continue
		}
		h.shown, h.status.Error = part(i), err.Error()
		if !failed {
			h.status.Since = w.Now()
			w.Logger.Warn("channel fails", "channel", w.Channel, "error", err)
		}
		return
	}
	if failed {
		w.Logger.Info("channel answers again", "channel", w.Channel, "after", w.Now().Sub(h.status.Since).Round(time.Millisecond))
		h.status = Status{Channel: w.Channel, Since: w.Now()}
	}
}
