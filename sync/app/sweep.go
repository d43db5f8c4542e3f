package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// The kinds of sweeps: what changed lately, or everything.
const (
	SweepRecent = sweep.Recent
	SweepFull   = sweep.Full
)

// SweepRequest asks to sweep now.
type SweepRequest struct {
	// Kind is "recent" (what changed lately) or "full" (everything).
	Kind string `json:"kind"`
	// Channel restricts it to one channel; empty: all.
	Channel stock.Channel `json:"channel,omitempty"`
}

// SweepResult is a run with what it found.
type SweepResult struct {
	ledger.Run
	Findings []ledger.Finding `json:"findings"`
}

// Sweep begins to sweep channels one after the other. One that fails does not keep the others from being swept.
func (a *App) Sweep(ctx context.Context, by Actor, request SweepRequest) (Job, error) {
	if request.Kind != SweepRecent && request.Kind != SweepFull {
		return Job{}, &Error{Kind: Invalid, What: fmt.Sprintf("no kind of sweep is called %q: there are %s and %s", request.Kind, SweepRecent, SweepFull)}
	}
	if request.Channel != "" {
		if _, err := a.channel(request.Channel); err != nil {
			return Job{}, err
		}
	}
	return a.store(ctx, JobSweep, by, request, a.sweep(request))
}

func (a *App) sweepFrom(raw json.RawMessage) (work, error) {
	var request SweepRequest
	err := json.Unmarshal(raw, &request)
	return a.sweep(request), err
}

func (a *App) sweep(request SweepRequest) work {
	return func(ctx context.Context, job *Job, progress func(string)) error {
		var errs []error
		for _, c := range a.Channels {
			if request.Channel != "" && request.Channel != c.Name {
				continue
			}
			run, findings, err := a.SweepChannel(ctx, c.Name, request.Kind, func(read int) { progress(fmt.Sprintf("%s: %s read", c.Name, stock.Plural(read, "counter"))) })
			if err != nil {
				errs = append(errs, unanswered(c.Name, fmt.Sprintf("sweeping %s", c.Name), err))
			}
			findings = append([]ledger.Finding{}, findings...)
			if err := a.nameFindings(ctx, findings); err != nil {
				errs = append(errs, err)
			}
			job.Sweeps = append(job.Sweeps, SweepResult{run, findings})
		}
		return errors.Join(errs...)
	}
}
