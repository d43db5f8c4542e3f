package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/sync/app"
)

func ledgerCommand(c *CLI) *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "Prove that every number follows from the entries"}
	verify := &cobra.Command{Use: "verify", Short: "Recompute everything from the entries and compare; writes nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.verifyLedger(cmd.Context(), false) }}
	var check bool
	rebuild := &cobra.Command{Use: "rebuild", Short: "Write balances and states anew from the entries, then verify", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.verifyLedger(cmd.Context(), !check) }}
	rebuild.Flags().BoolVar(&check, "check", false, "only compare, write nothing (the same as ledger verify)")
	rebuild.Flags().BoolVar(&check, "dry-run", false, "the same as --check")
	cmd.AddCommand(verify, rebuild)
	return cmd
}

// verifyLedger prints what recomputing the ledger finds, after rebuilding it if that is wanted.
func (c *CLI) verifyLedger(ctx context.Context, rebuild bool) error {
	line, end := c.progressLine()
	job, err := ask(ctx, c, func(conn connection) (app.Job, error) {
		begin := conn.Verify
		if rebuild {
			begin = conn.Rebuild
		}
		job, err := begin(ctx)
		if err != nil {
			return job, err
		}
		return conn.Await(ctx, job, line)
	})
	end()
	if err != nil {
		return err
	}
	if err := c.Print(job.Verification, func(w io.Writer) error { return printVerification(w, *job.Verification) }); err != nil {
		return err
	}
	if !job.Verification.Clean {
		return &ExitError{Code: ExitFailed, Silent: true, Err: errors.New("the ledger is damaged")}
	}
	return nil
}

func printVerification(w io.Writer, v app.Verification) error {
	for _, fault := range v.Faults {
		fmt.Fprintln(w, printable(fault))
	}
	if more := v.FaultCount - int64(len(v.Faults)); more > 0 {
		fmt.Fprintf(w, "and %s more\n", plural(more, "fault"))
	}
	verdict := "all balances, shelves and refs follow from them"
	if !v.Clean {
		verdict = fmt.Sprintf("%s: stop serve, copy the data folder, then evenstock ledger rebuild; entries themselves come back only from a backup",
			plural(v.FaultCount, "fault"))
	}
	_, err := fmt.Fprintf(w, "%s with %s up to #%d, %s, %s, %s: %s\n", plural(v.Entries, "entry"), plural(v.Postings, "posting"), v.LastSeq,
		plural(v.Accounts, "account"), plural(v.Shelves, "shelf"), plural(v.Refs, "ref"), verdict)
	return err
}
