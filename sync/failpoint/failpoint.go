// Package failpoint kills the process at a named point between two steps, for tests of the program: nothing may be lost or doubled there.
//
// Who takes steps is handed a func(name string) and calls it with the name of the point that it has come to.
package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Points are the named points.
var Points = []string{
	"before publish", "after publish", "before commit", "after commit",
	"before plan", "after plan", "before send", "after send", "after answer",
}

// From reads EVENSTOCK_FAILPOINT, "name:count": the process kills itself, as kill -9 does, when it comes to that
// point for the count-th time. It is for tests of this program; without the variable it costs one call.
func From(env func(string) string) (func(name string), error) {
	spec := env("EVENSTOCK_FAILPOINT")
	if spec == "" {
		return nil, nil
	}
	name, times, _ := strings.Cut(spec, ":")
	count, err := strconv.ParseInt(times, 10, 64)
	if err != nil || count < 1 || !slices.Contains(Points, name) {
		return nil, fmt.Errorf("EVENSTOCK_FAILPOINT=%q: want NAME:COUNT with a name of %q", spec, Points)
	}
	var hits atomic.Int64
	return func(hit string) {
		if hit == name && hits.Add(1) == count {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}, nil
}
