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
	rates := func(opts simulator.Options) (q simulator.Questions) {
		opts.Busy, opts.Faultless, opts.Events = true, true, 260
		summary := simulator.NewSummary()
		for seed := int64(1); seed <= 20; seed++ {
			r := simulator.Run(seed, opts)
			require.True(t, r.OK, r)
			summary.Add(r)
		}
		t.Logf("%+v\n%s", opts, summary)
		return summary.Questions()
	}
	q := rates(simulator.Options{})
	require.LessOrEqual(t, q.NeedlessTwice, 1)
	require.LessOrEqual(t, q.NeedlessCount, 1)
	require.Equal(t, q.Planted, q.Caught)
	require.Greater(t, q.Planted, 20)
	require.Greater(t, rates(simulator.Options{Bug: "moves taken for goods received"}).NeedlessTwice, 10)

	steps := simulator.Options{Steps: true, Without: []string{"typed in twice"}}
	q = rates(steps)
	require.LessOrEqual(t, q.NeedlessTwice, 1)
	require.GreaterOrEqual(t, q.CaughtSteps, q.PlantedSteps-1, "one reading may show a step together with another change that has no cause")
	require.Greater(t, q.PlantedSteps, 20)
	steps.Bug = "earlier steps forgotten"
	forgetful := rates(steps)
	require.Less(t, forgetful.CaughtSteps, forgetful.PlantedSteps/2)
}
