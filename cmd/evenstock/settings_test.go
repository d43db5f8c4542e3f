package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/sync/health"
)

// edit rewrites the configuration file while serve runs, a while after it was read.
func (s *stage) edit(old, replacement string) {
	s.t.Helper()
	text, err := os.ReadFile(s.cfgPath)
	must(s.t, err)
	require.Contains(s.t, string(text), old)
	must(s.t, os.WriteFile(s.cfgPath, []byte(strings.Replace(string(text), old, replacement, 1)), 0o600))
	must(s.t, os.Chtimes(s.cfgPath, time.Time{}, time.Now().Add(time.Minute)))
}

// says runs a command and returns all that the person reads.
func (s *stage) says(args ...string) (string, int) {
	s.t.Helper()
	var out bytes.Buffer
	code := run(s.t.Context(), append([]string{"--config", s.cfgPath}, args...), s.getenv, &out, &out)
	return out.String(), code
}

func (s *stage) readyz() (answer api.Readiness) {
	s.t.Helper()
	res, err := sender.Get(s.hooks + "/readyz")
	must(s.t, err)
	defer res.Body.Close()
	must(s.t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(s.t, answer.Ready, res.StatusCode == http.StatusOK)
	return answer
}

// TestConfigurationEditedWhileServing: whoever edits the file is told that serve has not read it, wherever they look.
func TestConfigurationEditedWhileServing(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.even(tee, "8")
	const told = "serve runs with the configuration of "
	silent := func(why string) {
		t.Helper()
		for _, command := range [][]string{{"status"}, {"doctor"}, {"link", "extend"}, {"baseline", "plan", "--authority", "till"}} {
			text, _ := s.says(command...)
			require.NotContains(t, text, told, "%s: %v", why, command)
		}
		require.Equal(t, health.OK, s.readyz().Result, why)
	}
	silent("as it was read")
	s.edit("locations: [main]\n", "locations: [main] # the shop\n")
	silent("a comment")

	attic := s.square.AddLocation("Attic")
	s.edit("locations: [main]", "locations: [main, attic]")
	s.edit(s.square.Locations()[0]+": main", s.square.Locations()[0]+": main, "+attic+": attic")
	for _, command := range [][]string{{"status"}, {"doctor"}, {"link", "extend"}, {"link", "suggest"}, {"baseline", "plan", "--authority", "till"}, {"reconcile", "run"}} {
		text, code := s.says(command...)
		require.Equal(t, 1, strings.Count(text, told), "%v: %s", command, text)
		require.Contains(t, text, s.cfgPath+" was changed at ")
		require.Contains(t, text, "restart serve")
		require.NotContains(t, text, "has a counter at every configured location", "nobody is told that all is linked")
		require.Equal(t, map[bool]int{true: cli.ExitWarned}[command[0] == "doctor"], code, text)
	}
	ready := s.readyz()
	require.True(t, ready.Ready)
	require.True(t, ready.Ready)
	require.Equal(t, health.Warn, ready.Result)
	require.Equal(t, health.CodeServeConfig, ready.Checks[2].Code)
	require.Contains(t, ready.Checks[2].Detail, told)

	for fault, says := range map[string]string{"platform: squire": `"squire" is not known`, "platform: [square": "is not YAML"} {
		s.edit("platform: square", fault)
		s.goesOn(told, says)
		s.edit(fault, "platform: square")
	}
	s.stop()
	s.serve()
	silent("it was started again")
}

// goesOn has serve run with what it has read, and say what is wrong with the file.
func (s *stage) goesOn(told, fault string) {
	s.t.Helper()
	for command, goesOn := range map[string]string{"status": "running and ready", "doctor": "runs, owns the data folder and is ready"} {
		text, code := s.says(command)
		require.NotZero(s.t, code)
		for _, part := range []string{goesOn, told, "its file cannot be used now", fault} {
			require.Contains(s.t, text, part)
		}
	}
	require.Contains(s.t, s.readyz().Checks[2].Detail, fault)
}
