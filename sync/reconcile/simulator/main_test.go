package simulator_test

import (
	"flag"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

var (
	seedFlag    = flag.Int64("seed", 1, "seed of TestSeed")
	runsFlag    = flag.Int("runs", 0, "runs of TestHours; 0: 500, or 100 with -short")
	fromFlag    = flag.Int64("from", 1, "first seed of TestHours")
	quietFlag   = flag.Bool("faultless", false, "leave out all faults")
	massFlag    = flag.Bool("mass", false, "somebody changes a whole channel in every run")
	withoutFlag = flag.String("without", "", "acts to leave out, separated by commas")
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(800) // short-lived worlds: memory stays below 100 MB
	os.Exit(m.Run())
}

func options() simulator.Options {
	opts := simulator.Options{Faultless: *quietFlag, Mass: *massFlag}
	if *withoutFlag != "" {
		opts.Without = strings.Split(*withoutFlag, ",")
	}
	return opts
}
