package app

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// runsListed is how many runs a report lists unless told otherwise.
const runsListed = 50

// ReportQuery asks what sweeps did and found since From. Run, Class and Channel restrict it; Limit is how many findings are listed
// at most, 0: as many as one page holds.
type ReportQuery struct {
	From    time.Time
	Run     string
	Class   string
	Channel stock.Channel
	Limit   int
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
	if q.Channel != "" {
		if _, err := a.channel(q.Channel); err != nil {
			return report, err
		}
	}
	runs, err := a.Ledger.Runs(ctx, ledger.RunFilter{Channel: q.Channel, From: q.From, Limit: cmp.Or(q.RunLimit, runsListed)})
	if err != nil {
		return report, err
	}
	findings, err := a.Ledger.Findings(ctx, ledger.FindingFilter{From: q.From, Run: q.Run, Class: q.Class, Channel: q.Channel, Limit: q.Limit})
	if err != nil {
		return report, err
	}
	if err := a.nameFindings(ctx, findings); err != nil {
		return report, err
	}
	report.Runs, report.Findings = append(report.Runs, runs...), append(report.Findings, findings...)
	return report, nil
}

// nameFindings gives findings the SKU of what they speak of, which they are kept without: merchants rename.
func (a *App) nameFindings(ctx context.Context, findings []ledger.Finding) error {
	for i, finding := range findings {
		if finding.SKU != "" {
			continue
		}
		shelf := finding.Shelf
		if shelf.Item == "" && finding.Ref != (stock.Ref{}) {
			ref, err := a.Ledger.Ref(ctx, finding.Ref)
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			shelf = ref.State.Shelf
		}
		if shelf.Item == "" {
			continue
		}
		item, err := a.Ledger.Item(ctx, shelf.Item)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		findings[i].SKU = item.SKU
	}
	return nil
}
