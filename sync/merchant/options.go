package merchant

import (
	"log/slog"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/stream"
	"github.com/evenstock/evenstock/sync/sweep"
)

// Ledger is the merchant's ledger, as far as the parts need it.
type Ledger interface {
	converge.Ledger
	sweep.Ledger
	stream.Ledger
}

// Log is the broker, as far as the parts need it.
type Log interface {
	stream.Log
	stream.Trimmer
}

// Platform is a channel's platform as workers and sweeps need it.
type Platform interface {
	converge.Platform
	sweep.Lister
}

// Channel is one of the merchant's channels.
type Channel struct {
	Name stock.Channel
	// Locations maps the channel's location ids to ours.
	Locations map[string]stock.Location
	Platform  Platform
	// Keys returns a number that changes with the channel's access token; nil: it never does.
	Keys func() uint64
	// Changed is told of each change that a sweep was the first to see; nil: nobody is.
	Changed func(at time.Time)
	// Delivered is when a delivery of the channel came last, zero: none did; nil: none can come.
	Delivered func() time.Time
}

// Options configure a Merchant. All but Waker, Schedule and Failpoint are required.
type Options struct {
	Ledger      Ledger
	Step        ledger.Step // decides about everything
	Log         Log
	Topics      stream.Topics
	DeadLetters *stream.DeadLetters
	Channels    []Channel
	// Waker wakes the workers; nil: one that only the merchant knows.
	Waker *converge.Waker
	// Schedule says when channels are swept; the zero value: only when somebody asks.
	Schedule sweep.Schedule
	Now      func() time.Time
	// NewID returns a fresh id or idempotency key of at most 64 characters.
	NewID  func() string
	Logger *slog.Logger
	// Failpoint is called with the name of each point between two steps that a crash may fall between; nil in production.
	Failpoint func(name string)
}
