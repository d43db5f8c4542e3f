//go:build linux || darwin || freebsd

package embedkafka

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dirLock is an flock on a file in the broker's directory. The kernel drops it
// when the process dies, however it dies, so there is never a stale lock.
type dirLock struct{ file *os.File }

func lockDir(dir string) (*dirLock, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening lock file: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return &dirLock{file: f}, nil
}

func (l *dirLock) release() error { return l.file.Close() }

// diskSpace returns the free and total bytes of dir's file system, as an
// unprivileged process sees them.
func diskSpace(dir string) (free, total uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("reading free disk space of %s: %w", dir, err)
	}
	size := uint64(st.Bsize)
	return uint64(st.Bavail) * size, st.Blocks * size, nil
}
