package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/converge"
)

// commands are all subcommands, in the order in which a newcomer needs them.
func commands(c *cli) []*cobra.Command {
	return []*cobra.Command{
		serveCommand(c), linkCommand(c), baselineCommand(c), reconcileCommand(c), brakesCommand(c), dlqCommand(c), eventsCommand(c), pushCommand(c),
		initCommand(c), doctorCommand(c), configCommand(c), statusCommand(c),
		stockCommand(c), explainCommand(c), ledgerCommand(c), versionCommand(c),
		demoCommand(c), sandboxCommand(c),
	}
}

// statusReport is how a running serve is doing.
type statusReport struct {
	Ready   []string          `json:"not_ready"`
	Workers []converge.Status `json:"workers"`
	Ledger  ledger.Summary    `json:"ledger"`
}

func status(ctx context.Context, r *runtime, _ struct{}, _ func(any)) (any, error) {
	report := statusReport{Ready: r.reasons(ctx)}
	for _, worker := range r.workers {
		report.Workers = append(report.Workers, worker.Status())
	}
	summary, err := r.store.Summary(ctx)
	report.Ledger = summary
	return report, err
}

func rebuildLedger(ctx context.Context, r *runtime, _ struct{}, _ func(any)) (any, error) {
	return nil, r.store.Rebuild(ctx)
}
