package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// How a baseline ended: what is still to be pushed is told, and that nothing is.
func TestBaselineText(t *testing.T) {
	t.Parallel()
	for want, result := range map[string]app.BaselineResult{
		"nothing to do: every linked counter has its baseline (evenstock link list)":                        {},
		"32 of 32 baselines taken, nothing is left to push":                                                 {Refs: 32, Taken: 32},
		"32 of 32 baselines taken, 1 counter still to be pushed: see evenstock brakes and evenstock status": {Refs: 32, Taken: 32, PushesLeft: 1},
		"31 of 32 baselines taken, 1 counter without a count: see evenstock stock, nothing is left to push": {Refs: 32, Taken: 31, Missing: 1},
	} {
		require.Equal(t, want, baselineText(result))
	}
}

// Whoever confirms a plan confirms the one that was named.
func TestConfirmedKeepsThePlan(t *testing.T) {
	t.Parallel()
	require.Equal(t, "evenstock baseline apply --authority till --yes", confirmedLine(app.BaselineRequest{Authority: "till"}))
	require.Equal(t, "evenstock baseline apply --authority till --plan 3d1f9a02-7be0c455 --yes", confirmedLine(app.BaselineRequest{Authority: "till", Plan: "3d1f9a02-7be0c455"}))
}

// Shelves that are open are not what is given up.
func TestCancelledText(t *testing.T) {
	t.Parallel()
	result := app.CancelledBaseline{Opened: make([]app.CancelledShelf, 15), Left: make([]app.CancelledShelf, 1)}
	require.Equal(t, "the first sync would be given up: open and kept even: 15 shelves; still closed: 1 shelf: "+
		"count there what has no count and look with evenstock baseline plan, or unlink it", cancelledText(result, true))
	result.Left = nil
	require.Equal(t, "the first sync is given up: open and kept even: 15 shelves", cancelledText(result, false))
}
