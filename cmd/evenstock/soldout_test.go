package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSoldOutEverywhere: the till marks a tee as sold out; the web shows none of it while the mark lasts, if the configuration says so,
// and the reasons are told either way.
func TestSoldOutEverywhere(t *testing.T) {
	t.Parallel()
	for name, everywhere := range map[string]bool{"the others stop": true, "the others go on": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, stageOptions{})
			configure := func(from, to string) {
				text, err := os.ReadFile(s.cfgPath)
				must(t, err)
				must(t, os.WriteFile(s.cfgPath, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
			}
			const before, on = "    webhook_secret_files: [till.hook]\n", "    sold_out_everywhere: true\n"
			if everywhere {
				configure(before, before+on)
			}
			tee := s.sells("TEE-M", 8, 8)
			s.serve()
			s.open()
			mark := func(on bool) {
				must(t, s.square.SetSoldOut(tee.till, s.square.Locations()[0], on))
				s.command("reconcile", "run", "--channel", "till", "--kind", "recent")
			}
			mark(true)
			if !everywhere {
				require.Contains(t, s.command("stock", "TEE-M"), "marked as sold out on till: the others go on selling")
				require.Contains(t, s.command("explain", "TEE-M"), "for sold_out_everywhere is off")
				s.even(tee, "8")
				return
			}
			s.eventually("the web shows none", func() string {
				if _, web := s.counts(tee); web != "0" {
					return "the web shows " + web
				}
				return ""
			})
			require.Contains(t, s.command("stock", "TEE-M"), "marked as sold out on till: the others show 0 while it lasts")
			told := s.command("explain", "TEE-M")
			require.Contains(t, told, "8 available")
			require.Contains(t, told, "marked as sold out on till since")
			require.Contains(t, told, "the other channels show 0 while it lasts")
			require.Contains(t, s.command("reconcile", "report"), "marked as sold out")
			s.stop()
			configure(on, "")
			s.serve()
			s.even(tee, "8") // nobody touched the shelf
			s.stop()
			configure(before, before+on)
			s.serve()
			s.eventually("the web shows none again", func() string {
				if _, web := s.counts(tee); web != "0" {
					return "the web shows " + web
				}
				return ""
			})
			mark(false)
			s.even(tee, "8")
			s.command("ledger", "verify")
		})
	}
}
