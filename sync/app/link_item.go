package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
)

// foundItem is the item of a SKU, or why it cannot be said which it is.
type foundItem struct {
	item    stock.Item
	code    RowCode
	problem string
	remedy  Remedy
	// anew: no item has the SKU yet.
	anew bool
	// stale are the items that had the SKU, where a person accepts that a new one gets it.
	stale []stock.Item
}

// findItem says which item the row's SKU names: that of a linked article that carries the SKU now, else the one that has it for its
// label, else a new one.
func (c *linkCheck) findItem(ctx context.Context, a *App, row *checkedRow) error {
	found, known := c.items[row.SKU]
	if !known {
		var err error
		if found, err = c.itemOfSKU(ctx, a, row.SKU); err != nil {
			return err
		}
		if found.code == "" && found.item.ID == "" {
			found.anew, found.item = true, stock.Item{ID: stock.ItemID("item-" + strings.ToLower(rand.Text()[:16])), SKU: row.SKU, Name: row.Name}
		}
		c.items[row.SKU] = found
	}
	if tied := c.links.item(row.Channel, row.Item); tied != "" {
		return c.keepTied(ctx, a, row, tied, found)
	}
	if found.code != "" {
		c.refuse(row, found.code, "%s", found.problem).Remedy = found.remedy
		return nil
	}
	row.item = found.item
	return nil
}

// keepTied leaves the row of an article that is linked with the item that it is linked to, or refuses it: a file never moves an article
// from one item to another, and an export that a spreadsheet rewrote is no reason to untie anything.
func (c *linkCheck) keepTied(ctx context.Context, a *App, row *checkedRow, tied stock.ItemID, found foundItem) error {
	item, err := a.itemOf(ctx, stock.Shelf{Item: tied})
	if err != nil {
		return err
	}
	if soldAs := c.links.soldAs[ChannelItem{Channel: row.Channel, Item: row.Item}]; soldAs != row.SoldAs {
		c.refuse(row, RowLinked, "%q is linked as sold as %s, and the catalog sells it as %s", row.article.Name, soldAs, row.SoldAs).relink()
		return nil
	}
	if item.SKU == row.SKU || tied == found.item.ID {
		row.item = item
		return nil
	}
	linked := fmt.Sprintf("%q is linked to the item of SKU %q, and", row.article.Name, item.SKU)
	another := c.nameOfSKU(row.SKU, found)
	switch {
	case respelled(item.SKU, row.SKU) || respelled(skuOf(row.article), row.SKU):
		c.refuse(row, RowLinked, "%s the file says %q%s", linked, row.SKU, mayBeRewritten).Remedy = RemedyStaysLinked
	case another != "":
		c.refuse(row, RowLinked, "%s %q is the SKU of %q", linked, row.SKU, another).relink()
	default:
		c.refuse(row, RowLinked, "%s no article has the SKU %q", linked, row.SKU).Remedy = RemedyStaysLinked
	}
	return nil
}

func (f *RowFinding) relink() {
	f.Remedy, f.Meant = RemedyRelink, []string{string(f.Channel) + " " + f.Item}
}

// nameOfSKU is the name of what has a SKU now, in the ledger or in a catalog; "" when nothing has.
func (c *linkCheck) nameOfSKU(sku string, found foundItem) string {
	if !found.anew && found.item.ID != "" {
		return cmp.Or(found.item.Name, sku)
	}
	for _, name := range c.catalogs.bySKU[sku] {
		return cmp.Or(c.catalogs.byItem[name].Name, sku)
	}
	return ""
}

func (c *linkCheck) itemOfSKU(ctx context.Context, a *App, sku string) (foundItem, error) {
	labelled, err := a.Ledger.ItemBySKU(ctx, sku)
	if err != nil {
		return foundItem{}, err
	}
	var carrying, silent, stale []stock.Item
	for _, id := range c.links.carriers(c.catalogs, sku) {
		item, err := a.itemOf(ctx, stock.Shelf{Item: id})
		if err != nil {
			return foundItem{}, err
		}
		carrying = append(carrying, item)
	}
	for _, item := range labelled {
		switch {
		case slices.Contains(carrying, item):
		case c.links.carriesAnother(c.catalogs, item.ID, sku):
			stale = append(stale, item)
		default:
			silent = append(silent, item)
		}
	}
	switch here := append(carrying, silent...); {
	case len(here) > 1:
		return foundItem{code: RowTwoItems, remedy: RemedyNewSKU, problem: fmt.Sprintf("%d items have the SKU %q: %s", len(here), sku, itemNames(here))}, nil
	case len(here) == 1:
		return foundItem{item: here[0]}, nil
	case len(stale) > 0 && !c.request.AcceptRenamed:
		return foundItem{code: RowMovedOn, remedy: RemedyMovedOn, problem: movedOn(sku, stale) + ": is this the same article, or a new one?"}, nil
	}
	return foundItem{stale: stale}, nil
}

// movedOn says of a SKU whose it was.
func movedOn(sku string, stale []stock.Item) string {
	return fmt.Sprintf("the SKU %q was that of %s, whose articles have another one now", sku, itemNames(stale))
}

func itemNames(items []stock.Item) string {
	var names []string
	for _, item := range items {
		names = append(names, fmt.Sprintf("%q (%s)", item.Name, item.ID))
	}
	return strings.Join(names, ", ")
}
