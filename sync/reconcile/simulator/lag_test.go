package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/reconcile"
)

// The pretend platforms lag no longer than the rules are made for: else every hour would find what no rule promises.
func TestRulesOutwaitThePlatforms(t *testing.T) {
	t.Parallel()
	require.Less(t, levelLagMax, reconcile.NewsWindow)
	require.LessOrEqual(t, copyLagMax, reconcile.LaggingPause)
}
