package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// itemBySKU finds the one item of a SKU, or of an item id. Without one it proposes what may have been meant.
func itemBySKU(ctx context.Context, store ledger.Store, sku string) (stock.Item, error) {
	items, err := store.ItemBySKU(ctx, sku)
	if err != nil {
		return stock.Item{}, err
	}
	var same, near []string
	switch {
	case len(items) == 1:
		return items[0], nil
	case len(items) > 1:
		for _, item := range items {
			same = append(same, fmt.Sprintf("%s (%s)", item.ID, printable(item.Name)))
		}
		return stock.Item{}, fmt.Errorf("%d items have the SKU %q: name one by its id: %s", len(items), printable(sku), strings.Join(same, ", "))
	}
	item, err := store.Item(ctx, stock.ItemID(sku))
	if err == nil || !errors.Is(err, ledger.ErrNotFound) {
		return item, err
	}
	for item, err := range ledger.AllItems(ctx, store) {
		if err != nil {
			return stock.Item{}, err
		}
		switch key := foldSKU(item.SKU); {
		case key == foldSKU(sku):
			same = append(same, item.SKU)
		case foldSKU(sku) != "" && strings.Contains(key, foldSKU(sku)):
			near = append(near, item.SKU)
		}
	}
	slices.Sort(near)
	if near = append(same, near...); len(near) == 0 {
		return stock.Item{}, fmt.Errorf("no item has the SKU %q: see evenstock link list", printable(sku))
	}
	near = near[:min(len(near), nearMax)]
	return stock.Item{}, fmt.Errorf("no item has the SKU %q: did you mean %s?", printable(sku), printable(strings.Join(quoted(near), " or ")))
}

// nearMax is how many similar SKUs are proposed.
const nearMax = 5

func quoted(texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = fmt.Sprintf("%q", text)
	}
	return list
}

// foldSKU makes SKUs equal that differ only by case or spaces.
func foldSKU(sku string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, sku)
}
