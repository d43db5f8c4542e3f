package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Shops go on selling while a baseline is planned, checked and taken. So it is compared with what a person has seen three times: at the
// start; when the orders are listed, if that took long; and when a shelf opens, where the mass change brake lets only what was planned pass
// (package reconcile). The first two let pass what was sold meanwhile, and nothing else; where nobody has seen a plan, and when a shelf
// opens, what brakes let pass of a day's work.

// checkPlan makes the plan, or takes the one that was made just now, and stops a baseline that would not be what a person has seen, or
// that changes more than the brake lets pass unseen; so too one that was interrupted and would not be what it began with.
func (a *App) checkPlan(ctx context.Context, request BaselineRequest, begun begunBaseline) (*BaselinePlan, error) {
	plan := a.recent.take(request, a.Now())
	if plan == nil {
		made, err := a.PlanBaseline(ctx, request)
		switch {
		case err != nil:
			return nil, err
		case !strings.HasPrefix(made.ID, request.Plan):
			return nil, &Error{Kind: Conflict, What: fmt.Sprintf("the plan is %s now, not %s: counters or links have changed, and nothing was done", made.ID, request.Plan), Remedy: RemedyPlan}
		case begun.Plan != "" && !begun.isPlan(made, request):
			return nil, &Error{Kind: Conflict, Remedy: RemedyPlan, What: fmt.Sprintf(
				"it was interrupted before all of its plan %s was begun, and the plan is %s now: counters or links have changed, and no more of it is done", begun.Plan, made.ID)}
		}
		plan = &made
	}
	if request.Shown != nil { // also where the plan was made just now: somebody else may have asked for it
		if err := a.shownStill(ctx, request.Shown, plan, "nothing was done"); err != nil {
			return nil, err
		}
	}
	return plan, seen(request, *plan)
}

// isPlan says whether a plan is the one that a baseline began with. Where the numbers are compared with those that a person has seen, it
// need only decide the same.
func (begun begunBaseline) isPlan(plan BaselinePlan, request BaselineRequest) bool {
	return plan.ID == begun.Plan || request.Shown != nil && decided(plan) == decided(BaselinePlan{ID: begun.Plan})
}

// seen stops what is more than the brake lets pass, unless a person has seen it.
func seen(request BaselineRequest, plan BaselinePlan) error {
	if request.Confirmed || !plan.Summary.Exceeds() {
		return nil
	}
	return &Error{Kind: Refused, What: "it would change more than the mass change brake lets pass", Remedy: RemedyConfirm}
}

// checkPlanHolds makes the plan once more and stops a baseline whose counters show something else by now: where something else is
// decided of a shelf, where a person has seen what they showed, and where nobody has, so much else would be pushed that the brake would
// not let it pass.
func (a *App) checkPlanHolds(ctx context.Context, request BaselineRequest, plan *BaselinePlan) error {
	now, err := a.PlanBaseline(ctx, request)
	if err != nil {
		return err
	}
	if decided(*plan) != decided(now) {
		return &Error{Kind: Conflict, What: fmt.Sprintf("the plan is %s now, not %s: counters or links have changed, and no shelf was opened", now.ID, plan.ID), Remedy: RemedyPlan}
	}
	if request.Shown != nil || request.Plan == plan.ID {
		err = a.shownStill(ctx, plan.Shown, &now, "no shelf was opened")
	} else {
		err = a.driftHolds(plan, now)
	}
	if err != nil {
		return err
	}
	return seen(request, now)
}

// driftHolds stops a baseline that nobody has seen and that would push so much else by now that the brake would not let it pass.
func (a *App) driftHolds(plan *BaselinePlan, now BaselinePlan) error {
	for _, c := range a.Channels {
		if drift := plan.driftTo(now, c.Name); a.Limits.Exceeded(drift) {
			return &Error{Kind: Conflict, What: fmt.Sprintf("the counts have changed since the plan: what is pushed to %s would differ by %s units at %s, and no shelf was opened",
				c.Name, drift.Units, stock.Plural(drift.Shelves, "counter")), Remedy: RemedyPlan}
		}
	}
	return nil
}

// decided is the half of a plan's id that says nothing of numbers.
func decided(plan BaselinePlan) string {
	half, _, _ := strings.Cut(plan.ID, "-")
	return half
}

// driftTo adds up by how much other pushes to a channel a later plan with the same decisions has.
func (p *BaselinePlan) driftTo(now BaselinePlan, channel stock.Channel) ledger.PushLoad {
	drift := p.shown(channel)
	for i, shelf := range p.Shelves {
		for j, ref := range shelf.refs {
			if by := now.Shelves[i].refs[j].push - ref.push; by != 0 && ref.state.Ref.Channel == channel {
				drift.Add(by, ref.reading.Quantity+ref.push)
			}
		}
	}
	return drift
}

// shown is what a channel's counters show.
func (p *BaselinePlan) shown(channel stock.Channel) (load ledger.PushLoad) {
	for _, shelf := range p.Shelves {
		for _, ref := range shelf.refs {
			if ref.state.Ref.Channel == channel && ref.reading.Status == stock.Counted {
				load.AddBefore(ref.reading.Quantity)
			}
		}
	}
	return load
}

// pushes is what is planned to be pushed when a shelf opens.
func (p *BaselinePlan) pushes() map[stock.Shelf][]ledger.PlannedPush {
	pushes := map[stock.Shelf][]ledger.PlannedPush{}
	for _, shelf := range p.Shelves {
		pushes[shelf.name] = []ledger.PlannedPush{}
		for _, ref := range shelf.refs {
			if ref.pushes {
				pushes[shelf.name] = append(pushes[shelf.name], ref.planned())
			}
		}
	}
	return pushes
}

func (r plannedRef) planned() ledger.PlannedPush {
	return ledger.PlannedPush{Ref: r.state.Ref, Quantity: r.push}
}
