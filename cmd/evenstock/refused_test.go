package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// TestAChannelThatRefusesUs: a token that the platform does not take any more makes status fail and doctor say so once of each thing,
// while webhooks are taken in all the same; when it is taken again, what waited is sent at once.
func TestAChannelThatRefusesUs(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	must(t, s.square.SetFaults(shop.Faults{Refuse: http.StatusUnauthorized}))
	s.order(tee, 2)
	s.eventually("status fails", func() string {
		text, code := s.exit("status")
		if code != cli.ExitFailed {
			return text
		}
		require.Contains(t, text, "NOT WORKING for till")
		return ""
	})
	res, err := http.Get(s.hooks + "/readyz")
	must(t, err)
	must(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	out, code := s.exit("doctor", "--json")
	require.Equal(t, cli.ExitIll, code)
	var found diagnosis
	must(t, json.Unmarshal([]byte(out), &found))
	results := map[string]map[string]bool{}
	for _, check := range found.Checks {
		if results[check.Check] == nil {
			results[check.Check] = map[string]bool{}
		}
		results[check.Check][string(check.Result)] = true
	}
	for check, said := range results {
		require.False(t, said["ok"] && len(said) > 1, "%s is well and is not", check)
	}
	require.NotContains(t, out, "square-token")

	must(t, s.square.SetFaults(shop.Faults{}))
	s.command("reconcile", "run", "--channel", "till", "--kind", "recent")
	s.even(tee, "6")
	s.eventually("status is well", func() string {
		text, code := s.exit("status")
		if code == cli.ExitOK {
			return ""
		}
		return text
	})
	s.stop()
	require.NotContains(t, s.log.String(), "square-token")
}
