package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/sweep"
)

// resyncMark is the ledger's mark of a loss in the stream that is not made good yet; it names the loss. Whatever the stream held,
// the platforms still know: a full sweep of every channel that began after the loss makes it good.
const resyncMark = "stream/resync"

// resync sweeps every channel whole when the stream has lost something. The wish for it is stored, so that it outlives a crash and
// an outage of the platforms.
type resync struct {
	store    ledger.Store
	sweepers []*sweep.Sweeper
	now      func() time.Time
	logger   *slog.Logger

	mu     sync.Mutex // between reading the mark and clearing it
	wanted chan struct{}
}

// want stores that a resync is needed, beside other marks.
func (s *resync) want(ctx context.Context, marks map[string]string) error {
	marks[resyncMark] = uuid.NewString()
	for _, sweeper := range s.sweepers {
		marks[sweep.FullMark(sweeper.Channel)] = ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.store.Apply(ctx, nil, ledger.Batch{At: s.now(), Marks: marks}); err != nil {
		return fmt.Errorf("noting a loss in the stream: %w", err)
	}
	select {
	case s.wanted <- struct{}{}:
	default:
	}
	return nil
}

// run makes losses good until ctx ends, also those that an earlier process left.
func (s *resync) run(ctx context.Context) error {
	for {
		_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, s.sweep(ctx) },
			backoff.WithBackOff(backoff.NewExponentialBackOff()), backoff.WithMaxElapsedTime(0),
			backoff.WithNotify(func(err error, wait time.Duration) {
				s.logger.Warn("sweeping after a loss; trying again", "error", err, "after", wait.Round(time.Second))
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
func (s *resync) sweep(ctx context.Context) error {
	loss, err := s.store.Mark(ctx, resyncMark)
	if err != nil || loss == "" {
		return err
	}
	s.logger.Warn("the stream may have lost events: sweeping every channel")
	var errs []error
	for _, sweeper := range s.sweepers {
		if _, _, err := sweeper.Sweep(ctx, sweep.Full, nil); err != nil {
			errs = append(errs, fmt.Errorf("channel %s: %w", sweeper.Channel, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, err := s.store.Mark(ctx, resyncMark); err != nil || now != loss {
		return err
	}
	_, err = s.store.Apply(ctx, nil, ledger.Batch{At: s.now(), Marks: map[string]string{resyncMark: ""}})
	return err
}
