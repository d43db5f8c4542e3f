package ledger_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	till  = stock.Ref{Channel: "till", Item: "v1", Location: "L1"}
	shelf = stock.Shelf{Item: "mug", Location: "main"}
	noon  = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

func TestPost(t *testing.T) {
	t.Parallel()
	from, to := ledger.UnexplainedBy("mug", till), ledger.AvailableOn(shelf)
	require.Equal(t, []ledger.Posting{{From: from, To: to, Quantity: 3}}, ledger.Post(from, to, 3))
	require.Equal(t, []ledger.Posting{{From: to, To: from, Quantity: 3}}, ledger.Post(from, to, -3))
	require.Empty(t, ledger.Post(from, to, 0))
	require.Equal(t, "unexplained/till/v1@L1", from.String())
	require.Equal(t, "opening", ledger.Account{Kind: ledger.Opening}.String())
}

func TestAccountOrder(t *testing.T) {
	t.Parallel()
	accounts := []ledger.Account{
		{Item: "a", Kind: ledger.Available, Name: "x"}, {Item: "a", Kind: ledger.Available, Name: "y"},
		{Item: "a", Kind: ledger.Sold}, {Item: "b", Kind: ledger.Available},
	}
	mixed := []ledger.Account{accounts[2], accounts[3], accounts[1], accounts[0]}
	slices.SortFunc(mixed, ledger.Account.Compare)
	require.Equal(t, accounts, mixed)
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	require.Equal(t, ledger.Fingerprint("a", "b"), ledger.Fingerprint("a", "b"))
	rapid.Check(t, func(t *rapid.T) {
		lists := rapid.SliceOfN(rapid.StringMatching(`[0-9:a]{0,3}`), 0, 3)
		a, b := lists.Draw(t, "a"), lists.Draw(t, "b")
		require.Equal(t, slices.Equal(a, b), ledger.Fingerprint(a...) == ledger.Fingerprint(b...))
	})
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	paris := time.FixedZone("CET", 3600)
	mark := &ledger.PushMark{OccurredAt: noon.In(paris)}
	e := ledger.Entry{Key: "k", Kind: ledger.KindPush, Shelf: shelf, OccurredAt: noon.In(paris), Push: mark, Recount: &ledger.RecountMark{ChannelTime: noon.In(paris)}}
	got, err := e.Recorded(7, time.Now())
	require.NoError(t, err)
	require.EqualValues(t, 7, got.Seq)
	require.Equal(t, noon, got.OccurredAt)
	require.Equal(t, noon, got.Push.OccurredAt)
	require.Equal(t, noon, got.Recount.ChannelTime)
	require.Equal(t, time.UTC, got.RecordedAt.Location())
	require.NotContains(t, got.RecordedAt.String(), "m=", "no monotonic part")
	require.Equal(t, paris, mark.OccurredAt.Location(), "the caller's mark is left alone")

	_, err = ledger.Entry{Key: "k", Kind: ledger.KindPush}.Recorded(1, noon)
	require.ErrorIs(t, err, ledger.ErrUnbalanced)
	e.Push = &ledger.PushMark{OccurredAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err = e.Recorded(1, noon)
	require.ErrorIs(t, err, ledger.ErrTime)
}

func TestCheckTime(t *testing.T) {
	t.Parallel()
	for at, fits := range map[time.Time]bool{
		{}: true, noon: true, time.Unix(0, 1): true, time.Unix(0, 0): false, time.Unix(-1, 0): false,
		time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC): true, time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC): false,
	} {
		if err := ledger.CheckTime(at); fits {
			require.NoError(t, err, at)
			require.True(t, at.IsZero() || time.Unix(0, at.UnixNano()).Equal(at))
		} else {
			require.ErrorIs(t, err, ledger.ErrTime, at)
		}
	}
}

func TestPushLoad(t *testing.T) {
	t.Parallel()
	var load ledger.PushLoad
	load.Add(-3, 6)
	load.Add(2, -2)
	require.Equal(t, ledger.PushLoad{Shelves: 2, Units: 5, Parts: 3 * stock.Unit / 2}, load, "half of one, and all of the other")
	for _, huge := range []stock.Quantity{math.MinInt64, math.MaxInt64} {
		load.Add(huge, math.MinInt64)
		load.AddBefore(huge)
	}
	load.AddBefore(0)
	require.Equal(t, ledger.PushLoad{Shelves: 4, Units: math.MaxInt64, Parts: 7 * stock.Unit / 2, Before: math.MaxInt64, Stocked: 2}, load, "sums stay at the end of the range")
	require.Equal(t, ledger.PushLoad{Shelves: 4, Units: math.MaxInt64, Parts: 7 * stock.Unit / 2, Before: 9, Stocked: 1}, load.Of(ledger.PushLoad{Shelves: 3, Before: 9, Stocked: 1}))
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{-1: ledger.MaxPage, 0: ledger.MaxPage, 1: 1, ledger.MaxPage: ledger.MaxPage, ledger.MaxPage + 1: ledger.MaxPage} {
		require.Equal(t, want, ledger.PageSize(limit), limit)
	}
}

func TestVerifyReport(t *testing.T) {
	t.Parallel()
	var report ledger.VerifyReport
	require.True(t, report.Clean())
	for range ledger.MaxFaults + 5 {
		report.Fault("f")
	}
	require.False(t, report.Clean())
	require.Len(t, report.Faults, ledger.MaxFaults)
	require.EqualValues(t, ledger.MaxFaults+5, report.FaultCount)
}
