package sweep_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func written(key string, writer, application string) stock.Movement {
	evidence := stock.Evidence{}
	if writer != "" {
		evidence[stock.EvidenceWriter], evidence["application_id"] = writer, application
	}
	return stock.Movement{Key: key, Ref: webRef(0), Quantity: -stock.Unit, Cause: stock.Sold, OccurredAt: at(-5), ChannelTime: at(-5), Evidence: evidence}
}

// One finding per program, however much it wrote.
func TestOtherApp(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.lister.Movements = func(time.Time, string) (stock.Page, error) {
		return stock.Page{
			Movements: []stock.Movement{
				written("A", stock.OtherApplication, "app1"), written("B", "", ""), written("C", stock.OtherApplication, "app1"),
				written("D", stock.OtherApplication, "app2"),
			},
			Recounts: []stock.Recount{{Key: "E", Ref: webRef(0), Counted: stock.Unit, OccurredAt: at(-4), ChannelTime: at(-4),
				Evidence: stock.Evidence{stock.EvidenceWriter: stock.OtherApplication, "application_id": "app2"}}},
		}, nil
	}
	said := func(kind string) (list []string) {
		_, findings := s.sweep(kind)
		for _, f := range findings {
			require.Equal(t, sweep.OtherApp, f.Class)
			require.Equal(t, webRef(0), f.Ref)
			list = append(list, fmt.Sprint(f.Evidence["application_id"], " ", f.Evidence["changes"], " ", f.Evidence["last"]))
		}
		return list
	}
	// Recounts stand before movements in a page's events, so that app2's youngest fact here is its movement.
	require.Equal(t, []string{"app1 2 C", "app2 2 D"}, said(sweep.Recent))
	require.Empty(t, said(sweep.Recent), "a recent sweep says it once")
	require.Equal(t, []string{"app1 2 C", "app2 2 D"}, said(sweep.Full), "a full one says what is known: reads of ours explain most of it")
}

// A row that bears our reference is ours only if this ledger knows its call. Any other moved the counter without us, and was
// counted when a reading showed it: it explains that difference as another program's write does, and a person is told.
func TestReferenceOfAnUnknownCall(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.ownRead(reading(tillRef(0), 7, at(-50)))
	s.apply(ledger.PlanCall{Channel: "web", Key: "ours", Refs: []stock.Ref{webRef(0)},
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return nil, nil }})
	s.apply(ledger.CallAnswered{Key: "ours", Answer: stock.Answer{Outcome: stock.Applied, PlatformTime: at(-40)}})
	ours, theirs := written("A", stock.UnknownEvenstock, "app"), written("B", stock.UnknownEvenstock, "app")
	ours.Reference, theirs.Reference = "evenstock:ours:0", "evenstock:theirs:0"
	s.ownRead(reading(webRef(0), 6, at(-4))) // our push and theirs
	require.Equal(t, stock.Unit, s.store.Ref(webRef(0)).Unexplained)
	s.lister.Movements = func(time.Time, string) (stock.Page, error) {
		return stock.Page{Movements: []stock.Movement{ours, theirs}}, nil
	}
	_, findings := s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.OtherApp}, classes(findings))
	require.Equal(t, "1 B", findings[0].Evidence["changes"]+" "+findings[0].Evidence["last"])
	require.Contains(t, findings[0].Action, "other installation")
	require.Zero(t, s.store.Ref(webRef(0)).Unexplained)
	require.Equal(t, stock.Units(6), s.store.Level(shelf(0)))
}

// A row of ours that somebody edits is no other program's, and its finding is one of its own.
func TestEditedPushIsFound(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.ownRead(reading(tillRef(0), 7, at(-50)))
	s.apply(ledger.PlanCall{Channel: "web", Key: "ours", Refs: []stock.Ref{webRef(0)},
		Encode: func(string, time.Time, []stock.PushRow) ([]byte, error) { return nil, nil }})
	s.apply(ledger.CallAnswered{Key: "ours", Answer: stock.Answer{Outcome: stock.Applied, PlatformTime: at(-40)}})
	edited := written("A", stock.UnknownEvenstock, "app")
	edited.Reference, edited.Quantity = "evenstock:ours:0", stock.Units(-4)
	s.lister.Movements = func(time.Time, string) (stock.Page, error) {
		return stock.Page{Movements: []stock.Movement{edited}}, nil
	}
	_, findings := s.sweep(sweep.Recent)
	require.Equal(t, []string{sweep.EditedOnChannel}, classes(findings))
	require.Equal(t, "-4", findings[0].Evidence[ledger.EvidenceNow])
	_, findings = s.sweep(sweep.Recent)
	require.Empty(t, findings, "a recent sweep says it once")
	_, findings = s.sweep(sweep.Full)
	require.Equal(t, []string{sweep.EditedOnChannel}, classes(findings))
}
