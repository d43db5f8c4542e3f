package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

var fullSweep = app.SweepRequest{Kind: app.SweepFull, Channel: "till"}

func TestOneJobOfAKindRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		p := start(t, b.Options())
		job, err := p.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		require.Equal(t, app.Job{ID: job.ID, Kind: app.JobSweep, By: "ann", State: app.JobRunning, StartedAt: b.Now()}, job)
		synctest.Wait()
		require.Equal(t, "till: 1 counter read", p.job(job.ID).Progress)

		_, err = p.Sweep(t.Context(), ann, app.SweepRequest{Kind: app.SweepRecent})
		busy := errorIs(t, err, app.Busy)
		require.Equal(t, "a sweep is running already", busy.What)
		require.Equal(t, app.RemedyAgain, busy.Remedy)
		verify, err := p.Verify(t.Context(), ann)
		require.NoError(t, err, "one of another kind may run beside it")
		require.True(t, p.ended(verify.ID).Verification.Clean)

		close(b.Hold)
		done := p.ended(job.ID)
		require.Equal(t, app.JobDone, done.State)
		require.Nil(t, done.Error)
		require.Equal(t, b.Now(), done.EndedAt)
		require.Len(t, done.Sweeps, 1)
		require.Len(t, done.Sweeps[0].Findings, 1)
		require.Empty(t, mark(b, app.JobSweep))
		all, err := p.Sweep(t.Context(), ann, app.SweepRequest{Kind: app.SweepRecent})
		require.NoError(t, err)
		require.Len(t, p.ended(all.ID).Sweeps, 2)
	})
}

// Channels are swept beside each other, told in their order.
func TestChannelsAreSweptBesideEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		p := start(t, b.Options())
		job, err := p.Sweep(t.Context(), ann, app.SweepRequest{Kind: app.SweepFull})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, "till: 1 counter read, web: 1 counter read", p.job(job.ID).Progress)
		close(b.Hold)
		done := p.ended(job.ID)
		require.Len(t, done.Sweeps, 2)
		require.Equal(t, stock.Channel("till"), done.Sweeps[0].Channel)
		require.Equal(t, stock.Channel("web"), done.Sweeps[1].Channel)
	})
}

func TestInterruptedJobGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		first := start(t, b.Options())
		job, err := first.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		require.Contains(t, mark(b, app.JobSweep), job.ID)
		synctest.Wait()
		first.kill()
		require.Contains(t, mark(b, app.JobSweep), job.ID, "the end of the process forgets nothing")
		require.Equal(t, app.JobRunning, first.job(job.ID).State, "it has not failed")

		looks := b.Options()
		looks.SweepChannel, looks.Workers, looks.NotReady = nil, nil, nil
		looking := start(t, looks)
		_, err = looking.Job(t.Context(), job.ID)
		errorIs(t, err, app.NotFound)
		looking.kill()
		require.Contains(t, mark(b, app.JobSweep), job.ID, "a process where nothing works leaves it alone")

		second := start(t, b.Options())
		require.Equal(t, app.Job{ID: job.ID, Kind: app.JobSweep, By: "ann", State: app.JobRunning, StartedAt: job.StartedAt, Progress: "till: 1 counter read"}, second.job(job.ID))
		close(b.Hold)
		require.Equal(t, app.JobDone, second.ended(job.ID).State)
		require.Empty(t, mark(b, app.JobSweep))
		second.kill()

		third := start(t, b.Options())
		_, err = third.Job(t.Context(), job.ID)
		errorIs(t, err, app.NotFound)
	})
}

// A person who gives a command again after it was interrupted gets what they ask for now.
func TestAskingAnewTakesThePlaceOfWhatWasLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		first := start(t, b.Options())
		left, err := first.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		synctest.Wait()
		first.kill()

		second := start(t, b.Options())
		require.Equal(t, app.JobRunning, second.job(left.ID).State)
		anew, err := second.Sweep(t.Context(), ann, app.SweepRequest{Kind: app.SweepRecent, Channel: "web"})
		require.NoError(t, err)
		given := second.job(left.ID)
		require.Equal(t, app.JobFailed, given.State)
		require.Equal(t, "a sweep that was asked for later took its place", errorIs(t, given.Error, app.Conflict).What)
		synctest.Wait()
		require.Contains(t, mark(b, app.JobSweep), anew.ID)
		_, err = second.Sweep(t.Context(), ann, fullSweep)
		errorIs(t, err, app.Busy)
		close(b.Hold)
		require.Equal(t, stock.Channel("web"), second.ended(anew.ID).Sweeps[0].Channel)
		require.Equal(t, app.JobFailed, second.job(left.ID).State)
		require.Empty(t, mark(b, app.JobSweep))
	})
}

