package square

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

const (
	typeItem = "ITEM"
	typeUnit = "MEASUREMENT_UNIT"
)

// objectJSON is CatalogObject.
type objectJSON struct {
	Type         string         `json:"type"`
	ID           string         `json:"id"`
	Updated      string         `json:"updated_at"`
	Version      int64          `json:"version"`
	Deleted      bool           `json:"is_deleted"`
	AllLocations bool           `json:"present_at_all_locations"`
	Item         *itemJSON      `json:"item_data,omitempty"`
	Variation    *variationJSON `json:"item_variation_data,omitempty"`
	Unit         *unitJSON      `json:"measurement_unit_data,omitempty"`
	Canary       string         `json:"buyer_note,omitempty"`
}

// unitJSON is CatalogMeasurementUnit.
type unitJSON struct {
	Unit struct {
		Weight string `json:"weight_unit"`
		Type   string `json:"type"`
	} `json:"measurement_unit"`
	Precision int `json:"precision"`
}

// itemJSON is CatalogItem.
type itemJSON struct {
	Name        string       `json:"name"`
	ProductType string       `json:"product_type"`
	Archived    bool         `json:"is_archived,omitempty"`
	Variations  []objectJSON `json:"variations"`
}

// variationJSON is CatalogItemVariation.
type variationJSON struct {
	ItemID      string         `json:"item_id"`
	Name        string         `json:"name"`
	SKU         string         `json:"sku,omitempty"`
	UPC         string         `json:"upc,omitempty"`
	PricingType string         `json:"pricing_type"`
	Price       money          `json:"price_money"`
	Overrides   []overrideJSON `json:"location_overrides,omitempty"`
	Tracked     bool           `json:"track_inventory"`
	Sellable    bool           `json:"sellable"`
	Stockable   bool           `json:"stockable"`
	Conversion  *conversion    `json:"stockable_conversion,omitempty"`
	Unit        string         `json:"measurement_unit_id,omitempty"`
}

// conversion is CatalogStockConversion.
type conversion struct {
	Of       string `json:"stockable_item_variation_id"`
	Stocked  string `json:"stockable_quantity"`
	Unstored string `json:"nonstockable_quantity"`
}

// overrideJSON is ItemVariationLocationOverrides.
type overrideJSON struct {
	Location string `json:"location_id"`
	Tracked  bool   `json:"track_inventory"`
	SoldOut  bool   `json:"sold_out,omitempty"`
}

// catalogAnswer is the answer of every catalog endpoint here.
type catalogAnswer struct {
	Object  *objectJSON  `json:"object,omitempty"`
	Objects []objectJSON `json:"objects,omitempty"`
	Related []objectJSON `json:"related_objects,omitempty"`
	Cursor  string       `json:"cursor,omitempty"`
	Latest  string       `json:"latest_time,omitempty"`
	Canary  string       `json:"buyer_note,omitempty"`
}

// objectOut is a variation, or the item around it, as a catalog object.
func (s *Shop) objectOut(v *variation, kind string) objectJSON {
	out := objectJSON{
		Type: kind, ID: v.id, Updated: v.updated.Format(micros), Version: v.updated.UnixMilli(), Deleted: v.deleted,
		AllLocations: true, Canary: s.opts.Canary,
	}
	if kind == typeItem {
		out.ID = v.itemID
		out.Item = &itemJSON{Name: v.name, ProductType: cmp.Or(v.listing.ProductType, "REGULAR"), Archived: v.listing.Archived, Variations: []objectJSON{s.objectOut(v, typeVariation)}}
		return out
	}
	out.Variation = &variationJSON{
		ItemID: v.itemID, Name: "Regular", SKU: v.sku, UPC: v.listing.UPC, PricingType: "FIXED_PRICING",
		Price: money{Amount: price, Currency: s.opts.Merchant.Currency}, Tracked: v.tracked, Sellable: true,
		Stockable: !v.listing.Composed && v.listing.UnitOf == "",
	}
	if v.listing.UnitOf != "" {
		out.Variation.Conversion = &conversion{Of: v.listing.UnitOf, Stocked: "1", Unstored: "6"}
	}
	if v.listing.MeasuredTo > 0 {
		out.Variation.Unit = s.unitOut(v.listing.MeasuredTo).ID
	}
	differing := slices.Concat(slices.Collect(maps.Keys(v.overrides)), slices.Collect(maps.Keys(v.soldOut)))
	slices.Sort(differing)
	for _, location := range slices.Compact(differing) {
		out.Variation.Overrides = append(out.Variation.Overrides, overrideJSON{location, v.trackedAt(location), v.soldOut[location]})
	}
	return out
}

// unitOut is the unit of weight with so many decimals, which is as old as the shop.
func (s *Shop) unitOut(decimals int) objectJSON {
	unit := &unitJSON{Precision: decimals}
	unit.Unit.Weight, unit.Unit.Type = "METRIC_KILOGRAM", "TYPE_WEIGHT"
	return objectJSON{Type: typeUnit, ID: fmt.Sprintf("UNITKG%d", decimals), Updated: s.locations[0].created.Format(micros),
		Version: s.locations[0].created.UnixMilli(), AllLocations: true, Unit: unit, Canary: s.opts.Canary}
}
