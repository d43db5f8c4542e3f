package postgres_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// waitFor bounds how long is waited for what must come, on a busy machine; poll is how often it is looked.
const (
	waitFor = time.Minute
	poll    = 5 * time.Millisecond
)

// lines is a log whose lines can be waited for.
type lines struct {
	mu    sync.Mutex
	said  []string
	heard chan struct{}
}

func newLines() *lines { return &lines{heard: make(chan struct{}, 100)} }

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }
func (l *lines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lines) WithGroup(string) slog.Handler            { return l }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, r.Message)
	l.heard <- struct{}{}
	return nil
}

// await returns when a line was said.
func (l *lines) await(t *testing.T, line string) {
	t.Helper()
	after := time.After(waitFor)
	for {
		l.mu.Lock()
		said := slices.Contains(l.said, line)
		l.mu.Unlock()
		if said {
			return
		}
		select {
		case <-l.heard:
		case <-after:
			require.FailNow(t, "not said: "+line)
		}
	}
}
