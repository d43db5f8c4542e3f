package health

import (
	"context"
	"slices"
	"sync"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Probe looks at one thing. It ends when ctx does.
type Probe func(ctx context.Context) Checks

// Report is all that was found.
type Report struct {
	// Result is the worst of all checks.
	Result Result `json:"result"`
	Checks Checks `json:"checks"`
}

// subject is the one thing that a check is about.
type subject struct {
	code    Code
	channel stock.Channel
}

// Examine asks all probes at the same time and reports in the order in which they were given. Nothing is reported as well of which
// another check says that it is not.
func Examine(ctx context.Context, probes ...Probe) Report {
	found := make([]Checks, len(probes))
	var group sync.WaitGroup
	for i, probe := range probes {
		group.Go(func() { found[i] = probe(ctx) })
	}
	group.Wait()
	report := Report{Result: OK, Checks: Checks{}}
	ill := map[subject]bool{}
	for _, check := range slices.Concat(found...) {
		ill[subject{check.Code, check.Channel}] = ill[subject{check.Code, check.Channel}] || check.Result != OK
	}
	for _, checks := range found {
		for _, check := range checks {
			if check.Result == OK && ill[subject{check.Code, check.Channel}] {
				continue
			}
			if check.Result.Worse(report.Result) {
				report.Result = check.Result
			}
			report.Checks = append(report.Checks, check)
		}
	}
	return report
}

// Reasons are the details of all that fails; none: everything works, well or not so well.
func (r Report) Reasons() []string {
	reasons := []string{}
	for _, check := range r.Checks {
		if check.Result == Fail {
			reasons = append(reasons, check.Detail)
		}
	}
	return reasons
}
