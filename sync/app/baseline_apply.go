package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// BaselineRequest asks for a first sync.
type BaselineRequest struct {
	// Authority is the channel whose counts are right.
	Authority stock.Channel `json:"authority"`
}

// BaselineResult says how a baseline went.
type BaselineResult struct {
	Refs    int `json:"refs"`
	Taken   int `json:"taken"`
	Waiting int `json:"waiting"`
	Missing int `json:"missing"`
	// PushesLeft counts counters whose pushes are still wanted, held by a brake or on their way.
	PushesLeft int `json:"pushes_left"`
}

const (
	// bookedOrders is how far back orders are listed before a first sync: Shopify shows the last 60 days to an app with
	// read_orders.
	bookedOrders = 60 * 24 * time.Hour
	// baselinePoll is how often an apply looks how far it is; baselinePushWait is how long it waits for the pushes that follow.
	baselinePoll     = 200 * time.Millisecond
	baselinePushWait = 30 * time.Second
	// baselinePass is how long the pushes of a baseline may pass the mass change brake after a person applied it.
	baselinePass = time.Hour
	// baselineBatch is how many wishes one transaction stores.
	baselineBatch = 500
)

// ApplyBaseline begins to take the baselines: it books the order counters, wishes for every baseline, and waits until they are
// taken and what follows is pushed.
func (a *App) ApplyBaseline(ctx context.Context, by Actor, request BaselineRequest) (Job, error) {
	if err := a.checkAuthority(request.Authority); err != nil {
		return Job{}, err
	}
	return a.store(ctx, JobBaseline, by, request, a.baseline(request))
}

func (a *App) checkAuthority(name stock.Channel) error {
	if _, err := a.channel(name); err != nil {
		return &Error{Kind: Invalid, What: "the authority must be the channel whose counts are right", Remedy: RemedyNameChannel, Meant: a.channelNames()}
	}
	return nil
}

func (a *App) baselineFrom(raw json.RawMessage) (work, error) {
	var request BaselineRequest
	err := json.Unmarshal(raw, &request)
	return a.baseline(request), err
}

func (a *App) baseline(request BaselineRequest) work {
	return func(ctx context.Context, job *Job, progress func(string)) error {
		total := 0
		// The authority last: a shelf that it opened before the others are wished for would make them wait to join.
		channels := slices.Clone(a.Channels)
		slices.SortStableFunc(channels, func(a, b Channel) int {
			return map[bool]int{true: 1}[a.Name == request.Authority] - map[bool]int{true: 1}[b.Name == request.Authority]
		})
		for _, c := range channels {
			ordersFrom, err := a.bookOrders(ctx, c, progress)
			if err != nil {
				return err
			}
			wanted, err := a.wantBaselines(ctx, c, request.Authority, ordersFrom)
			if err != nil {
				return err
			}
			total += wanted
		}
		result, err := a.awaitBaselines(ctx, total, progress)
		job.Baseline = &result
		return err
	}
}

// bookOrders lists the orders that a platform without history shows, so that their counters are known before the baseline
// contains them. It returns when it began, by the platform's clock.
func (a *App) bookOrders(ctx context.Context, c Channel, progress func(string)) (time.Time, error) {
	if c.Traits.History {
		return time.Time{}, nil
	}
	if _, err := c.Platform.Locations(ctx); err != nil {
		return time.Time{}, fmt.Errorf("learning the clock of %s: %w", c.Name, err)
	}
	began := c.Platform.PlatformNow()
	cursor, orders := "", 0
	for {
		page, err := c.Platform.ListMovements(ctx, began.Add(-bookedOrders), cursor)
		if err != nil {
			return began, fmt.Errorf("listing the orders of %s: %w", c.Name, err)
		}
		var inputs []ledger.Input
		for i := range page.Orders {
			inputs = append(inputs, ledger.Delivered{Booking: true, Event: stock.Event{
				ID: "baseline/order/" + page.Orders[i].ID, Channel: c.Name, Topic: "baseline", ObservedAt: a.Now(), Order: &page.Orders[i]}})
		}
		if _, err := a.Ledger.Apply(ctx, a.Step, ledger.Batch{At: a.Now(), Inputs: inputs}); err != nil {
			return began, err
		}
		if orders += len(page.Orders); orders > 0 {
			progress(fmt.Sprintf("%s: %d orders booked", c.Name, orders))
		}
		if cursor = page.Next; cursor == "" {
			return began, nil
		}
	}
}

func (a *App) wantBaselines(ctx context.Context, c Channel, authority stock.Channel, ordersFrom time.Time) (int, error) {
	var inputs []ledger.Input
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{Channel: c.Name}) {
		if err != nil {
			return 0, err
		}
		opens := c.Name == authority && !ref.Opened
		if ref.State.Status == ledger.Linked || opens && ref.State.Status != ledger.Unlinked {
			inputs = append(inputs, ledger.WantBaseline{Ref: ref.State.Ref, Authority: opens, OrdersFrom: ordersFrom})
		}
	}
	if len(inputs) == 0 {
		return 0, nil
	}
	now := a.Now()
	pass := ledger.EngageBrake{Brake: ledger.Brake{ID: fmt.Sprintf("mass-change/%s/baseline/%d", c.Name, now.UnixNano()), Kind: ledger.MassChange,
		Channel: c.Name, Since: now, ReleasedAt: now, ReleasedBy: "baseline apply", PassUntil: now.Add(baselinePass), Baseline: true}}
	for chunk := range slices.Chunk(append([]ledger.Input{pass}, inputs...), baselineBatch) {
		if _, err := a.apply(ctx, chunk...); err != nil {
			return 0, err
		}
	}
	return len(inputs), nil
}

// awaitBaselines waits until every baseline is taken or known to be missing, and then for the pushes that follow.
func (a *App) awaitBaselines(ctx context.Context, total int, progress func(string)) (BaselineResult, error) {
	ticker := time.NewTicker(baselinePoll)
	defer ticker.Stop()
	var deadline time.Time
	for {
		state, err := a.baselineState(ctx, total)
		if err != nil {
			return state, err
		}
		progress(fmt.Sprintf("%d of %d baselines taken, %d shelves to push", state.Taken, total, state.PushesLeft) + a.failing())
		if state.Waiting == 0 {
			if deadline.IsZero() {
				deadline = a.Now().Add(baselinePushWait)
			}
			if state.PushesLeft == 0 || a.Now().After(deadline) {
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
func (a *App) failing() (text string) {
	for _, worker := range a.Workers() {
		if worker.Error != "" {
			text += fmt.Sprintf("; %s fails: %s", worker.Channel, worker.Error)
		}
	}
	return text
}

func (a *App) baselineState(ctx context.Context, total int) (BaselineResult, error) {
	state := BaselineResult{Refs: total}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
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
		if ref.Work.Push && ref.State.Status == ledger.Live && ref.Opened {
			state.PushesLeft++
		}
	}
	state.Taken = max(0, total-state.Waiting-state.Missing)
	return state, nil
}
