package demo

import (
	"context"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// ByClient is an evenstock behind its API.
type ByClient struct{ Client *client.Client }

// SuggestLinks is Evenstock's.
func (b ByClient) SuggestLinks(ctx context.Context) ([]app.LinkRow, error) {
	suggestion, err := b.Client.SuggestLinks(ctx)
	return suggestion.Links, err
}

// ImportLinks is Evenstock's.
func (b ByClient) ImportLinks(ctx context.Context, rows []app.LinkRow) (app.LinkResult, error) {
	return b.Client.ImportLinks(ctx, app.LinkRequest{Rows: rows})
}

// Baseline is Evenstock's.
func (b ByClient) Baseline(ctx context.Context, authority string, progress func(text string)) error {
	job, err := b.Client.ApplyBaseline(ctx, app.BaselineRequest{Authority: stock.Channel(authority)})
	if err != nil {
		return err
	}
	_, err = b.Client.Await(ctx, job, progress)
	return err
}

// Sweep is Evenstock's.
func (b ByClient) Sweep(ctx context.Context) error {
	job, err := b.Client.Sweep(ctx, app.SweepRequest{Kind: app.SweepRecent})
	if err != nil {
		return err
	}
	_, err = b.Client.Await(ctx, job, func(string) {})
	return err
}

// Stock is Evenstock's.
func (b ByClient) Stock(ctx context.Context) ([]Counter, error) {
	list, err := b.Client.Stock(ctx, app.StockQuery{})
	if err != nil {
		return nil, err
	}
	var counters []Counter
	for _, shelf := range list.Shelves {
		for _, c := range shelf.Channels {
			counters = append(counters, Counter{Ref: c.Ref, Level: shelf.Level, Opened: shelf.Opened, Target: c.Target, Unexplained: c.Unexplained})
		}
	}
	return counters, nil
}

// Status is Evenstock's.
func (b ByClient) Status(ctx context.Context) (Status, error) {
	told, err := b.Client.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Entries: told.Entries, Lag: told.Lag, OpenCalls: told.OpenCalls, SetAside: told.Refs[ledger.SetAside.String()]}
	for _, w := range told.Wishes {
		if w.Reads+w.Pushes+w.Resources > 0 {
			s.Wishes = append(s.Wishes, Wishes{Channel: w.Channel, Reads: w.Reads, Pushes: w.Pushes, Orders: w.Resources})
		}
	}
	brakes, err := b.Client.Brakes(ctx)
	if err != nil {
		return s, err
	}
	for _, brake := range brakes {
		s.Brakes = append(s.Brakes, Brake{ID: brake.ID, Kind: brake.Kind, Observing: brake.Kind == ledger.Observing.String()})
	}
	report, err := b.Client.Report(ctx, app.ReportQuery{RunLimit: ledger.MaxPage})
	for _, run := range report.Runs {
		s.Repairs += run.Repaired
	}
	return s, err
}

// Verify is Evenstock's.
func (b ByClient) Verify(ctx context.Context) ([]string, error) {
	job, err := b.Client.Verify(ctx)
	if err != nil {
		return nil, err
	}
	if job, err = b.Client.Await(ctx, job, func(string) {}); err != nil {
		return nil, err
	}
	return job.Verification.Faults, nil
}
