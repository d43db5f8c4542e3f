package health

import (
	"context"
	"strings"
)

// Merchant says in one check how one of several merchants is, from the report on it.
func Merchant(name string, examine func(context.Context) Report) Probe {
	return func(ctx context.Context) (list Checks) {
		report := examine(ctx)
		switch reasons := strings.Join(report.Reasons(), "; "); {
		case reasons != "":
			list.Warn(CodeMerchant, "merchant "+name+": "+reasons, RemedyLog)
		default:
			list.OK(CodeMerchant, "merchant %s takes webhooks in", name)
		}
		return list
	}
}

// Merchants reports on several merchants. One that fails is no reason not to send the webhooks of the others: only when all do, or none runs,
// nothing is taken in.
func Merchants(ctx context.Context, probes []Probe) Report {
	report := Report{Result: OK, Checks: Checks{}}
	failing := 0
	for _, probe := range probes {
		one := Examine(ctx, probe)
		report.Checks = append(report.Checks, one.Checks...)
		if one.Result != OK {
			report.Result, failing = Warn, failing+1
		}
	}
	if failing == len(probes) {
		report.Result = Fail
		for i := range report.Checks {
			report.Checks[i].Result = Fail
		}
		if len(probes) == 0 {
			report.Checks.Fail(CodeMerchant, "no merchant runs", RemedyLog)
		}
	}
	return report
}
