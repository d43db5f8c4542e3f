package simulator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

// TestQuestionsOfBusyShops: in busy shops with two places a person is hardly ever asked about goods that were not typed in twice, and
// always about those that were.
func TestQuestionsOfBusyShops(t *testing.T) {
	t.Parallel()
	rates := func(bug simulator.Bug) (q simulator.Questions) {
		summary := simulator.NewSummary()
		for seed := int64(1); seed <= 20; seed++ {
			r := simulator.Run(seed, simulator.Options{Busy: true, Faultless: true, Events: 260, Bug: bug})
			require.True(t, r.OK, r)
			summary.Add(r)
		}
		t.Logf("%s\n%s", bug, summary)
		return summary.Questions()
	}
	q := rates("")
	require.LessOrEqual(t, q.NeedlessTwice, 1)
	require.Equal(t, q.Planted, q.Caught)
	require.Greater(t, q.Planted, 20)
	require.Greater(t, rates("moves taken for goods received").NeedlessTwice, 10)
}
