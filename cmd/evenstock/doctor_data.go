package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
)

// checkData looks at the data folder itself.
func checkData(list *checkups, cfg *config.Config) {
	const check = "data folder"
	info, err := os.Stat(cfg.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		above := existingAbove(cfg.Data)
		if err := syscall.Access(above, writable); err != nil {
			list.fail(check, fmt.Sprintf("%s is not there, and cannot be created in %s: %v", cfg.Data, above, err), "let this user write there, or name another folder")
			return
		}
		list.ok(check, "%s is not there yet: the first command that writes creates it", cfg.Data)
		checkDisk(list, above)
		return
	case err != nil:
		list.fail(check, err.Error(), "let this user enter it, or name another folder")
		return
	case !info.IsDir():
		list.fail(check, cfg.Data+" is not a folder", "name another folder")
		return
	}
	probe, err := os.CreateTemp(cfg.Data, ".doctor-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		list.fail(check, "cannot be written: "+err.Error(), "let this user write in it, or run as the user that runs serve")
		return
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		list.warn(check, fmt.Sprintf("%s is open to other users (mode %04o)", cfg.Data, mode), "chmod 700 "+cfg.Data)
	} else {
		list.ok(check, "%s can be written", cfg.Data)
	}
	checkDisk(list, cfg.Data)
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

func checkDisk(list *checkups, folder string) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		list.warn("disk", "free room is not known: "+err.Error(), "")
		return
	}
	// The fields have other types on other systems.
	free := uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert
	text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	if free < diskFreeMin {
		list.fail("disk", text, "make room: below 1 GiB the stream stops taking webhooks in sooner or later")
		return
	}
	list.ok("disk", "%s", text)
}

// checkServe asks who owns the data folder.
func checkServe(ctx context.Context, list *checkups, cfg *config.Config) {
	const check = "serve"
	ctx, cancel := context.WithTimeout(ctx, platformTimeout)
	defer cancel()
	raw, err := ask(ctx, cfg, "/status", struct{}{}, func(json.RawMessage) {})
	if errors.Is(err, errNoServe) {
		list.ok(check, "none runs: nobody owns the data folder")
		return
	}
	var report statusReport
	if err == nil {
		err = json.Unmarshal(raw, &report)
	}
	if err != nil {
		list.fail(check, "runs, but does not answer: "+err.Error(), "look at its log; restart it")
		return
	}
	for _, worker := range report.Workers {
		if worker.Error != "" {
			list.warn(check, fmt.Sprintf("%s has not been working since %s: %s", worker.Channel, stamp(worker.Since), worker.Error), "see the channel below")
		}
	}
	if len(report.Ready) > 0 {
		list.fail(check, "runs, but is not ready: "+strings.Join(report.Ready, "; "), "look at its log")
		return
	}
	list.ok(check, "runs, owns the data folder and is ready")
}

// checkLedger opens the ledger for reading, which compares its schema with this program's.
func checkLedger(ctx context.Context, list *checkups, cfg *config.Config) {
	const check = "ledger"
	store, err := readStore(ctx, cfg)
	if errors.Is(err, errNoLedger) {
		list.ok(check, "none yet: evenstock link import or serve creates it")
		return
	}
	if errors.Is(err, ledger.ErrNewer) {
		list.fail(check, err.Error(), "run the version of evenstock that wrote it, or a later one")
		return
	}
	if err != nil {
		list.fail(check, err.Error(), "start serve once, which migrates an older ledger; else restore a backup")
		return
	}
	defer store.Close()
	summary, err := store.Summary(ctx)
	if err != nil {
		list.fail(check, err.Error(), "evenstock ledger verify; restore a backup")
		return
	}
	if n := summary.Refs[ledger.SetAside]; n > 0 {
		list.warn(check, fmt.Sprintf("%d counters are set aside: nobody knows whether a push was applied", n), "evenstock push list")
	}
	list.ok(check, "schema is current: %d entries, %d shelves", summary.Entries, summary.Shelves)
}

func checkBroker(list *checkups, cfg *config.Config) {
	const check = "broker"
	folder := brokerPath(cfg.Data)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		list.ok(check, "none yet: serve creates it")
		return
	case err != nil || !info.IsDir():
		list.fail(check, folder+" cannot be used as a folder", "move it away while serve is stopped: a full sweep brings back what it held")
		return
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
		list.fail(check, err.Error(), "let this user read it, or run as the user that runs serve")
		return
	}
	list.ok(check, "%s holds %.1f MiB", folder, float64(bytes)/(1<<20))
}
