package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Summary adds up reports.
type Summary struct {
	Runs    int
	Failed  []int64 // seeds
	Reached map[string]int
	Endings map[string]int
	total   Metrics
	settled []time.Duration
}

// NewSummary returns an empty summary.
func NewSummary() *Summary {
	return &Summary{Reached: map[string]int{}, Endings: map[string]int{}}
}

// durationsMax bounds how many durations a summary keeps for its quantiles.
const durationsMax = 2_000_000

// Add adds a report.
func (s *Summary) Add(r Report) {
	s.Runs++
	if !r.OK {
		s.Failed = append(s.Failed, r.Seed)
	}
	for what, times := range r.Reached {
		s.Reached[what] += times
	}
	for what, times := range r.Endings {
		s.Endings[what] += times
	}
	m, t := r.Metrics, &s.total
	t.Facts, t.Applies, t.Entries = t.Facts+m.Facts, t.Applies+m.Applies, t.Entries+m.Entries
	t.Reads, t.RefsRead, t.Attempts = t.Reads+m.Reads, t.RefsRead+m.RefsRead, t.Attempts+m.Attempts
	t.Rows, t.Held, t.Needless, t.NeedlessUnits = t.Rows+m.Rows, t.Held+m.Held, t.Needless+m.Needless, t.NeedlessUnits+m.NeedlessUnits
	t.LedgerWrong, t.CountersWrong, t.ShelfSeconds = t.LedgerWrong+m.LedgerWrong, t.CountersWrong+m.CountersWrong, t.ShelfSeconds+m.ShelfSeconds
	q := &t.Questions
	q.TypedTwice, q.NeedlessTwice = q.TypedTwice+m.Questions.TypedTwice, q.NeedlessTwice+m.Questions.NeedlessTwice
	q.Planted, q.Caught = q.Planted+m.Questions.Planted, q.Caught+m.Questions.Caught
	q.PlantedSteps, q.CaughtSteps = q.PlantedSteps+m.Questions.PlantedSteps, q.CaughtSteps+m.Questions.CaughtSteps
	q.CountTwice, q.NeedlessCount = q.CountTwice+m.Questions.CountTwice, q.NeedlessCount+m.Questions.NeedlessCount
	q.Emptied, q.CaughtEmpty = q.Emptied+m.Questions.Emptied, q.CaughtEmpty+m.Questions.CaughtEmpty
	q.TypedOver, q.OtherOver = q.TypedOver+m.Questions.TypedOver, q.OtherOver+m.Questions.OtherOver
	q.Over, q.CaughtOver = q.Over+m.Questions.Over, q.CaughtOver+m.Questions.CaughtOver
	q.OtherProgram, q.NeedlessProgram = q.OtherProgram+m.Questions.OtherProgram, q.NeedlessProgram+m.Questions.NeedlessProgram
	q.MassChange, q.LastingMass, q.MassHours = q.MassChange+m.Questions.MassChange, q.LastingMass+m.Questions.LastingMass, q.MassHours+m.Questions.MassHours
	if len(t.ToEqual) < durationsMax {
		t.ToEqual, t.ToPush = append(t.ToEqual, m.ToEqual...), append(t.ToPush, m.ToPush...)
		s.settled = append(s.settled, m.Settled)
	}
}

// Questions are what persons were asked.
func (s *Summary) Questions() Questions { return s.total.Questions }

// Missing lists what should have been reached and was not.
func (s *Summary) Missing() []string {
	return slices.DeleteFunc(Sometimes(), func(what string) bool { return s.Reached[what] > 0 })
}

// String prints the figures.
func (s *Summary) String() string {
	t := s.total
	facts := float64(max(1, t.Facts))
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d failed %v; %d facts of others, %d transactions, %d entries\n", s.Runs, len(s.Failed), first(s.Failed), t.Facts, t.Applies, t.Entries)
	fmt.Fprintf(&b, "per fact: %.2f reads of refs (%.2f requests), %.2f pushes (%.2f requests), %.2f held by brakes\n",
		float64(t.RefsRead)/facts, float64(t.Reads)/facts, float64(t.Rows)/facts, float64(t.Attempts)/facts, float64(t.Held)/facts)
	fmt.Fprintf(&b, "needless: %d of %d pushes (%.2f %%), %.0f units\n",
		t.Needless, t.Rows, 100*float64(t.Needless)/float64(max(1, t.Rows)), t.NeedlessUnits)
	fmt.Fprintf(&b, "wrong on average, units per shelf: ledger %.3f, counters %.3f\n", t.LedgerWrong/max(1, t.ShelfSeconds), t.CountersWrong/max(1, t.ShelfSeconds))
	fmt.Fprintf(&b, "fact to all counters equal: p50 %s, p90 %s, p99 %s; sale to push: p50 %s, p90 %s, p99 %s; at rest after the last fault: p50 %s, p99 %s\n",
		ms(t.ToEqual, 0.5), ms(t.ToEqual, 0.9), ms(t.ToEqual, 0.99), ms(t.ToPush, 0.5), ms(t.ToPush, 0.9), ms(t.ToPush, 0.99), ms(s.settled, 0.5), ms(s.settled, 0.99))
	q := t.Questions
	fmt.Fprintf(&b, "asked: goods typed in twice %d times, %d needlessly, %d of %d planted caught, by steps %d of %d; another program %d times, %d needlessly\n",
		q.TypedTwice, q.NeedlessTwice, q.Caught, q.Planted, q.CaughtSteps, q.PlantedSteps, q.OtherProgram, q.NeedlessProgram)
	fmt.Fprintf(&b, "asked: the same count typed in twice %d times, %d needlessly, %d of %d shelves that were set to zero on both caught\n",
		q.CountTwice, q.NeedlessCount, q.CaughtEmpty, q.Emptied)
	fmt.Fprintf(&b, "asked: what was typed in over a mark %d times, %d of them other edits, %d of %d that stood there already caught\n",
		q.TypedOver, q.OtherOver, q.CaughtOver, q.Over)
	fmt.Fprintf(&b, "mass changes without one: %d brakes in %.1f hours, of which %d lasted\n", q.MassChange, q.MassHours, q.LastingMass)
	return b.String()
}

// Coverage prints what was reached and how inputs ended, with counts.
func (s *Summary) Coverage() string {
	var b strings.Builder
	for _, counts := range []map[string]int{s.Reached, s.Endings} {
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, "%9d  %s\n", counts[what], what)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func ms(durations []time.Duration, q float64) time.Duration {
	return quantile(durations, q).Round(time.Millisecond)
}

// first returns at most twenty seeds.
func first(seeds []int64) []int64 { return seeds[:min(len(seeds), 20)] }
