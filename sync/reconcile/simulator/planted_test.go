package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

// plantedSeeds is within how many runs the judge must find a planted bug.
const plantedSeeds = 20

// foundBy names the check that must find each planted bug, by a part of what it says.
var foundBy = map[simulator.Bug]string{
	"recounts ignored":                      "R1: ",
	"history read from the wrong time":      "R1: ",
	"new key on retry":                      "R1: ",
	"delivery trusted during a push":        "R1: ",
	"own read overlaps a push":              "R1: ",
	"movement moves the level":              "moves the level by",
	"missing count is zero":                 "comes from no ",
	"offset before commit":                  "was applied 0 times",
	"push before the opening":               "whose shelf has no opening",
	"old delivery accepted":                 "R1: ",
	"movement keys forgotten":               "unexplained of ",
	"push not expected":                     "R1: ",
	"unlinked during a push":                "is not definite",
	"movement before the baseline explains": "unexplained of ",
	"copy that lags behind believed":        "lies behind was believed",
	"late opening books twice":              "R8: the opening of ",
	"edited fact dropped":                   "unexplained of ",
	"edited fact doubled":                   "unexplained of ",
	"part of a sum left out":                "without the part of",
	"join overwrites":                       "and it becomes live",
	"brake looked at once a round":          "mass change: ",
	"word of a program trusted":             "mass change: ",
	"one article hides the others":          "mass change: ",
	"other program trusted":                 "other program: ",
	"program with books of its own trusted": "other program: ",
	"program that writes zero trusted":      "other program: ",
	"program that mirrors trusted":          "other program: ",
	"program that mirrors a part trusted":   "other program: ",
	"mark stays":                            "sold out: the ledger was told",
	"mark moves the level":                  "moves the level by",
	"mark trusted":                          "typed in over a mark: ",
	"set to zero twice":                     "set to zero on both: ",
	"settlement kept":                       "settling: ",
}

// TestPlantedBugs makes every known mistake on purpose: a judge that finds none of them would prove nothing.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	if len(foundBy) != len(simulator.Bugs()) {
		t.Errorf("%d bugs are planted, %d are known to this test", len(simulator.Bugs()), len(foundBy))
	}
	for _, bug := range simulator.Bugs() {
		t.Run(string(bug), func(t *testing.T) {
			t.Parallel()
			check := foundBy[bug]
			found := func(failure string) bool { return check != "" && strings.Contains(failure, check) }
			for seed := int64(1); seed <= plantedSeeds; seed++ {
				r := simulator.Run(seed, simulator.Options{Bug: bug})
				if i := slices.IndexFunc(r.Failures, found); i >= 0 {
					t.Logf("found by seed %d: %s", seed, r.Failures[i])
					return
				}
			}
			t.Fatalf("%d runs did not find it by %q", plantedSeeds, check)
		})
	}
}
