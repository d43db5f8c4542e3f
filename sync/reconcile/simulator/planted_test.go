package simulator_test

import (
	"testing"

	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

// plantedSeeds is within how many runs the judge must find a planted bug.
const plantedSeeds = 40

// TestPlantedBugs makes every known mistake on purpose: a judge that finds none of them would prove nothing.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	for _, bug := range simulator.Bugs() {
		t.Run(string(bug), func(t *testing.T) {
			t.Parallel()
			for seed := int64(1); seed <= plantedSeeds; seed++ {
				r := simulator.Run(seed, simulator.Options{Bug: bug})
				if !r.OK {
					t.Logf("found by seed %d: %s", seed, r.Failures[0])
					return
				}
			}
			t.Fatalf("%d runs did not find it", plantedSeeds)
		})
	}
}
