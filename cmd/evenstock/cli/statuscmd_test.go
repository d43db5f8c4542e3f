package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// TestServeText: who looks whether serve runs is not told that it does not, when it only does not answer.
func TestServeText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status shownStatus
		says   string
	}{
		"works":           {shownStatus{Status: app.Status{Serving: true}}, "running and ready\n"},
		"does not run":    {shownStatus{Data: "/srv/data"}, "NOT RUNNING on /srv/data: "},
		"does not answer": {shownStatus{Silent: true}, "DOES NOT ANSWER: "},
		"is not ready":    {shownStatus{Status: app.Status{Serving: true, NotReady: []string{"the disk is full"}}}, "NOT READY: the disk is full\n"},
		"a channel fails": {shownStatus{Status: app.Status{Serving: true, Workers: []app.Worker{{Channel: "web", Error: "401"}}}}, "NOT WORKING for web: "},
	} {
		var out bytes.Buffer
		require.NoError(t, printStatus(&out, c.status, time.Now()))
		require.Contains(t, out.String(), c.says, name)
	}
}

// Who waits for a platform is told by how much it may be asked for.
func TestStatusShowsBudgets(t *testing.T) {
	t.Parallel()
	now := time.Now()
	budgets := []app.Budget{
		{Channel: "till", Budget: stock.Budget{PerSecond: 7.5, Available: 2, Most: 4, Refused: 3, PausedUntil: now.Add(40 * time.Second), Lanes: []stock.LaneState{
			{Lane: "pushes", WaitedMost: 120}, {Lane: "sweeps", Waiting: 12, WaitedMost: 4300}}}},
		{Channel: "web", Budget: stock.Budget{Lanes: []stock.LaneState{{Lane: "pushes"}}}},
	}
	var out bytes.Buffer
	require.NoError(t, printStatus(&out, shownStatus{Status: app.Status{Serving: true, Budgets: budgets}}, now))
	require.Regexp(t, `till +7\.5 +2 of 4 +3 +12 sweeps, PAUSED for 40s +pushes 120ms, sweeps 4\.3s`, out.String())
	require.Regexp(t, `web +0\.0 +- +0 +- +-`, out.String())
}
