package shopify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// quantityMax bounds what a hand can enter, as the admin does; units.
const quantityMax = 1_000_000_000

// Variant names a variant. On Shopify order lines carry Variant and levels carry Item.
type Variant struct {
	Item    string `json:"item"`
	Variant string `json:"variant"`
}

// NewVariant is what AddVariant adds.
type NewVariant struct {
	SKU     string `json:"sku"`
	Name    string `json:"name"`
	Tracked bool   `json:"tracked"`
	// Available is the quantity at the first location, in units.
	Available int64 `json:"available"`
	Listing
}

// Listing is how a variant stands in the catalog, beside its SKU and name.
type Listing struct {
	Barcode string `json:"barcode,omitempty"`
	// Status is ACTIVE, ARCHIVED, DRAFT or UNLISTED; empty: ACTIVE.
	Status   string `json:"status,omitempty"`
	GiftCard bool   `json:"gift_card,omitempty"`
	// Bundle: it is sold as its parts.
	Bundle bool `json:"bundle,omitempty"`
}

// ListedAs is how an item is listed from now on.
type ListedAs struct {
	Item string `json:"item"`
	SKU  string `json:"sku"`
	Name string `json:"name"`
	Listing
}

// List changes how an item stands in the catalog. Its counters stay.
func (s *Shop) List(as ListedAs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, err := s.findItem(as.Item)
	if err != nil {
		return err
	}
	item.sku, item.name, item.listing, item.updatedAt = as.SKU, cmp.Or(as.Name, item.name), as.Listing, s.now()
	s.sendItem(s.newEvent(), topicItemUpdate, item)
	return nil
}

// StockChange is a quantity at an item's level, in units. An empty location is the first one.
type StockChange struct {
	Item     string `json:"item"`
	Location string `json:"location"`
	Quantity int64  `json:"quantity"`
}

// Tracking says whether Shopify shall count an item.
type Tracking struct {
	Item    string `json:"item"`
	Tracked bool   `json:"tracked"`
}

// AddVariant adds a variant, stocked at the first location. What it starts with is an effect by "hand".
func (s *Shop) AddVariant(v NewVariant) (Variant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.Available > quantityMax || v.Available < -quantityMax {
		return Variant{}, fmt.Errorf("%w: %d units", ErrRefused, v.Available)
	}
	now := s.now()
	item := &item{
		id: s.nextID("InventoryItem"), variant: s.nextID("ProductVariant"), product: s.nextID("Product"),
		sku: v.SKU, name: v.Name, tracked: v.Tracked, listing: v.Listing, createdAt: now, updatedAt: now,
	}
	s.items = append(s.items, item)
	at := s.locations[0].id
	s.level(item, at, true)
	s.apply(s.newEvent(), move{item: item, location: at, available: v.Available, by: "hand", note: "opening"})
	return Variant{Item: strconv.FormatInt(item.id, 10), Variant: strconv.FormatInt(item.variant, 10)}, nil
}

// Deletion names a variant to delete by its inventory item.
type Deletion struct {
	Item string `json:"item"`
}

// DeleteVariant takes a variant and its inventory item out of the shop, with their levels. Their orders stay.
func (s *Shop) DeleteVariant(d Deletion) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	deleted, err := s.findItem(d.Item)
	if err != nil {
		return err
	}
	s.items = slices.DeleteFunc(s.items, func(it *item) bool { return it == deleted })
	maps.DeleteFunc(s.levels, func(key levelKey, _ *level) bool { return key.item == deleted.id })
	s.sendItem(s.newEvent(), topicItemDelete, deleted)
	return nil
}

// SetAvailable is the merchant typing a number into the admin: available becomes it.
func (s *Shop) SetAvailable(c StockChange) error {
	return s.byHand(c, "hand", func(level *level) int64 { return c.Quantity - level.quantity(nameAvailable) })
}

// Receive is goods that arrive; a level that was not active becomes so.
func (s *Shop) Receive(c StockChange) error {
	if c.Quantity <= 0 {
		return fmt.Errorf("%w: receiving %d units", ErrRefused, c.Quantity)
	}
	return s.byHand(c, "received", func(*level) int64 { return c.Quantity })
}

// AdjustByOtherApp is another app changing available by a quantity.
func (s *Shop) AdjustByOtherApp(c StockChange) error {
	return s.byHand(c, "other_app", func(*level) int64 { return c.Quantity })
}

// byHand changes available at once: neither a hand nor an app waits for the level lag of orders.
func (s *Shop) byHand(c StockChange, by string, delta func(*level) int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, err := s.findItem(c.Item)
	if err != nil {
		return err
	}
	location, err := s.findLocation(c.Location)
	if err != nil {
		return err
	}
	if c.Quantity > quantityMax || c.Quantity < -quantityMax {
		return fmt.Errorf("%w: %d units", ErrRefused, c.Quantity)
	}
	level := s.level(item, location, true)
	level.active = true
	s.apply(s.newEvent(), move{item: item, location: location, available: delta(level), by: by})
	return nil
}

// SetTracked switches counting on or off. The numbers stay; webhooks say null while it is off. The levels' webhooks are
// sent and their times move, so that a channel can learn of it (what Shopify sends here is not documented).
func (s *Shop) SetTracked(t Tracking) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, err := s.findItem(t.Item)
	if err != nil {
		return err
	}
	if item.tracked == t.Tracked {
		return nil
	}
	event := s.newEvent()
	item.tracked, item.updatedAt = t.Tracked, s.now()
	s.sendItem(event, topicItemUpdate, item)
	for _, location := range s.locations {
		if level := s.levels[levelKey{item.id, location.id}]; level != nil && level.active {
			level.updatedAt = item.updatedAt
			s.sendLevel(event, level)
		}
	}
	return nil
}
