package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/sweep"
)

// answers is a runtime of this process as the demo asks it.
type answers struct{ r *runtime }

func (a answers) Link(ctx context.Context) error {
	catalogs := map[stock.Channel][]stock.CatalogItem{}
	for _, c := range a.r.channels {
		var err error
		if catalogs[c.name], err = sweep.ReadCatalog(ctx, c.adapter); err != nil {
			return fmt.Errorf("reading the catalog of %s: %w", c.name, err)
		}
	}
	var rows []linkRow
	for _, match := range sweep.Suggest(catalogs, nil).Matches {
		for _, item := range match.Items {
			rows = append(rows, linkRow{SKU: match.SKU, Name: item.Name, Channel: string(item.Channel), Item: item.Item, SoldAs: item.SoldAs})
		}
	}
	_, err := linkItems(ctx, a.r, linkRequest{Rows: rows}, nil)
	return err
}

func (a answers) Baseline(ctx context.Context, authority string, progress func(text string)) error {
	_, err := applyBaseline(ctx, a.r, baselineRequest{Authority: authority}, func(p any) { progress(fmt.Sprint(p)) })
	return err
}

func (a answers) Sweep(ctx context.Context) error {
	_, err := runSweeps(ctx, a.r, sweepRequest{Kind: sweep.Recent}, func(any) {})
	return err
}

func (a answers) Stock(ctx context.Context) ([]demo.Counter, error) {
	var counters []demo.Counter
	for ref, err := range ledger.AllRefs(ctx, a.r.store, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		channel, err := a.r.channel(string(ref.State.Ref.Channel))
		if err != nil {
			return nil, err
		}
		counters = append(counters, demo.Counter{Ref: ref.State.Ref, Level: ref.Level, Opened: ref.Opened,
			Target: reconcile.Target(ref.Level, channel.adapter.Traits())})
	}
	return counters, nil
}

// Status asks in this order so that nothing passes unseen from one to the next: an event that is applied meanwhile leaves a wish.
func (a answers) Status(ctx context.Context) (demo.Status, error) {
	var s demo.Status
	var err error
	if s.Lag, err = a.r.broker.topics.Lag(ctx, a.r.broker, a.r.store); err != nil {
		return s, err
	}
	sum, err := a.r.store.Summary(ctx)
	if err != nil {
		return s, err
	}
	s.Entries, s.OpenCalls, s.SetAside = sum.Entries, sum.OpenCalls, sum.Refs[ledger.SetAside]
	for _, c := range a.r.channels {
		if w := sum.Wishes[c.name]; w != (ledger.Wishes{}) {
			s.Wishes = append(s.Wishes, demo.Wishes{Channel: c.name, Reads: w.Reads, Pushes: w.Pushes, Orders: w.Resources})
		}
	}
	brakes, err := engagedBrakes(ctx, a.r.store, a.r.now())
	for _, b := range brakes {
		s.Brakes = append(s.Brakes, demo.Brake{ID: b.ID, Kind: b.Kind.String(), Observing: b.Kind == ledger.Observing})
	}
	runs, failed := a.r.store.Runs(ctx, ledger.RunFilter{})
	for _, run := range runs {
		s.Repairs += run.Repaired
	}
	return s, errors.Join(err, failed)
}

func (a answers) Audit(ctx context.Context) (demo.Audit, error) {
	audit := demo.Audit{Unexplained: map[stock.Ref]stock.Quantity{}}
	for ref, err := range ledger.AllRefs(ctx, a.r.store, ledger.RefFilter{}) {
		if err != nil {
			return audit, err
		}
		audit.Unexplained[ref.State.Ref] = ref.Unexplained
	}
	verified, err := a.r.store.Verify(ctx, nil)
	audit.Faults = verified.Faults
	return audit, err
}
