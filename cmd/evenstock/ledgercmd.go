package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
)

func ledgerCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "Prove that every number follows from the entries"}
	verify := &cobra.Command{Use: "verify", Short: "Recompute everything from the entries and compare; writes nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.verifyLedger(cmd.Context()) }}
	var check bool
	rebuild := &cobra.Command{Use: "rebuild", Short: "Write balances and states anew from the entries, then verify", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !check {
				if _, err := do[any](cmd.Context(), c, "/ledger/rebuild", struct{}{}, nil); err != nil {
					return err
				}
			}
			return c.verifyLedger(cmd.Context())
		}}
	rebuild.Flags().BoolVar(&check, "check", false, "only compare, write nothing (the same as ledger verify)")
	rebuild.Flags().BoolVar(&check, "dry-run", false, "the same as --check")
	cmd.AddCommand(verify, rebuild)
	return cmd
}

// rebuildLedger is the action: it needs the ledger alone.
func rebuildLedger(ctx context.Context, r *runtime, _ struct{}, _ func(any)) (any, error) {
	return nil, r.store.Rebuild(ctx)
}

// verified is what recomputing the ledger found.
type verified struct {
	Clean      bool     `json:"clean"`
	Entries    int64    `json:"entries"`
	Postings   int64    `json:"postings"`
	Refs       int64    `json:"refs"`
	Accounts   int64    `json:"accounts"`
	Shelves    int64    `json:"shelves"`
	LastSeq    int64    `json:"last_seq"`
	FaultCount int64    `json:"fault_count"`
	Faults     []string `json:"faults"`
}

func verifiedOf(r ledger.VerifyReport) verified {
	return verified{Clean: r.Clean(), Entries: r.Entries, Postings: r.Postings, Refs: r.Refs, Accounts: r.Accounts, Shelves: r.Shelves,
		LastSeq: r.LastSeq, FaultCount: r.FaultCount, Faults: append([]string{}, r.Faults...)}
}

func (c *cli) verifyLedger(ctx context.Context) error {
	store, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	line, end := c.progressLine()
	report, err := store.Verify(ctx, func(done, total int64) { line(fmt.Sprintf("verifying: %d %%", min(100, 100*done/max(1, total)))) })
	end()
	if err != nil {
		return err
	}
	result := verifiedOf(report)
	if err := c.print(result, result.print); err != nil {
		return err
	}
	if !result.Clean {
		return &exitError{code: exitFailed, silent: true, err: errors.New("the ledger is damaged")}
	}
	return nil
}

func (v verified) print(w io.Writer) error {
	for _, fault := range v.Faults {
		fmt.Fprintln(w, printable(fault))
	}
	if more := v.FaultCount - int64(len(v.Faults)); more > 0 {
		fmt.Fprintf(w, "and %d faults more\n", more)
	}
	verdict := "all balances, shelves and refs follow from them"
	if !v.Clean {
		verdict = fmt.Sprintf("%d faults: stop serve, copy the data folder, then evenstock ledger rebuild; entries themselves come back only from a backup",
			v.FaultCount)
	}
	_, err := fmt.Fprintf(w, "%d entries with %d postings up to #%d, %d accounts, %d shelves, %d refs: %s\n",
		v.Entries, v.Postings, v.LastSeq, v.Accounts, v.Shelves, v.Refs, verdict)
	return err
}
