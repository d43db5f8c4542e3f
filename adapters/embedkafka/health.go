package embedkafka

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// storageWords are what a kfake warning says when something was not, or may
// not be, on disk. Its other warnings are about slow or late clients.
var storageWords = []string{
	"persist", "truncat", "corrupt", "malformed", "rebuildsegments", "session state",
	"compact ", "stat active segment", "delete topic",
}

// faultLog is the broker's logger. It forwards lines and counts those that
// speak of storage: as repairs while the directory is being loaded, as faults
// afterwards.
type faultLog struct {
	log  *slog.Logger
	now  func() time.Time
	hold time.Duration

	mu      sync.Mutex
	running bool
	repairs int
	faults  int
	last    string
	lastAt  time.Time
}

func newFaultLog(opts Options) *faultLog {
	return &faultLog{log: opts.Logger, now: opts.Now, hold: opts.FaultHold}
}

// Logf implements kfake.Logger.
func (f *faultLog) Logf(level kfake.LogLevel, format string, args ...any) {
	if level != kfake.LogLevelError && level != kfake.LogLevelWarn {
		return // requests and internals: kfake formats these for each request
	}
	line := fmt.Sprintf(format, args...)
	to := slog.LevelWarn
	if isStorage(line) {
		f.count(line)
		to = slog.LevelError
	}
	f.log.Log(context.Background(), to, "embedded broker", slog.String("detail", line))
}

func isStorage(line string) bool {
	lower := strings.ToLower(line)
	for _, word := range storageWords {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

func (f *faultLog) count(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.running {
		f.repairs++
		return
	}
	f.faults++
	f.last, f.lastAt = line, f.now()
}

func (f *faultLog) loaded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = true
}

func (f *faultLog) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults == 0 || f.now().Sub(f.lastAt) >= f.hold {
		return nil
	}
	return fmt.Errorf("%w (%d so far): %s", ErrFault, f.faults, f.last)
}

// Health says whether the broker may be trusted with new records: nil, or an
// error that wraps ErrClosed, ErrFault (a storage fault less than
// Options.FaultHold ago) or ErrDiskLow. Intake should refuse while it fails.
func (b *Broker) Health() error {
	b.mu.RLock()
	closed := b.cluster == nil
	b.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	if err := b.faults.err(); err != nil {
		return err
	}
	if b.opts.MinFreeBytes < 0 {
		return nil
	}
	free, _, err := b.DiskSpace()
	if err != nil {
		return err
	}
	if free < uint64(b.opts.MinFreeBytes) {
		return fmt.Errorf("%w: %d bytes free, want %d", ErrDiskLow, free, b.opts.MinFreeBytes)
	}
	return nil
}

// DiskSpace returns the free and total bytes of the directory's file system.
func (b *Broker) DiskSpace() (free, total uint64, err error) { return diskSpace(b.opts.Dir) }

// Faults is the number of storage faults reported since Open.
func (b *Broker) Faults() int {
	b.faults.mu.Lock()
	defer b.faults.mu.Unlock()
	return b.faults.faults
}

// Repairs is the number of storage complaints while Open loaded the
// directory: torn or corrupt tails that were cut. One after a crash usually
// was a record that nobody had been promised, but a broker cannot tell: treat
// the stream as incomplete.
func (b *Broker) Repairs() int {
	b.faults.mu.Lock()
	defer b.faults.mu.Unlock()
	return b.faults.repairs
}
