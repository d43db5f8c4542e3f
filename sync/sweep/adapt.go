package sweep

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// adaptive makes the recent sweeps of a channel when they are needed. Two things go on beside each other, for a list that waits long for
// its turn must not hold up the next look at the counters: glances while deliveries cannot be relied on; and once a minute all that a
// recent sweep does, with the orders behind what glances saw in between.
type adaptive struct {
	*Sweeper
	logger *slog.Logger
	// saw is signalled when a glance saw a change.
	saw chan struct{}

	mu   sync.Mutex
	pace pace
}

// adapt sweeps until ctx ends.
func (s *Sweeper) adapt(ctx context.Context, logger *slog.Logger) {
	a := &adaptive{Sweeper: s, logger: logger, saw: make(chan struct{}, 1), pace: pace{ended: s.Now(), left: 1}}
	var both sync.WaitGroup
	both.Go(func() { a.glances(ctx) })
	both.Go(func() { a.sweeps(ctx) })
	both.Wait()
}

// glances looks at the counters whenever that is due.
func (a *adaptive) glances(ctx context.Context) {
	for a.awaitGlance(ctx) {
		seen, err := a.look(ctx, (*run).glanceCounts)
		a.learn(func(p pace) pace { return p.afterGlance(seen.Run, seen.findings, seen.stirred, err) })
		if seen.stirred {
			select {
			case a.saw <- struct{}{}:
			default:
			}
		}
	}
}

// awaitGlance waits until a glance is due. The budget is looked at then: when a sweep has just ended it says how much that one took.
// It returns false when ctx has ended.
func (a *adaptive) awaitGlance(ctx context.Context) bool {
	for {
		wait, due := a.untilGlance()
		if due && wait <= 0 {
			if !a.yields(ctx, Recent) {
				return ctx.Err() == nil
			}
			due = false
		}
		if !due || wait > quickLeast {
			wait = quickLeast
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

func (a *adaptive) untilGlance() (wait time.Duration, due bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pace.heard, a.pace.left = a.delivered(), a.budgetLeft()
	next, due := a.pace.next()
	return next.Sub(a.Now()), due
}

// sweeps does once a minute all that a recent sweep does, and lists the orders of what glances saw in between.
func (a *adaptive) sweeps(ctx context.Context) {
	minute := time.NewTimer(relaxed)
	defer minute.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.saw:
			_, _ = a.look(ctx, (*run).glanceOrders) // what failed is logged, and in the window of the next recent sweep
		case <-minute.C:
			if a.yields(ctx, Recent) {
				minute.Reset(relaxed)
				continue
			}
			run, findings, err := a.Sweep(ctx, Recent, nil)
			a.report(ctx, Recent, a.logger, run, findings, err)
			a.learn(func(p pace) pace { return p.afterSweep(run, findings, err) })
			minute.Reset(relaxed)
		}
	}
}

// look glances. It logs only what it saw: glances are many.
func (a *adaptive) look(ctx context.Context, glance func(*run, context.Context) error) (*run, error) {
	seen, err := a.glance(ctx, glance)
	if seen.Repaired > 0 || err != nil {
		a.report(ctx, Recent, a.logger, seen.Run, seen.findings, err)
	}
	return seen, err
}

// learn lets the pace go by what a sweep saw.
func (a *adaptive) learn(after func(pace) pace) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pace = after(a.pace)
}

func (s *Sweeper) delivered() time.Time {
	if s.Delivered == nil {
		return time.Time{}
	}
	return s.Delivered()
}

// budgetLeft is the part of the account's budget that is there; 1 where nothing is known of it.
func (s *Sweeper) budgetLeft() float64 {
	if account, tells := s.Lister.(interface{ Budget() stock.Budget }); tells {
		if b := account.Budget(); b.Most > 0 {
			return max(0, b.Available/b.Most)
		}
	}
	return 1
}
