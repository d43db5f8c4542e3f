package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

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

// Sweep begins to sweep channels beside each other: they have budgets of their own. One that fails does not keep the others from being
// swept.
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
		var channels []stock.Channel
		for _, c := range a.Channels {
			if request.Channel == "" || request.Channel == c.Name {
				channels = append(channels, c.Name)
			}
		}
		said := &sweepProgress{said: make([]string, len(channels)), progress: progress}
		errs := make([]error, len(channels))
		job.Sweeps = make([]SweepResult, len(channels))
		var all sync.WaitGroup
		for i, channel := range channels {
			all.Go(func() {
				job.Sweeps[i], errs[i] = a.sweepChannel(ctx, channel, request.Kind, func(read int) {
					said.say(i, fmt.Sprintf("%s: %s read", channel, stock.Plural(read, "counter")))
				})
			})
		}
		all.Wait()
		return errors.Join(errs...)
	}
}

// sweepProgress says how far the sweeps of several channels are, in one line.
type sweepProgress struct {
	mu       sync.Mutex
	said     []string
	progress func(string)
}

func (p *sweepProgress) say(channel int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said[channel] = text
	p.progress(strings.Join(slices.DeleteFunc(slices.Clone(p.said), func(s string) bool { return s == "" }), ", "))
}

// sweepChannel sweeps one channel, and says in words whose finding each is.
func (a *App) sweepChannel(ctx context.Context, channel stock.Channel, kind string, progress func(read int)) (SweepResult, error) {
	run, findings, err := a.SweepChannel(ctx, channel, kind, progress)
	if err != nil {
		err = unanswered(channel, fmt.Sprintf("sweeping %s", channel), err)
	}
	findings = append([]ledger.Finding{}, findings...)
	return SweepResult{run, findings}, errors.Join(err, a.nameFindings(ctx, findings))
}
