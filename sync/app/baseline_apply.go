package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// BaselineRequest asks for a first sync.
type BaselineRequest struct {
	// Authority is the channel whose counts are right.
	Authority stock.Channel `json:"authority"`
	// Plan is the id of the plan that is to be done, or its first half; when the counters or links are such that another one would
	// be, nothing is done. Empty: whatever is the plan.
	Plan string `json:"plan,omitempty"`
	// Shown is what the plan read that a person has seen (BaselinePlan.Shown). When a counter shows something else by now, and no sale that
	// the channel tells of says why, nothing is done: they are asked again. Null: nobody has seen one.
	Shown []ShownCounts `json:"shown,omitzero"`
	// Confirmed says that a person has seen how much would be changed, where it is more than the mass change brake lets pass.
	Confirmed bool `json:"confirmed,omitempty"`
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
	// baselinePoll is how often an apply looks how far it is, baselinePollSoon how often when no more than baselineFew refs are left.
	baselinePoll     = time.Second
	baselinePollSoon = 100 * time.Millisecond
	baselineFew      = 500
	// baselinePushWait is how long it waits for the pushes that follow.
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
	return a.store(ctx, JobBaseline, by, request, a.baseline(request, false))
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
	return a.baseline(request, true), err
}

// baseline does what the plan says, which is made once more, or stops. One that goes on after a crash goes on with the plan that it began
// with: where every wish is stored, they hold what was planned; else that plan must be what would be done now.
func (a *App) baseline(request BaselineRequest, resumed bool) work {
	return func(ctx context.Context, job *Job, progress func(string)) error {
		var begun begunBaseline
		var err error
		if resumed {
			if begun, err = a.begun(ctx, job.ID); err != nil {
				return err
			}
		}
		if begun.Refs == 0 {
			if begun.Refs, err = a.beginBaseline(ctx, job.ID, request, begun, progress); err != nil {
				return err
			}
		}
		result, err := a.awaitBaselines(ctx, begun.Refs, progress)
		job.Baseline = &result
		return err
	}
}

// beginBaseline plans, books the orders and wishes for every baseline. It returns how many there are.
func (a *App) beginBaseline(ctx context.Context, job string, request BaselineRequest, begun begunBaseline, progress func(string)) (int, error) {
	plan, err := a.checkPlan(ctx, request, begun)
	if err != nil {
		return 0, err
	}
	if begun.Job != job {
		if begun, err = a.beginsNow(ctx, job); err != nil {
			return 0, err
		}
	}
	begun.Plan = plan.ID
	if err := a.keepBegun(ctx, begun); err != nil {
		return 0, err
	}
	ordersFrom := map[stock.Channel]time.Time{}
	for _, c := range a.Channels {
		from, err := a.bookOrders(ctx, c, progress)
		if err != nil {
			return 0, err
		}
		ordersFrom[c.Name] = plan.readFrom(c.Name, from)
	}
	if !plan.fresh(a.Now()) {
		if err := a.checkPlanHolds(ctx, request, plan); err != nil {
			return 0, err
		}
	}
	total, err := a.wantBaselines(ctx, request.Authority, ordersFrom, plan)
	if err != nil {
		return 0, err
	}
	begun.Refs = total
	return total, a.keepBegun(ctx, begun)
}

// bookOrders lists the orders that a platform without history shows, so that their counters are known before the baseline
// contains them. It returns when it began, by the platform's clock.
func (a *App) bookOrders(ctx context.Context, c Channel, progress func(string)) (time.Time, error) {
	if c.Traits.History {
		return time.Time{}, nil
	}
	ctx = stock.InLane(ctx, stock.ConfirmingReads) // a person waits
	if _, err := c.Platform.Locations(ctx); err != nil {
		return time.Time{}, unanswered(c.Name, fmt.Sprintf("learning the clock of %s", c.Name), err)
	}
	began := c.Platform.PlatformNow()
	cursor, orders := "", 0
	for {
		page, err := c.Platform.ListMovements(ctx, began.Add(-bookedOrders), cursor)
		if err != nil {
			return began, unanswered(c.Name, fmt.Sprintf("listing the orders of %s", c.Name), err)
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
			progress(fmt.Sprintf("%s: %s booked", c.Name, stock.Plural(orders, "order")))
		}
		if cursor = page.Next; cursor == "" {
			return began, nil
		}
	}
}

