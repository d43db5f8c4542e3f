package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/evenstock/evenstock/ledger"
)

// ResyncMark is the ledger's mark of a loss in the stream that is not made good yet: when it was noted, and an id. Whatever the
// stream held, the platforms still know: a full sweep of every channel that began after the loss makes it good.
const ResyncMark = "stream/resync"

// ResyncLedger is the part of the ledger a Resync needs.
type ResyncLedger interface {
	ledger.Applier
	ledger.Positions
}

// ResyncOptions configure a Resync.
type ResyncOptions struct {
	Ledger   ResyncLedger
	Sweepers []*Sweeper
	Now      func() time.Time
	NewID    func() string
	Logger   *slog.Logger
}

// Resync sweeps every channel whole when the stream has lost something. The wish for it is stored, so that it outlives a crash and
// an outage of the platforms.
type Resync struct {
	ResyncOptions

	mu     sync.Mutex // between reading the mark and clearing it
	wanted chan struct{}
}

// NewResync returns a resync; Run makes good what Want stored.
func NewResync(opts ResyncOptions) *Resync {
	return &Resync{ResyncOptions: opts, wanted: make(chan struct{}, 1)}
}

// Want stores that a resync is needed, beside other marks.
func (s *Resync) Want(ctx context.Context, marks map[string]string) error {
	marks[ResyncMark] = s.Now().UTC().Format(time.RFC3339Nano) + " " + s.NewID()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.Ledger.Apply(ctx, nil, ledger.Batch{At: s.Now(), Marks: marks}); err != nil {
		return fmt.Errorf("noting a loss in the stream: %w", err)
	}
	select {
	case s.wanted <- struct{}{}:
	default:
	}
	return nil
}

// Run makes losses good until ctx ends, also those that an earlier process left.
func (s *Resync) Run(ctx context.Context) error {
	for {
		_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, s.sweep(ctx) },
			backoff.WithBackOff(backoff.NewExponentialBackOff()), backoff.WithMaxElapsedTime(0),
			backoff.WithNotify(func(err error, wait time.Duration) {
				s.Logger.Warn("sweeping after a loss; trying again", "error", err, "after", wait.Round(time.Second))
			}))
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wanted:
		}
	}
}

// sweep sweeps every channel if a loss is noted, and forgets it unless another was noted meanwhile.
func (s *Resync) sweep(ctx context.Context) error {
	loss, err := s.Ledger.Mark(ctx, ResyncMark)
	if err != nil || loss == "" {
		return err
	}
	s.Logger.Warn("the stream may have lost events: sweeping every channel")
	var errs []error
	for _, sweeper := range s.Sweepers {
		if _, _, err := sweeper.sweep(ctx, Full, s.noted(loss), nil); err != nil {
			errs = append(errs, fmt.Errorf("channel %s: %w", sweeper.Channel, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, err := s.Ledger.Mark(ctx, ResyncMark); err != nil || now != loss {
		return err
	}
	_, err = s.Ledger.Apply(ctx, nil, ledger.Batch{At: s.Now(), Marks: map[string]string{ResyncMark: ""}})
	return err
}

// noted is when a loss was noted. One that does not say it counts as noted now, so that no sweep is taken for a later one.
func (s *Resync) noted(loss string) time.Time {
	text, _, _ := strings.Cut(loss, " ")
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at
	}
	return s.Now()
}
