package shopify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Errors of shop actions. Each names what was asked for.
var (
	// ErrUnknown: no such item, location, order or line.
	ErrUnknown = errors.New("not in the shop")
	// ErrRefused: the shop does not allow it in this state.
	ErrRefused = errors.New("refused by the shop")
)

// Quantity names of a level. on_hand is derived: all of them but incoming
// (https://help.shopify.com/en/manual/products/inventory/managing-inventory-quantities/inventory-states).
const (
	nameAvailable = "available"
	nameCommitted = "committed"
	incoming      = "incoming"
	nameOnHand    = "on_hand"
)

// shopLocation is a place of the shop.
type shopLocation struct {
	id        int64
	name      string
	createdAt time.Time
}

// item is a variant and its inventory item, one to one.
type item struct {
	id, variant, product int64
	sku, name            string
	tracked              bool
	listing              Listing
	createdAt, updatedAt time.Time
}

type levelKey struct{ item, location int64 }

// level is the counters of one item at one location.
type level struct {
	item     *item
	location *shopLocation
	// active is false for a level that came to be by a write to a place where the item is not stocked: not sellable and
	// hidden from default reads (since 2026-04).
	active               bool
	quantities           map[string]int64
	written              map[string]time.Time // when a quantity was last written by name
	createdAt, updatedAt time.Time
}

// quantity is the counter of that name.
func (l *level) quantity(name string) int64 {
	if name != nameOnHand {
		return l.quantities[name]
	}
	var sum int64
	for n, q := range l.quantities {
		if n != incoming {
			sum += q
		}
	}
	return sum
}

// move is one change of a level's counters and what the truth says about it.
type move struct {
	item                 *item
	location             int64
	available, committed int64
	by, key, note        string
	// explained is what the order's counters can explain of the change of available.
	explained int64
}

// apply moves a level's counters now, records the truth, and sends the level's webhook. The caller holds the mutex.
func (s *Shop) apply(event string, m move) {
	if m.available == 0 && m.committed == 0 {
		return
	}
	level := s.level(m.item, m.location, true)
	now := s.now()
	for name, delta := range map[string]int64{nameAvailable: m.available, nameCommitted: m.committed} {
		if delta != 0 {
			level.quantities[name] += delta
			level.written[name] = now
		}
	}
	level.updatedAt = now
	s.record(m)
	if m.available != 0 || s.opts.CommittedMovesLevel {
		s.sendLevel(event, level)
	}
}

// record writes an effect to the truth when it moved available or the order explains it.
func (s *Shop) record(m move) {
	if m.available == 0 && m.explained == 0 {
		return
	}
	s.truth.Add(shop.Effect{
		At: s.opts.Now(), Shop: shop.Shopify, Item: strconv.FormatInt(m.item.id, 10), Location: strconv.FormatInt(m.location, 10),
		Delta: stock.Units(m.available), By: m.by, Explained: stock.Units(m.explained), Key: m.key, Note: m.note,
	})
}

// applyOrder moves levels on account of an order, after the level lag of the moment. An item that is not tracked when its
// turn comes does not move, as on Shopify. The caller holds the mutex.
func (s *Shop) applyOrder(event string, moves []move) {
	s.after(s.faults.Get().LevelLag, func() {
		for _, m := range moves {
			if m.item.tracked {
				s.apply(event, m)
			}
		}
	})
}

// level finds the counters of an item at a location, or makes them. Made by an app's write they are inactive.
func (s *Shop) level(item *item, location int64, active bool) *level {
	key := levelKey{item.id, location}
	if level := s.levels[key]; level != nil {
		return level
	}
	now := s.now()
	level := &level{
		item: item, location: s.locationByID(location), active: active, createdAt: now, updatedAt: now,
		quantities: map[string]int64{}, written: map[string]time.Time{},
	}
	s.levels[key] = level
	return level
}

// Counts is what available shows now at every level, inactive and untracked ones included; sorted by item and location.
func (s *Shop) Counts() []shop.Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	var counts []shop.Count
	for _, item := range s.items {
		for _, location := range s.locations {
			if level := s.levels[levelKey{item.id, location.id}]; level != nil {
				counts = append(counts, shop.Count{
					Item: strconv.FormatInt(item.id, 10), SKU: item.sku, Location: strconv.FormatInt(location.id, 10),
					Quantity: stock.Units(level.quantity(nameAvailable)), Tracked: item.tracked,
				})
			}
		}
	}
	return counts
}

// CountOf returns what one level shows now; false when the item was never stocked there.
func (s *Shop) CountOf(item, location string) (stock.Quantity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findItem(item)
	if err != nil {
		return 0, false
	}
	at, err := s.findLocation(location)
	if err != nil {
		return 0, false
	}
	level := s.levels[levelKey{found.id, at}]
	if level == nil {
		return 0, false
	}
	return stock.Units(level.quantity(nameAvailable)), true
}

func (s *Shop) itemByID(id int64) *item {
	// Ids are given in ascending order, so every list is sorted by id.
	i, found := slices.BinarySearchFunc(s.items, id, func(it *item, id int64) int { return int(it.id - id) })
	if !found {
		return nil
	}
	return s.items[i]
}

func (s *Shop) variantByID(id int64) *item {
	i, found := slices.BinarySearchFunc(s.items, id, func(it *item, id int64) int { return int(it.variant - id) })
	if !found {
		return nil
	}
	return s.items[i]
}

func (s *Shop) locationByID(id int64) *shopLocation {
	i := slices.IndexFunc(s.locations, func(l *shopLocation) bool { return l.id == id })
	if i < 0 {
		return nil
	}
	return s.locations[i]
}

// findItem finds an item by the id of its inventory item as text.
func (s *Shop) findItem(id string) (*item, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err == nil {
		if item := s.itemByID(n); item != nil {
			return item, nil
		}
	}
	return nil, fmt.Errorf("%w: item %.20q", ErrUnknown, id)
}

// findLocation finds a location by its id as text; the first one when it is empty.
func (s *Shop) findLocation(id string) (int64, error) {
	if id == "" {
		return s.locations[0].id, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err == nil && s.locationByID(n) != nil {
		return n, nil
	}
	return 0, fmt.Errorf("%w: location %.20q", ErrUnknown, id)
}
