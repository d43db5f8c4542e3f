package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// trigger calls back once when a text is written to it.
type trigger struct {
	lockedBuffer
	text string
	fire func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if w.fire != nil && strings.Contains(string(p), w.text) {
		w.fire()
		w.fire = nil
	}
	return w.lockedBuffer.Write(p)
}

func noEnv(string) string { return "" }

// TestDemo runs a short day and keeps its folder; the same folder is not taken twice.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	args := []string{"demo", "--seed", "7", "--for", "5s", "--rate", "8", "--json", "--keep", dir}
	var out bytes.Buffer
	var log lockedBuffer
	if code := run(t.Context(), args, noEnv, &out, &log); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s%s", code, out.String(), log.String())
	}
	decoder := json.NewDecoder(&out)
	var report struct {
		Seed       int64          `json:"seed"`
		Verdict    string         `json:"verdict"`
		UnitsWrong int            `json:"units_wrong"`
		RefsUneven int            `json:"refs_uneven"`
		Wrong      int            `json:"unexplained_wrong"`
		Twice      int            `json:"duplicate_pushes"`
		SaleMs     map[string]int `json:"sale_to_push_ms"`
		Events     int            `json:"events"`
		Reads      int            `json:"reads"`
		Pushes     int            `json:"pushes"`
		Repairs    *int           `json:"repairs"`
		Refused    int            `json:"link_rows_refused"`
	}
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil || decoder.More() {
		t.Fatalf("stdout must be one object: %v", err)
	}
	if report.Seed != 7 || report.Verdict != "pass" || report.Events == 0 || report.Reads == 0 || report.Pushes == 0 || report.Repairs == nil || report.Refused != 4 ||
		report.SaleMs["p50"] == 0 || report.SaleMs["p50"] > report.SaleMs["p95"] || report.SaleMs["p95"] > report.SaleMs["p99"] {
		t.Errorf("%+v", report)
	}
	for _, name := range []string{"evenstock.yaml", "evenstock.log", "secrets/till.token", "data/ledger.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s was not kept: %v", name, err)
		}
	}
	if code := run(t.Context(), args, noEnv, &out, &log); code != cli.ExitUsage {
		t.Errorf("a folder that holds data: exit code %d", code)
	}
}

// TestDemoInterrupted ends a day early and still gets its verdict.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &trigger{text: "shop life", fire: cancel}
	var log lockedBuffer
	began := time.Now()
	if code := run(ctx, []string{"demo", "--for", "10m"}, noEnv, out, &log); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s%s", code, out.String(), log.String())
	}
	text := out.String()
	if refused := "4 rows refused"; !strings.Contains(text, refused) || !strings.Contains(text, "a spreadsheet had made 417 of 00417 and 0417: rows 2, 3, ") {
		t.Errorf("%q is not told: %s", refused, text)
	}
	if !strings.Contains(text, "verdict: PASS (seed 1)") || time.Since(began) > 9*time.Minute {
		t.Errorf("after %s: %s", time.Since(began), text)
	}
}

func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--for", "-1s"}, {"--rate", "-1"}, {"--faults", "sunshine"}, {"--for", "soon"}, {"more"}} {
		var out, log lockedBuffer
		if code := run(t.Context(), append([]string{"demo"}, args...), noEnv, &out, &log); code == cli.ExitOK || out.String() != "" {
			t.Errorf("%v: exit code %d: %s%s", args, code, out.String(), log.String())
		}
	}
}
