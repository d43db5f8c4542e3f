package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/ledger/stock"
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
	if code := run(t.Context(), args, noEnv, &out, &log); code != exitOK {
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
	}
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil || decoder.More() {
		t.Fatalf("stdout must be one object: %v", err)
	}
	if report.Seed != 7 || report.Verdict != "pass" || report.Events == 0 || report.Reads == 0 || report.Pushes == 0 || report.Repairs == nil ||
		report.SaleMs["p50"] == 0 || report.SaleMs["p50"] > report.SaleMs["p95"] || report.SaleMs["p95"] > report.SaleMs["p99"] {
		t.Errorf("%+v", report)
	}
	for _, name := range []string{"evenstock.yaml", "evenstock.log", "secrets/till.token", "data/ledger.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s was not kept: %v", name, err)
		}
	}
	if code := run(t.Context(), args, noEnv, &out, &log); code != exitUsage {
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
	if code := run(ctx, []string{"demo", "--for", "10m"}, noEnv, out, &log); code != exitOK {
		t.Fatalf("exit code %d: %s%s", code, out.String(), log.String())
	}
	if text := out.String(); !strings.Contains(text, "verdict: PASS (seed 1)") || time.Since(began) > 2*time.Minute {
		t.Errorf("after %s: %s", time.Since(began), text)
	}
}

func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--for", "-1s"}, {"--rate", "-1"}, {"--faults", "sunshine"}, {"--for", "soon"}, {"more"}} {
		var out, log lockedBuffer
		if code := run(t.Context(), append([]string{"demo"}, args...), noEnv, &out, &log); code == exitOK || out.String() != "" {
			t.Errorf("%v: exit code %d: %s%s", args, code, out.String(), log.String())
		}
	}
}

// TestDemoTellsABadVerdict plants one: exit code 1, everything wrong in words, and the evidence stays.
func TestDemoTellsABadVerdict(t *testing.T) {
	t.Parallel()
	bad := judge.Verdict{UnitsWrong: 3 * stock.Unit / 2}
	bad.Wrong("TEE: the ledger says %s", stock.Unit)
	report := demoReport{Seed: 4, Verdict: "fail", UnitsWrong: jsonQuantity(bad.UnitsWrong), Wrongs: bad.Wrongs, verdict: bad}
	for _, asJSON := range []bool{false, true} {
		var out, log lockedBuffer
		removed := false
		c := &cli{env: noEnv, stdout: &out, stderr: &log, json: asJSON}
		err := c.tell(report, "/kept", func() error { removed = true; return nil })
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != exitFailed || removed || !strings.Contains(log.String(), "/kept") {
			t.Errorf("error %v, removed %t, log %s", err, removed, log.String())
		}
		for _, want := range map[bool][]string{false: {"verdict: FAIL (seed 4)", "1.5 units wrong", "wrong: TEE"}, true: {`"units_wrong": 1.5`, `"fail"`, "the ledger says 1"}}[asJSON] {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not told: %s", want, out.String())
			}
		}
	}
}

func TestFrameFitsTheTerminal(t *testing.T) {
	t.Parallel()
	f := frame{phase: "shop life", elapsed: 83 * time.Second, brakes: []string{"raise unconfirmed", "raise unconfirmed", "mass change"}, story: []string{"09:00:00 a story that is longer than most terminals are wide, so that it must be cut somewhere"},
		rows: []frameRow{{sku: "TEE-BLK-M", till: "7", ledger: "7", web: "7", even: true, since: time.Minute}, {sku: "NOTE-A5-DOT", till: "-12", ledger: "3", web: "4"}}}
	for _, size := range [][2]int{{200, 50}, {80, 24}, {56, 24}, {50, 24}, {39, 24}, {20, 24}, {8, 3}, {1, 1}, {0, 0}} {
		text := f.render(size[0], size[1])
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > max(size[1], 1) {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, line := range lines {
			if lipgloss.Width(line) > max(size[0], 1) {
				t.Errorf("%v: %d wide: %q", size, lipgloss.Width(line), line)
			}
		}
	}
	wide := f.render(200, 50)
	for _, want := range []string{"1:23", "TEE-BLK-M", "-12", "LEDGER", "yes", "no", "2 raise unconfirmed, 1 mass change", "a story"} {
		if !strings.Contains(wide, want) {
			t.Errorf("%q is not shown:\n%s", want, wide)
		}
	}
	if strings.Contains(f.render(39, 24), "FOR") || !strings.Contains(f.render(39, 24), "TILL") {
		t.Error("a narrow terminal loses the last columns first")
	}
	if line := f.line(); strings.Contains(line, "\n") || strings.Contains(line, "\x1b") || !strings.Contains(line, "shop life") {
		t.Errorf("line %q", line)
	}
}
