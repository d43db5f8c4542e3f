package sweep

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// leftSKUs are the SKUs that linked articles of the channel had and have no more, with what each was called.
type leftSKUs map[string]ledger.Label

// compareSKU asks whether another linked article of the channel had the SKU that an article has now. If that one is gone, this one most
// likely came in its place; if it goes by another SKU now, the SKU moved on: a person says which article is meant, and nothing is merged.
// own is the item that the article is tied to; empty: none.
func (r *run) compareSKU(ctx context.Context, now stock.CatalogItem, own stock.ItemID, left leftSKUs, gone goneItems) error {
	sku := LabelOf(r.Channel, now).SKU
	if sku == "" {
		return nil
	}
	if was, moved := left[sku]; moved && was.Item != now.Item {
		r.movedOn(sku, was, now)
		return nil
	}
	owners, err := r.Ledger.ItemBySKU(ctx, sku)
	if err != nil {
		return fmt.Errorf("finding the item of a SKU: %w", err)
	}
	for _, owner := range owners {
		if owner.ID == own {
			continue
		}
		if err := r.compareOwner(ctx, sku, owner, now, own == "", gone); err != nil {
			return err
		}
	}
	return nil
}

// compareOwner compares an article with those of the channel that are tied to an item of the same SKU.
func (r *run) compareOwner(ctx context.Context, sku string, owner stock.Item, now stock.CatalogItem, free bool, gone goneItems) error {
	refs, err := r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, Item: owner.ID})
	if err != nil {
		return fmt.Errorf("listing refs: %w", err)
	}
	labels, err := r.Ledger.Labels(ctx, owner.ID)
	if err != nil {
		return fmt.Errorf("reading labels: %w", err)
	}
	away := map[string]bool{}
	for _, ref := range refs {
		if ref.State.Status != ledger.Gone {
			continue
		}
		away[ref.State.Ref.Item] = true
		if free {
			gone.add(sku, ref)
		}
	}
	if free && len(away) > 0 {
		gone.succeeded(now)
		return nil
	}
	for _, was := range labels {
		if was.Channel == r.Channel && was.Item != now.Item && was.SKU != sku && !away[was.Item] {
			r.movedOn(sku, was, now)
		}
	}
	return nil
}

// movedOn reports a SKU that was one article's and is another's. While a list shows it again, it is the same finding.
func (r *run) movedOn(sku string, was ledger.Label, now stock.CatalogItem) {
	r.find(ledger.Finding{ID: fmt.Sprintf("moved/%s/%s/%s/%s", r.Channel, was.Item, now.Item, sku), Class: MovedOn, SKU: sku,
		Ref:      stock.Ref{Channel: r.Channel, Item: was.Item},
		Action:   "nothing is merged: if the other article is meant from now on, unlink this one and link that",
		Evidence: stock.Evidence{"was_on": was.Item, "was_name": was.Name, "now_on": now.Item, "now_name": now.Name}})
}
