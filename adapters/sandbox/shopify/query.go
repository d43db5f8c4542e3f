package shopify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// queryRoot resolves the root fields of queries. The caller of get holds the mutex.
func (s *Shop) queryRoot() gqlObject {
	return gqlObject{"QueryRoot", func(field string, args map[string]any) (any, error) {
		switch field {
		case "shop":
			return s.shopObject(), nil
		case "currentAppInstallation":
			return installationObject(), nil
		case "node", "order", "inventoryItem", "inventoryLevel", "productVariant", "location":
			return s.byID(field, args)
		case "nodes":
			return s.byIDs(args)
		case "locations":
			return s.locationsPage(args)
		case "inventoryItems":
			return s.itemsPage("InventoryItemConnection", args, s.itemObject)
		case "productVariants":
			return s.itemsPage("ProductVariantConnection", args, s.variantObject)
		case "productVariantsCount":
			return s.variantsCount(args), nil
		case "orders":
			return s.ordersPage(args)
		default:
			return nil, newGQLError("ACCESS_DENIED", "%s is not answered by the pretend shop", field)
		}
	}}
}

// rootKind is the type that a root field by id returns; empty for node, which takes any.
func rootKind(field string) string {
	switch field {
	case "order":
		return "Order"
	case "inventoryItem":
		return "InventoryItem"
	case "inventoryLevel":
		return "InventoryLevel"
	case "productVariant":
		return "ProductVariant"
	case "location":
		return "Location"
	default:
		return ""
	}
}

// byID resolves a root field by id. An id that nothing has is null without an error; location without an id is the
// first one.
func (s *Shop) byID(field string, args map[string]any) (any, error) {
	if args["id"] == nil {
		return s.locationObject(s.locations[0]), nil
	}
	gid := fmt.Sprint(args["id"])
	kind, id, item, err := parseGID(gid)
	if err != nil {
		return nil, err
	}
	if want := rootKind(field); want != "" && kind != want {
		return nil, newGQLError("RESOURCE_NOT_FOUND", "Invalid id: %s", gid)
	}
	return s.object(kind, id, item), nil
}

func (s *Shop) byIDs(args map[string]any) (any, error) {
	ids := textList(args["ids"])
	if len(ids) > pageMax {
		err := newGQLError("MAX_INPUT_SIZE_EXCEEDED", "The input array size of %d is greater than the maximum allowed of %d.",
			len(ids), pageMax)
		err.Path = []any{"ids"}
		return nil, err
	}
	nodes := make(gqlNodes, len(ids))
	for i, gid := range ids {
		kind, id, item, err := parseGID(gid)
		if err != nil {
			return nil, err
		}
		nodes[i] = s.object(kind, id, item)
	}
	return nodes, nil
}

// object finds an object by kind and number; nil when there is none. item is set for levels only.
func (s *Shop) object(kind string, id, item int64) any {
	switch kind {
	case "InventoryItem":
		if it := s.itemByID(id); it != nil {
			return s.itemObject(it)
		}
	case "ProductVariant":
		if it := s.variantByID(id); it != nil {
			return s.variantObject(it)
		}
	case "Location":
		if l := s.locationByID(id); l != nil {
			return s.locationObject(l)
		}
	case "InventoryLevel":
		for key, level := range s.levels {
			if key.item == item && levelNumber(key.location) == id {
				return s.levelObject(level)
			}
		}
	case "Order":
		if o := s.orderByID(id); o != nil && s.visible(o) {
			return s.orderObject(o)
		}
	}
	return nil
}

