//go:build !(linux || darwin || freebsd)

package embedkafka

import (
	"errors"
	"fmt"
)

type dirLock struct{}

// lockDir refuses: without a lock that dies with its process, two processes
// could write one log.
func lockDir(string) (*dirLock, error) {
	return nil, fmt.Errorf("locking broker directory: %w on this operating system", errors.ErrUnsupported)
}

func (*dirLock) release() error { return nil }

func diskSpace(string) (free, total uint64, err error) {
	return 0, 0, fmt.Errorf("reading free disk space: %w", errors.ErrUnsupported)
}
