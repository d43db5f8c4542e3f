package demo

import (
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
)

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
