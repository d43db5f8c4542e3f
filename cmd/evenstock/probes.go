package main

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/health"
)

// checkLedger opens the ledger for reading, which compares its schema with this program's.
func checkLedger(cfg *config.Config, env func(string) string) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		store, err := readStore(ctx, cfg, env)
		if errors.Is(err, errNoLedger) {
			return health.Checks{{Code: health.CodeLedger, Result: health.OK, Detail: "none yet", Remedy: health.RemedyBegin}}
		}
		if err != nil {
			list.Fail(health.CodeLedger, err.Error(), remedyOf(err, cfg))
			return list
		}
		defer store.Close()
		return health.Ledger(store)(ctx)
	}
}

// remedyOf is what can be done about a ledger that does not open.
func remedyOf(err error, cfg *config.Config) health.Remedy {
	switch {
	case errors.Is(err, ledger.ErrNewer):
		return health.RemedyUpgrade
	case errors.Is(err, ledger.ErrOlder):
		return health.RemedyMigrate
	case cfg.InCluster():
		return health.RemedyDatabase
	}
	return health.RemedyRestore
}
