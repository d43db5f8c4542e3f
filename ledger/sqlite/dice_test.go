package sqlite_test

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var seed = flag.Uint64("seed", 0, "seed of the tests that throw dice; 0: a new one")

// newDice says when the test fails how to throw them again.
func newDice(t *testing.T) *rand.Rand {
	t.Helper()
	chosen := *seed
	if chosen == 0 {
		chosen = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test ./ledger/sqlite -run '^%s$' -seed %d", t.Name(), chosen)
		}
	})
	return rand.New(rand.NewPCG(chosen, 0))
}
