package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// TestServeText: who looks whether serve runs is not told that it does not, when it only does not answer.
func TestServeText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status shownStatus
		says   string
	}{
		"works":           {shownStatus{Status: app.Status{Serving: true}}, "running and ready\n"},
		"reads a counter": {shownStatus{Status: app.Status{Serving: true, Joining: 1}}, "\n1 counter at open shelves is being read, and may wait to join then: evenstock link waiting\n"},
		"reads counters":  {shownStatus{Status: app.Status{Serving: true, Joining: 3}}, "\n3 counters at open shelves are being read, and may wait to join then: evenstock link waiting\n"},
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

// A change without a cause is told with what a person can do; doctor mentions it once it is old, and is well: nothing must be done.
func TestUnexplainedInWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	status := app.Status{Serving: true, Unexplained: 20, OldestUnexplained: now.Add(-25 * time.Hour)}
	var out bytes.Buffer
	require.NoError(t, printStatus(&out, shownStatus{Status: status}, now))
	require.Contains(t, out.String(), "unexplained:    20, the oldest for 25h0m0s\n")
	require.Contains(t, out.String(), "\n20 changes without a cause: evenstock reconcile run names those of five minutes and more, and evenstock explain SKU shows each. Where a count is wrong, correct it on its channel; "+
		"else it counts as it stands, and evenstock settle SKU --as CAUSE books what you know of it\n\n")
	require.Equal(t, health.Checks{{Code: health.CodeUnexplained, Result: health.OK, Detail: "20 changes without a cause, the oldest for 25h0m0s", Remedy: health.RemedyUnexplained}},
		checkUnexplained(status, now))
	status.OldestUnexplained = now.Add(-23 * time.Hour)
	require.Empty(t, checkUnexplained(status, now))
	require.Empty(t, checkUnexplained(app.Status{}, now))
	out.Reset()
	require.NoError(t, printStatus(&out, shownStatus{Status: app.Status{Serving: true}}, now))
	require.NotContains(t, out.String(), "without a cause")
}
