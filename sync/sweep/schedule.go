package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when sweeps run, in cron expressions of five fields or "@every 1m".
type Schedule struct {
	Recent string
	Full   string
}

// Run sweeps all channels on their schedule until ctx ends; a sweep still running when its next turn comes skips that turn.
// It returns after running sweeps have stopped.
func Run(ctx context.Context, schedule Schedule, sweepers []*Sweeper, logger *slog.Logger) error {
	clock := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, sweeper := range sweepers {
		for kind, spec := range map[string]string{Recent: schedule.Recent, Full: schedule.Full} {
			times, err := cron.ParseStandard(spec)
			if err != nil {
				return fmt.Errorf("scheduling the %s sweep of %s at %q: %w", kind, sweeper.Channel, spec, err)
			}
			clock.Schedule(onward{times}, cron.FuncJob(func() { sweeper.scheduled(ctx, kind, logger) }))
		}
	}
	clock.Start()
	<-ctx.Done()
	<-clock.Stop().Done()
	return nil
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

func (s *Sweeper) scheduled(ctx context.Context, kind string, logger *slog.Logger) {
	if s.yields(ctx, kind) {
		return
	}
	run, findings, err := s.Sweep(ctx, kind, nil)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		logger.Warn("sweep failed", "channel", s.Channel, "kind", kind, "error", err)
		return
	}
	logger.Info("swept", "channel", s.Channel, "kind", kind, "read", run.Read, "repaired", run.Repaired, "findings", len(findings))
}
