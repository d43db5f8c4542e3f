package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/sweep"
)

// What the configuration calls adaptive, the sweeps do.
func TestAdaptiveIsOneWord(t *testing.T) {
	t.Parallel()
	require.Equal(t, sweep.Adaptive, config.Adaptive)
}

// The people of the pretend shops type no goods in on both channels so soon that the demo would stop to ask whether they are the
// same: no package below may know both.
func TestPretendPeopleKeepRaisesApart(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, life.RaiseApart, reconcile.TypedTwiceWindow)
}
