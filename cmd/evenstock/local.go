package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/local"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/app"
)

// newLocal answers operations in this process, for a data folder that no serve owns.
func newLocal(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger) *local.Transport {
	return &local.Transport{Open: func(access api.Access) (local.Opened, error) {
		if access.Has(api.Merchants) {
			h, err := openHost(ctx, cfg, env, logger, startOptions{}, false)
			if err != nil {
				return local.Opened{}, err
			}
			return local.Opened{Parts: api.Parts{Fleet: h.fleet}, Close: h.close}, nil
		}
		r, err := openFor(ctx, cfg, env, logger, access)
		if errors.Is(err, errNoLedger) {
			err = &app.Error{Kind: app.NotFound, What: err.Error(), Remedy: app.RemedyBegin}
		}
		if err != nil {
			return local.Opened{}, err
		}
		return local.Opened{Parts: api.Parts{App: r.app.Load()}, Close: r.close}, nil
	}}
}

func openFor(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, access api.Access) (*runtime, error) {
	// Commands that only look, or that need links, make no data folder and begin no ledger.
	if !access.Has(api.First) {
		if err := ledgerExists(ctx, cfg, env); err != nil {
			return nil, err
		}
	}
	return startRuntime(ctx, cfg, env, logger, startOptions{access: access})
}
