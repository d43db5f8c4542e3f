package ledger_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// fold is the state after entries of one ref.
func fold(entries ...ledger.Entry) ledger.RefState {
	var s ledger.RefState
	for _, e := range entries {
		e.Ref = till
		if e.Shelf == (stock.Shelf{}) {
			e.Shelf = shelf
		}
		s = s.After(e)
	}
	return s
}

func pushed(call string, row int, phase ledger.PushPhase, delta stock.Quantity) ledger.Entry {
	return ledger.Entry{Kind: ledger.KindPush, ExpectedDelta: delta, Push: &ledger.PushMark{Call: call, Row: row, Delta: delta, Phase: phase}}
}

func recounted(key string, at time.Time) ledger.Entry {
	return ledger.Entry{Kind: ledger.KindMovement, Recount: &ledger.RecountMark{Key: key, OccurredAt: at}}
}

func TestRefStateAfter(t *testing.T) {
	t.Parallel()
	link := ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Linked, Evidence: stock.Evidence{ledger.EvidenceSoldAs: "s1"}}
	baseline := ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Live, ExpectedDelta: 8, OccurredAt: noon, ObservedAt: noon.Add(time.Second)}
	reading := ledger.Entry{Kind: ledger.KindReading, ExpectedDelta: -1, OccurredAt: noon.Add(time.Minute)}
	a, b := pushed("a", 0, ledger.Answered, -2), pushed("b", 1, ledger.Answered, 5)

	s := fold(link)
	require.Equal(t, ledger.RefState{Ref: till, Shelf: shelf, SoldAs: "s1", Status: ledger.Linked, Entries: 1}, s)

	s = fold(link, baseline)
	require.Equal(t, ledger.RefState{
		Ref: till, Shelf: shelf, SoldAs: "s1", Status: ledger.Live, Expected: 8, Version: noon, Contains: noon.Add(time.Second), Entries: 2,
	}, s)

	s = fold(link, baseline, a, b)
	require.EqualValues(t, 11, s.Expected)
	require.Equal(t, []ledger.PushMark{*a.Push, *b.Push}, s.Unconfirmed, "oldest first")
	require.Equal(t, noon, s.Version, "a push is no reading")

	s = fold(link, baseline, a, b, pushed("a", 0, ledger.Absorbed, 2))
	require.Equal(t, []ledger.PushMark{*b.Push}, s.Unconfirmed)
	undecided := pushed("a", 0, ledger.Undecided, 0)
	s = fold(link, baseline, a, b, undecided)
	require.Equal(t, []ledger.PushMark{*b.Push, *undecided.Push}, s.Unconfirmed)
	s = fold(link, baseline, a, pushed("a", 0, ledger.Absorbed, 2))
	require.Nil(t, s.Unconfirmed, "none is nil, so that an empty list has one form")
	resolved := pushed("a", 0, ledger.Resolved, 0)
	s = fold(link, baseline, undecided, resolved)
	require.Equal(t, []ledger.PushMark{*resolved.Push}, s.Unconfirmed, "until a reading of ours was accepted")

	s = fold(link, baseline, a, b, reading)
	require.Nil(t, s.Unconfirmed, "an accepted reading confirms")
	require.Equal(t, noon.Add(time.Minute), s.Version)
	require.EqualValues(t, 10, s.Expected)

	missing := ledger.Entry{Kind: ledger.KindReading, Status: ledger.Unreadable, OccurredAt: noon.Add(time.Hour)}
	s = fold(link, baseline, a, missing)
	require.Equal(t, ledger.Unreadable, s.Status)
	require.Equal(t, noon, s.Version, "an unreadable counter confirms nothing")
	require.Len(t, s.Unconfirmed, 1)
	require.EqualValues(t, 6, s.Expected, "expected is kept")

	s = fold(link, baseline, recounted("young", noon.Add(time.Hour)), recounted("old", noon))
	require.Equal(t, "young", s.Recount.Key)

	unlink := ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Unlinked, ExpectedDelta: -6}
	s = fold(link, baseline, a, recounted("r", noon), unlink)
	require.Equal(t, ledger.RefState{
		Ref: till, Shelf: shelf, SoldAs: "s1", Status: ledger.Unlinked, Contains: noon.Add(time.Second), Entries: 5,
	}, s)

	waits := baseline
	waits.Status, waits.RecordedAt, waits.Evidence = ledger.WaitsToJoin, noon.Add(time.Hour), stock.Evidence{ledger.EvidenceLevel: "3"}
	s = fold(link, waits, reading)
	require.Equal(t, ledger.WaitsToJoin, s.Status)
	require.Equal(t, &ledger.Joining{Since: noon.Add(time.Hour), Counted: 8, Level: stock.Units(3), Others: -1,
		Untold: []ledger.UntoldChange{{Quantity: -1, Level: stock.Units(3)}}}, s.Joining)
	require.EqualValues(t, 7, s.Expected)
	require.Equal(t, noon.Add(time.Minute), s.Version)
	s = s.After(ledger.Entry{Ref: till, Shelf: shelf, Kind: ledger.KindCorrection, Status: ledger.Live})
	require.Nil(t, s.Joining, "it has joined")
	require.EqualValues(t, 7, s.Expected)

	s = fold(link, baseline, a, ledger.Entry{Kind: ledger.KindReading, Status: ledger.Gone, ExpectedDelta: -6, Evidence: stock.Evidence{ledger.EvidenceReason: "NOT_FOUND"}})
	require.Equal(t, ledger.RefState{
		Ref: till, Shelf: shelf, SoldAs: "s1", Status: ledger.Gone, Contains: noon.Add(time.Second), Entries: 4, Reason: "NOT_FOUND",
	}, s)
	require.Empty(t, s.After(baseline).Reason, "it is back")

	other := link
	other.Shelf = stock.Shelf{Item: "cup", Location: "main"}
	s = fold(link, baseline, unlink, other)
	require.Equal(t, other.Shelf, s.Shelf, "a link may tie the ref to another shelf")
}

