package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

type linkRequest struct {
	Rows   []linkRow `json:"rows"`
	DryRun bool      `json:"dry_run"`
}

type unlinkRequest struct {
	Channel string `json:"channel"`
	Item    string `json:"item"`
	DryRun  bool   `json:"dry_run"`
}

type linked struct {
	Refs   int `json:"refs"`
	Items  int `json:"items"`
	Before int `json:"before"`
}

// linkItems makes items for new SKUs and ties refs to shelves, in one transaction for all rows.
func linkItems(ctx context.Context, r *runtime, request linkRequest, _ func(any)) (any, error) {
	items, inputs, err := r.planLinks(ctx, request.Rows)
	if err != nil {
		return nil, err
	}
	result := linked{Refs: len(inputs), Items: len(items)}
	if request.DryRun {
		return result, nil
	}
	var fresh []stock.Item
	for _, item := range items {
		fresh = append(fresh, item)
	}
	if err := r.store.SaveItems(ctx, fresh); err != nil {
		return nil, err
	}
	receipt, err := r.store.Apply(ctx, r.step, ledger.Batch{At: r.now(), Inputs: inputs})
	if err != nil {
		return nil, err
	}
	for _, d := range receipt.Dispositions {
		if d.Ending == ledger.Duplicate {
			result.Before++
			result.Refs--
		}
	}
	r.waker.Wake(receipt.Wanted...)
	return result, nil
}

// planLinks checks rows and says what they tie. Items are found by their exact SKU; more than one is for a person.
func (r *runtime) planLinks(ctx context.Context, rows []linkRow) (map[string]stock.Item, []ledger.Input, error) {
	items := map[string]stock.Item{}
	seen := map[[2]string]string{}
	var inputs []ledger.Input
	for i, row := range rows {
		if row.SKU == "" || row.Item == "" {
			return nil, nil, fmt.Errorf("row %d: sku and item must not be empty", i+2)
		}
		channel, err := r.channel(row.Channel)
		if err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		if other, twice := seen[[2]string{row.Channel, row.Item}]; twice {
			return nil, nil, fmt.Errorf("row %d: item %s of %s stands in the file already, for SKU %q", i+2, row.Item, row.Channel, other)
		}
		seen[[2]string{row.Channel, row.Item}] = row.SKU
		item, ok := items[row.SKU]
		if !ok {
			if item, err = r.itemFor(ctx, row); err != nil {
				return nil, nil, fmt.Errorf("row %d: %w", i+2, err)
			}
			items[row.SKU] = item
		}
		soldAs := row.SoldAs
		if soldAs == "" {
			soldAs = row.Item
		}
		for _, ref := range channel.refs(row.Item) {
			inputs = append(inputs, ledger.LinkRef{Ref: ref, SoldAs: soldAs,
				Shelf: stock.Shelf{Item: item.ID, Location: channel.locations()[ref.Location]}})
		}
	}
	return items, inputs, nil
}

func (r *runtime) itemFor(ctx context.Context, row linkRow) (stock.Item, error) {
	found, err := r.store.ItemBySKU(ctx, row.SKU)
	if err != nil {
		return stock.Item{}, err
	}
	switch len(found) {
	case 0:
		return stock.Item{ID: stock.ItemID("item-" + strings.ToLower(rand.Text()[:16])), SKU: row.SKU, Name: row.Name}, nil
	case 1:
		return found[0], nil
	}
	return stock.Item{}, fmt.Errorf("%d items have the SKU %q", len(found), printable(row.SKU))
}

func unlinkItem(ctx context.Context, r *runtime, request unlinkRequest, _ func(any)) (any, error) {
	channel, err := r.channel(request.Channel)
	if err != nil {
		return nil, err
	}
	var inputs []ledger.Input
	for _, ref := range channel.refs(request.Item) {
		_, err := r.store.Ref(ctx, ref)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil, fmt.Errorf("channel %s has no link to an item %q: see evenstock link list", channel.name, printable(request.Item))
		}
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, ledger.UnlinkRef{Ref: ref})
	}
	if request.DryRun {
		return linked{Refs: len(inputs)}, nil
	}
	if _, err := r.store.Apply(ctx, r.step, ledger.Batch{At: r.now(), Inputs: inputs}); err != nil {
		return nil, err
	}
	return linked{Refs: len(inputs)}, nil
}
