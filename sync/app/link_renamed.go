package app

import (
	"fmt"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// anotherSKU compares the row's SKU with the one that the article has in its catalog. Channels may call one article by different SKUs:
// then the file says that of one of them, which is noted. But where another channel has an article of the same SKU, that is its
// counterpart; and where the two SKUs are one to a spreadsheet, nobody can tell whether a person wrote the file or a spreadsheet. What has
// RemedyOwnSKU is not to be accepted.
func (c *linkCheck) anotherSKU(row *checkedRow) (RowFinding, bool) {
	own := skuOf(row.article)
	if own == row.SKU || own == "" || c.links.item(row.Channel, row.Item) == row.item.ID {
		return RowFinding{}, false
	}
	carrier, carried := c.carrier(row)
	counterpart, has := c.catalogs.elsewhere(row.Channel, own)
	switch {
	case has || !carried:
	case sweep.SameSKU(own, row.SKU):
		return RowFinding{}, false
	case !respelled(own, row.SKU):
		return row.finding(NoteTwoSKUs, "the catalog says %q (%q), the file says %q, the SKU of %q (%s %s)", own, row.article.Name, row.SKU,
			carrier.Name, carrier.Channel, carrier.Item), true
	}
	text, remedy := fmt.Sprintf("the catalog says %q, the file says %q", own, row.SKU), RemedyAcceptRenamed
	if respelled(own, row.SKU) {
		text += mayBeRewritten
		if has || !carried { // else a fresh file does not put the two together
			remedy = RemedyFreshFile
		}
	}
	switch {
	case has:
		text += fmt.Sprintf("; %s has an article of the SKU %q too: %q", counterpart.Channel, own, counterpart.Name)
	case carried:
		text += fmt.Sprintf("; %q is the SKU of %q (%s %s), and this is %q", row.SKU, carrier.Name, carrier.Channel, carrier.Item, row.article.Name)
	}
	if c.request.AcceptRenamed || remedy == RemedyAcceptRenamed {
		if other, collapsed := c.collapsed(row); collapsed {
			remedy, text = RemedyOwnSKU, text+fmt.Sprintf("; %q would be made of %q (%q) too", row.SKU, skuOf(other), other.Name)
		} else if rewritten(row.SKU) != "" {
			remedy = RemedyOwnSKU
		}
	}
	finding := row.finding(RowRenamed, "%s", text)
	finding.Remedy = remedy
	return finding, true
}

// collapsed is an article of another SKU, by the file or linked before, of which a spreadsheet would make the row's SKU as it would of the
// row's article. They would become one by a number that neither has, and nothing else says that they are: a row that is marked as shared does.
func (c *linkCheck) collapsed(row *checkedRow) (stock.CatalogItem, bool) {
	own := skuOf(row.article)
	if row.Shared || !respelled(own, row.SKU) {
		return stock.CatalogItem{}, false
	}
	var others []stock.CatalogItem
	for _, other := range c.placed[row.SKU] {
		others = append(others, other.article)
	}
	for _, linked := range c.links.ofItem[row.item.ID] {
		if article, known := c.catalogs.item(linked.Channel, linked.Item); known {
			others = append(others, article)
		}
	}
	for _, other := range others {
		if sku := skuOf(other); sku != "" && respelled(sku, row.SKU) && !sweep.SameSKU(sku, own) {
			return other, true
		}
	}
	return stock.CatalogItem{}, false
}

// carrier is the article of the row's item, by the file or linked before, that has the row's SKU in its catalog.
func (c *linkCheck) carrier(row *checkedRow) (counterpart, bool) {
	if other := c.carried[row.SKU]; other != nil {
		return counterpart{other.Channel, other.article}, true
	}
	for _, linked := range c.links.ofItem[row.item.ID] {
		if article, known := c.catalogs.item(linked.Channel, linked.Item); known && skuOf(article) == row.SKU {
			return counterpart{linked.Channel, article}, true
		}
	}
	return counterpart{}, false
}

// noteAccepted notes the rows that stand although their SKU is another than the catalog's, or an article in the place of another.
func (c *linkCheck) noteAccepted(noted map[*checkedRow]RowFinding) {
	for _, row := range c.standing() {
		if finding, has := noted[row]; has {
			c.noted = append(c.noted, finding)
		}
		if found := c.items[row.SKU]; len(found.stale) > 0 && found.item.ID == row.item.ID {
			c.noted = append(c.noted, row.finding(NoteMovedOn, "%s: it is taken for a new article", movedOn(row.SKU, found.stale)))
		}
	}
}
