package health

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// diskFreeMin is how much room the data folder's file system should have left, in bytes.
const diskFreeMin = 1 << 30

// Folder looks at the data folder itself, and at the disk that it is on.
func Folder(data string) Probe {
	return func(context.Context) (list Checks) {
		if folder := checkFolder(&list, data); folder != "" {
			checkDisk(&list, folder)
		}
		return list
	}
}

// checkFolder looks whether the data folder can be used, and returns the one whose disk it is on; empty when it cannot be used.
func checkFolder(list *Checks, data string) (disk string) {
	info, err := os.Stat(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		above := existingAbove(data)
		if err := syscall.Access(above, writable); err != nil {
			list.Fail(CodeFolder, fmt.Sprintf("%s is not there, and cannot be created in %s: %v", data, above, err), RemedyFolderCreate)
			return ""
		}
		list.OK(CodeFolder, "%s is not there yet: the first command that writes creates it", data)
		return above
	case err != nil:
		list.Fail(CodeFolder, err.Error(), RemedyFolderEnter)
		return ""
	case !info.IsDir():
		list.Fail(CodeFolder, data+" is not a folder", RemedyFolderOther)
		return ""
	}
	probe, err := os.CreateTemp(data, ".doctor-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		list.Fail(CodeFolder, "cannot be written: "+err.Error(), RemedyFolderWrite)
		return ""
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		list.Warn(CodeFolder, fmt.Sprintf("%s is open to other users (mode %04o)", data, mode), RemedyFolderClose, data)
	} else {
		list.OK(CodeFolder, "%s can be written", data)
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

func checkDisk(list *Checks, folder string) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		list.Warn(CodeDisk, "free room is not known: "+err.Error(), "")
		return
	}
	// The fields have other types on other systems.
	free := uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert
	text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	if free < diskFreeMin {
		list.Fail(CodeDisk, text, RemedyRoom)
		return
	}
	list.OK(CodeDisk, "%s", text)
}

// BrokerFolder looks at the folder where the broker keeps the stream, without opening it.
func BrokerFolder(folder string) Probe {
	return func(context.Context) (list Checks) {
		info, err := os.Stat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			list.OK(CodeBroker, "none yet: serve creates it")
			return list
		case err != nil || !info.IsDir():
			list.Fail(CodeBroker, folder+" cannot be used as a folder", RemedyBrokerMove)
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
			list.Fail(CodeBroker, err.Error(), RemedyBrokerRead)
			return list
		}
		list.OK(CodeBroker, "%s holds %.1f MiB", folder, float64(bytes)/(1<<20))
		return list
	}
}
