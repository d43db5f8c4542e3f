package square

import (
	"context"
	"fmt"

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
				IncludeRelatedObjects: sdk.Bool(true),                         // the items, for their names, and the units
				Limit:                 sdk.Int(variationsPerPage),
			}, opts...)
		})
	if err != nil {
		return nil, "", err
	}
	around := relatedTo(answer)
	for _, object := range answer.GetObjects() {
		if variation := object.GetItemVariation(); present(variation) {
			items = append(items, around.catalogItem(variation))
		}
	}
	next, err = nextCursor(cursor, answer.GetCursor())
	if err != nil {
		return nil, "", &Error{Operation: operation, cause: err}
	}
	return items, next, nil
}

// CheckItem says why a text cannot be the id of a variation; nil: it can.
func (c *Channel) CheckItem(item string) error {
	if !validID(item) {
		return fmt.Errorf("%.40q is no id: 1 to %d visible characters", item, idMax)
	}
	return nil
}

// present says whether a variation exists and can be named by a ref.
func present(v *sdk.CatalogObjectItemVariation) bool {
	deleted := v.GetIsDeleted()
	return v != nil && validID(v.ID) && v.ItemVariationData != nil && (deleted == nil || !*deleted)
}

// related is what Square sent along with variations: their items, and the units that they are measured in, by id.
type related struct {
	items map[string]*sdk.CatalogItem
	units map[string]*sdk.CatalogMeasurementUnit
}

func relatedTo(answer *sdk.SearchCatalogObjectsResponse) related {
	r := related{map[string]*sdk.CatalogItem{}, map[string]*sdk.CatalogMeasurementUnit{}}
	for _, object := range answer.GetRelatedObjects() {
		if item := object.GetItem(); item != nil {
			r.items[item.GetID()] = item.GetItemData()
		}
		if unit := object.GetMeasurementUnit(); unit != nil {
			r.units[unit.GetID()] = unit.GetMeasurementUnitData()
		}
	}
	return r
}

// measured says whether a variation is sold in parts of a unit. One whose unit Square did not send along is: its precision is 3 where
// nobody set another.
func (r related) measured(data *sdk.CatalogItemVariation) bool {
	if value(data.MeasurementUnitID) == "" {
		return false
	}
	precision := r.units[*data.MeasurementUnitID].GetPrecision()
	return precision == nil || *precision > 0
}

// catalogItem is a variation as matching wants it; of one whose item Square did not send along less is known.
func (r related) catalogItem(v *sdk.CatalogObjectItemVariation) stock.CatalogItem {
	data := v.ItemVariationData
	parent := r.items[value(data.ItemID)]
	item := stock.CatalogItem{Item: v.ID, SoldAs: v.ID, SKU: sku(data.Sku), Name: label(data.Name), Barcode: sku(data.Upc),
		LeftOut: r.leftOut(data), TrackedAt: make(map[string]bool)}
	if name := label(parent.GetName()); name != "" {
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

// leftOut says why a variation is not matched with items of other channels. What it is comes before whether it is sold.
func (r related) leftOut(data *sdk.CatalogItemVariation) stock.LeftOut {
	parent := r.items[value(data.ItemID)]
	stockable, archived := data.GetStockable(), parent.GetIsArchived()
	switch {
	case parent.GetProductType() != nil && *parent.GetProductType() == sdk.CatalogItemProductTypeGiftCard:
		return stock.GiftCard
	case parent.GetProductType() != nil && noGoods[*parent.GetProductType()]:
		return stock.NoGoods
	case data.GetStockableConversion() != nil:
		return stock.OtherUnit
	case stockable != nil && !*stockable:
		return stock.BundleParent
	case r.measured(data):
		return stock.Measured
	case archived != nil && *archived:
		return stock.Archived
	}
	return ""
}

// noGoods are the types of products that lie on no shelf.
var noGoods = map[sdk.CatalogItemProductType]bool{
	sdk.CatalogItemProductTypeAppointmentsService: true, sdk.CatalogItemProductTypeEvent: true, sdk.CatalogItemProductTypeDigital: true,
	sdk.CatalogItemProductTypeDonation: true, sdk.CatalogItemProductTypeLegacySquareOnlineService: true,
	sdk.CatalogItemProductTypeLegacySquareOnlineMembership: true,
}

// skuMax is the longest SKU kept, in bytes. A cut SKU might match another one, so a longer one counts as none.
const skuMax = 1024

// sku is the merchant's label with control characters made visible: dropped, they would make it equal to another label.
func sku(text *string) string {
	if text == nil || len(*text) > skuMax {
		return ""
	}
	return stock.Visible(*text)
}

// variations is what the catalog says of variations, by id. One that it does not name at all is in neither: only is_deleted says
// that it is gone.
type variations struct {
	found map[string]*sdk.CatalogItemVariation
	gone  map[string]bool
}

// variations reads variations by id.
func (c *Channel) variations(ctx context.Context, ids []string) (variations, error) {
	if len(ids) == 0 {
		return variations{}, nil
	}
	answer, _, err := send(ctx, c, "reading catalog", nil,
		func(ctx context.Context, opts ...option.RequestOption) (*sdk.BatchGetCatalogObjectsResponse, error) {
			return c.catalog.BatchGet(ctx, &sdk.BatchGetCatalogObjectsRequest{ObjectIDs: ids, IncludeDeletedObjects: sdk.Bool(true)}, opts...)
		})
	if err != nil {
		return variations{}, err
	}
	return saidOf(answer.GetObjects()), nil
}

// saidOf is what objects of the catalog say of the variations among them.
func saidOf(objects []*sdk.CatalogObject) variations {
	said := variations{found: make(map[string]*sdk.CatalogItemVariation, len(objects)), gone: map[string]bool{}}
	for _, object := range objects {
		variation := object.GetItemVariation()
		if deleted := variation.GetIsDeleted(); variation != nil && deleted != nil && *deleted {
			said.gone[variation.ID] = true
		}
		if present(variation) {
			said.found[variation.ID] = variation.ItemVariationData
		}
	}
	return said
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
