package app_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

var ann = app.Actor{Name: "ann"}

// newBook is a merchant whose ledger is a real one.
func newBook(t *testing.T) *apptest.Book {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return apptest.New(t, store)
}

// process is one life of the program.
type process struct {
	*testing.T
	*app.App
	kill func()
}

// start begins a life; the bubble waits for what it does first.
func start(t *testing.T, opts app.Options) process {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	p := process{T: t, App: app.New(opts), kill: func() {
		stop()
		<-ended
	}}
	go func() {
		p.App.Run(ctx)
		close(ended)
	}()
	t.Cleanup(p.kill)
	synctest.Wait()
	return p
}

// job asks how a job is.
func (p process) job(id string) app.Job {
	p.Helper()
	job, err := p.Job(p.Context(), id)
	require.NoError(p, err)
	return job
}

// ended waits for the end of a job, as long as it needs by the bubble's clock.
func (p process) ended(id string) app.Job {
	p.Helper()
	for range 1_000 {
		synctest.Wait()
		if job := p.job(id); job.State != app.JobRunning {
			return job
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.Fatalf("job %s does not end: %+v", id, p.job(id))
	return app.Job{}
}

// errorIs expects an error of a kind, and returns it.
func errorIs(t *testing.T, err error, kind app.Kind) *app.Error {
	t.Helper()
	var typed *app.Error
	require.ErrorAs(t, err, &typed)
	require.Equal(t, kind, typed.Kind, typed.What)
	require.NotEmpty(t, typed.What)
	return typed
}

// mark is what is remembered of a job.
func mark(b *apptest.Book, kind app.JobKind) string {
	b.Helper()
	text, err := b.Store.Mark(b.Context(), "job/"+string(kind))
	require.NoError(b, err)
	return text
}

// entriesOf counts the entries that post from or to accounts of a kind.
func entriesOf(b *apptest.Book, kind ledger.AccountKind) (count int) {
	b.Helper()
	for entry, err := range ledger.AllEntries(b.Context(), b.Store, ledger.EntryFilter{}) {
		require.NoError(b, err)
		for _, posting := range entry.Postings {
			if posting.From.Kind == kind || posting.To.Kind == kind {
				count++
			}
		}
	}
	return count
}