func TestRefStateAfterLeavesTheOldState(t *testing.T) {
	t.Parallel()
	old := fold(pushed("a", 0, ledger.Answered, 1), pushed("b", 0, ledger.Answered, 1), pushed("c", 0, ledger.Answered, 1))
	before, err := json.Marshal(old)
	require.NoError(t, err)
	old.After(pushed("a", 0, ledger.Absorbed, -1))
	old.After(pushed("b", 0, ledger.Undecided, -1))
	after, err := json.Marshal(old)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

// TestRefStateSurvivesEncoding folds onto a state that went through JSON, as stores do, and onto one that did not.
func TestRefStateSurvivesEncoding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var kept, stored ledger.RefState
		for range rapid.IntRange(1, 12).Draw(rt, "entries") {
			e := ledger.Entry{
				Ref: till, Shelf: shelf, Kind: ledger.EntryKind(rapid.IntRange(1, 5).Draw(rt, "kind")),
				Status:        ledger.RefStatus(rapid.IntRange(0, 8).Draw(rt, "status")),
				ExpectedDelta: stock.Quantity(rapid.Int64Range(-9, 9).Draw(rt, "delta")),
				OccurredAt:    noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(rt, "occurred"))), ObservedAt: noon,
			}
			if rapid.Bool().Draw(rt, "push") {
				e.Push = &ledger.PushMark{Call: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "call"), Phase: ledger.PushPhase(rapid.IntRange(1, 4).Draw(rt, "phase"))}
			}
			if rapid.Bool().Draw(rt, "recount") {
				e.Recount = &ledger.RecountMark{Key: "r", OccurredAt: e.OccurredAt}
			}
			kept = kept.After(e)
			text, err := json.Marshal(stored.After(e))
			require.NoError(rt, err)
			stored = ledger.RefState{}
			require.NoError(rt, json.Unmarshal(text, &stored))
		}
		require.Equal(rt, kept, stored)
	})
}

// TestSoldOutMark: an entry marks a ref, another takes the mark back; what else happens leaves it, but for the unlinking.
func TestSoldOutMark(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	marks := func(word stock.SoldOut, minute int) ledger.Entry {
		return ledger.Entry{Kind: ledger.KindMovement, RecordedAt: at.Add(time.Duration(minute) * time.Minute), Evidence: stock.Evidence{ledger.EvidenceSoldOut: string(word)}}
	}
	marked := ledger.RefState{Status: ledger.Live, Version: at, Unconfirmed: []ledger.PushMark{{Call: "c"}}}.After(marks(stock.IsSoldOut, 1))
	require.Equal(t, at.Add(time.Minute), marked.SoldOut)
	require.Equal(t, at, marked.Version, "no reading")
	require.Len(t, marked.Unconfirmed, 1)
	require.Equal(t, marked.SoldOut, marked.After(ledger.Entry{Kind: ledger.KindReading, OccurredAt: at.Add(time.Hour)}).SoldOut)
	require.Zero(t, marked.After(marks(stock.IsNotSoldOut, 2)).SoldOut)
	require.Zero(t, marked.After(ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Unlinked}).SoldOut)
}
