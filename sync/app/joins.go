package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// WaitingRef is a counter that came to a shelf which was open already and shows another number. Nothing is pushed to it and nothing
// of it moves the level, until a person says what its count means.
type WaitingRef struct {
	SKU      string         `json:"sku"`
	Name     string         `json:"name,omitempty"`
	Ref      stock.Ref      `json:"ref"`
	Location stock.Location `json:"location"`
	// Counted is what it shows now, Others what others did to it since it waits.
	Counted stock.Quantity `json:"counted"`
	Others  stock.Quantity `json:"others"`
	Level   stock.Quantity `json:"level"`
	Since   time.Time      `json:"since"`
	// Remedy is what a person can do.
	Remedy Remedy `json:"remedy"`
	state  ledger.RefState
}

// JoinRequest is a person's word on what the count of an item that waits means.
type JoinRequest struct {
	Channel stock.Channel `json:"channel"`
	// Item is the channel's id of the item, or our SKU.
	Item string `json:"item"`
	// Location is ours; empty: everywhere where it waits.
	Location stock.Location `json:"location,omitempty"`
	How      string         `json:"how" enum:"add,level,counter" doc:"add: other goods, the level grows by the count; level: the level is right, and is pushed; counter: the count is right, and becomes the level"`
	DryRun   bool           `json:"dry_run,omitempty"`
}

// Joined is a counter that joined its shelf, or would: what the level became, and what is pushed because of it.
type Joined struct {
	WaitingRef
	How     string         `json:"how"`
	Becomes stock.Quantity `json:"becomes"`
	Pushes  []JoinPush     `json:"pushes"`
}

// JoinPush is one push that follows.
type JoinPush struct {
	Ref   stock.Ref      `json:"ref"`
	From  stock.Quantity `json:"from"`
	Delta stock.Quantity `json:"delta"`
}

// WaitingRefs lists what waits to join a shelf, by SKU.
func (a *App) WaitingRefs(ctx context.Context) ([]WaitingRef, error) {
	list := []WaitingRef{}
	if a.Ledger == nil {
		return list, nil
	}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return list, err
		}
		if ref.State.Status != ledger.WaitsToJoin || ref.State.Joining == nil {
			continue
		}
		item, err := a.itemOf(ctx, ref.State.Shelf)
		if err != nil {
			return list, err
		}
		list = append(list, WaitingRef{SKU: item.SKU, Name: item.Name, Ref: ref.State.Ref, Location: ref.State.Shelf.Location, Counted: ref.State.Expected,
			Others: ref.State.Joining.Others, Level: ref.Level, Since: ref.State.Joining.Since, Remedy: RemedyJoin, state: ref.State})
	}
	slices.SortStableFunc(list, func(a, b WaitingRef) int { return cmp.Or(cmp.Compare(a.SKU, b.SKU), a.Ref.Compare(b.Ref)) })
	return list, nil
}

// Join lets an item that waits join its shelves, as a person says.
func (a *App) Join(ctx context.Context, by Actor, request JoinRequest) ([]Joined, error) {
	how, err := joinHow(request.How)
	if err != nil {
		return nil, err
	}
	if _, err := a.channel(request.Channel); err != nil {
		return nil, err
	}
	waiting, err := a.waitingOf(ctx, request)
	if err != nil {
		return nil, err
	}
	joined := []Joined{}
	var inputs []ledger.Input
	for _, ref := range waiting {
		one, err := a.joined(ctx, ref, how)
		if err != nil {
			return nil, err
		}
		joined = append(joined, one)
		inputs = append(inputs, ledger.JoinRef{Ref: ref.Ref, How: how, By: by.Name})
	}
	if _, err = a.act(ctx, request.DryRun, inputs...); err != nil {
		return nil, err
	}
	return joined, nil
}

func joinHow(text string) (ledger.JoinHow, error) {
	how, err := ledger.ParseJoinHow(text)
	if err != nil {
		return 0, &Error{Kind: Invalid, What: fmt.Sprintf("%q does not say what a count means: it is add, level or counter", text)}
	}
	return how, nil
}

// waitingOf finds the refs that a request means: one at most of each shelf.
func (a *App) waitingOf(ctx context.Context, request JoinRequest) ([]WaitingRef, error) {
	all, err := a.WaitingRefs(ctx)
	if err != nil {
		return nil, err
	}
	var found []WaitingRef
	for _, ref := range all {
		named := ref.Ref.Item == request.Item || ref.SKU == request.Item
		if ref.Ref.Channel != request.Channel || !named || request.Location != "" && ref.Location != request.Location {
			continue
		}
		if i := slices.IndexFunc(found, func(other WaitingRef) bool { return other.state.Shelf == ref.state.Shelf }); i >= 0 {
			return nil, &Error{Kind: Conflict, What: fmt.Sprintf("two items of %s with the SKU %q wait to join the shelf at %s", request.Channel, ref.SKU, ref.Location),
				Remedy: RemedyNameByID, Meant: []string{found[i].Ref.Item, ref.Ref.Item}}
		}
		found = append(found, ref)
	}
	if len(found) == 0 {
		return nil, &Error{Kind: NotFound, What: fmt.Sprintf("no item %q of %s waits to join a shelf", request.Item, request.Channel), Remedy: RemedyListWaiting}
	}
	return found, nil
}

// joined says what becomes of a shelf and its counters when a ref joins it.
func (a *App) joined(ctx context.Context, ref WaitingRef, how ledger.JoinHow) (Joined, error) {
	shelf := ref.state.Shelf
	one := Joined{WaitingRef: ref, How: how.String(), Becomes: reconcile.JoinedLevel(how, ref.state, ref.Level, a.traits(ref.Ref.Channel)), Pushes: []JoinPush{}}
	refs, err := a.shelfRefs(ctx, shelf)
	if err != nil {
		return one, err
	}
	for _, other := range refs {
		counts := other.State.Status == ledger.Live || other.State.Ref == ref.Ref
		other.Level = one.Becomes
		delta := a.target(other, refs) - other.State.Expected
		if counts && delta != 0 {
			one.Pushes = append(one.Pushes, JoinPush{Ref: other.State.Ref, From: other.State.Expected, Delta: delta})
		}
	}
	return one, nil
}