// A person who stopped watching a job and gives the command again watches it further; so does whoever wants the same meanwhile.
func TestAskingForTheSameJoins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		first := start(t, b.Options())
		job, err := first.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		synctest.Wait()
		again, err := first.Sweep(t.Context(), app.Actor{Name: "bob"}, fullSweep)
		require.NoError(t, err)
		require.Equal(t, first.job(job.ID), again)
		first.kill()

		second := start(t, b.Options())
		again, err = second.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		require.Equal(t, job.ID, again.ID, "also to what an earlier process left")
		close(b.Hold)
		require.Equal(t, app.JobDone, second.ended(job.ID).State)
		require.Empty(t, mark(b, app.JobSweep))
		later, err := second.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		require.NotEqual(t, job.ID, later.ID, "what has ended is done anew")
	})
}

// What was asked for before Run looked for what was left stays as it is.
func TestAskingBeforeRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Hold = make(chan struct{})
		first := start(t, b.Options())
		_, err := first.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		first.kill()
		a := app.New(b.Options())
		anew, err := a.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		go a.Run(ctx)
		defer stop()
		close(b.Hold)
		require.Equal(t, app.JobDone, process{T: t, App: a}.ended(anew.ID).State)
	})
}

func TestAnUnreadableMarkStopsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{", `{"id": "x", "request": {"kind": 7}}`} {
		synctest.Test(t, func(t *testing.T) {
			b := newBook(t)
			_, err := b.Store.Apply(t.Context(), nil, ledger.Batch{At: b.Now(), Marks: map[string]string{"job/sweep": text}})
			require.NoError(t, err)
			p := start(t, b.Options())
			require.Equal(t, text, mark(b, app.JobSweep))
			job, err := p.Sweep(t.Context(), ann, fullSweep)
			require.NoError(t, err)
			require.Equal(t, app.JobDone, p.ended(job.ID).State)
			require.Empty(t, mark(b, app.JobSweep))
		})
	}
}

// A job that failed says why as an act would, can be asked for over the wire, and is not tried again.
func TestAFailedJobSaysWhy(t *testing.T) {
	t.Parallel()
	locked := &app.Error{Kind: app.Busy, What: "the folder is locked", Remedy: app.RemedyAgain, Meant: []string{"a"}}
	tests := map[string]struct {
		err  error
		want app.Error
	}{
		"typed": {locked, app.Error{Kind: app.Busy, What: "sweeping till: the folder is locked", Remedy: app.RemedyAgain, Meant: []string{"a"}}},
		"fault": {errors.New("no route to host"), app.Error{What: "sweeping till: no route to host"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBook(t)
				opts := b.Options()
				opts.SweepChannel = func(context.Context, stock.Channel, string, func(int)) (ledger.Run, []ledger.Finding, error) {
					return ledger.Run{Kind: app.SweepFull}, nil, test.err
				}
				p := start(t, opts)
				job, err := p.Sweep(t.Context(), ann, fullSweep)
				require.NoError(t, err)
				failed := p.ended(job.ID)
				require.Equal(t, app.JobFailed, failed.State)
				require.Equal(t, &test.want, failed.Error)
				require.Len(t, failed.Sweeps, 1, "what was done until then is told")
				require.Empty(t, mark(b, app.JobSweep))

				text, err := json.Marshal(failed)
				require.NoError(t, err)
				var received app.Job
				require.NoError(t, json.Unmarshal(text, &received))
				require.Equal(t, failed, received)
			})
		})
	}
	require.Equal(t, "the folder is locked", locked.What)
}

// writeless is a ledger that takes no batch.
type writeless struct{ ledger.Store }

func (writeless) Apply(context.Context, ledger.Step, ledger.Batch) (ledger.Receipt, error) {
	return ledger.Receipt{}, ledger.ErrReadOnly
}

func TestAJobThatCannotBeStoredDoesNotBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		opts := b.Options()
		opts.Ledger = writeless{b.Store}
		p := start(t, opts)
		for range 2 {
			_, err := p.Sweep(t.Context(), ann, fullSweep)
			require.ErrorIs(t, err, ledger.ErrReadOnly, "the second is not busy with the first")
		}
	})
}

func TestVerifyAndRebuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Sell()
		p := start(t, b.Options())
		before := b.Written()
		verify, err := p.Verify(t.Context(), ann)
		require.NoError(t, err)
		done := p.ended(verify.ID)
		require.Equal(t, app.JobDone, done.State)
		require.True(t, done.Verification.Clean)
		require.Positive(t, done.Verification.Entries)
		require.Equal(t, []string{}, done.Verification.Faults)
		rebuild, err := p.Rebuild(t.Context(), ann)
		require.NoError(t, err)
		require.Equal(t, done.Verification, p.ended(rebuild.ID).Verification)
		require.Equal(t, before, b.Written())
	})
}

func TestOldJobsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		p := start(t, b.Options())
		var ids []string
		for range 52 {
			job, err := p.Verify(t.Context(), ann)
			require.NoError(t, err)
			p.ended(job.ID)
			ids = append(ids, job.ID)
		}
		for i, id := range ids {
			_, err := p.Job(t.Context(), id)
			if i < 2 {
				require.ErrorContains(t, err, fmt.Sprintf("no job has the id %q", id))
				continue
			}
			require.NoError(t, err)
		}
	})
}
