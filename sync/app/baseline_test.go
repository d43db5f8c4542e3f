package app_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// oldOrder took two units long before the baseline.
func oldOrder(b *apptest.Book) stock.Order {
	at := b.Now().Add(-24 * time.Hour)
	return stock.Order{Channel: "web", ID: "1001", Name: "#1001", CreatedAt: at, UpdatedAt: at,
		Lines: []stock.OrderLine{{ID: "1", SoldAs: "43", Location: "77", Taken: stock.Units(2)}}}
}

// halves are the two halves of a worker's work on the baselines of the book's shelf.
func takeWeb(b *apptest.Book) {
	version := b.Now().Add(-time.Hour)
	b.Read(apptest.WebTee, 3, version, ledger.OwnRead{})
	b.Pass(5 * time.Second)
	b.Read(apptest.WebTee, 3, version, ledger.OwnRead{})
}

func takeTill(b *apptest.Book) { b.Read(apptest.TillTee, 8, b.Now().Add(-time.Hour), ledger.OwnRead{}) }

// TestBaselineAfterACrash kills the process at each stage of a baseline. What follows books nothing twice and opens nothing twice.
func TestBaselineAfterACrash(t *testing.T) {
	t.Parallel()
	stages := map[string]struct{ before, after []func(*apptest.Book) }{
		"never":                      {after: []func(*apptest.Book){takeWeb, takeTill}},
		"before the first read":      {after: []func(*apptest.Book){takeWeb, takeTill}},
		"before the authority":       {before: []func(*apptest.Book){takeWeb}, after: []func(*apptest.Book){takeTill}},
		"before the job has noticed": {before: []func(*apptest.Book){takeWeb, takeTill}},
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBook(t)
				b.Link()
				b.Web.Orders = []stock.Order{oldOrder(b)}
				p := start(t, b.Options())
				job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, 2, b.Web.Listed())
				require.Zero(t, b.Till.Listed(), "a platform with a history needs no orders booked")
				require.Equal(t, app.JobRunning, p.job(job.ID).State)
				if name != "never" {
					for _, take := range stage.before {
						take(b)
					}
					p.kill()
					require.Contains(t, mark(b, app.JobBaseline), job.ID)
					b.Pass(time.Minute)
					p = start(t, b.Options())
					require.Equal(t, 2, b.Web.Listed(), "every wish is stored: nothing is planned or booked once more")
				}
				for _, take := range stage.after {
					take(b)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				b.Pass(31 * time.Second) // nobody pushes here: the wait for pushes ends by the clock
				done := p.ended(job.ID)
				require.Equal(t, app.JobDone, done.State, "%v", done.Error)
				require.Equal(t, &app.BaselineResult{Refs: 2, Taken: 2, PushesLeft: 1}, done.Baseline)
				require.Empty(t, mark(b, app.JobBaseline))

				// The order that was listed explains nothing when its webhook comes at last.
				b.Apply(ledger.Delivered{Event: stock.Event{ID: "late", Channel: "web", ObservedAt: b.Now(), Order: new(oldOrder(b))}})
				require.Equal(t, 1, entriesOf(b, ledger.Opening))
				require.Zero(t, entriesOf(b, ledger.Sold))
				due, err := b.Store.Ref(t.Context(), apptest.WebTee)
				require.NoError(t, err)
				require.Equal(t, stock.Units(8), due.Level)
				require.Equal(t, stock.Units(3), due.State.Expected)
				require.Zero(t, due.Unexplained)
				report, err := b.Store.Verify(t.Context(), nil)
				require.NoError(t, err)
				require.Empty(t, report.Faults)
			})
		})
	}
}

// A counter that shows nothing does not keep a baseline from ending, and a channel that fails says so while it waits.
func TestBaselineOfAMissingCounter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Link()
		opts := b.Options()
		opts.Workers = func() []app.Worker { return []app.Worker{{Channel: "web", Error: "401"}} }
		p := start(t, opts)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, "0 of 2 baselines taken; web fails: 401", p.job(job.ID).Progress)
		due, err := b.Store.Ref(t.Context(), apptest.WebTee)
		require.NoError(t, err)
		b.Apply(ledger.OwnRead{Reading: stock.Reading{Ref: apptest.WebTee, Status: stock.Missing, Version: b.Now()}, Mark: due.Work.Seq, ReadAt: b.Now()})
		takeTill(b)
		require.Equal(t, &app.BaselineResult{Refs: 2, Taken: 1, Missing: 1}, p.ended(job.ID).Baseline)
	})
}

// A platform that does not answer fails the job with its words; the wish of a person to try again is all that is needed.
func TestBaselineOfASilentPlatform(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Link()
		b.Web.Err = errSilent
		p := start(t, b.Options())
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		failed := p.ended(job.ID)
		require.Equal(t, &app.Error{What: "reading the counts of web: no answer"}, failed.Error)
		require.Empty(t, mark(b, app.JobBaseline))
	})
}

var errSilent = errors.New("no answer")
