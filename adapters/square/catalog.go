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
	answer, _, err := c.search(ctx, operation, &sdk.SearchCatalogObjectsRequest{Cursor: optional(cursor)})
	if err != nil {
		return nil, "", err
	}
	around := relatedTo(answer)
	for _, object := range answer.Objects {
		if present(object) {
			items = append(items, around.catalogItem(object.ID, object.Variation))
		}
	}
	next, err = nextCursor(cursor, answer.Cursor)
	if err != nil {
		return nil, "", &Error{Operation: operation, cause: err}
	}
	return items, next, nil
}

// search asks for a page of variations, with their items, for their names, and the units that they are measured in.
func (c *Channel) search(ctx context.Context, operation string, request *sdk.SearchCatalogObjectsRequest) (*catalogAnswer, *exchange, error) {
	request.ObjectTypes = []sdk.CatalogObjectType{itemVariation} // nested types are listed only by name
	request.IncludeRelatedObjects, request.Limit = sdk.Bool(true), sdk.Int(variationsPerPage)
	return read[catalogAnswer](ctx, c, operation, func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.catalog.Search(ctx, request, opts...)
		return err
	})
}

// CheckItem says why a text cannot be the id of a variation; nil: it can.
func (c *Channel) CheckItem(item string) error {
	if !validID(item) {
		return fmt.Errorf("%.40q is no id: 1 to %d visible characters", item, idMax)
	}
	return nil
}

// present says whether an object is a variation that exists and can be named by a ref.
func present(object catalogObject) bool {
	return object.Type == itemVariation && validID(object.ID) && object.Variation != nil && !object.Deleted
}

// related is what Square sent along with variations: their items, and the units that they are measured in, by id.
type related struct {
	items map[string]*item
	units map[string]*unit
}

func relatedTo(answer *catalogAnswer) related {
	r := related{map[string]*item{}, map[string]*unit{}}
	for _, object := range answer.Related {
		if object.Item != nil {
			r.items[object.ID] = object.Item
		}
		if object.Unit != nil {
			r.units[object.ID] = object.Unit
		}
	}
	return r
}

// parent is the item of a variation; one without a word where Square did not send it along.
func (r related) parent(v *variation) item {
	if parent := r.items[v.ItemID]; parent != nil {
		return *parent
	}
	return item{}
}

// measured says whether a variation is sold in parts of a unit. One whose unit Square did not send along is: its precision is 3 where
// nobody set another.
func (r related) measured(v *variation) bool {
	if v.UnitID == "" {
		return false
	}
	unit := r.units[v.UnitID]
	return unit == nil || unit.Precision == nil || *unit.Precision > 0
}

// catalogItem is a variation as matching wants it; of one whose item Square did not send along less is known.
func (r related) catalogItem(id string, v *variation) stock.CatalogItem {
	entry := stock.CatalogItem{Item: id, SoldAs: id, SKU: sku(v.SKU), Name: plain(v.Name), Barcode: sku(v.UPC),
		LeftOut: r.leftOut(v), TrackedAt: make(map[string]bool)}
	if name := plain(r.parent(v).Name); name != "" {
		if entry.Name != "" {
			name += ", " + entry.Name
		}
		entry.Name = name
	}
	entry.Tracked = v.Tracked != nil && *v.Tracked
	for _, override := range v.Overrides {
		if override.Location != "" && override.Tracked != nil {
			entry.TrackedAt[override.Location] = *override.Tracked
		}
	}
	return entry
}

// leftOut says why a variation is not matched with items of other channels. What it is comes before whether it is sold.
func (r related) leftOut(v *variation) stock.LeftOut {
	parent := r.parent(v)
	switch {
	case parent.Kind == sdk.CatalogItemProductTypeGiftCard:
		return stock.GiftCard
	case noGoods[parent.Kind]:
		return stock.NoGoods
	case v.Conversion != nil:
		return stock.OtherUnit
	case v.Stockable != nil && !*v.Stockable:
		return stock.BundleParent
	case r.measured(v):
		return stock.Measured
	case parent.Archived:
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
func sku(text string) string {
	if len(text) > skuMax {
		return ""
	}
	return stock.Visible(text)
}

// variations is what the catalog says of variations, by id. One that it does not name at all is in neither: only is_deleted says
// that it is gone.
type variations struct {
	found map[string]*variation
	gone  map[string]bool
}

// variations reads variations by id.
func (c *Channel) variations(ctx context.Context, ids []string) (variations, error) {
	if len(ids) == 0 {
		return variations{}, nil
	}
	answer, _, err := read[catalogAnswer](ctx, c, "reading catalog", func(ctx context.Context, opts ...option.RequestOption) error {
		_, err := c.catalog.BatchGet(ctx, &sdk.BatchGetCatalogObjectsRequest{ObjectIDs: ids, IncludeDeletedObjects: sdk.Bool(true)}, opts...)
		return err
	})
	if err != nil {
		return variations{}, err
	}
	return saidOf(answer.Objects), nil
}

// saidOf is what objects of the catalog say of the variations among them.
func saidOf(objects []catalogObject) variations {
	said := variations{found: make(map[string]*variation, len(objects)), gone: map[string]bool{}}
	for _, object := range objects {
		if object.Type == itemVariation && object.Deleted {
			said.gone[object.ID] = true
		}
		if present(object) {
			said.found[object.ID] = object.Variation
		}
	}
	return said
}

// trackedAt says whether Square keeps a count of a variation at a location, and whether it says so explicitly. The
// location's own setting comes before the variation's.
// https://developer.squareup.com/docs/inventory-api/monitor-sold-out-status-on-item-variation
func trackedAt(v *variation, location string) (tracked, explicit bool) {
	if v == nil {
		return false, false
	}
	for _, override := range v.Overrides {
		if override.Location == location && override.Tracked != nil {
			return *override.Tracked, true
		}
	}
	if v.Tracked == nil {
		return false, false
	}
	return *v.Tracked, true
}
