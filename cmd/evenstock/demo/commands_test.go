package demo

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// TestDemoTellsABadVerdict plants one: exit code 1, everything wrong in words, and the evidence stays.
func TestDemoTellsABadVerdict(t *testing.T) {
	t.Parallel()
	report := Report{Seed: 4, Verdict: "fail", UnitsWrong: 150_000, Wrongs: []string{"TEE: the ledger says 1\x1b[2J"}}
	for _, asJSON := range []bool{false, true} {
		var out, log bytes.Buffer
		removed := false
		c := &cli.CLI{Env: func(string) string { return "" }, Stdout: &out, Stderr: &log, JSON: asJSON}
		err := tell(c, report, "/kept", func() error { removed = true; return nil })
		var exit *cli.ExitError
		if !errors.As(err, &exit) || exit.Code != cli.ExitFailed || removed || !strings.Contains(log.String(), "/kept") {
			t.Errorf("error %v, removed %t, log %s", err, removed, log.String())
		}
		for _, want := range map[bool][]string{false: {"verdict: FAIL (seed 4)", "1.5 units wrong", "wrong: TEE: the ledger says 1?[2J"}, true: {`"units_wrong": 1.5`, `"fail"`, "the ledger says 1"}}[asJSON] {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not told: %s", want, out.String())
			}
		}
	}
}
