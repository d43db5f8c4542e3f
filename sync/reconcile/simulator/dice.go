package simulator

import (
	"math/rand/v2"
	"time"
)

// dice is the only source of chance of a run.
type dice struct{ *rand.Rand }

func newDice(seed int64) dice {
	return dice{rand.New(rand.NewPCG(uint64(seed), 0x6576656e73746f63))} //nolint:gosec // chance, not secrecy
}

// chance is true with probability p.
func (d dice) chance(p float64) bool { return p > 0 && d.Float64() < p }

// between returns a duration in [low, high).
func (d dice) between(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	return low + time.Duration(d.Int64N(int64(high-low)))
}

// weight is 0 with probability off, else uniform in [low, high).
func (d dice) weight(off, low, high float64) float64 {
	if d.chance(off) {
		return 0
	}
	return low + d.Float64()*(high-low)
}

// around returns a short network delay: mostly below 300 ms, now and then seconds.
func (d dice) around() time.Duration {
	if d.chance(0.04) {
		return d.between(500*time.Millisecond, 3*time.Second)
	}
	return d.between(20*time.Millisecond, 250*time.Millisecond)
}
