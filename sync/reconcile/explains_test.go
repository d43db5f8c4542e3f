package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Nobody waits for a read that only asks why, unless something else is to be seen by it.
func TestOnlyExplains(t *testing.T) {
	t.Parallel()
	explains := ledger.Work{Read: 1, ReadReason: "explain a difference"}
	with := func(change func(w *ledger.Work)) ledger.Ref {
		w := explains
		change(&w)
		return ledger.Ref{Work: w}
	}
	unconfirmed := &ledger.Unconfirmed{Seq: 1}
	for name, c := range map[string]struct {
		ref  ledger.Ref
		want bool
	}{
		"a difference":       {ledger.Ref{Work: explains}, true},
		"an edited row":      {with(func(w *ledger.Work) { w.ReadReason = "a row may have been edited" }), true},
		"a person":           {with(func(w *ledger.Work) { w.ReadReason = "a person asked" }), false},
		"a doubted counter":  {with(func(w *ledger.Work) { w.ReadReason = ledger.ReadMissing }), false},
		"a raise waits":      {with(func(w *ledger.Work) { w.RaiseUnconfirmed = unconfirmed }), false},
		"a zero waits":       {with(func(w *ledger.Work) { w.ZeroUnconfirmed = unconfirmed }), false},
		"a baseline":         {with(func(w *ledger.Work) { w.Baseline = &ledger.BaselineWish{} }), false},
		"an order is shown":  {with(func(w *ledger.Work) { w.ReadUntil = time.Unix(1, 0) }), false},
		"a push unconfirmed": {ledger.Ref{Work: explains, State: ledger.RefState{Unconfirmed: []ledger.PushMark{{}}}}, false},
	} {
		require.Equal(t, c.want, reconcile.OnlyExplains(c.ref), name)
	}
}

// What is gathered may be read before it is due, but for a read that must give a lagging copy its time.
func TestGathered(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"explain a difference", "confirm a push", "a movement may not show yet"} {
		require.True(t, reconcile.Gathered(ledger.Ref{Work: ledger.Work{Read: 1, ReadReason: reason}}), reason)
		require.False(t, reconcile.Gathered(ledger.Ref{Work: ledger.Work{Read: 1, ReadReason: reason, Older: 2}}), reason)
	}
	require.False(t, reconcile.Gathered(ledger.Ref{Work: ledger.Work{Read: 1, ReadReason: "version is older than the accepted one"}}))
}
