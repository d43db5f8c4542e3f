package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

const (
	// serveTimeout bounds the question to a running serve.
	serveTimeout = 5 * time.Second
	// diskFreeMin is how much room the data folder's file system should have left, in bytes.
	diskFreeMin = 1 << 30
)

// checkData looks at the data folder itself.
func checkData(cfg *config.Config) health.Probe {
	return func(context.Context) (list health.Checks) {
		if folder := checkFolder(&list, cfg.Data); folder != "" {
			checkDisk(&list, folder)
		}
		return list
	}
}

// checkFolder looks whether the data folder can be used, and returns the one whose disk it is on; empty when it cannot be used.
func checkFolder(list *health.Checks, data string) (disk string) {
	info, err := os.Stat(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		above := existingAbove(data)
		if err := syscall.Access(above, writable); err != nil {
			list.Fail(health.CodeFolder, fmt.Sprintf("%s is not there, and cannot be created in %s: %v", data, above, err), health.RemedyFolderCreate)
			return ""
		}
		list.OK(health.CodeFolder, "%s is not there yet: the first command that writes creates it", data)
		return above
	case err != nil:
		list.Fail(health.CodeFolder, err.Error(), health.RemedyFolderEnter)
		return ""
	case !info.IsDir():
		list.Fail(health.CodeFolder, data+" is not a folder", health.RemedyFolderOther)
		return ""
	}
	probe, err := os.CreateTemp(data, ".doctor-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		list.Fail(health.CodeFolder, "cannot be written: "+err.Error(), health.RemedyFolderWrite)
		return ""
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		list.Warn(health.CodeFolder, fmt.Sprintf("%s is open to other users (mode %04o)", data, mode), health.RemedyFolderClose, data)
	} else {
		list.OK(health.CodeFolder, "%s can be written", data)
	}
	return data
}

// writable is access(2)'s question whether a folder may be written and entered.
const writable = 0o3

// existingAbove is the nearest folder above a path that is there.
func existingAbove(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(above); err == nil || above == path {
			return above
		}
		path = above
	}
}

func checkDisk(list *health.Checks, folder string) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		list.Warn(health.CodeDisk, "free room is not known: "+err.Error(), "")
		return
	}
	// The fields have other types on other systems.
	free := uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert
	text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	if free < diskFreeMin {
		list.Fail(health.CodeDisk, text, health.RemedyRoom)
		return
	}
	list.OK(health.CodeDisk, "%s", text)
}

// checkServe asks who owns the data folder.
func checkServe(cfg *config.Config) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		ctx, cancel := context.WithTimeout(ctx, serveTimeout)
		defer cancel()
		serve, err := client.DialServe(ctx, cfg.Data)
		if errors.Is(err, client.ErrNoServe) {
			list.OK(health.CodeServe, "none runs: nobody owns the data folder")
			return list
		}
		var report app.Status
		if err == nil {
			defer serve.Close()
			report, err = serve.Status(ctx)
		}
		if err != nil {
			list.Fail(health.CodeServe, "runs, but does not answer: "+err.Error(), health.RemedyRestart)
			return list
		}
		for _, worker := range report.Workers {
			if worker.Error != "" {
				list.Warn(health.CodeWorker, fmt.Sprintf("%s has not been working since %s: %s", worker.Channel, stamp(worker.Since), worker.Error), health.RemedyChannel)
			}
		}
		if len(report.NotReady) > 0 {
			list.Fail(health.CodeServe, "runs, but is not ready: "+strings.Join(report.NotReady, "; "), health.RemedyLog)
			return list
		}
		list.OK(health.CodeServe, "runs, owns the data folder and is ready")
		return list
	}
}

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
