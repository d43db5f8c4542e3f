package main

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
)

// checkLedger opens the ledger for reading, which compares its schema with this program's.
func checkLedger(cfg *config.Config, env func(string) string) health.Probe {
	return func(ctx context.Context) health.Checks {
		store, err := readStore(ctx, cfg, env)
		if errors.Is(err, errNoLedger) {
			return health.Checks{{Code: health.CodeLedger, Result: health.OK, Detail: "none yet", Remedy: health.RemedyBegin}}
		}
		if err != nil {
			return health.Unreadable(err, cfg.InCluster())
		}
		defer store.Close()
		return health.Ledger(store)(ctx)
	}
}
