package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
)

var exampleMerchant = fleet.Merchant{Name: "bakery", State: "paused", Since: exampleTime, By: "ann", Declared: true}

// direct is an operation about the merchants of a process, of which what is stored keeps who did it.
func direct[In, Out any](op Operation, do func(ctx context.Context, f *fleet.Fleet, by app.Actor, in *In) (Out, error)) operation {
	return operation{op, func(api huma.API, h huma.Operation, to Parts) {
		huma.Register(api, h, func(ctx context.Context, in *In) (*answer[Out], error) {
			if to.Fleet == nil {
				return nil, problemOf(&app.Error{Kind: app.NotFound, What: "one merchant's operations know of no other merchant"})
			}
			result, err := do(ctx, to.Fleet, callerOf(ctx).Actor, in)
			if err != nil {
				return nil, problemOf(err)
			}
			return &answer[Out]{result}, nil
		})
	}}
}

func listMerchants() operation {
	return direct(Operation{ID: "list-merchants", Method: http.MethodGet, Path: merchantsPath, Scope: ScopeRead, Access: Merchants,
		Summary: "List the merchants, and whether they work", Example: []fleet.Merchant{exampleMerchant}},
		func(ctx context.Context, f *fleet.Fleet, _ app.Actor, _ *struct{}) ([]fleet.Merchant, error) {
			return f.List(ctx)
		})
}

// AddMerchantInput is the request of add-merchant.
type AddMerchantInput struct{ Body fleet.AddRequest }

func addMerchant() operation {
	return direct(Operation{ID: "add-merchant", Method: http.MethodPost, Path: merchantsPath, Scope: ScopeSetUp, Access: Merchants,
		Summary: "Add a merchant, and begin its work", Example: exampleMerchant},
		func(ctx context.Context, f *fleet.Fleet, by app.Actor, in *AddMerchantInput) (fleet.Merchant, error) {
			return f.Add(ctx, by, in.Body)
		})
}

// MerchantInput names a merchant.
type MerchantInput struct{ Body fleet.Named }

func pauseMerchant() operation {
	return direct(Operation{ID: "pause-merchant", Method: http.MethodPost, Path: merchantsPath + "/pause", Scope: ScopeOperate, Access: Merchants,
		Summary: "End a merchant's work until it is resumed; webhooks are taken in all the same", Example: exampleMerchant},
		func(ctx context.Context, f *fleet.Fleet, by app.Actor, in *MerchantInput) (fleet.Merchant, error) {
			return f.Pause(ctx, by, in.Body)
		})
}

func resumeMerchant() operation {
	return direct(Operation{ID: "resume-merchant", Method: http.MethodPost, Path: merchantsPath + "/resume", Scope: ScopeOperate, Access: Merchants,
		Summary: "Go on with a merchant's work", Example: exampleMerchant},
		func(ctx context.Context, f *fleet.Fleet, by app.Actor, in *MerchantInput) (fleet.Merchant, error) {
			return f.Resume(ctx, by, in.Body)
		})
}

// EraseMerchantInput is the request of erase-merchant.
type EraseMerchantInput struct{ Body fleet.EraseRequest }

func eraseMerchant() operation {
	return direct(Operation{ID: "erase-merchant", Method: http.MethodPost, Path: merchantsPath + "/erase", Scope: ScopeMaintain, Access: Merchants,
		Summary: "Remove a merchant with everything that is its own, and search for what is left", Example: fleet.Erased{Name: "bakery", Searched: []fleet.Place{{Where: "files", Looked: 12}}}},
		func(ctx context.Context, f *fleet.Fleet, by app.Actor, in *EraseMerchantInput) (fleet.Erased, error) {
			return f.Erase(ctx, by, in.Body)
		})
}