// wantBaselines wishes for every baseline that the plan has.
func (a *App) wantBaselines(ctx context.Context, authority stock.Channel, ordersFrom map[stock.Channel]time.Time, plan *BaselinePlan) (int, error) {
	planned, seen := plan.pushes(), plan.seen()
	wishes := map[stock.Shelf][]ledger.Input{}
	shelfOf := map[stock.Ref]stock.Shelf{}
	wanted := map[stock.Channel]bool{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return 0, err
		}
		name, shelf := ref.State.Ref, ref.State.Shelf
		from, configured := ordersFrom[name.Channel]
		wants, opens := wantsBaseline(ref, authority)
		if !wants || !configured {
			continue
		}
		wanted[name.Channel], shelfOf[name] = true, shelf
		input := ledger.WantBaseline{Ref: name, Authority: opens, OrdersFrom: from, Seen: seen[name].reading, SeenAt: seen[name].at}
		if opens {
			input.Pushes = planned[shelf]
			wishes[shelf] = append(wishes[shelf], input)
		} else {
			wishes[shelf] = slices.Insert(wishes[shelf], 0, ledger.Input(input))
		}
	}
	if !maps.Equal(shelfOf, plan.wanted(ordersFrom)) {
		return 0, &Error{Kind: Conflict, What: fmt.Sprintf("links have changed since the plan %s was made, and no shelf was opened", plan.ID), Remedy: RemedyPlan}
	}
	for _, batch := range append([][]ledger.Input{a.baselinePasses(wanted, plan)}, byShelf(wishes)...) {
		if len(batch) == 0 {
			continue
		}
		if _, err := a.apply(ctx, batch...); err != nil {
			return 0, err
		}
	}
	return len(shelfOf), nil
}

// byShelf makes batches of wishes, those of one shelf in one: a counter that is read before the wish for another is known would open the
// shelf too early, or with a part of the sum. The ledger loads a shelf with all its counters, so they come together for less, too.
func byShelf(wishes map[stock.Shelf][]ledger.Input) (batches [][]ledger.Input) {
	for _, shelf := range slices.SortedFunc(maps.Keys(wishes), stock.Shelf.Compare) {
		last := len(batches) - 1
		if last < 0 || len(batches[last])+len(wishes[shelf]) > baselineBatch {
			batches, last = append(batches, nil), last+1
		}
		batches[last] = append(batches[last], wishes[shelf]...)
	}
	return batches
}

// baselinePasses let what the plan pushes pass the mass change brake for a while: a person has said that it is meant so.
func (a *App) baselinePasses(channels map[stock.Channel]bool, plan *BaselinePlan) []ledger.Input {
	var passes []ledger.Input
	now := a.Now()
	for _, channel := range slices.Sorted(maps.Keys(channels)) {
		shown := plan.shown(channel)
		passes = append(passes, ledger.EngageBrake{Brake: ledger.Brake{ID: fmt.Sprintf("mass-change/%s/baseline/%d", channel, now.UnixNano()), Kind: ledger.MassChange,
			Channel: channel, Quantity: shown.Before, Stocked: shown.Stocked, Since: now, ReleasedAt: now, ReleasedBy: "baseline apply", PassUntil: now.Add(baselinePass), Baseline: true}})
	}
	return passes
}

// awaitBaselines waits until every baseline is taken or known to be missing, and then for the pushes that follow.
func (a *App) awaitBaselines(ctx context.Context, total int, progress func(string)) (BaselineResult, error) {
	var deadline time.Time
	for {
		state, err := a.baselineState(ctx, total)
		if err != nil {
			return state, err
		}
		progress(state.progress() + a.failing())
		if state.Waiting == 0 {
			if deadline.IsZero() {
				deadline = a.Now().Add(baselinePushWait)
			}
			if state.PushesLeft == 0 || a.Now().After(deadline) {
				return state, nil
			}
		}
		pause := baselinePoll
		if state.Waiting+state.PushesLeft <= baselineFew {
			pause = baselinePollSoon
		}
		select {
		case <-ctx.Done():
			return state, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// progress says how far a baseline is. What has to be pushed is known of open shelves only, so nothing is left when every baseline is taken.
func (b BaselineResult) progress() string {
	text := fmt.Sprintf("%d of %s taken", b.Taken, stock.Plural(b.Refs, "baseline"))
	switch {
	case b.PushesLeft > 0:
		text += fmt.Sprintf(", %s still to be pushed", stock.Plural(b.PushesLeft, "counter"))
	case b.Waiting == 0:
		text += ", nothing is left to push"
	}
	return text
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
	left, err := a.Ledger.BaselineProgress(ctx)
	if err != nil {
		return BaselineResult{Refs: total}, err
	}
	waiting, missing := int(left.Waiting), int(left.Missing)
	return BaselineResult{Refs: total, Taken: max(0, total-waiting-missing), Waiting: waiting, Missing: missing, PushesLeft: int(left.PushesLeft)}, nil
}
