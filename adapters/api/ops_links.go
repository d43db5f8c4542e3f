package api

import (
	"context"
	"net/http"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// linksMax bounds a request to link, or to apply the baseline of what is linked, in bytes: a link file of 50,000 items is about 10 MB.
const linksMax = 32 << 20

func links() operation {
	return query(Operation{ID: "list-links", Method: http.MethodGet, Path: "/v1/links", Scope: ScopeRead, Access: Ledger,
		Summary: "List which items of the channels belong together", Example: []app.Link{{LinkRow: exampleRow, Locations: exampleLinked}}},
		func(ctx context.Context, a *app.App, _ *struct{}) ([]app.Link, error) { return a.Links(ctx) })
}

func suggestLinks() operation {
	return query(Operation{ID: "suggest-links", Method: http.MethodGet, Path: "/v1/links/suggestion", Scope: ScopeRead, Access: Ledger | Platforms | First,
		Summary: "Propose links by equal SKU or barcode; what only looks equal, duplicates and missing SKUs are listed, never guessed",
		Example: exampleSuggestion},
		func(ctx context.Context, a *app.App, _ *struct{}) (app.Suggestion, error) { return a.SuggestLinks(ctx) })
}

// LinkInput is the request of import-links.
type LinkInput struct{ Body app.LinkRequest }

func importLinks() operation {
	return act(Operation{ID: "import-links", Method: http.MethodPost, Path: "/v1/links", Scope: ScopeSetUp, Access: decide | First, BodyMax: linksMax,
		Summary: "Tie items of the channels to shelves; a row that fails a check is named and the others go on", Example: exampleImported},
		func(ctx context.Context, a *app.App, by app.Actor, in *LinkInput) (app.LinkResult, error) {
			return a.ImportLinks(ctx, by, in.Body)
		})
}

// ExtendInput is the request of extend-links.
type ExtendInput struct{ Body app.ExtendRequest }

func extendLinks() operation {
	return query(Operation{ID: "extend-links", Method: http.MethodPost, Path: "/v1/links/extend", Scope: ScopeSetUp, Access: decide,
		Summary: "Tie linked items at the configured locations where they have no counter yet", Example: app.LinkResult{Refs: 12, Items: 12, Before: 24}},
		func(ctx context.Context, a *app.App, in *ExtendInput) (app.LinkResult, error) {
			return a.ExtendLinks(ctx, in.Body)
		})
}

// UnlinkInput is the request of unlink.
type UnlinkInput struct{ Body app.UnlinkRequest }

func unlink() operation {
	return query(Operation{ID: "unlink", Method: http.MethodPost, Path: "/v1/links/remove", Scope: ScopeSetUp, Access: decide,
		Summary: "Unlink a channel's item; posts nothing", Example: app.LinkResult{Refs: 1}},
		func(ctx context.Context, a *app.App, in *UnlinkInput) (app.LinkResult, error) {
			return a.Unlink(ctx, in.Body)
		})
}

func waitingRefs() operation {
	return query(Operation{ID: "list-waiting", Method: http.MethodGet, Path: "/v1/links/waiting", Scope: ScopeRead, Access: Ledger,
		Summary: "List items that wait to join a shelf, for their count is another than its level", Example: []app.WaitingRef{exampleWaiting}},
		func(ctx context.Context, a *app.App, _ *struct{}) ([]app.WaitingRef, error) {
			return a.WaitingRefs(ctx)
		})
}

// JoinInput is the request of join-shelf.
type JoinInput struct{ Body app.JoinRequest }

func joinShelf() operation {
	return act(Operation{ID: "join-shelf", Method: http.MethodPost, Path: "/v1/links/join", Scope: ScopeOperate, Access: decide,
		Summary: "Say what the count of an item means that waits to join a shelf", Example: []app.Joined{exampleJoined}},
		func(ctx context.Context, a *app.App, by app.Actor, in *JoinInput) ([]app.Joined, error) {
			return a.Join(ctx, by, in.Body)
		})
}

// PlanInput is the query of plan-baseline.
type PlanInput struct {
	Authority string `query:"authority" required:"true" doc:"the channel whose counts are right"`
}

func planBaseline() operation {
	return query(Operation{ID: "plan-baseline", Method: http.MethodGet, Path: "/v1/baseline/plan", Scope: ScopeRead, Access: Ledger | Platforms,
		Summary: "Say what a baseline would open and push; writes nothing", Example: examplePlan},
		func(ctx context.Context, a *app.App, in *PlanInput) (app.BaselinePlan, error) {
			return a.PlanBaseline(ctx, app.BaselineRequest{Authority: stock.Channel(in.Authority)})
		})
}

// BaselineInput is the request of apply-baseline.
type BaselineInput struct{ Body app.BaselineRequest }

func applyBaseline() operation {
	return act(Operation{ID: "apply-baseline", Method: http.MethodPost, Path: "/v1/baseline", Scope: ScopeSetUp, Access: whole, Status: http.StatusAccepted, BodyMax: linksMax,
		Summary: "Begin to take the baselines, open the shelves and converge; a job", Example: exampleBaseline},
		func(ctx context.Context, a *app.App, by app.Actor, in *BaselineInput) (app.Job, error) {
			return a.ApplyBaseline(ctx, by, in.Body)
		})
}

// CancelInput is the body of cancel-baseline.
type CancelInput struct{ Body app.CancelRequest }

func cancelBaseline() operation {
	return act(Operation{ID: "cancel-baseline", Method: http.MethodPost, Path: "/v1/baseline/cancel", Scope: ScopeSetUp, Access: decide,
		Summary: "Give up a first sync that is under way; what it opened stays open", Example: exampleCancelled},
		func(ctx context.Context, a *app.App, by app.Actor, in *CancelInput) (app.CancelledBaseline, error) {
			return a.CancelBaseline(ctx, by, in.Body)
		})
}
