package sqlite_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestCallerGoneAtAnyMoment cancels a caller while its batch begins, waits, is written or is committed. The batch is there or it
// is not, and the next one is applied.
func TestCallerGoneAtAnyMoment(t *testing.T) {
	t.Parallel()
	s := seeded(t)
	random := newDice(t)
	entries := int64(3)
	for i := range 1500 {
		batch := ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, stock.Quantity(i)*stock.Unit, noon)}}
		ctx, cancel := context.WithCancel(t.Context())
		// Cancelling at a random moment is the point; nothing waits for this timer.
		timer := time.AfterFunc(time.Duration(random.IntN(400))*time.Microsecond, cancel)
		if _, err := s.Apply(ctx, ledgertest.Step, batch); err == nil {
			entries++
		} else {
			require.ErrorIs(t, err, context.Canceled)
		}
		timer.Stop()
		cancel()
		receipt, err := s.Apply(t.Context(), nil, ledger.Batch{At: noon})
		require.NoError(t, err, "after %d callers", i)
		require.Equal(t, entries, receipt.LastSeq, "what was not acknowledged to a caller that went before the commit is not there")
	}
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
}
