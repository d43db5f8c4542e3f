package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// sweeps has a client ask for a sweep that goes as said.
func sweeps(t *testing.T, ctx context.Context, sweep func(ctx context.Context, progress func(int)) error) (said []string, job app.Job, err error) {
	t.Helper()
	opts := newBook(t).Options()
	opts.SweepChannel = func(ctx context.Context, _ stock.Channel, _ string, progress func(int)) (ledger.Run, []ledger.Finding, error) {
		return ledger.Run{ID: "run-1"}, nil, sweep(ctx, progress)
	}
	a := app.New(opts)
	working, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		a.Run(working)
		close(ended)
	}()
	defer func() {
		stop()
		<-ended
	}()
	c := client.New(client.InProcess{Handler: handlerOf(a)}, "http://evenstock")
	job, err = c.Sweep(t.Context(), app.SweepRequest{Kind: app.SweepFull, Channel: "till"})
	require.NoError(t, err)
	job, err = c.Await(ctx, job, func(text string) { said = append(said, text) })
	return said, job, err
}

func TestAwaitTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		said, job, err := sweeps(t, t.Context(), func(_ context.Context, progress func(int)) error {
			for read := range 3 {
				progress(read)
				time.Sleep(time.Second)
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, app.JobDone, job.State)
		require.Equal(t, "run-1", job.Sweeps[0].ID)
		require.Equal(t, []string{"till: 0 counters read", "till: 1 counter read", "till: 2 counters read"}, said)
	})
}

func TestAwaitOfAFailedJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, job, err := sweeps(t, t.Context(), func(context.Context, func(int)) error {
			return &app.Error{Kind: app.Busy, What: "paused", Remedy: app.RemedyAgain}
		})
		require.Equal(t, &app.Error{Kind: app.Busy, What: "sweeping till: paused", Remedy: app.RemedyAgain}, err)
		require.Equal(t, app.JobFailed, job.State)
		_, _, err = sweeps(t, t.Context(), func(context.Context, func(int)) error { return errors.New("no route to host") })
		require.EqualError(t, err, "sweeping till: no route to host")
		var typed *app.Error
		require.NotErrorAs(t, err, &typed, "a fault")
	})
}

// Whoever waits no longer leaves the job to itself.
func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, job, err := sweeps(t, ctx, func(ctx context.Context, _ func(int)) error {
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotEqual(t, app.JobFailed, job.State)
	})
}
