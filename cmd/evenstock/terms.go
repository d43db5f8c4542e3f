package main

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/sync/merchant"
)

// inTerms works for the merchant whenever this process is the one to do it, and stands by otherwise, until ctx ends. placed is told when it
// is known which of the two it does first.
func (r *runtime) inTerms(ctx context.Context, placed func()) error {
	placed = sync.OnceFunc(placed)
	return merchant.InTerms(ctx, officeOf(r.store), r.logger, func() {
		r.logger.Info("standing by: another process works on the ledger")
		r.begin(ctx, true)
		placed()
	}, func(ctx context.Context) error { return r.term(ctx, placed) })
}

// term works for the merchant until ctx ends, and has ended all of it when it returns.
func (r *runtime) term(ctx context.Context, begun func()) error {
	if err := r.start(ctx); err != nil {
		return errors.Join(err, r.merchant.Stop())
	}
	r.begin(ctx, false)
	r.logger.Info("working on the ledger")
	begun()
	group, working := errgroup.WithContext(ctx)
	group.Go(func() error { return r.merchant.Wait(working) })
	group.Go(func() error { return r.app.Load().CompareConfig(working) })
	err := group.Wait()
	r.endJobs()
	return errors.Join(err, r.merchant.Stop())
}
