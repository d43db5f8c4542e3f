package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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

func checkBroker(cfg *config.Config) health.Probe {
	return func(context.Context) (list health.Checks) {
		folder := brokerPath(cfg.Data)
		info, err := os.Stat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			list.OK(health.CodeBroker, "none yet: serve creates it")
			return list
		case err != nil || !info.IsDir():
			list.Fail(health.CodeBroker, folder+" cannot be used as a folder", health.RemedyBrokerMove)
			return list
		}
		var bytes int64
		err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if info, err := entry.Info(); err == nil { // the broker may have removed it meanwhile
				bytes += info.Size()
			}
			return nil
		})
		if err != nil {
			list.Fail(health.CodeBroker, err.Error(), health.RemedyBrokerRead)
			return list
		}
		list.OK(health.CodeBroker, "%s holds %.1f MiB", folder, float64(bytes)/(1<<20))
		return list
	}
}
