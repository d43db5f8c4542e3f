package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s               scenario
		imports, sweeps time.Duration
	}{
		// Two requests for counters of Square, one for its catalog and one for changes, while its limit is found; 1 + 1 + 1 requests for a sweep.
		"few": {scenario{square: 40, plan: standardPlan, articles: 100, places: 1}, apart + answer, 3 * answer},
		// Twice 40 pages of 33 points, of which 640 are not in the bucket; 40 pages of 33 and 20 of 35 for a sweep.
		"a small plan": {scenario{square: 40, plan: standardPlan, articles: 5_000, places: 2}, 6400 * time.Millisecond, 61 * answer},
		// The second reading of the last counter comes three seconds after its first; twice 10 and 5 requests to Square take less.
		"a large plan": {scenario{square: 40, plan: plusPlan, articles: 5_000, places: 2}, apart + 40*answer, 61 * answer},
		// 26 requests to Square, one a second, and 16 for a sweep, of which one second's are free.
		"a slow till": {scenario{square: 1, plan: plusPlan, articles: 5_000, places: 2}, 26 * time.Second, 15 * time.Second},
	} {
		require.Equal(t, c.imports, bestImport(c.s), name)
		require.Equal(t, c.sweeps, bestSweep(c.s), name)
	}
}

// Square is asked twice as often each second, until its limit is found.
func TestLearningTime(t *testing.T) {
	t.Parallel()
	s := scenario{square: 40}
	require.InDelta(t, math.Log(2), s.learningTime(5).Seconds(), 0.01)
	require.InDelta(t, math.Log(8), s.learningTime(35).Seconds(), 0.01)
	require.InDelta(t, math.Log(8)+1, s.learningTime(75).Seconds(), 0.01)
	require.InDelta(t, 2.5, scenario{square: 4}.learningTime(10).Seconds(), 0.01, "a limit below where it begins")
}
