package sweep

import (
	"context"
	"fmt"
	"log/slog"

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
			if _, err := clock.AddFunc(spec, func() { sweeper.scheduled(ctx, kind, logger) }); err != nil {
				return fmt.Errorf("scheduling the %s sweep of %s at %q: %w", kind, sweeper.Channel, spec, err)
			}
		}
	}
	clock.Start()
	<-ctx.Done()
	<-clock.Stop().Done()
	return nil
}

func (s *Sweeper) scheduled(ctx context.Context, kind string, logger *slog.Logger) {
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
