package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func baselineCommand(c *cli) *cobra.Command {
	baseline := &cobra.Command{Use: "baseline", Short: "First sync: look, then do"}
	var authority string
	plan := &cobra.Command{Use: "plan", Short: "Say what baseline apply would open and push; writes nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.planBaseline(cmd.Context(), authority) }}
	apply := &cobra.Command{Use: "apply", Short: "Take the baselines, open the shelves and start to converge", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.applyBaseline(cmd.Context(), authority) }}
	for _, cmd := range []*cobra.Command{plan, apply} {
		cmd.Flags().StringVar(&authority, "authority", "", "the channel whose counts are right (required)")
	}
	dryRun := apply.Flags().Bool("dry-run", false, "the same as baseline plan")
	applyFor := apply.RunE
	apply.RunE = func(cmd *cobra.Command, args []string) error {
		if *dryRun {
			return plan.RunE(cmd, args)
		}
		return applyFor(cmd, args)
	}
	baseline.AddCommand(plan, apply)
	return baseline
}

type baselineRequest struct {
	Authority string `json:"authority"`
}

// baselined says how a baseline went.
type baselined struct {
	Refs    int `json:"refs"`
	Taken   int `json:"taken"`
	Waiting int `json:"waiting"`
	Missing int `json:"missing"`
	// PushesLeft counts shelves whose pushes are still wanted, held by a brake or on their way.
	PushesLeft int `json:"pushes_left"`
}

func (b baselined) String() string {
	if b.Refs == 0 {
		return "nothing to do: every linked counter has its baseline (evenstock link list)"
	}
	text := fmt.Sprintf("%d of %s taken", b.Taken, plural(b.Refs, "baseline"))
	if b.Missing > 0 {
		text += fmt.Sprintf(", %s without a count: see evenstock stock", plural(b.Missing, "counter"))
	}
	if b.PushesLeft > 0 {
		text += fmt.Sprintf(", shelves still to be pushed: %d (see evenstock brakes and evenstock status)", b.PushesLeft)
	}
	return text
}

func (c *cli) applyBaseline(ctx context.Context, authority string) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if err := checkAuthority(cfg, authority); err != nil {
		return err
	}
	progress, end := c.progress()
	result, err := do[baselined](ctx, c, "/baseline/apply", baselineRequest{Authority: authority}, progress)
	end()
	if err != nil {
		return err
	}
	return c.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, result)
		return err
	})
}

const (
	// bookedOrders is how far back orders are listed before a first sync: Shopify shows the last 60 days to an app with
	// read_orders.
	bookedOrders = 60 * 24 * time.Hour
	// baselinePoll is how often an apply looks how far it is; baselinePushWait is how long it waits for the pushes that follow.
	baselinePoll     = 200 * time.Millisecond
	baselinePushWait = 30 * time.Second
	// baselinePass is how long pushes may pass the mass change brake after a person applied a baseline.
	baselinePass = time.Hour
	// baselineBatch is how many wishes one transaction stores.
	baselineBatch = 500
)

// applyBaseline books the order counters, wishes for every baseline, and waits until they are taken.
func applyBaseline(ctx context.Context, r *runtime, request baselineRequest, progress func(any)) (any, error) {
	if err := checkAuthority(r.cfg, request.Authority); err != nil {
		return nil, err
	}
	total := 0
	for _, c := range r.channels {
		ordersFrom, err := r.bookOrders(ctx, c, progress)
		if err != nil {
			return nil, err
		}
		wanted, err := r.wantBaselines(ctx, c, stock.Channel(request.Authority), ordersFrom)
		if err != nil {
			return nil, err
		}
		total += wanted
	}
	return r.awaitBaselines(ctx, total, progress)
}

