package app

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// ExtendRequest asks to tie linked items at the configured locations where they have no counter yet.
type ExtendRequest struct {
	DryRun bool `json:"dry_run,omitempty"`
}

// ExtendLinks makes the refs that a location asks for which was added to the configuration after the items were linked. What comes to
// an open shelf joins it as any other, and what a person unlinked at one location stays so.
func (a *App) ExtendLinks(ctx context.Context, request ExtendRequest) (LinkResult, error) {
	known, items := map[stock.Ref]bool{}, map[ChannelItem]ledger.RefState{}
	var order []ChannelItem
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return LinkResult{}, err
		}
		name := ref.State.Ref
		known[name] = true
		if item := (ChannelItem{Channel: name.Channel, Item: name.Item}); ref.State.Status != ledger.Unlinked && items[item].Ref == (stock.Ref{}) {
			items[item] = ref.State
			order = append(order, item)
		}
	}
	result, extended := LinkResult{}, map[stock.ItemID]bool{}
	var inputs []ledger.Input
	for _, name := range order {
		channel, err := a.channel(name.Channel)
		if err != nil {
			continue // a channel that is no longer configured has no locations
		}
		state := items[name]
		for _, ref := range channel.refs(name.Item) {
			if known[ref] {
				result.Before++
				continue
			}
			extended[state.Shelf.Item] = true
			inputs = append(inputs, ledger.LinkRef{Ref: ref, SoldAs: state.SoldAs, Shelf: stock.Shelf{Item: state.Shelf.Item, Location: channel.Locations[ref.Location]}})
		}
	}
	ended, err := a.act(ctx, request.DryRun, inputs...)
	result.count(ended)
	result.Items = len(extended)
	if c := a.configuration(); c != nil && c.Differs() {
		result.Configuration = c
	}
	return result, err
}
