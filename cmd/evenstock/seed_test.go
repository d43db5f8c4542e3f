package main

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var seedFlag = flag.Int64("seed", 0, "seed of the tests that throw dice; 0: a new one")

// seedOf is the seed of a test that throws dice. When the test fails it says how to throw them again; what they meet depends on the
// moment.
func seedOf(t *testing.T) int64 {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Int64N(1_000_000)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test ./cmd/evenstock -run '^%s$' -seed %d", t.Name(), seed)
		}
	})
	return seed
}
