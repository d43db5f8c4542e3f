package cli

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// TestEveryRefusalHasACause: whatever the intake refuses, the owner reads why.
func TestEveryRefusalHasACause(t *testing.T) {
	t.Parallel()
	var reasons []string
	for _, result := range webhook.Results() {
		if !result.Good() && result != webhook.Limited || result == webhook.Undecodable {
			require.NotEmpty(t, likelyCauses[result.String()], "%s", result)
			require.Equal(t, slices.Contains(passing, result.String()), refusalRemedies[result.String()] == "", "what passes needs nobody: %s", result)
			reasons = append(reasons, result.String())
		}
	}
	require.Len(t, likelyCauses, len(reasons), "a cause of nothing")
	for _, reason := range passing {
		require.True(t, slices.Contains(reasons, reason), reason)
	}
}

func TestDeliveriesInWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	refused := func(reason string, ago time.Duration) []app.Refusals {
		return []app.Refusals{{Reason: reason, Count: 3, Last: now.Add(-ago)}}
	}
	recovered := func(reason string) []app.Refusals {
		return []app.Refusals{{Reason: reason, Count: 3, Last: now.Add(-2 * time.Hour), Recovered: true}}
	}
	for name, c := range map[string]struct {
		deliveries app.Deliveries
		status     string
		result     health.Result
		doctor     string
	}{
		"well":           {app.Deliveries{Channel: "till", Taken: 7, LastTaken: now.Add(-time.Minute)}, "1m0s ago", health.OK, "7 taken, the last 1m0s ago"},
		"none yet":       {app.Deliveries{Channel: "till"}, "never", health.OK, "none came"},
		"refused":        {app.Deliveries{Channel: "till", Taken: 7, Refused: refused("bad_signature", time.Hour)}, "bad signature", health.Warn, "3 refused: bad signature, the last 1h0m0s ago; likely " + signatureCause},
		"refused before": {app.Deliveries{Channel: "till", Taken: 7, Refused: refused("bad_signature", 25*time.Hour)}, "bad signature", health.OK, "7 taken"},
		"passing":        {app.Deliveries{Channel: "till", Taken: 7, Refused: refused("not_ready", time.Minute)}, "not ready", health.OK, "7 taken"},
		"no address":     {app.Deliveries{Refused: refused("not_found", time.Minute)}, "(no address of ours)", health.Warn, "3 came to"},
		"recovered":      {app.Deliveries{Channel: "till", Taken: 7, LastTaken: now.Add(-time.Minute), Refused: recovered("bad_signature")}, "bad signature", health.OK, "7 taken, the last 1m0s ago; 3 refused before: bad signature, the last 2h0m0s ago, and good ones since"},
		"not recovered":  {app.Deliveries{Channel: "till", Taken: 7, LastTaken: now.Add(-time.Minute), Refused: recovered("undecodable")}, "undecodable", health.Warn, "3 refused"},
		"stray before":   {app.Deliveries{Refused: recovered("not_found")}, "(no address of ours)", health.OK, "3 refused before"},
		"looked at":      {app.Deliveries{Channel: "till", Refused: refused("wrong_method", time.Minute)}, "wrong method", health.OK, "none came"},
		"silent":         {app.Deliveries{Channel: "till", Silence: "changes", UntoldChanges: 4}, "SILENT", health.Warn, "silent, the last good one came never: sweeps saw 4 changes that no delivery told"},
		"quiet":          {app.Deliveries{Channel: "till", Silence: "rhythm", LongestPause: 3600, LastTaken: now.Add(-3 * time.Hour)}, "1h0m0s", health.Warn, "silent, the last good one came 3h0m0s ago"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, printDeliveries(&out, []app.Deliveries{c.deliveries}, now))
			require.Contains(t, out.String(), c.status)
			report := health.Examine(t.Context(), func(context.Context) health.Checks { return checkDeliveries([]app.Deliveries{c.deliveries}, now) })
			require.Len(t, report.Checks, 1)
			require.Equal(t, c.result, report.Checks[0].Result)
			require.Contains(t, report.Checks[0].Detail, c.doctor)
			if c.result == health.Warn {
				require.NotContains(t, report.Checks[0].With, likelyCauses["bad_signature"], "a cause is nothing to do")
			}
		})
	}
}
