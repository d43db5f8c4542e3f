package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// SetAsidePush is a push on whose ref nothing moves until a person has said whether it was applied.
type SetAsidePush struct {
	Ref   stock.Ref      `json:"ref"`
	SKU   string         `json:"sku"`
	Call  string         `json:"call"`
	Delta stock.Quantity `json:"delta"`
}

// SetAsidePushes lists the pushes that only a person can settle.
func (a *App) SetAsidePushes(ctx context.Context) ([]SetAsidePush, error) {
	list := []SetAsidePush{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return nil, err
		}
		if ref.State.Status != ledger.SetAside {
			continue
		}
		item, err := a.itemOf(ctx, ref.State.Shelf)
		if err != nil {
			return nil, err
		}
		for _, mark := range ref.State.Unconfirmed {
			if mark.Phase == ledger.Undecided {
				list = append(list, SetAsidePush{Ref: ref.State.Ref, SKU: item.SKU, Call: mark.Call, Delta: mark.Delta})
			}
		}
	}
	return list, nil
}

// ResolveRequest says whether the push of a call to an item was applied.
type ResolveRequest struct {
	Call    string `json:"call"`
	Item    string `json:"item"`
	Applied bool   `json:"applied"`
	DryRun  bool   `json:"dry_run,omitempty"`
}

// ResolveResult lists the refs that were settled, or would be.
type ResolveResult struct {
	Refs []stock.Ref `json:"refs"`
}

// ResolvePush settles a push whose outcome only a person can know.
func (a *App) ResolvePush(ctx context.Context, by Actor, request ResolveRequest) (ResolveResult, error) {
	result := ResolveResult{Refs: []stock.Ref{}}
	call, err := a.Ledger.Call(ctx, request.Call)
	if errors.Is(err, ledger.ErrNotFound) {
		return result, &Error{Kind: NotFound, What: fmt.Sprintf("no call has the key %q", request.Call), Remedy: RemedyListPushes}
	}
	if err != nil {
		return result, err
	}
	var inputs []ledger.Input
	for _, row := range call.Rows {
		if row.Ref.Item == request.Item {
			result.Refs = append(result.Refs, row.Ref)
			inputs = append(inputs, ledger.ResolvePush{Call: call.Key, Ref: row.Ref, Applied: request.Applied, By: by.Name})
		}
	}
	if len(inputs) == 0 {
		return result, &Error{Kind: NotFound, What: fmt.Sprintf("call %s has no row for item %q", call.Key, request.Item), Remedy: RemedyListPushes}
	}
	_, err = a.act(ctx, request.DryRun, inputs...)
	return result, err
}
