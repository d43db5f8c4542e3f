package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

func TestEnums(t *testing.T) {
	t.Parallel()
	check(t, "entry kind", ledger.KindBaseline, ledger.KindCorrection, ledger.ParseEntryKind)
	check(t, "account kind", ledger.Available, ledger.Unexplained, ledger.ParseAccountKind)
	check(t, "ref status", ledger.Linked, ledger.Gone, ledger.ParseRefStatus)
	check(t, "call state", ledger.CallOpen, ledger.CallSetAside, ledger.ParseCallState)
	check(t, "brake kind", ledger.Observing, ledger.OtherProgram, ledger.ParseBrakeKind)
	check(t, "answer to a ref that waits", ledger.JoinAdd, ledger.JoinCounter, ledger.ParseJoinHow)
	check(t, "meaning of a change without a cause", ledger.UntoldMoved, ledger.UntoldCounted, ledger.ParseUntoldHow)
	check(t, "ending", ledger.Done, ledger.Repeat, ledger.ParseEnding)
}

// check goes through every value of an enum: each has a name of its own that reads back, and the list ends where it says.
func check[T interface {
	~uint8
	String() string
}](t *testing.T, what string, first, last T, parse func(string) (T, error)) {
	t.Helper()
	require.EqualValues(t, 1, first, "%s: the zero value is invalid", what)
	seen := map[string]bool{}
	for v := first; v <= last; v++ {
		require.False(t, seen[v.String()], "%s %q twice", what, v)
		seen[v.String()] = true
		back, err := parse(v.String())
		require.NoError(t, err)
		require.Equal(t, v, back)
	}
	require.Empty(t, T(0).String(), what)
	require.Contains(t, (last + 1).String(), "unknown", what)
	for _, text := range []string{"", "nonsense", "unknown(99)"} {
		_, err := parse(text)
		require.ErrorContains(t, err, "parsing "+what)
	}
}

// TestStoredNumbersStay pins what stores have written: a number keeps its value and its name, and what is new comes last.
func TestStoredNumbersStay(t *testing.T) {
	t.Parallel()
	stays(t, []string{"baseline", "reading", "movement", "push", "correction"},
		ledger.KindBaseline, ledger.KindReading, ledger.KindMovement, ledger.KindPush, ledger.KindCorrection)
	stays(t, []string{"available", "opening", "sold", "returned", "received", "shrinkage", "moved", "unexplained"},
		ledger.Available, ledger.Opening, ledger.Sold, ledger.Returned, ledger.Received, ledger.Shrinkage, ledger.Moved, ledger.Unexplained)
	stays(t, []string{"linked", "live", "unreadable", "untracked", "set aside", "unlinked", "waiting", "gone"},
		ledger.Linked, ledger.Live, ledger.Unreadable, ledger.Untracked, ledger.SetAside, ledger.Unlinked, ledger.WaitsToJoin, ledger.Gone)
	stays(t, []string{"add", "level", "counter"}, ledger.JoinAdd, ledger.JoinLevel, ledger.JoinCounter)
	stays(t, []string{"answered", "absorbed", "undecided", "resolved"},
		ledger.Answered, ledger.Absorbed, ledger.Undecided, ledger.Resolved)
	stays(t, []string{"open", "applied", "refused", "set aside"},
		ledger.CallOpen, ledger.CallApplied, ledger.CallRefused, ledger.CallSetAside)
	stays(t, []string{"observing", "zero unconfirmed", "raise unconfirmed", "mass change", "typed in twice", "other program"},
		ledger.Observing, ledger.ZeroUnconfirmed, ledger.RaiseUnconfirmed, ledger.MassChange, ledger.TypedTwice, ledger.OtherProgram)
	stays(t, []string{"applied", "duplicate", "ignored", "parked", "repeat"},
		ledger.Done, ledger.Duplicate, ledger.Ignored, ledger.Parked, ledger.Repeat)
}

// stays requires that the values are numbered from 1 on and have these names, and that no other number has one.
func stays[T interface {
	~uint8
	String() string
}](t *testing.T, names []string, values ...T) {
	t.Helper()
	require.Len(t, values, len(names))
	for i, value := range values {
		require.EqualValues(t, i+1, value, names[i])
		require.Equal(t, names[i], value.String())
	}
	require.Contains(t, T(len(names)+1).String(), "unknown", "pin the new one too")
}
