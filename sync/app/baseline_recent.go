package app

import (
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// recentPlan is the plan that was made last, as long as it is fresh: who looked at it and applies it at once need not have every counter
// read once more. It is no longer kept, for it holds every shelf of a shop.
type recentPlan struct {
	mu        sync.Mutex
	authority stock.Channel
	plan      *BaselinePlan
}

func (r *recentPlan) keep(authority stock.Channel, plan *BaselinePlan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.authority, r.plan = authority, plan
	time.AfterFunc(planFresh, func() { r.forget(plan) })
}

func (r *recentPlan) forget(plan *BaselinePlan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan == plan {
		r.plan = nil
	}
}

// take returns the plan that a request is about, and forgets it; nil: another one must be made. One who names the numbers of a plan wants
// them compared with those of now.
func (r *recentPlan) take(request BaselineRequest, now time.Time) *BaselinePlan {
	r.mu.Lock()
	defer r.mu.Unlock()
	plan := r.plan
	if plan == nil || request.Shown == nil || request.Plan != decided(*plan) || request.Authority != r.authority || !plan.fresh(now) {
		return nil
	}
	r.plan = nil
	return plan
}
