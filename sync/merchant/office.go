package merchant

import (
	"context"
	"errors"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/ledger"
)

// Office is the right to work for the merchant, which one process has at a time. Whoever lost it writes nothing more to the ledger, whether
// it has heard of that or not.
type Office interface {
	// Take returns when this process has it, or with the end of ctx; waiting is told once where another one has it at first.
	Take(ctx context.Context, waiting func()) error
	// Keep returns nil when ctx ends, or ledger.ErrOwned when another process has it.
	Keep(ctx context.Context) error
	// Leave gives it up, so that another process may take it at once. It may be called without having it.
	Leave() error
}

// Alone is the office where no other process can work for the merchant.
type Alone struct{}

// Take has it at once.
func (Alone) Take(context.Context, func()) error { return nil }

// Keep keeps it.
func (Alone) Keep(ctx context.Context) error { <-ctx.Done(); return nil }

// Leave leaves it to nobody.
func (Alone) Leave() error { return nil }

// InTerms serves a term whenever this process has the office, until ctx ends or a term fails by anything but the loss of the office. The
// office is left when a term's work has ended, and never before.
func InTerms(ctx context.Context, office Office, logger *slog.Logger, waiting func(), term func(ctx context.Context) error) error {
	for {
		err := office.Take(ctx, waiting)
		if err == nil {
			err = serveTerm(ctx, office, term)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, ledger.ErrOwned):
			return err
		}
		logger.Warn("another process works on the ledger now", "error", err)
	}
}

func serveTerm(ctx context.Context, office Office, term func(ctx context.Context) error) error {
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error { return office.Keep(serving) })
	group.Go(func() error { return term(serving) })
	return errors.Join(group.Wait(), office.Leave())
}
