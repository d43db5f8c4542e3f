package cli

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
	"github.com/evenstock/evenstock/sync/app"
)

func reconcileCommand(c *CLI) *cobra.Command {
	reconcile := &cobra.Command{Use: "reconcile", Short: "Sweep channels by hand, and report what sweeps found"}
	var request app.SweepRequest
	run := &cobra.Command{Use: "run", Short: "Sweep now", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runSweeps(cmd.Context(), request) }}
	run.Flags().StringVar(&request.Kind, "kind", app.SweepFull, "recent (what changed lately) or full (everything)")
	run.Flags().StringVar((*string)(&request.Channel), "channel", "", "only this channel")
	var since string
	query := app.ReportQuery{Limit: findingsListed}
	report := &cobra.Command{Use: "report", Short: "List runs and findings", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.report(cmd.Context(), query, since) }}
	report.Flags().StringVar(&query.Run, "run", "", "only the findings of this run")
	report.Flags().StringVar(&query.Class, "class", "", "only findings of this class")
	report.Flags().StringVar((*string)(&query.Channel), "channel", "", "only this channel")
	report.Flags().StringVar(&since, "since", "", "only what was found since this time (default: the last 24 hours)")
	report.Flags().Var((*count)(&query.Limit), "limit", "most findings to list")
	reconcile.AddCommand(run, report)
	return reconcile
}

// findingsListed is how many findings a report lists unless told otherwise.
const findingsListed = 200

func (c *CLI) runSweeps(ctx context.Context, request app.SweepRequest) error {
	if request.Kind != app.SweepRecent && request.Kind != app.SweepFull {
		return ErrUsage("--kind must be %s or %s", app.SweepRecent, app.SweepFull)
	}
	job, err := c.watch(ctx, func(conn connection) (app.Job, error) { return conn.Sweep(ctx, request) })
	if len(job.Sweeps) == 0 && err != nil {
		return err
	}
	var list []ledger.Run
	var findings []ledger.Finding
	for _, run := range job.Sweeps {
		list = append(list, run.Run)
		findings = append(findings, run.Findings...)
	}
	return errors.Join(err, c.Print(job.Sweeps, func(w io.Writer) error { return printReport(w, list, findings) }))
}

// reportWindow is how far back a report looks unless told otherwise.
const reportWindow = 24 * time.Hour

func (c *CLI) report(ctx context.Context, query app.ReportQuery, since string) (err error) {
	if query.From, err = parseTime(since); err != nil {
		return err
	}
	if query.From.IsZero() {
		query.From = c.Now().Add(-reportWindow)
	}
	report, err := ask(ctx, c, func(conn connection) (app.Report, error) { return conn.Report(ctx, query) })
	if err != nil {
		return err
	}
	return c.Print(report, func(w io.Writer) error { return printReport(w, report.Runs, report.Findings) })
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
	none := "nothing was found: every channel showed what the ledger expected"
	switch swept, unknown := sweptChannels(runs); {
	case len(swept) == 0:
		none = "nothing is known: no sweep came to its end in this time"
	case len(unknown) > 0:
		none = fmt.Sprintf("nothing was found on %s; nothing is known of %s, where no sweep came to its end", strings.Join(swept, ", "), strings.Join(unknown, ", "))
	}
	t = newTable(none, "FOUND", "CLASS", "CHANNEL", "SKU", "ITEM", "EVIDENCE", "ACTION")
	for _, f := range findings {
		t.row(stamp(f.At), f.Class, string(f.Channel), orDash(f.SKU), orDash(f.Ref.Item), findingEvidence(f), actionText(f))
	}
	return t.write(w)
}

// sweptChannels are those of which a sweep came to its end, and those of which none did.
func sweptChannels(runs []ledger.Run) (swept, unknown []string) {
	ended := map[string]bool{}
	for _, run := range runs {
		ended[string(run.Channel)] = ended[string(run.Channel)] || run.Error == "" && !run.EndedAt.IsZero()
	}
	for _, channel := range slices.Sorted(maps.Keys(ended)) {
		if ended[channel] {
			swept = append(swept, channel)
		} else {
			unknown = append(unknown, channel)
		}
	}
	return swept, unknown
}

// actionText says what was done about a finding, and what a person types where one is needed.
func actionText(f ledger.Finding) string {
	if f.Evidence["status"] == ledger.SetAside.String() {
		return f.Action + " (evenstock push list)"
	}
	return f.Action
}

func took(run ledger.Run) string {
	if run.EndedAt.IsZero() {
		return "-"
	}
	return run.EndedAt.Sub(run.StartedAt).Round(time.Millisecond).String()
}

// findingEvidence says in words what another program did, as its brake does; of other findings it prints ids and flags.
func findingEvidence(f ledger.Finding) string {
	if f.Evidence["returned"]+f.Evidence["repeated"]+f.Evidence["rows"] != "" {
		return programReason(f.Channel, f.Evidence)
	}
	return evidence(f.Evidence)
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
