package app

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
)

// Verification is what recomputing the ledger from its entries found. Faults are the first of FaultCount.
type Verification struct {
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

func verificationOf(r ledger.VerifyReport) *Verification {
	return &Verification{Clean: r.Clean(), Entries: r.Entries, Postings: r.Postings, Refs: r.Refs, Accounts: r.Accounts, Shelves: r.Shelves,
		LastSeq: r.LastSeq, FaultCount: r.FaultCount, Faults: append([]string{}, r.Faults...)}
}

// Verify begins to recompute everything that follows from the entries, and to compare. It writes nothing.
func (a *App) Verify(_ context.Context, by Actor) (Job, error) {
	return a.begin(a.newJob(JobVerify, by), a.verify)
}

// Rebuild begins to write balances and states anew from the entries, and to verify them then.
func (a *App) Rebuild(_ context.Context, by Actor) (Job, error) {
	return a.begin(a.newJob(JobRebuild, by), func(ctx context.Context, job *Job, progress func(string)) error {
		if err := a.Ledger.Rebuild(ctx); err != nil {
			return err
		}
		return a.verify(ctx, job, progress)
	})
}

func (a *App) verify(ctx context.Context, job *Job, progress func(string)) error {
	report, err := a.Ledger.Verify(ctx, func(done, total int64) {
		progress(fmt.Sprintf("verifying: %d %%", min(100, 100*done/max(1, total))))
	})
	job.Verification = verificationOf(report)
	return err
}
