package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// Nothing is left to push only when every baseline is taken: before that nobody knows what follows.
func TestBaselineProgress(t *testing.T) {
	t.Parallel()
	for want, result := range map[string]app.BaselineResult{
		"310 of 1200 baselines taken":                               {Refs: 1200, Taken: 310, Waiting: 890},
		"310 of 1200 baselines taken, 1 counter still to be pushed": {Refs: 1200, Taken: 310, Waiting: 890, PushesLeft: 1},
		"32 of 32 baselines taken, 4 counters still to be pushed":   {Refs: 32, Taken: 32, PushesLeft: 4},
		"32 of 32 baselines taken, nothing is left to push":         {Refs: 32, Taken: 32},
		"31 of 32 baselines taken, nothing is left to push":         {Refs: 32, Taken: 31, Missing: 1},
	} {
		require.Equal(t, want, app.BaselineProgress(result))
	}
}
