package api

import (
	"context"
	"net/http"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func brakes() operation {
	return query(Operation{ID: "list-brakes", Method: http.MethodGet, Path: "/v1/brakes", Scope: ScopeRead, Access: Ledger,
		Summary: "List what holds pushes back, with evidence", Example: []app.Brake{exampleBrake}},
		func(ctx context.Context, a *app.App, _ *struct{}) ([]app.Brake, error) { return a.Brakes(ctx) })
}

// ReleaseInput is the request of release-brake.
type ReleaseInput struct{ Body app.ReleaseRequest }

func releaseBrake() operation {
	return act(Operation{ID: "release-brake", Method: http.MethodPost, Path: "/v1/brakes/release", Scope: ScopeOperate, Access: decide,
		Summary: "Let the pushes of a brake pass", Example: exampleRelease},
		func(ctx context.Context, a *app.App, by app.Actor, in *ReleaseInput) (app.ReleaseResult, error) {
			return a.ReleaseBrake(ctx, by, in.Body)
		})
}

func setAsidePushes() operation {
	return query(Operation{ID: "list-set-aside", Method: http.MethodGet, Path: "/v1/pushes/set-aside", Scope: ScopeRead, Access: Ledger,
		Summary: "List pushes that only a person can settle",
		Example: []app.SetAsidePush{{Ref: exampleRef, SKU: exampleItem.SKU, Call: exampleCall, Delta: -stock.Unit}}},
		func(ctx context.Context, a *app.App, _ *struct{}) ([]app.SetAsidePush, error) {
			return a.SetAsidePushes(ctx)
		})
}

// ResolveInput is the request of resolve-push.
type ResolveInput struct{ Body app.ResolveRequest }

func resolvePush() operation {
	return act(Operation{ID: "resolve-push", Method: http.MethodPost, Path: "/v1/pushes/resolve", Scope: ScopeOperate, Access: decide,
		Summary: "Say whether a push was applied", Example: app.ResolveResult{Refs: []stock.Ref{exampleRef}}},
		func(ctx context.Context, a *app.App, by app.Actor, in *ResolveInput) (app.ResolveResult, error) {
			return a.ResolvePush(ctx, by, in.Body)
		})
}

// JobInput names a job.
type JobInput struct {
	ID string `path:"id"`
}

func job() operation {
	return query(Operation{ID: "get-job", Method: http.MethodGet, Path: "/v1/jobs/{id}", Scope: ScopeRead, Access: Ledger,
		Summary: "Say how far a job is, and what came of it", Example: exampleBaseline},
		func(ctx context.Context, a *app.App, in *JobInput) (app.Job, error) { return a.Job(ctx, in.ID) })
}

// SweepInput is the request of run-sweep.
type SweepInput struct{ Body app.SweepRequest }

func runSweep() operation {
	return act(Operation{ID: "run-sweep", Method: http.MethodPost, Path: "/v1/sweeps", Scope: ScopeOperate, Access: whole, Status: http.StatusAccepted,
		Summary: "Begin to sweep channels; a job", Example: exampleSweep},
		func(ctx context.Context, a *app.App, by app.Actor, in *SweepInput) (app.Job, error) {
			return a.Sweep(ctx, by, in.Body)
		})
}

func verifyLedger() operation {
	return act(Operation{ID: "verify-ledger", Method: http.MethodPost, Path: "/v1/ledger/verify", Scope: ScopeRead, Access: Ledger, Status: http.StatusAccepted,
		Summary: "Begin to recompute everything from the entries and compare; writes nothing; a job", Example: exampleVerify},
		func(ctx context.Context, a *app.App, by app.Actor, _ *struct{}) (app.Job, error) {
			return a.Verify(ctx, by)
		})
}

func rebuildLedger() operation {
	return act(Operation{ID: "rebuild-ledger", Method: http.MethodPost, Path: "/v1/ledger/rebuild", Scope: ScopeMaintain, Access: Own, Status: http.StatusAccepted,
		Summary: "Begin to write balances and states anew from the entries, then verify; a job", Example: exampleVerify},
		func(ctx context.Context, a *app.App, by app.Actor, _ *struct{}) (app.Job, error) {
			return a.Rebuild(ctx, by)
		})
}
