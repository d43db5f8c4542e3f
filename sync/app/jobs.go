package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
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
	// Error is why it failed; one without a kind is a fault.
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
	list []*keptJob
	// started are the jobs that Run has to take up; there is room for one of each kind.
	started chan func(ctx context.Context)
	// givenUp is the id of a stored job that must not begin any more, and cancelling says that what a baseline wished for is being undone.
	givenUp    string
	cancelling bool
}

// keptJob is a job that this process knows.
type keptJob struct {
	Job
	// request is what was asked for, as far as it tells one job from another (sameRequest).
	request string
	// giveUp ends a job that an earlier process left, as long as another may take its place; nil: none may.
	giveUp context.CancelFunc
	// stop ends its work, and over is closed when that has ended; nil: it has not begun.
	stop context.CancelFunc
	over chan struct{}
}

// Job says how far a job is, and what came of it.
func (a *App) Job(_ context.Context, id string) (Job, error) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	for _, job := range a.jobs.list {
		if job.ID == id {
			return job.Job, nil
		}
	}
	return Job{}, &Error{Kind: NotFound, What: fmt.Sprintf("no job has the id %q: the last %d are remembered while the process lives", id, jobsKept)}
}

func (a *App) newJob(kind JobKind, by Actor) Job {
	return Job{ID: a.NewID(), Kind: kind, By: by.Name, StartedAt: a.Now().UTC()}
}

// reserve lists a job as running, unless another of its kind does. Whoever asks for the very same joins that one: it was given again
// because somebody stopped watching it, or wants what is under way. What somebody else asks for takes the place of what an earlier
// process left; giveUp is that of such a job.
func (a *App) reserve(job keptJob) (kept *keptJob, joined bool, err error) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	if job.ID == a.jobs.givenUp || job.Kind == JobBaseline && a.jobs.cancelling {
		return nil, false, &Error{Kind: Busy, What: "a baseline is being given up", Remedy: RemedyAgain}
	}
	if i := slices.IndexFunc(a.jobs.list, func(j *keptJob) bool { return j.Kind == job.Kind && j.State == JobRunning }); i >= 0 {
		other := a.jobs.list[i]
		if other.request == job.request {
			return &keptJob{Job: other.Job}, true, nil
		}
		if other.giveUp == nil || job.giveUp != nil {
			return nil, false, &Error{Kind: Busy, What: fmt.Sprintf("a %s is running already", job.Kind), Remedy: RemedyAgain}
		}
		other.giveUp()
		other.ended(a.Now(), Job{}, &Error{Kind: Conflict, What: fmt.Sprintf("a %s that was asked for later took its place", job.Kind)})
	}
	job.State = JobRunning
	a.jobs.list = append(a.jobs.list, &job)
	if len(a.jobs.list) > jobsKept {
		oldest := slices.IndexFunc(a.jobs.list, func(j *keptJob) bool { return j.State != JobRunning })
		a.jobs.list = slices.Delete(a.jobs.list, oldest, oldest+1)
	}
	return &job, false, nil
}

// claimEnd says whether a job ends by itself: it does not if another took its place, and from now on none can.
func (a *App) claimEnd(job *keptJob) bool {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	job.giveUp = nil
	return job.State == JobRunning
}

func (a *App) end(job *keptJob, result Job, err error) {
	a.update(job, func(j *keptJob) { j.ended(a.Now(), result, err) })
}

func (a *App) update(job *keptJob, change func(*keptJob)) {
	a.jobs.mu.Lock()
	defer a.jobs.mu.Unlock()
	change(job)
}

// ended fills in what came of a job.
func (j *keptJob) ended(at time.Time, result Job, err error) {
	j.State, j.EndedAt = JobDone, at.UTC()
	j.Baseline, j.Sweeps, j.Verification = result.Baseline, result.Sweeps, result.Verification
	if err != nil {
		j.State, j.Error = JobFailed, errorOf(err)
	}
}

// errorOf is what a job's error says to whoever asks for it later.
func errorOf(err error) *Error {
	shown := Error{}
	var typed *Error
	if errors.As(err, &typed) {
		shown = *typed
	}
	shown.What = err.Error()
	return &shown
}
