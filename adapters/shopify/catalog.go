package shopify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// locationPages bounds the list of locations, in pages of pageWide; plans end at 1,000 locations.
	locationPages = 20
)

// scopes are the access scopes that the product needs; any one of each row will do.
var scopes = [][]string{
	{"write_inventory"},
	{"read_products", "write_products"},
	{"read_orders", "write_orders"},
	{"read_locations", "write_locations"},
	{
		"read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders",
		"read_assigned_fulfillment_orders", "write_assigned_fulfillment_orders",
		"read_third_party_fulfillment_orders", "write_third_party_fulfillment_orders",
	},
}

// Scopes are the access scopes that a token needs.
func (c *Channel) Scopes() []string {
	needed := make([]string, len(scopes))
	for i, choice := range scopes {
		needed[i] = choice[0]
	}
	return needed
}

// CheckToken asks whether the token works and has the scopes that are needed. An error names those that are missing.
func (c *Channel) CheckToken(ctx context.Context) error {
	var data struct {
		Installation *struct {
			Scopes []struct {
				Handle string `json:"handle"`
			} `json:"accessScopes"`
		} `json:"currentAppInstallation"`
	}
	if _, err := c.query(ctx, opScopes, nil, &data); err != nil {
		return fmt.Errorf("checking the token: %w", err)
	}
	if data.Installation == nil {
		return fmt.Errorf("checking the token: %w", badAnswer(opScopes.name, "no installation", nil))
	}
	if c.versionReported.Load() {
		return &Error{Operation: opScopes.name, Code: codeVersion, Message: "the platform does not speak " + APIVersion}
	}
	var missing []string
	for _, choice := range scopes {
		has := slices.ContainsFunc(data.Installation.Scopes, func(s struct {
			Handle string `json:"handle"`
		}) bool {
			return slices.Contains(choice, s.Handle)
		})
		if !has {
			missing = append(missing, choice[0])
		}
	}
	if len(missing) > 0 {
		return &Error{Operation: opScopes.name, Code: codeScopes, Message: strings.Join(missing, ", ")}
	}
	return nil
}

// Locations lists every location of the store, inactive ones and those of fulfillment services too.
func (c *Channel) Locations(ctx context.Context) ([]stock.ChannelLocation, error) {
	type node struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		IsActive bool   `json:"isActive"`
	}
	var found []stock.ChannelLocation
	after := ""
	for range locationPages {
		var data struct {
			Locations connection[node] `json:"locations"`
		}
		vars := map[string]any{"first": pageWide, "after": optional(after)}
		if _, err := c.query(ctx, opLocations, vars, &data); err != nil {
			return nil, fmt.Errorf("listing locations: %w", err)
		}
		for _, n := range data.Locations.Nodes {
			id, err := numberOf(typeLocation, n.ID)
			if err != nil {
				return nil, fmt.Errorf("listing locations: %w", badAnswer(opLocations.name, "", err))
			}
			found = append(found, stock.ChannelLocation{ID: id, Name: label(n.Name), Active: n.IsActive})
		}
		next, err := data.Locations.next(opLocations.name, after)
		if err != nil {
			return nil, fmt.Errorf("listing locations: %w", err)
		}
		if next == "" {
			return found, nil
		}
		after = next
	}
	return nil, fmt.Errorf("listing locations: %w", tooMany(opLocations.name, "locations", locationPages))
}

// CheckItem says why a text cannot be the id of an inventory item; nil: it can.
func (c *Channel) CheckItem(item string) error { return checkNumeric(item) }

// product is what a catalog says of a variant's product.
type product struct {
	Status   string `json:"status"`
	GiftCard bool   `json:"isGiftCard"`
}

// leftOut says why a variant is not matched with items of other channels. What it is comes before whether it is sold.
func (p product) leftOut(bundle bool) stock.LeftOut {
	switch {
	case p.GiftCard:
		return stock.GiftCard
	case bundle:
		return stock.BundleParent
	case p.Status == "ARCHIVED":
		return stock.Archived
	case p.Status == "DRAFT":
		return stock.Draft
	}
	return ""
}

// sku is a merchant's label of an article, to the letter but for control characters, which are made visible: dropped, they would
// make it equal to another label.
func sku(text *string) string {
	if text == nil {
		return ""
	}
	return stock.Visible(*text)
}

// variantNode is a variant as a catalog lists it.
type variantNode struct {
	ID            string    `json:"id"`
	CreatedAt     time.Time `json:"createdAt"`
	SKU           *string   `json:"sku"`
	Barcode       *string   `json:"barcode"`
	DisplayName   string    `json:"displayName"`
	Bundle        bool      `json:"requiresComponents"`
	Product       product   `json:"product"`
	InventoryItem struct {
		ID      string `json:"id"`
		Tracked bool   `json:"tracked"`
	} `json:"inventoryItem"`
}

func (n variantNode) item(operation string) (stock.CatalogItem, error) {
	variant, err := numberOf(typeVariant, n.ID)
	if err != nil {
		return stock.CatalogItem{}, badAnswer(operation, "", err)
	}
	item, err := numberOf(typeItem, n.InventoryItem.ID)
	if err != nil {
		return stock.CatalogItem{}, badAnswer(operation, "", err)
	}
	return stock.CatalogItem{Item: item, SoldAs: variant, SKU: sku(n.SKU), Name: label(n.DisplayName), Barcode: sku(n.Barcode),
		LeftOut: n.Product.leftOut(n.Bundle), Tracked: n.InventoryItem.Tracked}, nil
}

// variantsPage is the answer to both lists of variants.
type variantsPage struct {
	Variants connection[variantNode] `json:"productVariants"`
	Count    *struct {
		Count     int    `json:"count"`
		Precision string `json:"precision"`
	} `json:"productVariantsCount"`
}

// listVariants lists variants by ascending id, a page at a time; filter restricts them, nil: all.
func (c *Channel) listVariants(ctx context.Context, op operation, filter *string, cursor string) (page variantsPage, items []stock.CatalogItem, next string, date time.Time, err error) {
	at, err := parseListCursor(cursor)
	if err != nil {
		return page, nil, "", date, err
	}
	vars := map[string]any{"first": pageWide, "after": optional(at.after), "query": filter}
	if at.from != "" {
		if err := checkNumeric(at.from); err != nil {
			return page, nil, "", date, fmt.Errorf("%w: %w", ErrCursor, err)
		}
		query := "id:>" + at.from
		if filter != nil {
			query += " AND " + *filter
		}
		vars["query"] = query
	}
	if date, err = c.query(ctx, op, vars, &page); err != nil {
		return page, nil, "", date, err
	}
	last := ""
	for _, node := range page.Variants.Nodes {
		item, err := node.item(op.name)
		if err != nil {
			return page, nil, "", date, err
		}
		items, last = append(items, item), item.SoldAs
	}
	after, err := page.Variants.next(op.name, at.after)
	if err == nil {
		next, err = at.advance(op.name, len(items), after, last)
	}
	return page, items, next, date, err
}

// Catalog lists the variants, a page at a time, by ascending id.
func (c *Channel) Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error) {
	_, items, next, _, err = c.listVariants(ctx, opCatalog, nil, cursor)
	if err != nil {
		return nil, "", fmt.Errorf("listing the catalog: %w", err)
	}
	return items, next, nil
}
