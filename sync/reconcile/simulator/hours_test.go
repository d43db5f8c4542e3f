package simulator_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

const (
	runsDefault = 500
	runsShort   = 100
	// coverageRuns is how many runs must have reached every fault and branch.
	coverageRuns = 400
	// shownMax is how many failed runs are printed.
	shownMax = 10
)

// TestHours plays shop hours, each with its own seed:
//
//	go test ./sync/reconcile/simulator -run TestHours -runs 20000 -timeout 1h -v
func TestHours(t *testing.T) {
	t.Parallel()
	runs := *runsFlag
	if runs == 0 {
		runs = runsDefault
		if testing.Short() {
			runs = runsShort
		}
	}
	start, shown := time.Now(), 0
	summary := simulator.NewSummary()
	play(*fromFlag, runs, func(r simulator.Report) {
		summary.Add(r)
		if !r.OK && shown < shownMax {
			shown++
			t.Errorf("%s  again: go test ./sync/reconcile/simulator -run TestSeed -seed %d -v", r, r.Seed)
		}
		if summary.Runs%1000 == 0 {
			t.Logf("%d runs, %d failed, %.1f runs/s", summary.Runs, len(summary.Failed), float64(summary.Runs)/time.Since(start).Seconds())
		}
	})
	t.Logf("%.1f runs/s\n%s", float64(runs)/time.Since(start).Seconds(), summary)
	if len(summary.Failed) > shown {
		t.Errorf("%d more runs failed", len(summary.Failed)-shown)
	}
	if missing := summary.Missing(); runs >= coverageRuns && *withoutFlag == "" && !*quietFlag && !*massFlag && len(missing) > 0 {
		t.Errorf("never reached: %q", missing)
	}
	if testing.Verbose() {
		t.Log("\n" + summary.Coverage())
	}
}

// play runs the seeds on all cores and hands on the reports one at a time.
func play(from int64, runs int, report func(simulator.Report)) {
	seeds := make(chan int64)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range seeds {
				r := simulator.Run(seed, options())
				mu.Lock()
				report(r)
				mu.Unlock()
			}
		})
	}
	for seed := from; seed < from+int64(runs); seed++ {
		seeds <- seed
	}
	close(seeds)
	workers.Wait()
}

// TestSeed plays one seed, with a readable trace when verbose.
func TestSeed(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.Trace = testing.Verbose()
	r := simulator.Run(*seedFlag, opts)
	for _, line := range r.Trace {
		t.Log(line)
	}
	t.Log(r)
	if !r.OK {
		t.Fail()
	}
}

// TestSameSeedSameRun: a seed that a failure prints must play the same run again, traced or not.
func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	hashes := map[uint64]int64{}
	for seed := int64(1); seed <= 8; seed++ {
		first := simulator.Run(seed, simulator.Options{})
		second := simulator.Run(seed, simulator.Options{Trace: true})
		if first.Hash != second.Hash {
			t.Errorf("seed %d: two runs went different ways: %x, %x", seed, first.Hash, second.Hash)
		}
		if other, taken := hashes[first.Hash]; taken {
			t.Errorf("seeds %d and %d went the same way", seed, other)
		}
		hashes[first.Hash] = seed
	}
}