// parseGID reads "gid://shopify/Kind/123", for levels with "?inventory_item_id=45".
func parseGID(gid string) (kind string, id, item int64, err error) {
	rest, ok := strings.CutPrefix(gid, "gid://shopify/")
	kind, number, cut := strings.Cut(rest, "/")
	number, query, _ := strings.Cut(number, "?")
	id, idErr := strconv.ParseInt(number, 10, 64)
	if !ok || !cut || idErr != nil {
		return "", 0, 0, newGQLError("INVALID_FIELD_ARGUMENTS", "Invalid global id '%s'", gid)
	}
	if text, found := strings.CutPrefix(query, "inventory_item_id="); found {
		if item, err = strconv.ParseInt(text, 10, 64); err != nil {
			return "", 0, 0, newGQLError("INVALID_FIELD_ARGUMENTS", "Invalid global id '%s'", gid)
		}
	}
	return kind, id, item, nil
}

// textList reads a list argument; a single value is a list of one.
func textList(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		out := make([]string, len(v))
		for i, e := range v {
			out[i] = fmt.Sprint(e)
		}
		return out
	default:
		return []string{fmt.Sprint(v)}
	}
}

func (s *Shop) locationsPage(args map[string]any) (any, error) {
	var entries []gqlEntry
	wanted := searchOf(args)
	for _, l := range s.locations {
		fields := searchFields{"id": l.id, "name": l.name, "location_id": l.id}
		if wanted.finds(fields.field) {
			entries = append(entries, gqlEntry{sort: l.id, id: l.id, node: s.locationObject(l)})
		}
	}
	return paginate("LocationConnection", entries, args, false)
}

// itemsPage lists inventory items or their variants.
func (s *Shop) itemsPage(kind string, args map[string]any, object func(*item) gqlObject) (any, error) {
	var entries []gqlEntry
	wanted := searchOf(args)
	for _, it := range s.items {
		fields := searchFields{
			"id": it.id, "sku": it.sku, "created_at": it.createdAt.Unix(), "updated_at": it.updatedAt.Unix(),
		}
		if kind == "ProductVariantConnection" {
			fields["id"], fields["product_id"] = it.variant, it.product
		}
		if wanted.finds(fields.field) {
			entries = append(entries, gqlEntry{sort: it.id, id: it.id, node: object(it)})
		}
	}
	return paginate(kind, entries, args, false)
}

// variantsCount is how many variants there are, up to a limit, and whether that is all (https://shopify.dev/changelog/unification-of-count-fields).
func (s *Shop) variantsCount(args map[string]any) gqlObject {
	count, precision := len(s.items), "EXACT"
	if limit, set := args["limit"].(int64); set && int64(count) > limit {
		count, precision = int(limit), "AT_LEAST"
	}
	return gqlObject{"Count", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "count":
			return count, nil
		case "precision":
			return precision, nil
		}
		return nil, unknownField("Count", field)
	}}
}

// ordersSeen is how old an order may be for a token with read_orders to see it
// (https://shopify.dev/docs/api/usage/access-scopes). Webhooks tell of older ones all the same.
const ordersSeen = 60 * 24 * time.Hour

func (s *Shop) visible(o *order) bool {
	return s.opts.Now().Sub(o.createdAt) <= ordersSeen
}

// searchField is what an order can be found by. There may be very many: nothing is made for those that are not found.
func (o *order) searchField(name string) any {
	switch name {
	case "id":
		return o.id
	case "name":
		return o.name()
	case "created_at", "processed_at":
		return o.createdAt.Unix()
	case "updated_at":
		return o.updatedAt.Unix()
	}
	return nil
}

func (s *Shop) ordersPage(args map[string]any) (any, error) {
	var entries []gqlEntry
	wanted := searchOf(args)
	for _, o := range s.orders {
		if !wanted.finds(o.searchField) || !s.visible(o) {
			continue
		}
		entry := gqlEntry{sort: o.createdAt.Unix(), id: o.id, node: s.orderObject(o)}
		switch args["sortKey"] {
		case "UPDATED_AT":
			entry.sort = o.updatedAt.Unix()
		case "ID":
			entry.sort = o.id
		}
		entries = append(entries, entry)
	}
	reverse, _ := args["reverse"].(bool)
	return paginate("OrderConnection", entries, args, reverse)
}