// bookOrders lists the orders that a platform without history shows, so that their counters are known before the baseline
// contains them. It returns when it began, by the platform's clock.
func (r *runtime) bookOrders(ctx context.Context, c channel, progress func(any)) (time.Time, error) {
	if c.adapter.Traits().History {
		return time.Time{}, nil
	}
	if _, err := c.adapter.Locations(ctx); err != nil {
		return time.Time{}, fmt.Errorf("learning the clock of %s: %w", c.name, err)
	}
	began := c.adapter.PlatformNow()
	cursor, orders := "", 0
	for {
		page, err := c.adapter.ListMovements(ctx, began.Add(-bookedOrders), cursor)
		if err != nil {
			return began, fmt.Errorf("listing the orders of %s: %w", c.name, err)
		}
		var inputs []ledger.Input
		for i := range page.Orders {
			inputs = append(inputs, ledger.Delivered{Booking: true, Event: stock.Event{
				ID: "baseline/order/" + page.Orders[i].ID, Channel: c.name, Topic: "baseline", ObservedAt: r.now(), Order: &page.Orders[i]}})
		}
		if _, err := r.store.Apply(ctx, r.step, ledger.Batch{At: r.now(), Inputs: inputs}); err != nil {
			return began, err
		}
		if orders += len(page.Orders); orders > 0 {
			progress(fmt.Sprintf("%s: %d orders booked", c.name, orders))
		}
		if cursor = page.Next; cursor == "" {
			return began, nil
		}
	}
}

func (r *runtime) wantBaselines(ctx context.Context, c channel, authority stock.Channel, ordersFrom time.Time) (int, error) {
	var inputs []ledger.Input
	for ref, err := range ledger.AllRefs(ctx, r.store, ledger.RefFilter{Channel: c.name}) {
		if err != nil {
			return 0, err
		}
		if ref.State.Status == ledger.Linked {
			inputs = append(inputs, ledger.WantBaseline{Ref: ref.State.Ref, Authority: c.name == authority && !ref.Opened, OrdersFrom: ordersFrom})
		}
	}
	if len(inputs) == 0 {
		return 0, nil
	}
	now := r.now()
	pass := ledger.EngageBrake{Brake: ledger.Brake{ID: fmt.Sprintf("mass-change/%s/baseline/%d", c.name, now.UnixNano()), Kind: ledger.MassChange,
		Channel: c.name, Since: now, ReleasedAt: now, ReleasedBy: "baseline apply", PassUntil: now.Add(baselinePass)}}
	for chunk := range slices.Chunk(append([]ledger.Input{pass}, inputs...), baselineBatch) {
		receipt, err := r.store.Apply(ctx, r.step, ledger.Batch{At: now, Inputs: chunk})
		if err != nil {
			return 0, err
		}
		r.waker.Wake(receipt.Wanted...)
	}
	return len(inputs), nil
}

// awaitBaselines waits until every baseline is taken or known to be missing, and then for the pushes that follow.
func (r *runtime) awaitBaselines(ctx context.Context, total int, progress func(any)) (baselined, error) {
	ticker := time.NewTicker(baselinePoll)
	defer ticker.Stop()
	var said string
	var deadline time.Time
	for {
		state, err := r.baselineState(ctx, total)
		if err != nil {
			return state, err
		}
		text := fmt.Sprintf("%d of %d baselines taken, %d shelves to push", state.Taken, total, state.PushesLeft) + r.failing()
		if text != said {
			progress(text)
			said = text
		}
		if state.Waiting == 0 {
			if deadline.IsZero() {
				deadline = r.now().Add(baselinePushWait)
			}
			if state.PushesLeft == 0 || r.now().After(deadline) {
				return state, nil
			}
		}
		select {
		case <-ctx.Done():
			return state, ctx.Err()
		case <-ticker.C:
		}
	}
}

// failing names the channels that cannot be worked for, and why.
func (r *runtime) failing() (text string) {
	for _, status := range r.merchant.Workers() {
		if status.Error != "" {
			text += fmt.Sprintf("; %s fails: %s", status.Channel, status.Error)
		}
	}
	return text
}

func (r *runtime) baselineState(ctx context.Context, total int) (baselined, error) {
	state := baselined{Refs: total}
	for ref, err := range ledger.AllRefs(ctx, r.store, ledger.RefFilter{}) {
		if err != nil {
			return state, err
		}
		if wish := ref.Work.Baseline; wish != nil {
			if wish.Missing {
				state.Missing++
			} else {
				state.Waiting++
			}
		}
	}
	state.Taken = max(0, total-state.Waiting-state.Missing)
	for _, c := range r.channels {
		load, err := r.store.WantedPushes(ctx, c.name)
		if err != nil {
			return state, err
		}
		state.PushesLeft += load.Shelves
	}
	return state, nil
}
