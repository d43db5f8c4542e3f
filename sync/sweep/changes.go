package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// ChangeLister is a Lister that lists what of its catalog changed lately, by its update times. What people do there moves no count:
// they rename an article, mark it as sold out, have it counted no more, delete it, or give its SKU to another one.
type ChangeLister interface {
	ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error)
}

// changes takes in what changed in the catalog.
func (r *run) changes(ctx context.Context) error {
	lister, has := r.Lister.(ChangeLister)
	if !has {
		return nil
	}
	var all stock.CatalogChanges
	err := r.list(ctx, catalogList, func(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
		if cursor == "" {
			all = stock.CatalogChanges{}
		}
		page, err := lister.ListChanges(ctx, since, cursor)
		if err != nil {
			return page.Page, err
		}
		all.Items, all.Articles, all.Made = append(all.Items, page.Items...), page.Articles, all.Made+page.Made
		if page.Next == "" { // before the list is marked as taken in
			err = r.compareChanged(ctx, all.Items)
		}
		return page.Page, err
	})
	if tooMany(err) { // the next full sweep compares the whole catalog
		_, err = r.Ledger.Apply(ctx, nil, ledger.Batch{At: r.Now(), Marks: r.listed(catalogList, r.clock())})
	}
	if err != nil {
		return fmt.Errorf("listing changes of the catalog: %w", err)
	}
	return r.lookForDeleted(ctx, all.Articles, all.Made)
}

// compareChanged compares articles that changed with what is linked.
func (r *run) compareChanged(ctx context.Context, items []stock.CatalogItem) error {
	linked := map[string]stock.ItemID{}
	for _, item := range items {
		id, err := r.linkedTo(ctx, item.Item)
		if err != nil {
			return err
		}
		if id != "" {
			linked[item.Item] = id
		}
	}
	left, err := r.relabel(ctx, items, linked)
	if err != nil {
		return err
	}
	gone := goneItems{}
	for _, item := range items {
		if err := r.compareSKU(ctx, item, linked[item.Item], left, gone); err != nil {
			return err
		}
	}
	return r.goneFindings(ctx, gone)
}

// linkedTo is the item that an article of the channel is tied to; "" for none.
func (r *run) linkedTo(ctx context.Context, item string) (stock.ItemID, error) {
	refs, err := r.Ledger.Refs(ctx, ledger.RefFilter{Channel: r.Channel, Article: item})
	if err != nil {
		return "", fmt.Errorf("listing refs: %w", err)
	}
	for _, ref := range refs {
		if ref.State.Status != ledger.Unlinked {
			return ref.State.Shelf.Item, nil
		}
	}
	return "", nil
}
