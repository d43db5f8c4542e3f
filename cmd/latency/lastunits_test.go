package main

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// queue has so many customers come for article 0, at each end in turn, a second apart.
func queue(n int) (all []customer) {
	for i := range n {
		all = append(all, customer{at: time.Duration(i) * time.Second, till: i%2 == 0})
	}
	return all
}

func TestOversoldOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		customers int
		delay     time.Duration
		want      int
	}{
		"fewer than there are":     {10, time.Hour, 0},
		"told at once":             {40, 0, 0},
		"told just in time":        {40, time.Second, 0},
		"told a moment too late":   {40, time.Second + 1, 1},
		"told two sales later":     {40, 3*time.Second + 1, 2},
		"never told":               {40, time.Hour, lastEach},
		"never told, but few come": {15, time.Hour, 5},
	} {
		require.Equal(t, c.want, oversoldOnce(queue(c.customers), func() time.Duration { return c.delay }), name)
	}
}

func TestUnavoidable(t *testing.T) {
	t.Parallel()
	const seed = 3
	all := crowd(seed)
	require.True(t, slices.IsSortedFunc(all, func(a, b customer) int { return int(a.at - b.at) }))
	require.Equal(t, all, crowd(seed), "the same seed, the same customers")
	require.InDelta(t, 2*lastArticles*customers*lastFor.Seconds(), len(all), 100)
	require.Zero(t, unavoidable(all, 0, seed))
	second := unavoidable(all, time.Second, seed)
	require.Greater(t, second, 1.0)
	require.Greater(t, unavoidable(all, 4*time.Second, seed), 2*second)
	require.LessOrEqual(t, unavoidable(all, 24*time.Hour, seed), float64(lastArticles*lastEach))
}
