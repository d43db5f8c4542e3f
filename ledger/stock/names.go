package stock

import "strings"

// Channel names one connected till or store, as the configuration calls it.
type Channel string

// Location names a physical place where stock is held, as the configuration calls it.
type Location string

// ItemID identifies one sellable variant for ever. The SKU is only a label: merchants rename it.
type ItemID string

// Item is one sellable variant.
type Item struct {
	ID   ItemID `json:"id"`
	SKU  string `json:"sku"`
	Name string `json:"name,omitempty"`
}

// Shelf is one item at one of our locations; its level is the units available there.
type Shelf struct {
	Item     ItemID   `json:"item"`
	Location Location `json:"location"`
}

// Ref is how one channel names a shelf: its own item id (Square: variation, Shopify: inventory item) and its own
// location id. Every ref has a counter on its platform that others change behind our back.
type Ref struct {
	Channel  Channel `json:"channel"`
	Item     string  `json:"item"`
	Location string  `json:"location"`
}

// String is "channel/item@location".
func (r Ref) String() string { return string(r.Channel) + "/" + r.Item + "@" + r.Location }

// Compare orders refs by channel, item, location.
func (r Ref) Compare(o Ref) int {
	if c := strings.Compare(string(r.Channel), string(o.Channel)); c != 0 {
		return c
	}
	if c := strings.Compare(r.Item, o.Item); c != 0 {
		return c
	}
	return strings.Compare(r.Location, o.Location)
}

// Compare orders shelves by item, then location.
func (s Shelf) Compare(o Shelf) int {
	if c := strings.Compare(string(s.Item), string(o.Item)); c != 0 {
		return c
	}
	return strings.Compare(string(s.Location), string(o.Location))
}

// CatalogItem is an item as one channel lists it.
type CatalogItem struct {
	// Item is the id that refs use; SoldAs is the id that order lines use. They differ on Shopify, where lines name the
	// variant and levels the inventory item; on Square both are the variation.
	Item   string
	SoldAs string
	SKU    string
	Name   string
	// Barcode is the article's GTIN as it was typed in; "" for none.
	Barcode string
	// LeftOut says why the item is not matched with those of other channels; "" for an article that is sold and counted.
	LeftOut LeftOut
	// TrackedAt says per channel location whether the platform keeps a count; Tracked is what holds elsewhere.
	Tracked   bool
	TrackedAt map[string]bool
}

// LeftOut is why an item of a catalog is not matched with those of other channels.
type LeftOut string

// The reasons.
const (
	// Archived and Draft: it is not sold now. Its SKU may stand on the article that took its place.
	Archived LeftOut = "archived"
	Draft    LeftOut = "draft"
	// BundleParent: what is counted are its parts.
	BundleParent LeftOut = "bundle"
	// OtherUnit: it is sold in a unit of its own, and counted as another item.
	OtherUnit LeftOut = "other unit"
	// Measured: it is sold in parts of a unit, by weight or length, which a channel of whole units rounds down.
	Measured LeftOut = "measured"
	// GiftCard and NoGoods (services, donations, downloads): there is nothing on a shelf.
	GiftCard LeftOut = "gift card"
	NoGoods  LeftOut = "no goods"
)

// Countable says whether the item has a counter that could be kept even.
func (l LeftOut) Countable() bool { return l == "" || l == Archived || l == Draft || l == Measured }

// ChannelLocation is a location as one channel lists it.
type ChannelLocation struct {
	ID     string
	Name   string
	Active bool
}

// Traits are the properties of a platform that the rules depend on.
type Traits struct {
	// Platform is the vendor's name: "square", "shopify".
	Platform string
	// History says that the platform keeps a feed of changes that names our own rows and that a recount may absorb what
	// lies before it (Square). Without it (Shopify) an answered push has had its effect.
	History bool
	// Step is the smallest quantity the platform takes: 1 unit on Shopify, 1/100,000 on Square.
	Step Quantity
	// ForgetsKeysAfterHours is how long the platform is relied on to remember an idempotency key; 0 where the feed settles an
	// unknown outcome.
	ForgetsKeysAfterHours int
}
