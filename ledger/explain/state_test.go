package explain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

func TestStateOf(t *testing.T) {
	t.Parallel()
	ref := func(status ledger.RefStatus, opened bool, work ledger.Work) ledger.DueRef {
		return ledger.DueRef{Ref: ledger.Ref{State: ledger.RefState{Status: status}, Work: work}, Opened: opened}
	}
	wanted, inFlight := ledger.Work{Push: true}, ledger.Work{Push: true, InFlight: "call-1"}
	tests := []struct {
		name  string
		ref   ledger.DueRef
		state State
		even  Even
	}{
		{"linked", ref(ledger.Linked, true, wanted), StateNoBaseline, EvenUnknown},
		{"linked, without a count", ref(ledger.Linked, true, ledger.Work{Baseline: &ledger.BaselineWish{Missing: true}}), StateNoCount, EvenUnknown},
		{"set aside", ref(ledger.SetAside, true, inFlight), StateSetAside, EvenUnknown},
		{"unreadable", ref(ledger.Unreadable, true, wanted), StateUnreadable, EvenUnknown},
		{"untracked", ref(ledger.Untracked, true, ledger.Work{}), StateUntracked, EvenUnknown},
		{"unlinked", ref(ledger.Unlinked, true, ledger.Work{}), StateUnlinked, EvenUnknown},
		{"live on a shelf without an opening", ref(ledger.Live, false, wanted), StateOnlyObserved, EvenUnknown},
		{"a write on its way", ref(ledger.Live, true, inFlight), StatePushInFlight, EvenNo},
		{"a write wanted", ref(ledger.Live, true, wanted), StatePushWanted, EvenNo},
		{"said to be gone, and not read yet", ref(ledger.Live, true, ledger.Work{Read: 3, ReadReason: ledger.ReadGone}), StateDoubted, EvenUnknown},
		{"said to be uncounted, a write wanted", ref(ledger.Live, true, ledger.Work{Push: true, Read: 3, ReadReason: ledger.ReadMissing}), StateDoubted, EvenUnknown},
		{"read for another reason", ref(ledger.Live, true, ledger.Work{Read: 3, ReadReason: "may be news"}), StateEven, EvenYes},
		{"even", ref(ledger.Live, true, ledger.Work{}), StateEven, EvenYes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			state, even := StateOf(test.ref, false)
			require.Equal(t, test.state, state)
			require.Equal(t, test.even, even)
		})
	}
}

// What is not where the configuration has it waits for that, whatever else it waits for; what is gone or set aside does not.
func TestStateOfMisplaced(t *testing.T) {
	t.Parallel()
	for status, state := range map[ledger.RefStatus]State{
		ledger.Linked: StateMisplaced, ledger.Live: StateMisplaced, ledger.Unreadable: StateMisplaced, ledger.WaitsToJoin: StateMisplaced,
		ledger.Gone: StateGone, ledger.SetAside: StateSetAside, ledger.Untracked: StateUntracked, ledger.Unlinked: StateUnlinked,
	} {
		ref := ledger.DueRef{Ref: ledger.Ref{State: ledger.RefState{Status: status}, Work: ledger.Work{Push: true}}, Opened: true}
		shown, even := StateOf(ref, true)
		require.Equal(t, state, shown)
		require.Equal(t, EvenUnknown, even)
	}
}
