package sweep

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Labeler keeps what items are called.
type Labeler interface {
	Item(ctx context.Context, id stock.ItemID) (stock.Item, error)
	ItemBySKU(ctx context.Context, sku string) ([]stock.Item, error)
	SaveItems(ctx context.Context, items []stock.Item) error
	Labels(ctx context.Context, items ...stock.ItemID) ([]ledger.Label, error)
	SaveLabels(ctx context.Context, labels []ledger.Label) error
}

// LabelOf is what a channel calls an item of its catalog.
func LabelOf(channel stock.Channel, item stock.CatalogItem) ledger.Label {
	label := ledger.Label{Channel: channel, Item: item.Item, SKU: item.SKU, Name: item.Name}
	if Placeholder(label.SKU) {
		label.SKU = ""
	}
	return label
}

// Relabel says what an item is called when one of its linked articles is called otherwise now. An item's label follows the article that
// had it, unless another article has it still: a label that a person made up, or that a channel keeps, stays. The name goes with it.
func Relabel(item stock.Item, known []ledger.Label, now ledger.Label) stock.Item {
	i := slices.IndexFunc(known, func(l ledger.Label) bool { return l.Channel == now.Channel && l.Item == now.Item })
	if i < 0 {
		return item
	}
	was := known[i]
	kept := slices.ContainsFunc(known, func(l ledger.Label) bool {
		return (l.Channel != now.Channel || l.Item != now.Item) && l.SKU == item.SKU
	})
	if was.SKU == item.SKU && now.SKU != "" && !kept {
		item.SKU = now.SKU
	}
	if was.Name == item.Name && now.Name != "" {
		item.Name = now.Name
	}
	return item
}

// note remembers the SKU that an article had before, if it has another one now.
func (l leftSKUs) note(known []ledger.Label, now ledger.Label) {
	for _, was := range known {
		if was.Channel == now.Channel && was.Item == now.Item && was.SKU != "" && was.SKU != now.SKU {
			l[was.SKU] = now
		}
	}
}

// labelsPage is how many labels are written at once.
const labelsPage = 500

// relabel keeps what a page of the catalog calls linked articles, and has the items' labels follow. It returns the SKUs that they had
// and have no more.
func (r *run) relabel(ctx context.Context, items []stock.CatalogItem, linked map[string]stock.ItemID) (leftSKUs, error) {
	left := leftSKUs{}
	var labels []ledger.Label
	var renamed []stock.Item
	same, err := r.sameLabels(ctx, items, linked)
	if err != nil {
		return nil, err
	}
	for _, listed := range items {
		id, is := linked[listed.Item]
		now := LabelOf(r.Channel, listed)
		if !is || same[now] {
			continue
		}
		known, err := r.Ledger.Labels(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("reading labels: %w", err)
		}
		labels = append(labels, now)
		left.note(known, now)
		item, err := r.Ledger.Item(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("reading an item: %w", err)
		}
		if follows := Relabel(item, known, now); follows != item {
			renamed = append(renamed, follows)
			if follows.SKU != item.SKU {
				r.find(ledger.Finding{Class: Renamed, SKU: follows.SKU, Action: "the label follows the catalog",
					Evidence: stock.Evidence{"was": item.SKU, "item": listed.Item, "name": follows.Name}})
			}
		}
	}
	for chunk := range slices.Chunk(labels, labelsPage) {
		if err := r.Ledger.SaveLabels(ctx, chunk); err != nil {
			return nil, fmt.Errorf("keeping labels: %w", err)
		}
	}
	if len(renamed) == 0 {
		return left, nil
	}
	if err := r.Ledger.SaveItems(ctx, renamed); err != nil {
		return nil, fmt.Errorf("renaming items: %w", err)
	}
	return left, nil
}

// sameLabels are the labels that linked articles of a page have already. They are read at once, for most have not changed.
func (r *run) sameLabels(ctx context.Context, items []stock.CatalogItem, linked map[string]stock.ItemID) (map[ledger.Label]bool, error) {
	var ids []stock.ItemID
	for _, listed := range items {
		if id, is := linked[listed.Item]; is {
			ids = append(ids, id)
		}
	}
	same := make(map[ledger.Label]bool, len(ids))
	if len(ids) == 0 {
		return same, nil
	}
	known, err := r.Ledger.Labels(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	for _, label := range known {
		same[label] = true
	}
	return same, nil
}
