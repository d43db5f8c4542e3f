package sweep

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

const (
	// relaxed is the pause between two recent sweeps. While deliveries tell of what changes it is all that is asked for.
	relaxed = time.Minute
	// quickLeast and quickMost are the pause between two glances while deliveries do not tell: the longer, the longer the shop is quiet.
	quickLeast, quickMost = 2 * time.Second, 8 * time.Second
	// quiet is the part of the time since the last change that is waited for the next one.
	quiet = 1.0 / 20
	// A lost delivery lets glances go on for doubtLeast: more get lost with it. When the next one is lost soon after that has passed, it
	// is twice as long, and doubtMost in the end.
	doubtLeast, doubtMost = 10 * time.Minute, 12 * time.Hour
	// share is the part of the time that glances may take, waiting for their turn included.
	share = 0.25
	// plenty is the part of the budget below which glances become rarer, in proportion.
	plenty = 0.5
)

// pace is what the time of the next glance at a channel goes by.
type pace struct {
	// ended is when the last one ended, or when nothing had begun yet, took how long it took, waiting for its turns included.
	ended time.Time
	took  time.Duration
	// found is when a sweep last saw something of which nobody had told, missed when the last one was seen that a delivery would have told long
	// before; zero: never.
	found, missed time.Time
	// doubt is for how long after that deliveries are not relied on.
	doubt time.Duration
	// heard is when a delivery came last; zero: none did.
	heard time.Time
	// left is how much of the budget is left, 0 to 1.
	left float64
	// failures counts the sweeps in a row that failed.
	failures int
	// looked: a whole recent sweep has seen what deliveries did not tell.
	looked bool
}

// deaf says whether deliveries cannot be relied on: nobody knows yet, none came since changes did, or one was lost lately.
func (p pace) deaf() bool {
	return !p.looked || p.heard.IsZero() || p.found.Sub(p.heard) > webhookGrace || !p.missed.IsZero() && p.ended.Sub(p.missed) < p.doubt
}

// next is when the next glance is due; false: none is while deliveries can be relied on. It comes soon after a change, and later the
// longer nothing changes; later too while the budget is used up, and never so soon that glances take more than their share of the time.
// A platform that fails is asked less and less.
func (p pace) next() (due time.Time, glances bool) {
	if !p.deaf() {
		return time.Time{}, false
	}
	pause := min(max(time.Duration(float64(p.ended.Sub(p.found))*quiet), quickLeast), quickMost)
	if p.left < plenty {
		pause = time.Duration(float64(pause) * plenty / max(p.left, plenty/16))
	}
	pause = max(pause, time.Duration(float64(p.took)*(1/share-1)))
	if p.failures > 0 {
		pause = max(pause, quickMost) << min(p.failures-1, 3)
	}
	return p.ended.Add(min(pause, relaxed)), true
}

// afterSweep is the pace after all that a recent sweep does.
func (p pace) afterSweep(run ledger.Run, findings []ledger.Finding, err error) pace {
	if run.Repaired > 0 {
		p.found = run.EndedAt
	}
	p.looked = p.looked || err == nil
	return p.afterFindings(run, findings)
}

// afterGlance is the pace after a glance at the counters; stirred: one showed something to be done.
func (p pace) afterGlance(run ledger.Run, findings []ledger.Finding, stirred bool, err error) pace {
	if stirred {
		p.found = run.EndedAt
	}
	p.ended, p.took = run.EndedAt, run.EndedAt.Sub(run.StartedAt)
	if p.failures++; err == nil {
		p.failures = 0
	}
	return p.afterFindings(run, findings)
}

func (p pace) afterFindings(run ledger.Run, findings []ledger.Finding) pace {
	if slices.ContainsFunc(findings, func(f ledger.Finding) bool { return f.Class == MissedDelivery }) {
		p.doubt, p.missed = p.doubtAt(run.EndedAt), run.EndedAt
	}
	return p
}

// doubtAt is for how long deliveries are not relied on after one that was lost then.
func (p pace) doubtAt(missed time.Time) time.Duration {
	switch passed := missed.Sub(p.missed); {
	case p.missed.IsZero() || passed > 4*p.doubt:
		return doubtLeast
	case passed >= p.doubt:
		return min(2*p.doubt, doubtMost)
	}
	return p.doubt
}
