package sweep

import (
	"context"
	"time"
)

const (
	// firstSyncMin is how many refs that wait for their baselines are a first sync.
	firstSyncMin = 100
	// yieldMax is for how long recent sweeps give their turns up: some baselines wait for long, and what is open sells on.
	yieldMax = 5 * time.Minute
)

// yields says that a recent sweep gives its turn up to a first sync. That reads every counter itself, and to list them beside it would
// take from it what the platform may be asked for. Before a channel's first baseline is taken there is nothing that a counter could differ from.
func (s *Sweeper) yields(ctx context.Context, kind string) bool {
	if kind != Recent {
		return false
	}
	s.yield.Lock()
	defer s.yield.Unlock()
	if begun, err := s.Ledger.BaselinesBegun(ctx, s.Channel); err == nil && !begun {
		return true
	}
	left, err := s.Ledger.BaselineProgress(ctx)
	if err != nil || left.Waiting < firstSyncMin {
		s.yielding = time.Time{}
		return false
	}
	if s.yielding.IsZero() {
		s.yielding = s.Now()
	}
	return s.Now().Sub(s.yielding) < yieldMax
}
