package merchant_test

import (
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

var seed = flag.Uint64("seed", 0, "seed of the tests that throw dice; 0: a new one")

// dice are random numbers that goroutines share. A seed brings back what is thrown; who throws what is up to the scheduler.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

// newDice says when the test fails how to throw them again.
func newDice(t *testing.T) *dice {
	t.Helper()
	chosen := *seed
	if chosen == 0 {
		chosen = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test ./sync/merchant -run '^%s$' -seed %d", t.Name(), chosen)
		}
	})
	return &dice{random: rand.New(rand.NewPCG(chosen, 0))}
}

// below throws a number from 0 to below n.
func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(n)
}

// within is a random time up to n milliseconds.
func (d *dice) within(n int) time.Duration { return time.Duration(d.below(n)) * time.Millisecond }
