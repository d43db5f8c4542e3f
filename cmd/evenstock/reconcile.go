package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func reconcileCommand(c *cli) *cobra.Command {
	reconcile := &cobra.Command{Use: "reconcile", Short: "Sweep channels by hand, and report what sweeps found"}
	var request sweepRequest
	run := &cobra.Command{Use: "run", Short: "Sweep now", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runSweeps(cmd.Context(), request) }}
	run.Flags().StringVar(&request.Kind, "kind", sweep.Full, "recent (what changed lately) or full (everything)")
	run.Flags().StringVar(&request.Channel, "channel", "", "only this channel")
	var since string
	filter := ledger.FindingFilter{Limit: findingsListed}
	report := &cobra.Command{Use: "report", Short: "List runs and findings", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.report(cmd.Context(), filter, since) }}
	report.Flags().StringVar(&filter.Run, "run", "", "only the findings of this run")
	report.Flags().StringVar(&filter.Class, "class", "", "only findings of this class")
	report.Flags().StringVar((*string)(&filter.Channel), "channel", "", "only this channel")
	report.Flags().StringVar(&since, "since", "", "only what was found since this time (default: the last 24 hours)")
	report.Flags().Var((*count)(&filter.Limit), "limit", "most findings to list")
	reconcile.AddCommand(run, report)
	return reconcile
}

// findingsListed is how many findings a report lists unless told otherwise.
const findingsListed = 200

type sweepRequest struct {
	Kind    string `json:"kind"`
	Channel string `json:"channel"`
}

// swept is a run with what it found.
type swept struct {
	ledger.Run
	Findings []ledger.Finding `json:"findings"`
}

// runSweeps sweeps channels one after the other. One that fails does not keep the others from being swept.
func runSweeps(ctx context.Context, r *runtime, request sweepRequest, progress func(any)) (any, error) {
	var runs []swept
	var errs []error
	for _, c := range r.channels {
		if request.Channel != "" && request.Channel != string(c.name) {
			continue
		}
		run, findings, err := r.merchant.Sweep(ctx, c.name, request.Kind, func(read int) { progress(fmt.Sprintf("%s: %d refs read", c.name, read)) })
		if err != nil {
			errs = append(errs, fmt.Errorf("sweeping %s: %w", c.name, err))
		}
		runs = append(runs, swept{run, append([]ledger.Finding{}, findings...)})
	}
	if len(runs) == 0 {
		return nil, noChannel(request.Channel, r.channels)
	}
	return runs, errors.Join(errs...)
}

func (c *cli) runSweeps(ctx context.Context, request sweepRequest) error {
	if request.Kind != sweep.Recent && request.Kind != sweep.Full {
		return errUsage("--kind must be %s or %s", sweep.Recent, sweep.Full)
	}
	progress, end := c.progress()
	runs, err := do[[]swept](ctx, c, "/reconcile/run", request, progress)
	end()
	if err != nil {
		return err
	}
	var list []ledger.Run
	var findings []ledger.Finding
	for _, run := range runs {
		list = append(list, run.Run)
		findings = append(findings, run.Findings...)
	}
	return c.print(runs, func(w io.Writer) error { return printReport(w, list, findings) })
}

// reportWindow is how far back a report looks unless told otherwise.
const reportWindow = 24 * time.Hour

// runsMax is how many runs a report lists.
const runsMax = 50

func (c *cli) report(ctx context.Context, filter ledger.FindingFilter, since string) error {
	from, err := parseTime(since)
	if err != nil {
		return err
	}
	if from.IsZero() {
		from = timeNow().Add(-reportWindow)
	}
	filter.From = from
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	runs, err := store.Runs(ctx, ledger.RunFilter{Channel: filter.Channel, From: from, Limit: runsMax})
	if err != nil {
		return err
	}
	findings, err := store.Findings(ctx, filter)
	if err != nil {
		return err
	}
	if err := fillSKUs(ctx, store, findings); err != nil {
		return err
	}
	return c.print(map[string]any{"runs": append([]ledger.Run{}, runs...), "findings": append([]ledger.Finding{}, findings...)}, func(w io.Writer) error { return printReport(w, runs, findings) })
}

// itemReader looks items up by id.
type itemReader interface {
	Item(ctx context.Context, id stock.ItemID) (stock.Item, error)
}

func fillSKUs(ctx context.Context, store itemReader, findings []ledger.Finding) error {
	for i, finding := range findings {
		if finding.SKU != "" || finding.Shelf.Item == "" {
			continue
		}
		item, err := store.Item(ctx, finding.Shelf.Item)
		if err != nil {
			return err
		}
		findings[i].SKU = item.SKU
	}
	return nil
}

func printReport(w io.Writer, runs []ledger.Run, findings []ledger.Finding) error {
	t := newTable("no sweep ran in this time", "RUN", "KIND", "CHANNEL", "STARTED", "TOOK", "READ", "REPAIRED", "RESULT")
	for _, run := range runs {
		result := "done"
		switch {
		case run.Error != "":
			result = run.Error
		case run.EndedAt.IsZero():
			result = "unfinished"
		}
		t.row(run.ID, run.Kind, string(run.Channel), stamp(run.StartedAt), took(run), fmt.Sprint(run.Read), fmt.Sprint(run.Repaired), result)
	}
	if err := t.write(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	t = newTable("nothing was found: every channel showed what the ledger expected", "FOUND", "CLASS", "CHANNEL", "SKU", "ITEM", "EVIDENCE", "ACTION")
	for _, f := range findings {
		t.row(stamp(f.At), f.Class, string(f.Channel), orDash(f.SKU), orDash(f.Ref.Item), evidence(f.Evidence), f.Action)
	}
	return t.write(w)
}

func took(run ledger.Run) string {
	if run.EndedAt.IsZero() {
		return "-"
	}
	return run.EndedAt.Sub(run.StartedAt).Round(time.Millisecond).String()
}

// evidence prints ids and flags in a fixed order.
func evidence(e stock.Evidence) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if e[key] != "" {
			parts = append(parts, key+"="+e[key])
		}
	}
	return strings.Join(parts, " ")
}
