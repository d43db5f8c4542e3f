package shopify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The objects of the inventory. Their fields are those of admin.graphql; validation has refused all others,
// so the defaults of the switches below are never reached by a query.

func unknownField(kind, field string) error {
	return fmt.Errorf("resolving %s.%s: no such field", kind, field)
}

// tokenScopes are what the token of the pretend shop may do.
var tokenScopes = []string{"write_inventory", "read_products", "read_orders", "read_locations", "read_merchant_managed_fulfillment_orders"}

func installationObject() gqlObject {
	return gqlObject{"AppInstallation", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("AppInstallation", 1), nil
		case "accessScopes":
			var scopes []gqlObject
			for _, handle := range tokenScopes {
				scopes = append(scopes, gqlObject{"AccessScope", func(string, map[string]any) (any, error) { return handle, nil }})
			}
			return scopes, nil
		}
		return nil, unknownField("AppInstallation", field)
	}}
}

func (s *Shop) shopObject() gqlObject {
	return gqlObject{"Shop", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("Shop", 1), nil
		case "name":
			name, _, _ := strings.Cut(s.opts.Domain, ".")
			return name, nil
		case "myshopifyDomain":
			return s.opts.Domain, nil
		case "ianaTimezone":
			return "Etc/UTC", nil
		case "timezoneOffset":
			return time.Unix(0, 0).In(s.opts.Zone).Format("-0700"), nil
		case "url":
			return "https://" + s.opts.Domain, nil
		}
		return nil, unknownField("Shop", field)
	}}
}

func (s *Shop) locationObject(l *shopLocation) gqlObject {
	return gqlObject{"Location", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("Location", l.id), nil
		case "legacyResourceId":
			return strconv.FormatInt(l.id, 10), nil
		case "name":
			return l.name, nil
		case "isActive", "shipsInventory", "fulfillsOnlineOrders", "hasActiveInventory":
			return true, nil
		case "createdAt", "updatedAt":
			return gqlTime(l.createdAt), nil
		case "inventoryLevel":
			_, item, _, err := parseGID(fmt.Sprint(args["inventoryItemId"]))
			return s.visibleLevel(item, l.id, args), err
		case "inventoryLevels":
			return s.levelsPage(args, func(key levelKey) bool { return key.location == l.id })
		}
		return nil, unknownField("Location", field)
	}}
}

func (s *Shop) itemObject(it *item) gqlObject {
	return gqlObject{"InventoryItem", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("InventoryItem", it.id), nil
		case "legacyResourceId":
			return strconv.FormatInt(it.id, 10), nil
		case "sku":
			return it.sku, nil
		case "tracked":
			return it.tracked, nil
		case "requiresShipping":
			return true, nil
		case "duplicateSkuCount":
			return s.sameSKU(it) - 1, nil
		case "createdAt":
			return gqlTime(it.createdAt), nil
		case "updatedAt":
			return gqlTime(it.updatedAt), nil
		case "inventoryLevel":
			_, location, _, err := parseGID(fmt.Sprint(args["locationId"]))
			return s.visibleLevel(it.id, location, args), err
		case "inventoryLevels":
			return s.levelsPage(args, func(key levelKey) bool { return key.item == it.id })
		case "variant":
			return s.variantObject(it), nil
		case "variants":
			only := []gqlEntry{{sort: it.variant, id: it.variant, node: s.variantObject(it)}}
			return paginate("ProductVariantConnection", only, args, false)
		}
		return nil, unknownField("InventoryItem", field)
	}}
}

// sameSKU counts the items with the same SKU; 1 when it is the only one or has none.
func (s *Shop) sameSKU(it *item) int {
	if it.sku == "" {
		return 1
	}
	n := 0
	for _, other := range s.items {
		if other.sku == it.sku {
			n++
		}
	}
	return n
}

// visibleLevel is a level or nil: inactive ones show only on request.
func (s *Shop) visibleLevel(item, location int64, args map[string]any) any {
	level := s.levels[levelKey{item, location}]
	if level == nil || !level.active && args["includeInactive"] != true {
		return nil
	}
	return s.levelObject(level)
}

