package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/sweep"
)

// stockOf is the one shelf that stories are told of.
func stockOf(b *apptest.Book, at ledger.AsOf) app.Shelf {
	b.Helper()
	list, err := app.New(b.Options()).Stock(b.Context(), app.StockQuery{At: at})
	require.NoError(b, err)
	require.Len(b, list.Shelves, 1)
	return list.Shelves[0]
}

// A shelf that nobody opened is not oversold, whatever moved on it, also not in a past from before its opening.
func TestNotOpenedIsNotOversold(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Link()
	b.Apply(ledger.WantBaseline{Ref: apptest.TillTee, Authority: true}, ledger.WantBaseline{Ref: apptest.WebTee})
	version := b.Now().Add(-time.Hour)
	b.Read(apptest.WebTee, 8, version, ledger.OwnRead{})
	b.Pass(5 * time.Second)
	b.Read(apptest.WebTee, 8, version, ledger.OwnRead{})
	b.Deliver(apptest.WebTee, 1)
	shelf := stockOf(b, ledger.AsOf{})
	require.Equal(t, stock.Units(-7), shelf.Level)
	require.False(t, shelf.Opened)
	require.Nil(t, shelf.Oversold)
	before := ledger.AsOf{Recorded: b.Now()}
	require.False(t, stockOf(b, before).Opened)

	b.Pass(time.Minute)
	b.Read(apptest.TillTee, 1, b.Now().Add(-time.Minute), ledger.OwnRead{})
	require.True(t, stockOf(b, ledger.AsOf{}).Opened)
	past := stockOf(b, before)
	require.False(t, past.Opened, "it was opened later")
	require.Nil(t, past.Oversold)
	told, err := app.New(b.Options()).Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M", At: before})
	require.NoError(t, err)
	require.Nil(t, told.Shelves[0].Oversold)
}

// What came in the place of an item that is gone is what the youngest finding says, as long as it is not linked.
func TestSuccessors(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Open(8, 8)
	due, err := b.Store.Ref(t.Context(), apptest.WebTee)
	require.NoError(t, err)
	b.Apply(ledger.OwnRead{Reading: stock.Reading{Ref: apptest.WebTee, Status: stock.Gone}, Mark: due.Work.Seq, ReadAt: b.Pass(time.Second)})
	counter := func() app.Counter {
		shelf := stockOf(b, ledger.AsOf{})
		require.Equal(t, explain.EvenUnknown, shelf.Even)
		require.Equal(t, apptest.WebTee, shelf.Channels[1].Ref)
		return shelf.Channels[1]
	}
	require.Nil(t, counter().Successor)

	found := func(id, successor, counts string) {
		t.Helper()
		require.NoError(t, b.Store.SaveFindings(t.Context(), []ledger.Finding{{ID: id, At: b.Pass(time.Minute), Class: sweep.Gone, Channel: "web", Ref: apptest.WebTee, Shelf: apptest.Tee,
			Evidence: stock.Evidence{sweep.EvidenceSuccessor: successor, sweep.EvidenceName: "A tee", sweep.EvidenceCounts: counts}}}))
	}
	found("1", "90", "5")
	found("2", "91", "nothing")
	require.Equal(t, &app.Successor{Item: "91", Name: "A tee"}, counter().Successor)
	found("3", "92", "6")
	found("4", "", "")
	six := stock.Units(6)
	require.Equal(t, &app.Successor{Item: "92", Name: "A tee", Counts: &six}, counter().Successor)

	b.Apply(ledger.LinkRef{Ref: stock.Ref{Channel: "web", Item: "92", Location: "77"}, Shelf: apptest.Tee, SoldAs: "82"})
	require.True(t, counter().Successor.Linked)
	report, err := app.New(b.Options()).Report(t.Context(), app.ReportQuery{Class: sweep.Gone})
	require.NoError(t, err)
	require.Len(t, report.Findings, 5, "that of the moment when it was seen is among them")
	for _, finding := range report.Findings {
		require.Equal(t, "TEE-M", finding.SKU)
	}
}

// A sweep by hand shows what its findings are about, as a report does.
func TestSweepNamesWhatItFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.Open(8, 8)
		p := start(t, b.Options())
		job, err := p.Sweep(t.Context(), ann, fullSweep)
		require.NoError(t, err)
		require.Equal(t, "TEE-M", p.ended(job.ID).Sweeps[0].Findings[0].SKU)
	})
}
