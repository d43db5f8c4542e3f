package app_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// takeOne opens the n-th shelf, as a worker does: the web is read a second time, the till last.
func takeOne(b *apptest.Book, n int) {
	b.Helper()
	version := b.Now().Add(-time.Hour)
	for range 2 {
		b.Pass(5 * time.Second)
		b.Read(webRef(n), b.Web.Counters[webRef(n)], version, ledger.OwnRead{})
	}
	b.Read(tillRef(n), b.Till.Counters[tillRef(n)], version, ledger.OwnRead{})
}

// TestABaselineIsGivenUp: what was opened stays open, of the rest nothing is wanted any more, and it does not go on at the next start;
// whoever gives it up is told which is which. Another one can be begun.
func TestABaselineIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		p := start(t, opts)
		_, err := p.CancelBaseline(t.Context(), ann, app.CancelRequest{})
		require.Equal(t, "no baseline is being taken: nothing waits for one on a shelf that is not open", errorIs(t, err, app.NotFound).What)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		synctest.Wait()
		takeOne(b, 3)
		before := wishes(b)
		would, err := p.CancelBaseline(t.Context(), ann, app.CancelRequest{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, before, wishes(b))
		still, err := p.Job(t.Context(), job.ID)
		require.NoError(t, err)
		require.Equal(t, app.JobRunning, still.State)

		result, err := p.CancelBaseline(t.Context(), ann, app.CancelRequest{})
		require.NoError(t, err)
		require.Equal(t, would, result)
		require.Equal(t, job.ID, result.Job)
		require.Equal(t, []app.CancelledShelf{{SKU: "SKU-03", Name: "Article 3", Location: "main"}}, result.Opened)
		require.Len(t, result.Left, 9)
		require.Zero(t, wishes(b))
		ended := p.ended(job.ID)
		require.Equal(t, app.JobFailed, ended.State)
		require.Equal(t, "ann gave it up; what it opened stays open", ended.Error.What)
		for n := range 10 {
			due, err := b.Store.Ref(t.Context(), tillRef(n))
			require.NoError(t, err)
			require.Equal(t, n == 3, due.Opened)
			require.Equal(t, n == 3, due.State.Status == ledger.Live)
			require.Zero(t, due.Work.Read)
		}
		takeOne(b, 4)
		due, err := b.Store.Ref(t.Context(), tillRef(4))
		require.NoError(t, err)
		require.False(t, due.Opened, "an answer that was on its way opens nothing")

		p.kill()
		p = start(t, opts)
		synctest.Wait()
		require.Zero(t, wishes(b), "it does not go on")
		_, err = p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 18, wishes(b))
		takeOne(b, 4)
		due, err = b.Store.Ref(t.Context(), tillRef(4))
		require.NoError(t, err)
		require.True(t, due.Opened)
	})
}

// TestABaselineIsGivenUpBeforeItWishes: while it still asks a platform nothing is wanted yet, and nothing will be.
func TestABaselineIsGivenUpBeforeItWishes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		asked := make(chan struct{}, 1)
		b.Web.Listing = func(ctx context.Context) {
			asked <- struct{}{}
			<-ctx.Done()
		}
		p := start(t, opts)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		<-asked
		result, err := p.CancelBaseline(t.Context(), ann, app.CancelRequest{})
		require.NoError(t, err)
		require.Equal(t, app.CancelledBaseline{Job: job.ID, Opened: []app.CancelledShelf{}, Left: []app.CancelledShelf{}}, result)
		synctest.Wait()
		require.Zero(t, wishes(b))
		require.Equal(t, app.JobFailed, p.ended(job.ID).State)
	})
}
