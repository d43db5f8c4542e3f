package main

import (
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
		// 1 + 1 pages of Square, 1 of Shopify twice, 3 s apart; and 1 + 1 + 1 requests for a sweep.
		"few": {scenario{square: 40, plan: standardPlan, articles: 100, places: 1}, apart + answer, 3 * answer},
		// 2 times 40 pages of 33 points, of which 640 are not in the bucket; 40 pages of 33 and 20 of 35 for a sweep.
		"a small plan": {scenario{square: 40, plan: standardPlan, articles: 5_000, places: 2}, 6400 * time.Millisecond, 61 * answer},
		"a large plan": {scenario{square: 40, plan: plusPlan, articles: 5_000, places: 2}, apart + 40*answer, 61 * answer},
		// 11 pages and 16 of Square, of which one second's are free.
		"a slow till": {scenario{square: 1, plan: plusPlan, articles: 5_000, places: 2}, 10 * time.Second, 15 * time.Second},
	} {
		require.Equal(t, c.imports, bestImport(c.s), name)
		require.Equal(t, c.sweeps, bestSweep(c.s), name)
	}
}
