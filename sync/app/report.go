package app

import (
	"cmp"
	"context"

	"github.com/evenstock/evenstock/ledger"
)

// runsListed is how many runs a report lists unless told otherwise.
const runsListed = 50

// ReportQuery asks what sweeps did and found since From.
type ReportQuery struct {
	ledger.FindingFilter
	// RunLimit is how many runs are listed at most, the youngest; 0: 50.
	RunLimit int
}

// Report is what sweeps did and found.
type Report struct {
	Runs     []ledger.Run     `json:"runs"`
	Findings []ledger.Finding `json:"findings"`
}

// Report lists runs, youngest first, and findings, oldest first.
func (a *App) Report(ctx context.Context, q ReportQuery) (Report, error) {
	report := Report{Runs: []ledger.Run{}, Findings: []ledger.Finding{}}
	runs, err := a.Ledger.Runs(ctx, ledger.RunFilter{Channel: q.Channel, From: q.From, Limit: cmp.Or(q.RunLimit, runsListed)})
	if err != nil {
		return report, err
	}
	findings, err := a.Ledger.Findings(ctx, q.FindingFilter)
	if err != nil {
		return report, err
	}
	for i, finding := range findings {
		if finding.SKU != "" || finding.Shelf.Item == "" {
			continue
		}
		item, err := a.Ledger.Item(ctx, finding.Shelf.Item)
		if err != nil {
			return report, err
		}
		findings[i].SKU = item.SKU
	}
	report.Runs, report.Findings = append(report.Runs, runs...), append(report.Findings, findings...)
	return report, nil
}
