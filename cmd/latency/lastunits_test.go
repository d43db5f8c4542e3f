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

// What is told later and arrives earlier tells of all that its end sold before; nothing is learnt of it at the other end's counter.
func TestOversoldOnceToldByALaterSale(t *testing.T) {
	t.Parallel()
	sold := 0
	never := func() time.Duration { return time.Hour }
	require.Equal(t, lastEach, oversoldOnce(queue(40), never))
	// The ends sell in turn. The fifth of the till is the ninth sale, and the only one that is told: five are left for the web, ten for the till.
	require.Equal(t, 5, oversoldOnce(queue(40), func() time.Duration {
		if sold++; sold == 9 {
			return 0
		}
		return time.Hour
	}))
}

func TestUnavoidable(t *testing.T) {
	t.Parallel()
	const seed = 3
	all := crowd(seed)
	require.True(t, slices.IsSortedFunc(all, func(a, b customer) int { return int(a.at - b.at) }))
	require.Equal(t, all, crowd(seed), "the same seed, the same customers")
	require.InDelta(t, 2*lastArticles*customers*lastFor.Seconds(), len(all), 100)
	told := func(most time.Duration) float64 { return unavoidable(all, way{told: most}, seed) }
	require.Zero(t, told(0))
	second := told(time.Second)
	require.Greater(t, second, 1.0)
	require.Greater(t, told(4*time.Second), 1.5*second)
	require.LessOrEqual(t, told(24*time.Hour), float64(lastArticles*lastEach))
	require.Greater(t, unavoidable(all, way{time.Second, answerMin, answerMax}, seed), second, "a request is on its way, too")
	require.Zero(t, unavoidable(all[:1], way{0, answerMin, answerMax}, seed))
}
