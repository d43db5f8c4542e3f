package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"github.com/evenstock/evenstock/ledger"
)

// Adaptive is the schedule of recent sweeps that are made when they are needed: rarely while deliveries tell of what changes, and every
// few seconds while they do not.
const Adaptive = "adaptive"

const (
	// A full sweep that failed goes on after a pause, which doubles with each failure in a row.
	fullPauseLeast, fullPauseMost = time.Minute, 30 * time.Minute
)

// Schedule says when sweeps run, in cron expressions of five fields or "@every 1m"; Recent may be Adaptive.
type Schedule struct {
	Recent string
	Full   string
}

// Run sweeps all channels on their schedule until ctx ends; a sweep still running when its next turn comes skips that turn.
// It returns after running sweeps have stopped.
func Run(ctx context.Context, schedule Schedule, sweepers []*Sweeper, logger *slog.Logger) error {
	clock := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, sweeper := range sweepers {
		jobs := map[string]func(){Full: func() { sweeper.scheduledFull(ctx, logger) }}
		specs := map[string]string{Full: schedule.Full}
		if schedule.Recent != Adaptive {
			jobs[Recent] = func() { sweeper.scheduled(ctx, Recent, logger) }
			specs[Recent] = schedule.Recent
		}
		for kind, spec := range specs {
			times, err := cron.ParseStandard(spec)
			if err != nil {
				return fmt.Errorf("scheduling the %s sweep of %s at %q: %w", kind, sweeper.Channel, spec, err)
			}
			clock.Schedule(onward{times}, cron.FuncJob(jobs[kind]))
		}
	}
	var adaptive errgroup.Group
	if schedule.Recent == Adaptive {
		for _, sweeper := range sweepers {
			adaptive.Go(func() error {
				sweeper.adapt(ctx, logger)
				return nil
			})
		}
	}
	clock.Start()
	<-ctx.Done()
	<-clock.Stop().Done()
	return adaptive.Wait()
}

// onward keeps a schedule from standing still: where a zone's clock goes back, the library may name a time that is over already, and
// the sweep would begin again and again until that hour has passed.
type onward struct{ cron.Schedule }

// onwardTries bounds how many hours further on a time is looked for: no clock goes back by more.
const onwardTries = 24

// Next returns the schedule's next time after a time; zero, which means never, when it has none.
func (o onward) Next(after time.Time) time.Time {
	for hour := range onwardTries {
		next := o.Schedule.Next(after.Add(time.Duration(hour) * time.Hour))
		if next.IsZero() || next.After(after) {
			return next
		}
	}
	return time.Time{}
}

// scheduledFull sweeps a channel whole, and goes on with what failed.
func (s *Sweeper) scheduledFull(ctx context.Context, logger *slog.Logger) {
	for pause := fullPauseLeast; !s.scheduled(ctx, Full, logger); pause = min(2*pause, fullPauseMost) {
		if !sleep(ctx, pause) {
			return
		}
	}
}

// sleep waits; it returns false when ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// scheduled sweeps, and says whether nothing is left to do: it is done, or ctx has ended.
func (s *Sweeper) scheduled(ctx context.Context, kind string, logger *slog.Logger) bool {
	if s.yields(ctx, kind) {
		return true
	}
	run, findings, err := s.Sweep(ctx, kind, nil)
	s.report(ctx, kind, logger, run, findings, err)
	return err == nil || ctx.Err() != nil
}

// report logs what became of a sweep.
func (s *Sweeper) report(ctx context.Context, kind string, logger *slog.Logger, run ledger.Run, findings []ledger.Finding, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		logger.Warn("sweep failed", "channel", s.Channel, "kind", kind, "error", err)
	default:
		logger.Info("swept", "channel", s.Channel, "kind", kind, "read", run.Read, "repaired", run.Repaired, "findings", len(findings))
	}
}
