package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/stream"
	"github.com/evenstock/evenstock/sync/sweep"
)

const (
	// settleMax is how long after a day of shop life everything may take to settle once nothing goes wrong any more.
	settleMax = time.Minute
	// settlePoll is how often it is looked at.
	settlePoll = 100 * time.Millisecond
	// settleSweepPause is the wait after a sweep that failed.
	settleSweepPause = time.Second
)

// settle heals the shops and waits until nothing is left to do: webhooks delivered, the stream consumed, no wish due and no
// call open, and a recent sweep of each channel changes nothing more. It returns what was still going on when the time was
// over or ctx ended; "" when everything has settled.
func (d *demo) settle(ctx context.Context) (unsettled string) {
	ctx, cancel := context.WithTimeout(ctx, settleMax)
	defer cancel()
	if err := d.shops.setFaults(shop.Faults{}); err != nil {
		return err.Error()
	}
	for {
		if unsettled = d.quiet(ctx); unsettled != "" {
			return unsettled
		}
		before, err := d.runtime.store.Summary(ctx)
		if err != nil {
			return err.Error()
		}
		if _, err := runSweeps(ctx, d.runtime, sweepRequest{Kind: sweep.Recent}, func(any) {}); err != nil {
			if !sleep(ctx, settleSweepPause) {
				return "the last sweep: " + err.Error()
			}
			continue
		}
		if unsettled = d.quiet(ctx); unsettled != "" {
			return unsettled
		}
		after, err := d.runtime.store.Summary(ctx)
		if err != nil {
			return err.Error()
		}
		if after.Entries == before.Entries {
			return ""
		}
	}
}

// quiet waits until nothing is on its way or wanted; it returns what still is when ctx ends.
func (d *demo) quiet(ctx context.Context) (busy string) {
	for {
		if err := d.shops.idle(ctx); err != nil {
			return "webhooks are still on their way"
		}
		busy, err := d.runtime.busy(ctx)
		if err == nil && busy == "" {
			return ""
		}
		if !sleep(ctx, settlePoll) {
			if err != nil {
				return err.Error()
			}
			return busy
		}
	}
}

// busy says what is still to be done; "" for nothing.
func (r *runtime) busy(ctx context.Context) (string, error) {
	var parts []string
	lag, err := r.lag(ctx)
	if err != nil {
		return "", err
	}
	if lag > 0 {
		parts = append(parts, fmt.Sprintf("%d events not applied yet", lag))
	}
	sum, err := r.store.Summary(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range r.channels {
		if w := sum.Wishes[c.name]; w != (ledger.Wishes{}) {
			parts = append(parts, fmt.Sprintf("%s wants %d reads, %d pushes, %d orders", c.name, w.Reads, w.Pushes, w.Resources))
		}
	}
	if sum.OpenCalls > 0 {
		parts = append(parts, fmt.Sprintf("%d calls without a definite answer", sum.OpenCalls))
	}
	if n := sum.Refs[ledger.SetAside]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d refs set aside for a person", n))
	}
	if len(parts) == 0 {
		return "", nil
	}
	brakes, err := engagedBrakes(ctx, r.store, r.now())
	for _, brake := range brakes {
		parts = append(parts, fmt.Sprintf("the brake %q holds %s", brake.Kind, brake.ID))
	}
	return strings.Join(parts, "; "), err
}

// lag counts the events on the stream that the ledger has not consumed.
func (r *runtime) lag(ctx context.Context) (lag int64, err error) {
	partitions, err := r.broker.embedded.Partitions(stream.Events)
	if err != nil {
		return 0, fmt.Errorf("describing the stream: %w", err)
	}
	offsets, err := r.store.Cursors(ctx, stream.Events)
	if err != nil {
		return 0, err
	}
	for _, p := range partitions {
		lag += p.HighWater - max(offsets[p.Partition], p.First)
	}
	return lag, nil
}

// sleep waits and reports whether ctx goes on.
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
