package shopify

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// precise is the precision of a count that is one, and no lower bound.
const precise = "EXACT"

// ListChanges lists the variants that were updated at that second or later, as they stand in the catalog now, and that Shopify does not
// count those that it does not. The search is an index that lags, so callers overlap their windows. What was deleted is in no list: the
// number of all variants tells that there was something.
func (c *Channel) ListChanges(ctx context.Context, since time.Time, cursor string) (stock.CatalogChanges, error) {
	page, items, next, date, err := c.listVariants(ctx, opCatalogChanges, updatedSince(since), cursor)
	if err != nil {
		return stock.CatalogChanges{}, fmt.Errorf("listing changes of the catalog: %w", err)
	}
	changes := stock.CatalogChanges{Page: stock.Page{ReadAt: date, Next: next}, Items: items}
	if page.Count != nil && page.Count.Precision == precise {
		changes.Articles = page.Count.Count
	}
	for i, item := range items {
		if !page.Variants.Nodes[i].CreatedAt.Before(since) {
			changes.Made++
		}
		if item.Tracked {
			continue
		}
		for _, location := range c.locations {
			changes.Readings = append(changes.Readings, stock.Reading{Ref: stock.Ref{Channel: c.name, Item: item.Item, Location: location}, Status: stock.Untracked})
		}
	}
	return changes, nil
}
