package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// LinkRequest asks to tie refs to shelves.
type LinkRequest struct {
	Rows   []LinkRow `json:"rows"`
	DryRun bool      `json:"dry_run,omitempty"`
}

// UnlinkRequest asks to forget a channel's item, at all its locations.
type UnlinkRequest struct {
	Channel stock.Channel `json:"channel"`
	Item    string        `json:"item"`
	DryRun  bool          `json:"dry_run,omitempty"`
}

// LinkResult says how many refs were tied or untied, or would be; Before counts those that were so already.
type LinkResult struct {
	Refs   int `json:"refs"`
	Items  int `json:"items"`
	Before int `json:"before"`
}

// ImportLinks makes items for new SKUs and ties refs to shelves, in one transaction for all rows.
func (a *App) ImportLinks(ctx context.Context, request LinkRequest) (LinkResult, error) {
	items, inputs, err := a.planLinks(ctx, request.Rows)
	if err != nil {
		return LinkResult{}, err
	}
	result := LinkResult{Items: len(items)}
	if !request.DryRun {
		if err := a.Ledger.SaveItems(ctx, slices.Collect(maps.Values(items))); err != nil {
			return result, err
		}
	}
	ended, err := a.act(ctx, request.DryRun, inputs...)
	result.count(ended)
	return result, err
}

// count adds refs by how their inputs ended.
func (r *LinkResult) count(ended []ledger.Disposition) {
	for _, d := range ended {
		if d.Ending == ledger.Duplicate {
			r.Before++
		} else {
			r.Refs++
		}
	}
}

// planLinks checks rows and says what they tie. Items are found by their exact SKU; more than one is for a person.
func (a *App) planLinks(ctx context.Context, rows []LinkRow) (map[string]stock.Item, []ledger.Input, error) {
	items := map[string]stock.Item{}
	seen := map[[2]string]string{}
	var inputs []ledger.Input
	for i, row := range rows {
		// The first row of a link file is its header.
		where := fmt.Sprintf("row %d", i+2)
		if row.SKU == "" || row.Item == "" {
			return nil, nil, &Error{Kind: Invalid, What: where + ": sku and item must not be empty"}
		}
		channel, err := a.channel(row.Channel)
		if err != nil {
			return nil, nil, within(where, err)
		}
		name := [2]string{string(row.Channel), row.Item}
		if other, twice := seen[name]; twice {
			return nil, nil, &Error{Kind: Invalid, What: fmt.Sprintf("%s: item %s of %s stands in the file already, for SKU %q", where, row.Item, row.Channel, other)}
		}
		seen[name] = row.SKU
		item, ok := items[row.SKU]
		if !ok {
			if item, err = a.itemFor(ctx, row); err != nil {
				return nil, nil, within(where, err)
			}
			items[row.SKU] = item
		}
		soldAs := row.SoldAs
		if soldAs == "" {
			soldAs = row.Item
		}
		for _, ref := range channel.refs(row.Item) {
			inputs = append(inputs, ledger.LinkRef{Ref: ref, SoldAs: soldAs, Shelf: stock.Shelf{Item: item.ID, Location: channel.Locations[ref.Location]}})
		}
	}
	return items, inputs, nil
}

func (a *App) itemFor(ctx context.Context, row LinkRow) (stock.Item, error) {
	found, err := a.Ledger.ItemBySKU(ctx, row.SKU)
	if err != nil {
		return stock.Item{}, err
	}
	switch len(found) {
	case 0:
		return stock.Item{ID: stock.ItemID("item-" + strings.ToLower(rand.Text()[:16])), SKU: row.SKU, Name: row.Name}, nil
	case 1:
		return found[0], nil
	}
	return stock.Item{}, &Error{Kind: Conflict, What: fmt.Sprintf("%d items have the SKU %q", len(found), row.SKU)}
}

// Unlink forgets a channel's item, once the calls of its refs are definite. It posts nothing. A place that was added to the
// configuration after the item was linked has no ref of it.
func (a *App) Unlink(ctx context.Context, request UnlinkRequest) (LinkResult, error) {
	channel, err := a.channel(request.Channel)
	if err != nil {
		return LinkResult{}, err
	}
	var inputs []ledger.Input
	for _, ref := range channel.refs(request.Item) {
		_, err := a.Ledger.Ref(ctx, ref)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return LinkResult{}, err
		}
		inputs = append(inputs, ledger.UnlinkRef{Ref: ref})
	}
	if len(inputs) == 0 {
		return LinkResult{}, &Error{Kind: NotFound, What: fmt.Sprintf("channel %s has no link to an item %q", channel.Name, request.Item), Remedy: RemedyListLinks}
	}
	var result LinkResult
	ended, err := a.act(ctx, request.DryRun, inputs...)
	result.count(ended)
	return result, err
}
