package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// storedJob is the mark of a job that outlives a crash.
type storedJob struct {
	ID        string          `json:"id"`
	By        string          `json:"by"`
	StartedAt time.Time       `json:"started_at"`
	Request   json.RawMessage `json:"request"`
}

func jobMark(kind JobKind) string { return "job/" + string(kind) }

// work is what a job of a kind does; it fills in the job's result, of which the id is set, and tells how far it is.
type work func(ctx context.Context, job *Job, progress func(string)) error

// Run does jobs until ctx ends and returns when none goes on. Where the merchant works it first takes up those that an earlier
// process left. Without it no job makes progress.
func (a *App) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	if a.SweepChannel != nil {
		for kind, decode := range map[JobKind]func(json.RawMessage) (work, error){JobBaseline: a.baselineFrom, JobSweep: a.sweepFrom} {
			if err := a.resume(ctx, kind, decode, running.Go); err != nil && ctx.Err() == nil {
				// The mark stays: the next start tries again, and asking anew replaces it.
				a.Logger.Error("a job that was interrupted does not go on", "kind", kind, "error", err)
			}
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case job := <-a.jobs.started:
			running.Go(func() { job(ctx) })
		}
	}
}

// resume goes on with the job of a kind that an earlier process left, unless somebody has asked for another meanwhile.
func (a *App) resume(ctx context.Context, kind JobKind, decode func(json.RawMessage) (work, error), begin func(func())) error {
	mark, err := a.Ledger.Mark(ctx, jobMark(kind))
	if err != nil || mark == "" {
		return err
	}
	var stored storedJob
	if err := json.Unmarshal([]byte(mark), &stored); err != nil {
		return fmt.Errorf("reading its mark: %w", err)
	}
	do, err := decode(stored.Request)
	if err != nil {
		return fmt.Errorf("reading its request: %w", err)
	}
	ctx, giveUp := context.WithCancel(ctx)
	kept, joined, err := a.reserve(keptJob{giveUp: giveUp, request: sameRequest(stored.Request),
		Job: Job{ID: stored.ID, Kind: kind, By: stored.By, StartedAt: stored.StartedAt}})
	if err != nil || joined {
		giveUp()
		return nil
	}
	a.Logger.Info("going on with a job that was interrupted", "kind", kind, "job", stored.ID)
	begin(func() {
		defer giveUp()
		a.do(ctx, kept, true, do)
	})
	return nil
}

// store writes down that a job is wanted, and begins it, or joins the one that does the same.
func (a *App) store(ctx context.Context, kind JobKind, by Actor, request any, do work) (Job, error) {
	raw, err := json.Marshal(request)
	if err != nil {
		return Job{}, fmt.Errorf("encoding a job: %w", err)
	}
	job := a.newJob(kind, by)
	mark, err := json.Marshal(storedJob{ID: job.ID, By: job.By, StartedAt: job.StartedAt, Request: raw})
	if err != nil {
		return Job{}, fmt.Errorf("encoding a job: %w", err)
	}
	kept, joined, err := a.reserve(keptJob{Job: job, request: sameRequest(raw)})
	if err != nil {
		return Job{}, err
	}
	if joined {
		return kept.Job, nil
	}
	if err := a.mark(ctx, kind, string(mark)); err != nil {
		err = fmt.Errorf("storing a job: %w", err)
		a.end(kept, Job{}, err)
		return Job{}, err
	}
	return a.hand(kept, true, do), nil
}

// sameRequest is what two requests have in common that ask for the same: the numbers of the plan that somebody has seen are not part of
// it, for they are other ones a moment later.
func sameRequest(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return string(raw)
	}
	delete(fields, "shown")
	same, err := json.Marshal(fields)
	if err != nil {
		return string(raw)
	}
	return string(same)
}

// begin begins a job that is not stored: to lose it loses nothing.
func (a *App) begin(job Job, do work) (Job, error) {
	kept, joined, err := a.reserve(keptJob{Job: job})
	if err != nil {
		return Job{}, err
	}
	if joined {
		return kept.Job, nil
	}
	return a.hand(kept, false, do), nil
}

// hand gives a job to Run.
func (a *App) hand(kept *keptJob, stored bool, do work) Job {
	begun := kept.Job
	a.jobs.started <- func(ctx context.Context) { a.do(ctx, kept, stored, do) }
	return begun
}

// do does a job. A stored one is forgotten when it ends by itself, not when the process does.
func (a *App) do(ctx context.Context, kept *keptJob, stored bool, do work) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if !a.begins(kept, stop) {
		return
	}
	defer close(kept.over)
	result := Job{ID: kept.ID}
	err := do(ctx, &result, func(text string) { a.update(kept, func(j *keptJob) { j.Progress = text }) })
	if ctx.Err() != nil || !a.claimEnd(kept) {
		return
	}
	if stored {
		err = errors.Join(err, a.mark(ctx, kept.Kind, ""))
	}
	if err != nil { // whoever asked may be gone
		a.Logger.Warn("a job failed; it may be asked for again", "kind", kept.Kind, "job", kept.ID, "error", err)
	}
	a.end(kept, result, err)
}

// begins says that the work of a job may begin, which stop ends: it was not given up before.
func (a *App) begins(job *keptJob, stop context.CancelFunc) bool {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if job.State != JobRunning {
		return false
	}
	job.stop, job.over = stop, make(chan struct{})
	return true
}

// mark remembers a job of a kind, or with an empty text forgets it.
func (a *App) mark(ctx context.Context, kind JobKind, text string) error {
	_, err := a.Ledger.Apply(ctx, nil, ledger.Batch{At: a.Now(), Marks: map[string]string{jobMark(kind): text}})
	return err
}
