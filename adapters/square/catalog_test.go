package square

import (
	"strings"
	"testing"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string][]reply{pathSearch: {{file: "catalog_search.json"}, {body: `{"cursor":""}`}}})
	c := s.channel()
	items, next, err := c.Catalog(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, "catalog-2", next)
	assert.Equal(t, []stock.CatalogItem{
		{Item: "VARMUG", SoldAs: "VARMUG", SKU: "MUG-BLUE", Name: "Mug, Blue", Tracked: true, TrackedAt: map[string]bool{"LOCSIDE": false}},
		{Item: "VARTEA", SoldAs: "VARTEA", SKU: "TEA", Name: "Tea", Barcode: "036000291452", LeftOut: stock.Archived, TrackedAt: map[string]bool{}},
		{Item: "VARBARE", SoldAs: "VARBARE", Name: "Loose", TrackedAt: map[string]bool{}},
	}, items)
	items, next, err = c.Catalog(t.Context(), "catalog-2")
	require.NoError(t, err)
	assert.Empty(t, items)
	assert.Empty(t, next)
	assert.JSONEq(t, `{"object_types":["ITEM_VARIATION"],"include_related_objects":true,"limit":250}`, string(s.asked()[0].body))
	assert.JSONEq(t, `{"object_types":["ITEM_VARIATION"],"include_related_objects":true,"limit":250,"cursor":"catalog-2"}`, string(s.asked()[1].body))
}

func TestCatalogLabels(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300)
	for in, want := range map[string]string{
		"  MUG ":                      "  MUG ",
		"MUG\x00\r\n\x1b[31m":         "MUG␀␍␊␛[31m",
		"\U0001f600\u200fx":           "\U0001f600\u200fx",
		strings.Repeat("x", skuMax+1): "",
		strings.Repeat("x", skuMax):   strings.Repeat("x", skuMax),
	} {
		assert.Equal(t, want, sku(&in), "%q", in)
	}
	assert.Empty(t, sku(nil))
	assert.Equal(t, strings.Repeat("é", detailMax/2), label(&long), "cut at a whole character")
}

func TestLeftOut(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	kind := func(k sdk.CatalogItemProductType) *sdk.CatalogItem {
		return &sdk.CatalogItem{ProductType: &k, IsArchived: &no}
	}
	for name, c := range map[string]struct {
		data   sdk.CatalogItemVariation
		parent *sdk.CatalogItem
		want   stock.LeftOut
	}{
		"not said":               {sdk.CatalogItemVariation{}, nil, ""},
		"goods":                  {sdk.CatalogItemVariation{Stockable: &yes, Sellable: &yes}, kind(sdk.CatalogItemProductTypeRegular), ""},
		"food":                   {sdk.CatalogItemVariation{}, kind(sdk.CatalogItemProductTypeFoodAndBev), ""},
		"archived":               {sdk.CatalogItemVariation{}, &sdk.CatalogItem{IsArchived: &yes}, stock.Archived},
		"of components":          {sdk.CatalogItemVariation{Stockable: &no}, &sdk.CatalogItem{IsArchived: &yes}, stock.BundleParent},
		"a case of six":          {sdk.CatalogItemVariation{Stockable: &no, StockableConversion: &sdk.CatalogStockConversion{}}, nil, stock.OtherUnit},
		"a gift card":            {sdk.CatalogItemVariation{}, kind(sdk.CatalogItemProductTypeGiftCard), stock.GiftCard},
		"an appointment":         {sdk.CatalogItemVariation{}, kind(sdk.CatalogItemProductTypeAppointmentsService), stock.NoGoods},
		"a word of another time": {sdk.CatalogItemVariation{}, kind("HOLOGRAM"), ""},
		"by weight":              {sdk.CatalogItemVariation{MeasurementUnitID: sdk.String("KG")}, nil, stock.Measured},
		"precision not said":     {sdk.CatalogItemVariation{MeasurementUnitID: sdk.String("LB")}, kind(sdk.CatalogItemProductTypeRegular), stock.Measured},
		"unit not sent along":    {sdk.CatalogItemVariation{MeasurementUnitID: sdk.String("M")}, nil, stock.Measured},
		"whole bottles":          {sdk.CatalogItemVariation{MeasurementUnitID: sdk.String("BOTTLE")}, nil, ""},
		"no unit":                {sdk.CatalogItemVariation{MeasurementUnitID: sdk.String("")}, nil, ""},
	} {
		c.data.ItemID = sdk.String("PARENT")
		around := related{map[string]*sdk.CatalogItem{"PARENT": c.parent}, map[string]*sdk.CatalogMeasurementUnit{
			"KG": {Precision: sdk.Int(3)}, "LB": {}, "BOTTLE": {Precision: sdk.Int(0)},
		}}
		assert.Equal(t, c.want, around.leftOut(&c.data), name)
	}
}

func TestCheckItem(t *testing.T) {
	t.Parallel()
	c := newShop(t, nil).channel()
	require.NoError(t, c.CheckItem("FUXX6PQXBBRQ6LNVEWJNSKYQ"))
	for _, bad := range []string{"", "A B", "Ä", strings.Repeat("X", idMax+1)} {
		require.Error(t, c.CheckItem(bad), "%q", bad)
	}
}

func TestTrackedAt(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	over := func(location string, tracked *bool) *sdk.ItemVariationLocationOverrides {
		return &sdk.ItemVariationLocationOverrides{LocationID: &location, TrackInventory: tracked}
	}
	for name, v := range map[string]struct {
		variation         *sdk.CatalogItemVariation
		tracked, explicit bool
	}{
		"gone":                {nil, false, false},
		"not said":            {&sdk.CatalogItemVariation{}, false, false},
		"on":                  {&sdk.CatalogItemVariation{TrackInventory: &yes}, true, true},
		"off":                 {&sdk.CatalogItemVariation{TrackInventory: &no}, false, true},
		"off, on here":        {&sdk.CatalogItemVariation{TrackInventory: &no, LocationOverrides: []*sdk.ItemVariationLocationOverrides{over("L", &yes)}}, true, true},
		"on, off here":        {&sdk.CatalogItemVariation{TrackInventory: &yes, LocationOverrides: []*sdk.ItemVariationLocationOverrides{over("K", &yes), over("L", &no)}}, false, true},
		"on, off elsewhere":   {&sdk.CatalogItemVariation{TrackInventory: &yes, LocationOverrides: []*sdk.ItemVariationLocationOverrides{over("K", &no)}}, true, true},
		"on, override silent": {&sdk.CatalogItemVariation{TrackInventory: &yes, LocationOverrides: []*sdk.ItemVariationLocationOverrides{over("L", nil), nil}}, true, true},
	} {
		tracked, explicit := trackedAt(v.variation, "L")
		assert.Equal(t, [2]bool{v.tracked, v.explicit}, [2]bool{tracked, explicit}, name)
	}
}
