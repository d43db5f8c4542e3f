package cli

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// changingShop is a serve whose plan changes once between what is shown and what is done.
type changingShop struct {
	plans  int
	failed int
	asked  []app.BaselineRequest
}

func (s *changingShop) plan() app.BaselinePlan {
	push := stock.Units(int64(-10 * s.plans))
	return app.BaselinePlan{Shelves: []*app.PlannedShelf{{SKU: "TEE-M", Location: "main"}}, ID: "aaaa-" + push.String(),
		Shown:   []app.ShownCounts{{Channel: "web", Location: "77", ReadAt: time.Unix(int64(s.plans), 0).UTC(), Counts: map[string]stock.Quantity{"45": push}}},
		Summary: app.PlanSummary{Opens: 1, Channels: []app.PlannedChannel{{Channel: "web", Changed: 1, Units: push.Abs(), Shown: stock.Units(20), Exceeds: s.plans == 1}}}}
}

func (s *changingShop) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch job := (app.Job{ID: "j", Kind: app.JobBaseline, State: app.JobRunning}); req.URL.Path {
	case "/v1/baseline/plan":
		s.plans++
		_ = json.NewEncoder(w).Encode(s.plan())
	case "/v1/baseline":
		var request app.BaselineRequest
		_ = json.NewDecoder(req.Body).Decode(&request)
		s.asked = append(s.asked, request)
		_ = json.NewEncoder(w).Encode(job)
	case "/v1/jobs/j":
		job.State, job.Baseline = app.JobDone, &app.BaselineResult{Refs: 2, Taken: 2}
		if s.failed == 0 {
			s.failed++
			job.State, job.Baseline = app.JobFailed, nil
			job.Error = &app.Error{Kind: app.Conflict, Remedy: app.RemedyPlan, What: "the counts have changed since the plan was shown: by 10 units, and nothing was done"}
		}
		_ = json.NewEncoder(w).Encode(job)
	default:
		http.NotFound(w, req)
	}
}

// A person who is asked while the shop sells on is told what changed and asked again, about the plan of now. What is sent is what they saw.
func TestAskedAgainWhenTheCountsChanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []bool
		flags   []string
		sent    int
		code    int
		says    string
	}{
		"yes, and yes again": {answers: []bool{true, true}, sent: 2, code: ExitOK, says: "by 10 units, and nothing was done\nThis is the plan now:\n"},
		"yes, then no":       {answers: []bool{true, false}, sent: 1, code: ExitFailed, says: "evenstock: nothing was done"},
		"no":                 {answers: []bool{false}, sent: 0, code: ExitFailed, says: "evenstock: nothing was done"},
		"nobody was asked":   {flags: []string{"--yes"}, sent: 1, code: ExitFailed, says: "and nothing was done: look again: evenstock"},
		"one plan, no other": {answers: []bool{true}, flags: []string{"--plan", "aaaa--10"}, sent: 1, code: ExitFailed, says: "look again: evenstock"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
			file := filepath.Join(dir, "evenstock.yaml")
			require.NoError(t, os.WriteFile(file, []byte("data: ./data\nlocations: [main]\nchannels:\n"+
				"  - {name: till, platform: square, api_url: \"http://127.0.0.1:1\", token_file: t, locations: {L1: main}}\n"), 0o600))
			path, err := client.SocketPath(filepath.Join(dir, "data"))
			require.NoError(t, err)
			listener, err := net.Listen("unix", path)
			require.NoError(t, err)
			shop := &changingShop{}
			server := &http.Server{Handler: shop}
			go func() { _ = server.Serve(listener) }()
			t.Cleanup(func() { _ = server.Close() })

			var stdout, stderr bytes.Buffer
			answers := test.answers
			c := &CLI{Program: bare, Env: noEnv, Stdout: &stdout, Stderr: &stderr, answer: func(question string) bool {
				require.NotEmpty(t, answers, question)
				require.True(t, strings.HasSuffix(question, "Type yes to do it: "))
				answer := answers[0]
				answers = answers[1:]
				return answer
			}}
			code := c.run(t.Context(), append([]string{"--config", file, "baseline", "apply", "--authority", "till"}, test.flags...))
			require.Equal(t, test.code, code, stderr.String())
			require.Empty(t, answers)
			require.Contains(t, stderr.String(), test.says)
			require.Len(t, shop.asked, test.sent)
			for i, request := range shop.asked {
				seen := &changingShop{plans: i + 1}
				require.Equal(t, seen.plan().Shown, request.Shown)
				require.Equal(t, !slices.Contains(test.flags, "--plan"), request.Plan == "aaaa")
			}
		})
	}
}
