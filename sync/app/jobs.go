package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/evenstock/evenstock/ledger"
)

// Job is work that takes longer than anybody should wait for an answer. Starting one answers at once; how far it is, and what came
// of it, is a query. A baseline and a sweep are stored before they begin: what a crash interrupts goes on at the next start.
type Job struct {
	ID   string  `json:"id"`
	Kind JobKind `json:"kind"`
	// By is who wanted it.
	By        string    `json:"by,omitempty"`
	State     JobState  `json:"state"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	// Progress says for a person how far it is.
	Progress string `json:"progress,omitempty"`
	// Error is why it failed.
	Error *Error `json:"error,omitempty"`
	// The result of its kind.
	Baseline     *BaselineResult `json:"baseline,omitempty"`
	Sweeps       []SweepResult   `json:"sweeps,omitempty"`
	Verification *Verification   `json:"verification,omitempty"`
}

// JobKind is what a job does.
type JobKind string

// The kinds of jobs. One of a kind runs at a time.
const (
	JobBaseline JobKind = "baseline"
	JobSweep    JobKind = "sweep"
	JobVerify   JobKind = "verify"
	JobRebuild  JobKind = "rebuild"

	jobKinds = 4
)

// JobState is how a job stands.
type JobState string

// The states of a job.
const (
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// jobsKept is how many jobs that have ended are remembered.
const jobsKept = 50

// jobs are those of this process.
type jobs struct {
	mu   sync.Mutex
	list []*Job
	// started are the jobs that Run has to take up; there is room for one of each kind.
	started chan func(ctx context.Context)
}

// storedJob is the mark of a job that outlives a crash.
type storedJob struct {
	ID        string          `json:"id"`
	By        string          `json:"by"`
	StartedAt time.Time       `json:"started_at"`
	Request   json.RawMessage `json:"request"`
}

func jobMark(kind JobKind) string { return "job/" + string(kind) }

// work is what a job of a kind does; it fills in the job's result and tells how far it is.
type work func(ctx context.Context, job *Job, progress func(string)) error

// Run does jobs until ctx ends, at first those that an earlier process left if here is everything that they need. Without it no
// job makes progress.
func (a *App) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	if a.SweepChannel != nil {
		if err := a.resumeJobs(ctx); err != nil {
			return err
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-a.jobs.started:
			running.Go(func() { job(ctx) })
		}
	}
}

// resumeJobs takes up what an earlier process left.
func (a *App) resumeJobs(ctx context.Context) error {
	for kind, decode := range map[JobKind]func(json.RawMessage) (work, error){JobBaseline: a.baselineFrom, JobSweep: a.sweepFrom} {
		mark, err := a.Ledger.Mark(ctx, jobMark(kind))
		if err != nil || mark == "" {
			if err != nil {
				return fmt.Errorf("looking for a job to go on with: %w", err)
			}
			continue
		}
		var stored storedJob
		if err := json.Unmarshal([]byte(mark), &stored); err != nil {
			return fmt.Errorf("reading a job to go on with: %w", err)
		}
		do, err := decode(stored.Request)
		if err != nil {
			return fmt.Errorf("reading a job to go on with: %w", err)
		}
		a.Logger.Info("going on with a job that was interrupted", "kind", kind, "job", stored.ID)
		kept, err := a.reserve(Job{ID: stored.ID, Kind: kind, By: stored.By, StartedAt: stored.StartedAt})
		if err != nil {
			return err
		}
		a.hand(kept, true, do)
	}
	return nil
}

// store writes down that a job is wanted, and begins it.
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
	kept, err := a.reserve(job)
	if err != nil {
		return Job{}, err
	}
	if _, err := a.Ledger.Apply(ctx, nil, ledger.Batch{At: a.Now(), Marks: map[string]string{jobMark(kind): string(mark)}}); err != nil {
		err = fmt.Errorf("storing a job: %w", err)
		a.end(kept, Job{}, err)
		return Job{}, err
	}
	return a.hand(kept, true, do), nil
}

// begin begins a job that is not stored: to lose it loses nothing.
func (a *App) begin(job Job, do work) (Job, error) {
	kept, err := a.reserve(job)
	if err != nil {
		return Job{}, err
	}
	return a.hand(kept, false, do), nil
}

func (a *App) newJob(kind JobKind, by Actor) Job {
	return Job{ID: uuid.NewString(), Kind: kind, By: by.Name, StartedAt: a.Now().UTC()}
}

// reserve lists a job as running, unless another of its kind does.
func (a *App) reserve(job Job) (*Job, error) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if slices.ContainsFunc(a.jobs.list, func(j *Job) bool { return j.Kind == job.Kind && j.State == JobRunning }) {
		return nil, &Error{Kind: Busy, What: fmt.Sprintf("a %s is running already", job.Kind), Remedy: RemedyAgain}
	}
	job.State = JobRunning
	a.jobs.list = append(a.jobs.list, &job)
	if len(a.jobs.list) > jobsKept {
		oldest := slices.IndexFunc(a.jobs.list, func(j *Job) bool { return j.State != JobRunning })
		a.jobs.list = slices.Delete(a.jobs.list, oldest, oldest+1)
	}
	return &job, nil
}

// hand gives a job to Run. A stored one is forgotten when it ends by itself, not when the process does.
func (a *App) hand(kept *Job, stored bool, do work) Job {
	begun := *kept
	a.jobs.started <- func(ctx context.Context) {
		result := begun
		err := do(ctx, &result, func(text string) { a.update(kept, func(j *Job) { j.Progress = text }) })
		if ctx.Err() != nil {
			return
		}
		if stored {
			_, forgetErr := a.Ledger.Apply(ctx, nil, ledger.Batch{At: a.Now(), Marks: map[string]string{jobMark(begun.Kind): ""}})
			err = errors.Join(err, forgetErr)
		}
		a.end(kept, result, err)
	}
	return begun
}

func (a *App) end(kept *Job, result Job, err error) {
	a.update(kept, func(j *Job) {
		j.State, j.EndedAt = JobDone, a.Now().UTC()
		j.Baseline, j.Sweeps, j.Verification = result.Baseline, result.Sweeps, result.Verification
		if err != nil {
			j.State, j.Error = JobFailed, errorOf(err)
		}
	})
}

func (a *App) update(job *Job, change func(*Job)) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	change(job)
}

// errorOf is what a job's error says to whoever asks for it later.
func errorOf(err error) *Error {
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	return &Error{What: err.Error()}
}

// Job says how far a job is, and what came of it.
func (a *App) Job(_ context.Context, id string) (Job, error) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	for _, job := range a.jobs.list {
		if job.ID == id {
			return *job, nil
		}
	}
	return Job{}, &Error{Kind: NotFound, What: fmt.Sprintf("no job has the id %q: the last %d are remembered while the process lives", id, jobsKept)}
}
