package embedkafka

import (
	"cmp"
	"errors"
	"log/slog"
	"time"
)

// Addr is the host and port that the broker advertises. It is not a network
// address: clients reach the broker through Broker.Dial only.
const Addr = "embedded:9092"

const (
	// segmentBytes bounds one log segment. A restart reads segments whole, so
	// small ones keep its memory peak low (100 MiB segments: 796 MB resident
	// after 1.1 GB of log; 16 MiB: 185 MB).
	segmentBytes = 16 << 20

	// maxSocketPath is the longest Unix socket path we bind, in bytes. Linux
	// takes 107 and Darwin 103.
	maxSocketPath = 100

	defaultMinFreeBytes = 1 << 30
	defaultFaultHold    = time.Minute
)

var (
	// ErrLocked is returned by Open when another process (or another Broker in
	// this one) owns the directory.
	ErrLocked = errors.New("broker directory is in use by another process")

	// ErrClosed is returned by calls on a closed Broker.
	ErrClosed = errors.New("broker is closed")

	// ErrUnknownPartition is returned for a topic or partition that does not
	// exist.
	ErrUnknownPartition = errors.New("unknown topic or partition")

	// ErrDiskLow is wrapped by Health when free space is under the watermark.
	ErrDiskLow = errors.New("free disk space is below the watermark")

	// ErrFault is wrapped by Health after the broker reported that it could
	// not persist something.
	ErrFault = errors.New("broker reported a storage fault")
)

// Options configure a Broker. Only Dir is required.
type Options struct {
	// Dir is the directory that the broker owns: log segments, offsets, lock
	// and socket. It is created with mode 0700 if missing.
	Dir string

	// Locked says that the caller holds the Lock of Dir, and gives it up after
	// Close. Otherwise Open takes it.
	Locked bool

	// Logger takes what the broker reports. Default: discard.
	Logger *slog.Logger

	// MinFreeBytes is the watermark of free space on Dir's file system below
	// which Health fails. Default 1 GiB; negative turns the check off.
	MinFreeBytes int64

	// FaultHold is how long Health keeps failing after a storage fault.
	// Default 1 minute.
	FaultHold time.Duration

	// Now is the clock. Default time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	o.MinFreeBytes = cmp.Or(o.MinFreeBytes, defaultMinFreeBytes)
	o.FaultHold = cmp.Or(o.FaultHold, defaultFaultHold)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
