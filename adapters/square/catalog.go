package square

import (
	"context"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/option"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// itemVariation is the catalog type that has counters.
	itemVariation = "ITEM_VARIATION"
	// variationsPerPage keeps an answer with its items' descriptions (up to 64 KB each) within answerMax.
	variationsPerPage = 250
)

// Catalog returns one page of the seller's item variations, those without a SKU too; deleted ones are left out.
func (c *Channel) Catalog(ctx context.Context, cursor string) (items []stock.CatalogItem, next string, err error) {
	const operation = "listing catalog"
	answer, _, err := send(ctx, c, operation, nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.SearchCatalogObjectsResponse, error) {
			return c.catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
				Cursor:                optional(cursor),
				ObjectTypes:           []sdk.CatalogObjectType{itemVariation}, // nested types are listed only by name
				IncludeRelatedObjects: sdk.Bool(true),                         // the items, for their names
				Limit:                 sdk.Int(variationsPerPage),
			}, opts...)
		})
	if err != nil {
		return nil, "", err
	}
	names := make(map[string]string)
	for _, object := range answer.GetRelatedObjects() {
		if item := object.GetItem(); item != nil {
			names[item.GetID()] = label(item.GetItemData().GetName())
		}
	}
	for _, object := range answer.GetObjects() {
		if variation := object.GetItemVariation(); present(variation) {
			items = append(items, catalogItem(variation, names))
		}
	}
	next, err = nextCursor(cursor, answer.GetCursor())
	if err != nil {
		return nil, "", &Error{Operation: operation, cause: err}
	}
	return items, next, nil
}

// present says whether a variation exists and can be named by a ref.
func present(v *sdk.CatalogObjectItemVariation) bool {
	deleted := v.GetIsDeleted()
	return v != nil && validID(v.ID) && v.ItemVariationData != nil && (deleted == nil || !*deleted)
}

func catalogItem(v *sdk.CatalogObjectItemVariation, names map[string]string) stock.CatalogItem {
	data := v.ItemVariationData
	item := stock.CatalogItem{Item: v.ID, SoldAs: v.ID, SKU: sku(data.Sku), Name: label(data.Name), TrackedAt: make(map[string]bool)}
	if name := names[value(data.ItemID)]; name != "" {
		item.Name = name
		if variant := label(data.Name); variant != "" {
			item.Name += ", " + variant
		}
	}
	item.Tracked = data.TrackInventory != nil && *data.TrackInventory
	for _, override := range data.LocationOverrides {
		location, tracked := value(override.GetLocationID()), override.GetTrackInventory()
		if location != "" && tracked != nil {
			item.TrackedAt[location] = *tracked
		}
	}
	return item
}

// skuMax is the longest SKU kept, in bytes. A cut SKU might match another one, so a longer one counts as none.
const skuMax = 1024

// sku is the merchant's label without control characters (Postgres refuses U+0000).
func sku(text *string) string {
	if text == nil || len(*text) > skuMax {
		return ""
	}
	return printable(*text)
}

// variations reads variations by id; those that are gone are absent.
func (c *Channel) variations(ctx context.Context, ids []string) (map[string]*sdk.CatalogItemVariation, error) {
	found := make(map[string]*sdk.CatalogItemVariation, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	answer, _, err := send(ctx, c, "reading catalog", nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.BatchGetCatalogObjectsResponse, error) {
			return c.catalog.BatchGet(ctx, &sdk.BatchGetCatalogObjectsRequest{ObjectIDs: ids}, opts...)
		})
	if err != nil {
		return nil, err
	}
	for _, object := range answer.GetObjects() {
		if variation := object.GetItemVariation(); present(variation) {
			found[variation.ID] = variation.ItemVariationData
		}
	}
	return found, nil
}

// trackedAt says whether Square keeps a count of a variation at a location, and whether it says so explicitly. The
// location's own setting comes before the variation's.
// https://developer.squareup.com/docs/inventory-api/monitor-sold-out-status-on-item-variation
func trackedAt(v *sdk.CatalogItemVariation, location string) (tracked, explicit bool) {
	if v == nil {
		return false, false
	}
	for _, override := range v.LocationOverrides {
		if value(override.GetLocationID()) == location && override.GetTrackInventory() != nil {
			return *override.GetTrackInventory(), true
		}
	}
	if v.TrackInventory == nil {
		return false, false
	}
	return *v.TrackInventory, true
}
