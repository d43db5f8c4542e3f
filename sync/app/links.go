package app

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// LinkRow ties one item of a channel to an item of ours. Rows with one SKU are one item.
type LinkRow struct {
	SKU     string        `json:"sku"`
	Name    string        `json:"name"`
	Channel stock.Channel `json:"channel"`
	Item    string        `json:"item"`
	// SoldAs is the id that order lines name the item by. Empty in a request: the catalog's.
	SoldAs string `json:"sold_as"`
	// Shared: another item of the channel is on the same shelf on purpose.
	Shared bool `json:"shared,omitempty"`
	// Row is where it stands in the file that it came from, for what is said of it.
	Row int `json:"row,omitempty"`
}

// Link is a row that holds, with where.
type Link struct {
	LinkRow
	Locations []LinkedLocation `json:"locations"`
}

// LinkedLocation is one place of a linked item: the channel's id of it, ours, and how its ref stands.
type LinkedLocation struct {
	Location string         `json:"location"`
	Ours     stock.Location `json:"ours"`
	Status   string         `json:"status"`
}

// Links lists all links by SKU and channel; none when there is no ledger yet.
func (a *App) Links(ctx context.Context) ([]Link, error) {
	list := []Link{}
	if a.Ledger == nil {
		return list, nil
	}
	type article struct {
		item    stock.ItemID
		channel stock.Channel
	}
	items, articles := map[stock.ItemID]stock.Item{}, map[article][]int{}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return list, err
		}
		if ref.State.Status == ledger.Unlinked {
			continue
		}
		item, ok := items[ref.State.Shelf.Item]
		if !ok {
			if item, err = a.itemOf(ctx, ref.State.Shelf); err != nil {
				return list, err
			}
			items[item.ID] = item
		}
		name := ref.State.Ref
		location := LinkedLocation{Location: name.Location, Ours: ref.State.Shelf.Location, Status: ref.State.Status.String()}
		if last := len(list) - 1; last >= 0 && list[last].Channel == name.Channel && list[last].Item == name.Item {
			list[last].Locations = append(list[last].Locations, location)
			continue
		}
		articles[article{item.ID, name.Channel}] = append(articles[article{item.ID, name.Channel}], len(list))
		list = append(list, Link{LinkRow{SKU: item.SKU, Name: item.Name, Channel: name.Channel, Item: name.Item, SoldAs: ref.State.SoldAs}, []LinkedLocation{location}})
	}
	for _, same := range articles {
		for _, i := range same {
			list[i].Shared = len(same) > 1
		}
	}
	slices.SortStableFunc(list, func(a, b Link) int {
		return cmp.Or(strings.Compare(a.SKU, b.SKU), cmp.Compare(a.Channel, b.Channel))
	})
	return list, nil
}
