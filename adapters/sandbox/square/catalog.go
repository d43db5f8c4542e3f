package square

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// price is what one unit of anything costs, in cents.
const price = 1250

// location is one of the seller's locations.
type location struct {
	id, name string
	created  time.Time
}

// variation is a variation and the item around it, which has no other.
type variation struct {
	id, itemID string
	sku, name  string
	tracked    bool
	overrides  map[string]bool // tracking by location, where it differs
	soldOut    map[string]bool // by location
	listing    Listing
	updated    time.Time
	deleted    bool
}

// Listing is how a variation, and the item around it, stand in the catalog beside SKU and name.
type Listing struct {
	UPC      string `json:"upc,omitempty"`
	Archived bool   `json:"archived,omitempty"`
	// ProductType is REGULAR when empty.
	ProductType string `json:"product_type,omitempty"`
	// Composed: it is counted by its components only. UnitOf is the variation that it is counted as, in another unit.
	Composed bool   `json:"composed,omitempty"`
	UnitOf   string `json:"unit_of,omitempty"`
	// MeasuredTo is how many decimals its quantities have, in a unit of weight; 0: it is sold in pieces.
	MeasuredTo int `json:"measured_to,omitempty"`
}

// trackedAt is the effective tracking at a location
// (https://developer.squareup.com/docs/inventory-api/monitor-sold-out-status-on-item-variation).
func (v *variation) trackedAt(location string) bool {
	if tracked, differs := v.overrides[location]; differs {
		return tracked
	}
	return v.tracked
}

// AddLocation opens a location and returns its id.
func (s *Shop) AddLocation(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &location{id: "L" + s.newID(12), name: name, created: s.clock()}
	s.locations = append(s.locations, l)
	return l.id
}

// Locations returns the ids of the seller's locations, the main one first.
func (s *Shop) Locations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, l := range s.locations {
		ids = append(ids, l.id)
	}
	return ids
}

// location finds a location; nil when there is none. The caller holds the mutex.
func (s *Shop) location(id string) *location {
	for _, l := range s.locations {
		if l.id == id {
			return l
		}
	}
	return nil
}

// AddVariation adds an item with one variation to the catalog and returns the variation's id. It has no count until it
// is counted, received or sold.
func (s *Shop) AddVariation(sku, name string, tracked bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &variation{id: s.newID(24), itemID: s.newID(24), sku: sku, name: name, tracked: tracked, overrides: map[string]bool{}}
	s.variations[v.id] = v
	s.catalogChanged(v)
	return v.id
}

// SetTracking switches tracking of a variation; at one location only when that is not empty.
func (s *Shop) SetTracking(item, location string, tracked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.variations[item]
	if v == nil || location != "" && s.location(location) == nil {
		return fmt.Errorf("%w: item %.40q at location %.40q", ErrUnknown, item, location)
	}
	if location == "" {
		v.tracked = tracked
	} else {
		v.overrides[location] = tracked
	}
	s.catalogChanged(v)
	return nil
}

// SetSoldOut marks a variation as sold out at a location, whatever it counts, or takes the mark back.
func (s *Shop) SetSoldOut(item, location string, soldOut bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.variations[item]
	if v == nil || s.location(location) == nil {
		return fmt.Errorf("%w: item %.40q at location %.40q", ErrUnknown, item, location)
	}
	if v.soldOut == nil {
		v.soldOut = map[string]bool{}
	}
	v.soldOut[location] = soldOut
	s.catalogChanged(v)
	return nil
}

// SetSKU renames a variation's SKU.
func (s *Shop) SetSKU(item, sku string) error {
	return s.changeVariation(item, func(v *variation) { v.sku = sku })
}

// List changes how a variation stands in the catalog. Its counters and history stay.
func (s *Shop) List(item string, as Listing) error {
	return s.changeVariation(item, func(v *variation) { v.listing = as })
}

// DeleteVariation takes a variation and its item out of the catalog. Its counters and history stay.
func (s *Shop) DeleteVariation(item string) error {
	return s.changeVariation(item, func(v *variation) { v.deleted = true })
}

func (s *Shop) changeVariation(item string, change func(*variation)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.variations[item]
	if v == nil {
		return fmt.Errorf("%w: item %.40q", ErrUnknown, item)
	}
	change(v)
	s.catalogChanged(v)
	return nil
}

// catalogChanged stamps a variation and tells subscribers. The caller holds the mutex.
func (s *Shop) catalogChanged(v *variation) {
	v.updated = s.tick()
	s.catalogAt = v.updated
	s.notifyCatalog()
}

// sortedVariations returns the catalog by id, the deleted included. The caller holds the mutex.
func (s *Shop) sortedVariations() []*variation {
	return slices.SortedFunc(maps.Values(s.variations), func(a, b *variation) int { return strings.Compare(a.id, b.id) })
}

// priceOf is total_price_money, which goes with adjustments into SOLD and no others.
func (s *Shop) priceOf(q stock.Quantity) *money {
	// Hundredths of a unit times the price stay far inside int64 (quantityMax is 1e14, the price 1.25e3).
	return &money{Amount: int64(q) / int64(stock.Unit/100) * price / 100, Currency: s.opts.Merchant.Currency}
}
