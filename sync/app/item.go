package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// itemBySKU finds the one item of a SKU, or of an item id. Without one it proposes what may have been meant.
func (a *App) itemBySKU(ctx context.Context, sku string) (stock.Item, error) {
	items, err := a.Ledger.ItemBySKU(ctx, sku)
	if err != nil {
		return stock.Item{}, err
	}
	switch {
	case len(items) == 1:
		return items[0], nil
	case len(items) > 1:
		var same []string
		for _, item := range items {
			same = append(same, fmt.Sprintf("%s (%s)", item.ID, item.Name))
		}
		return stock.Item{}, &Error{Kind: Conflict, What: fmt.Sprintf("%d items have the SKU %q", len(items), sku), Remedy: RemedyNameByID, Meant: same}
	}
	item, err := a.Ledger.Item(ctx, stock.ItemID(sku))
	if err == nil || !errors.Is(err, ledger.ErrNotFound) {
		return item, err
	}
	meant, err := a.similarSKUs(ctx, sku)
	if err != nil {
		return stock.Item{}, err
	}
	unknown := &Error{Kind: NotFound, What: fmt.Sprintf("no item has the SKU %q", sku), Remedy: RemedyListLinks}
	if len(meant) > 0 {
		unknown.Remedy, unknown.Meant = RemedyMeant, meant
	}
	return stock.Item{}, unknown
}

// itemOf returns the item of a shelf that the ledger speaks of. Items are written before what speaks of them, and never removed.
func (a *App) itemOf(ctx context.Context, shelf stock.Shelf) (stock.Item, error) {
	item, err := a.Ledger.Item(ctx, shelf.Item)
	if errors.Is(err, ledger.ErrNotFound) {
		return item, &Error{Kind: Damaged, What: fmt.Sprintf("the ledger speaks of an item %q that it does not have", shelf.Item)}
	}
	return item, err
}

// itemsOf are the items of many shelves, with few questions.
func (a *App) itemsOf(ctx context.Context, shelves map[stock.Shelf]bool) (map[stock.ItemID]stock.Item, error) {
	items := map[stock.ItemID]stock.Item{}
	if len(shelves) == 0 {
		return items, nil
	}
	for item, err := range ledger.AllItems(ctx, a.Ledger) {
		if err != nil {
			return nil, err
		}
		items[item.ID] = item
	}
	for shelf := range shelves {
		if _, known := items[shelf.Item]; known {
			continue
		}
		if _, err := a.itemOf(ctx, shelf); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// similarSKUs are those that may have been meant by one that no item has.
func (a *App) similarSKUs(ctx context.Context, sku string) ([]string, error) {
	var skus []string
	for item, err := range ledger.AllItems(ctx, a.Ledger) {
		if err != nil {
			return nil, err
		}
		skus = append(skus, item.SKU)
	}
	return Near(sku, skus), nil
}
