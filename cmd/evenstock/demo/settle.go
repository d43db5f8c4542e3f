package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
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
func (d *run) settle(ctx context.Context) (unsettled string) {
	ctx, cancel := context.WithTimeout(ctx, settleMax)
	defer cancel()
	if err := d.shops.SetFaults(shop.Faults{}); err != nil {
		return err.Error()
	}
	for {
		if unsettled = d.quiet(ctx); unsettled != "" {
			return unsettled
		}
		before, err := d.evenstock.Status(ctx)
		if err != nil {
			return err.Error()
		}
		if err := d.evenstock.Sweep(ctx); err != nil {
			if !shop.Sleep(ctx, settleSweepPause) {
				return "the last sweep: " + err.Error()
			}
			continue
		}
		if unsettled = d.quiet(ctx); unsettled != "" {
			return unsettled
		}
		after, err := d.evenstock.Status(ctx)
		if err != nil {
			return err.Error()
		}
		if after.Entries == before.Entries {
			return ""
		}
	}
}

// quiet waits until nothing is on its way or wanted; it returns what still is when ctx ends.
func (d *run) quiet(ctx context.Context) (unsettled string) {
	for {
		if err := d.shops.Idle(ctx); err != nil {
			return "webhooks are still on their way"
		}
		status, err := d.evenstock.Status(ctx)
		left := busy(status)
		if err == nil && left == "" {
			return ""
		}
		if !shop.Sleep(ctx, settlePoll) {
			if err != nil {
				return err.Error()
			}
			return left
		}
	}
}

// busy says what is still to be done; "" for nothing.
func busy(s Status) string {
	var parts []string
	if s.Lag > 0 {
		parts = append(parts, fmt.Sprintf("%d events not applied yet", s.Lag))
	}
	for _, w := range s.Wishes {
		parts = append(parts, fmt.Sprintf("%s wants %d reads, %d pushes, %d orders", w.Channel, w.Reads, w.Pushes, w.Orders))
	}
	if s.OpenCalls > 0 {
		parts = append(parts, fmt.Sprintf("%d calls without a definite answer", s.OpenCalls))
	}
	if s.SetAside > 0 {
		parts = append(parts, fmt.Sprintf("%d refs set aside for a person", s.SetAside))
	}
	if len(parts) == 0 {
		return ""
	}
	for _, brake := range s.Brakes {
		parts = append(parts, fmt.Sprintf("the brake %q holds %s", brake.Kind, brake.ID))
	}
	return strings.Join(parts, "; ")
}
