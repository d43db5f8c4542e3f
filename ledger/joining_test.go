package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// The changes of a counter that waits, and the causes that are told of them, meet in any order. What is left was typed in, or moved.
func TestUntold(t *testing.T) {
	t.Parallel()
	ref, shelf := stock.Ref{Channel: "till", Item: "s1", Location: "L1"}, stock.Shelf{Item: "mug", Location: "main"}
	came := ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.WaitsToJoin, Ref: ref, Shelf: shelf, ExpectedDelta: stock.Units(3),
		Evidence: stock.Evidence{ledger.EvidenceLevel: "8"}}
	shows := func(d int64, level string) ledger.Entry {
		return ledger.Entry{Kind: ledger.KindReading, Ref: ref, Shelf: shelf, ExpectedDelta: stock.Units(d), Evidence: stock.Evidence{ledger.EvidenceLevel: level}}
	}
	told := func(q int64) ledger.Entry {
		return ledger.Entry{Kind: ledger.KindMovement, Ref: ref, Shelf: shelf, Evidence: stock.Evidence{ledger.EvidenceTold: stock.Units(q).String()}}
	}
	corrected := ledger.Entry{Kind: ledger.KindCorrection, Ref: ref, Shelf: shelf, Evidence: stock.Evidence{ledger.EvidenceLevelCorrected: "2"}}
	tests := map[string]struct {
		entries     []ledger.Entry
		typed, then int64
		level       int64
	}{
		"nothing":                             {nil, 0, 8, 8},
		"sold, and told":                      {[]ledger.Entry{shows(-2, "7"), told(-2)}, 0, 8, 8},
		"told, and sold":                      {[]ledger.Entry{told(-2), shows(-2, "7")}, 0, 8, 8},
		"told in two":                         {[]ledger.Entry{shows(-2, "7"), told(-1), told(-1)}, 0, 8, 8},
		"told in two, shown later":            {[]ledger.Entry{told(-1), told(-1), shows(-2, "7")}, 0, 8, 8},
		"told and not shown":                  {[]ledger.Entry{told(-1)}, 0, 8, 8},
		"typed in":                            {[]ledger.Entry{shows(8, "6")}, 8, 6, 8},
		"typed in, then sold":                 {[]ledger.Entry{shows(8, "6"), shows(-1, "5"), told(-1)}, 8, 6, 8},
		"typed in lower, then sold":           {[]ledger.Entry{shows(-3, "6"), shows(-1, "5"), told(-1)}, -3, 6, 8},
		"typed in together with a sale":       {[]ledger.Entry{shows(7, "6"), told(-1)}, 7, 6, 8},
		"sold, typed in, told":                {[]ledger.Entry{shows(-1, "7"), shows(8, "6"), told(-1)}, 8, 6, 8},
		"the level is corrected":              {[]ledger.Entry{corrected}, 0, 10, 10},
		"typed in, and the level corrected":   {[]ledger.Entry{shows(8, "6"), corrected}, 8, 8, 10},
		"not tracked meanwhile":               {[]ledger.Entry{shows(-1, "7"), {Kind: ledger.KindReading, Status: ledger.Untracked, Ref: ref, Shelf: shelf, ExpectedDelta: -stock.Units(2)}}, -1, 7, 8},
		"an entry that says nothing about it": {[]ledger.Entry{{Kind: ledger.KindReading, Ref: ref, Shelf: shelf}}, 0, 8, 8},
	}
	for name, test := range tests {
		state := ledger.RefState{}.After(came)
		for _, e := range test.entries {
			state = state.After(e)
		}
		typed, then := state.Joining.Typed()
		require.Equal(t, []stock.Quantity{stock.Units(test.typed), stock.Units(test.then), stock.Units(test.level)},
			[]stock.Quantity{typed, then, state.Joining.Level}, name)
	}
}

// However many changes have no cause, they stay few, and their sum stays.
func TestUntoldAreFew(t *testing.T) {
	t.Parallel()
	ref, shelf := stock.Ref{Channel: "till", Item: "s1", Location: "L1"}, stock.Shelf{Item: "mug", Location: "main"}
	state := ledger.RefState{}.After(ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.WaitsToJoin, Ref: ref, Shelf: shelf})
	for i := range int64(1000) {
		state = state.After(ledger.Entry{Kind: ledger.KindReading, Ref: ref, Shelf: shelf, ExpectedDelta: stock.Quantity(i + 1), RecordedAt: time.Unix(i, 0)})
	}
	require.LessOrEqual(t, len(state.Joining.Untold), 32)
	typed, _ := state.Joining.Typed()
	require.EqualValues(t, 500500, typed)
	require.EqualValues(t, 500500, state.Joining.Others)
}
