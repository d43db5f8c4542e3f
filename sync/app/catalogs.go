package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// ChannelItem names an item as a channel does.
type ChannelItem = sweep.ChannelItem

// catalogs are what all channels list, in the order of the configuration.
type catalogs struct {
	channels []stock.Channel
	lists    map[stock.Channel][]stock.CatalogItem
	byItem   map[ChannelItem]stock.CatalogItem
	bySKU    map[string][]ChannelItem
	// byID has the items by each of their ids.
	byID map[string][]ChannelItem
}

// readCatalogs reads the catalog of every channel.
func (a *App) readCatalogs(ctx context.Context) (catalogs, error) {
	c := catalogs{lists: map[stock.Channel][]stock.CatalogItem{}, byItem: map[ChannelItem]stock.CatalogItem{}, bySKU: map[string][]ChannelItem{},
		byID: map[string][]ChannelItem{}}
	for _, channel := range a.Channels {
		list, err := sweep.ReadCatalog(ctx, channel.Platform)
		if err != nil {
			return c, unanswered(channel.Name, fmt.Sprintf("reading the catalog of %s", channel.Name), err)
		}
		c.channels = append(c.channels, channel.Name)
		c.lists[channel.Name] = list
		for _, item := range list {
			name := ChannelItem{Channel: channel.Name, Item: item.Item}
			c.byItem[name] = item
			c.byID[item.Item] = append(c.byID[item.Item], name)
			if item.SoldAs != item.Item {
				c.byID[item.SoldAs] = append(c.byID[item.SoldAs], name)
			}
			if sku := skuOf(item); sku != "" {
				c.bySKU[sku] = append(c.bySKU[sku], name)
			}
		}
	}
	return c, nil
}

func (c catalogs) item(channel stock.Channel, item string) (stock.CatalogItem, bool) {
	found, known := c.byItem[ChannelItem{Channel: channel, Item: item}]
	return found, known
}

// counterpart is an article of another channel.
type counterpart struct {
	Channel stock.Channel
	stock.CatalogItem
}

// elsewhere finds an article of another channel that is sold under a SKU.
func (c catalogs) elsewhere(channel stock.Channel, sku string) (counterpart, bool) {
	for _, name := range c.bySKU[sku] {
		if item := c.byItem[name]; name.Channel != channel && item.LeftOut == "" {
			return counterpart{name.Channel, item}, true
		}
	}
	return counterpart{}, false
}

// known says what an id is that the channel's catalog does not have as an item; "" when no catalog has it.
func (c catalogs) known(channel stock.Channel, id string) string {
	names := c.byID[id]
	if len(names) == 0 {
		return ""
	}
	name := names[0]
	if item := c.byItem[name]; name.Channel == channel {
		return fmt.Sprintf("%s is the id that orders use for %q; its item is %s", id, item.Name, item.Item)
	}
	return fmt.Sprintf("%s is an id of %s (%q), not of %s", id, name.Channel, c.byItem[name].Name, channel)
}

// linkIndex says which articles are tied to which items.
type linkIndex struct {
	ofItem map[stock.ItemID][]ChannelItem
	tied   map[ChannelItem]stock.ItemID
	soldAs map[ChannelItem]string
	// open are the shelves that have an opening, settled the refs that have joined theirs.
	open    map[stock.Shelf]bool
	settled map[stock.Ref]bool
}

// indexLinks reads which articles are tied to which items, those that are to be untied once their calls are definite too.
func (a *App) indexLinks(ctx context.Context) (linkIndex, error) {
	index := linkIndex{ofItem: map[stock.ItemID][]ChannelItem{}, tied: map[ChannelItem]stock.ItemID{}, soldAs: map[ChannelItem]string{},
		open: map[stock.Shelf]bool{}, settled: map[stock.Ref]bool{}}
	for ref, err := range ledger.AllRefs(ctx, a.Ledger, ledger.RefFilter{}) {
		if err != nil {
			return index, err
		}
		name := ChannelItem{Channel: ref.State.Ref.Channel, Item: ref.State.Ref.Item}
		index.open[ref.State.Shelf] = index.open[ref.State.Shelf] || ref.Opened
		index.settled[ref.State.Ref] = joined(ref.State.Status)
		if ref.State.Status == ledger.Unlinked || index.tied[name] != "" {
			continue
		}
		index.tied[name], index.soldAs[name] = ref.State.Shelf.Item, ref.State.SoldAs
		index.ofItem[ref.State.Shelf.Item] = append(index.ofItem[ref.State.Shelf.Item], name)
	}
	return index, nil
}

// joined says whether a ref's count belongs to its shelf, or can at least not be had; else it waits to be read, or for a person's word.
func joined(status ledger.RefStatus) bool {
	return status != ledger.Linked && status != ledger.WaitsToJoin && status != ledger.Unlinked
}

// unsettled counts the refs to be linked on shelves that are not open yet, and those that come to an open one and have not joined it.
func (l linkIndex) unsettled(links []ledger.Input) (opens, joins int) {
	for _, input := range links {
		link := input.(ledger.LinkRef)
		switch {
		case !l.open[link.Shelf]:
			opens++
		case !l.settled[link.Ref]:
			joins++
		}
	}
	return opens, joins
}

// item is the item that an article is tied to; "" for none.
func (l linkIndex) item(channel stock.Channel, item string) stock.ItemID {
	return l.tied[ChannelItem{Channel: channel, Item: item}]
}

// carriers are the items of which a linked article has the SKU now.
func (l linkIndex) carriers(c catalogs, sku string) []stock.ItemID {
	var items []stock.ItemID
	for _, name := range c.bySKU[sku] {
		if item := l.tied[name]; item != "" && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return items
}

// carriesAnother says that the linked articles of an item have SKUs, and none of them this one.
func (l linkIndex) carriesAnother(c catalogs, item stock.ItemID, sku string) bool {
	another := false
	for _, name := range l.ofItem[item] {
		switch own := skuOf(c.byItem[name]); own {
		case "":
		case sku:
			return false
		default:
			another = true
		}
	}
	return another
}

// leftOutWords say why an article is not matched.
var leftOutWords = map[stock.LeftOut]string{
	stock.Archived: "archived", stock.Draft: "a draft", stock.BundleParent: "it is a bundle, of which the parts are counted",
	stock.OtherUnit: "it is sold in another unit and counted as another article", stock.GiftCard: "it is a gift card",
	stock.NoGoods: "it is a service or a download", stock.Measured: "sold in parts of a unit, and a channel of whole units rounds down",
}

// skuOf is an article's SKU; "" when what stands there means that it has none.
func skuOf(item stock.CatalogItem) string {
	if sweep.Placeholder(item.SKU) {
		return ""
	}
	return item.SKU
}