// levelsPage lists the levels of an item or a location, in the order of their ids and not of their times.
func (s *Shop) levelsPage(args map[string]any, of func(levelKey) bool) (any, error) {
	var entries []gqlEntry
	wanted := searchOf(args)
	for key, level := range s.levels {
		if !of(key) || !level.active && args["includeInactive"] != true {
			continue
		}
		fields := searchFields{
			"inventory_item_id": key.item, "created_at": level.createdAt.Unix(), "updated_at": level.updatedAt.Unix(),
		}
		if wanted.finds(fields.field) {
			entries = append(entries, gqlEntry{sort: key.item, id: key.location, node: s.levelObject(level)})
		}
	}
	return paginate("InventoryLevelConnection", entries, args, false)
}

func (s *Shop) levelObject(l *level) gqlObject {
	return gqlObject{"InventoryLevel", func(field string, args map[string]any) (any, error) {
		switch field {
		case "id":
			return l.gid(), nil
		case "isActive":
			return l.active, nil
		case "createdAt":
			return gqlTime(l.createdAt), nil
		case "updatedAt":
			return gqlTime(l.updatedAt), nil
		case "item":
			return s.itemObject(l.item), nil
		case "location":
			return s.locationObject(l.location), nil
		case "quantities":
			return l.quantityObjects(textList(args["names"]))
		}
		return nil, unknownField("InventoryLevel", field)
	}}
}

// quantityObjects are the counters asked for. Only those that were written by name have a time of their own.
func (l *level) quantityObjects(names []string) (any, error) {
	objects := []gqlObject{}
	for _, name := range names {
		if name != nameOnHand && name != nameCommitted && !slices.Contains(adjustableNames(), name) {
			return nil, newGQLError("INVALID_FIELD_ARGUMENTS", "The quantity name %s is invalid.", name)
		}
		id := gid("InventoryQuantity", levelNumber(l.location.id)) +
			fmt.Sprintf("?inventory_item_id=%d&name=%s", l.item.id, name)
		objects = append(objects, gqlObject{"InventoryQuantity", func(field string, _ map[string]any) (any, error) {
			switch field {
			case "id":
				return id, nil
			case "name":
				return name, nil
			case "quantity":
				return l.quantity(name), nil
			case "updatedAt":
				return gqlTime(l.written[name]), nil
			}
			return nil, unknownField("InventoryQuantity", field)
		}})
	}
	return objects, nil
}

func (s *Shop) variantObject(it *item) gqlObject {
	return gqlObject{"ProductVariant", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("ProductVariant", it.variant), nil
		case "legacyResourceId":
			return strconv.FormatInt(it.variant, 10), nil
		case "sku":
			return it.sku, nil
		case "barcode":
			if it.listing.Barcode == "" {
				return nil, nil
			}
			return it.listing.Barcode, nil
		case "title":
			return "Default Title", nil
		case "displayName":
			return it.name + " - Default Title", nil
		case "createdAt":
			return gqlTime(it.createdAt), nil
		case "updatedAt":
			return gqlTime(it.updatedAt), nil
		case "inventoryPolicy":
			return "CONTINUE", nil
		case "inventoryQuantity":
			return s.sellable(it), nil
		case "inventoryItem":
			return s.itemObject(it), nil
		case "product":
			return productObject(it), nil
		case "requiresComponents":
			return it.listing.Bundle, nil
		}
		return nil, unknownField("ProductVariant", field)
	}}
}

// sellable sums available over the active levels.
func (s *Shop) sellable(it *item) int64 {
	var sum int64
	for _, location := range s.locations {
		if level := s.levels[levelKey{it.id, location.id}]; level != nil && level.active {
			sum += level.quantity(nameAvailable)
		}
	}
	return sum
}

func productObject(it *item) gqlObject {
	return gqlObject{"Product", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "id":
			return gid("Product", it.product), nil
		case "legacyResourceId":
			return strconv.FormatInt(it.product, 10), nil
		case "title":
			return it.name, nil
		case "status":
			return cmp.Or(it.listing.Status, "ACTIVE"), nil
		case "isGiftCard":
			return it.listing.GiftCard, nil
		}
		return nil, unknownField("Product", field)
	}}
}
