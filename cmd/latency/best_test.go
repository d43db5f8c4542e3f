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
		// Three seconds between two readings, each of one request; a sweep has nothing that waits for anything.
		"few": {scenario{square: 40, plan: standardPlan, articles: 100, places: 1}, apart + answer, answer},
		// 20 requests of 55 points, twice, of which 200 are not in the bucket, take less than three seconds, and so do twice 10 and 6
		// requests to Square. A sweep has 20 pages of Shopify's catalog, with cursors; Square's changes are 10, its catalog 5.
		"two places": {scenario{square: 40, plan: standardPlan, articles: 5_000, places: 2}, apart + answer, 20 * answer},
		// At eight places the longest list are Square's changes, with 40 pages; its 85 requests are less than a second's.
		"eight places": {scenario{square: 200, plan: plusPlan, articles: 5_000, places: 8}, apart + answer, 40 * answer},
		// Twice 40 requests of 55 points, of which 2,400 are not in the bucket, and 1,600 of those of a sweep with its 40 of 35.
		"a small plan": {scenario{square: 40, plan: standardPlan, articles: 10_000, places: 2}, 24 * time.Second, 16 * time.Second},
		"a large plan": {scenario{square: 40, plan: plusPlan, articles: 10_000, places: 2}, apart + answer, 40 * answer},
		// Four places at once and one more: 20 requests of 99 and 20 of 33 points, twice, and once with 20 of 35.
		"five places": {scenario{square: 40, plan: standardPlan, articles: 5_000, places: 5}, 32800 * time.Millisecond, 13400 * time.Millisecond},
		// 26 requests to Square, one a second, and 25 for a sweep, of which one second's are free.
		"a slow till": {scenario{square: 1, plan: plusPlan, articles: 5_000, places: 2}, 26 * time.Second, 24 * time.Second},
	} {
		require.InDelta(t, c.imports, bestImport(c.s), float64(time.Microsecond), name)
		require.InDelta(t, c.sweeps, bestSweep(c.s), float64(time.Microsecond), name)
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
