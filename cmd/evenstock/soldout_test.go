package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
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

// TestTypedOverAMark: somebody sees that the web shows none of what the till marks as sold out, and types the number in, while the mark lasts
// or while nothing of it is told because evenstock is down. No counter is raised by it before somebody has said that goods came.
func TestTypedOverAMark(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		down    bool
		answer  []string
		becomes string
	}{
		"while it lasts, and nothing came":       {false, []string{"--correct"}, "8"},
		"while evenstock is down":                {true, []string{"--correct"}, "8"},
		"while it lasts, and as many goods came": {false, nil, "16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, stageOptions{})
			text, err := os.ReadFile(s.cfgPath)
			must(t, err)
			const before = "    webhook_secret_files: [till.hook]\n"
			must(t, os.WriteFile(s.cfgPath, []byte(strings.Replace(string(text), before, before+"    sold_out_everywhere: true\n", 1)), 0o600))
			tee := s.sells("TEE-M", 8, 8)
			s.serve()
			s.open()
			shows := func(want string) {
				s.eventually("the web shows "+want, func() string {
					if till, web := s.counts(tee); web != want || till != "8" {
						return "till " + till + ", web " + web
					}
					return ""
				})
			}
			mark := func(on bool) { must(t, s.square.SetSoldOut(tee.till, s.square.Locations()[0], on)) }
			sweep := func() { s.command("reconcile", "run", "--kind", "recent") }
			typeIn := func() { must(t, s.shopify.SetAvailable(shopify.StockChange{Item: tee.web, Quantity: 8})) }
			mark(true)
			sweep()
			shows("0")
			if c.down {
				s.stop()
				typeIn()
				mark(false)
				s.serve()
			} else {
				typeIn()
				s.eventually("the level has them", func() string { return strings.TrimPrefix(s.level(tee), "16") })
				shows("0")
				mark(false)
			}
			sweep()
			id := s.brake("typed in twice")
			shows("8")
			told := s.command("brakes")
			require.Contains(t, told, "8 units were typed in on web at ")
			require.Contains(t, told, "nothing came, they were there already: the level is 8, and every counter follows: evenstock")
			require.Contains(t, told, "goods that came: the level is 16, and every counter follows: evenstock")
			s.command(append([]string{"brakes", "release", id}, c.answer...)...)
			s.even(tee, c.becomes)
			s.command("ledger", "verify")
		})
	}
}
