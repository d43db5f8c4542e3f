package main

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/health"
)

// checkLedger opens the ledger for reading, which compares its schema with this program's.
func checkLedger(cfg *config.Config) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		store, err := readStore(ctx, cfg)
		switch {
		case errors.Is(err, errNoLedger):
			list = append(list, health.Check{Code: health.CodeLedger, Result: health.OK, Detail: "none yet", Remedy: health.RemedyBegin})
			return list
		case errors.Is(err, ledger.ErrNewer):
			list.Fail(health.CodeLedger, err.Error(), health.RemedyUpgrade)
			return list
		case err != nil:
			list.Fail(health.CodeLedger, err.Error(), health.RemedyMigrate)
			return list
		}
		defer store.Close()
		return health.Ledger(store)(ctx)
	}
}
