package square

import (
	"encoding/json"
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
		assert.Equal(t, want, sku(in), "%q", in)
	}
	assert.Empty(t, sku(""))
	assert.Equal(t, strings.Repeat("é", detailMax/2), label(&long), "cut at a whole character")
}

func TestLeftOut(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	kind := func(k sdk.CatalogItemProductType) *item { return &item{Kind: k} }
	precise := func(digits int) *unit { return &unit{Precision: &digits} }
	for name, c := range map[string]struct {
		data   variation
		parent *item
		want   stock.LeftOut
	}{
		"not said":               {variation{}, nil, ""},
		"goods":                  {variation{Stockable: &yes}, kind(sdk.CatalogItemProductTypeRegular), ""},
		"food":                   {variation{}, kind(sdk.CatalogItemProductTypeFoodAndBev), ""},
		"archived":               {variation{}, &item{Archived: true}, stock.Archived},
		"of components":          {variation{Stockable: &no}, &item{Archived: true}, stock.BundleParent},
		"a case of six":          {variation{Stockable: &no, Conversion: &json.RawMessage{}}, nil, stock.OtherUnit},
		"a gift card":            {variation{}, kind(sdk.CatalogItemProductTypeGiftCard), stock.GiftCard},
		"an appointment":         {variation{}, kind(sdk.CatalogItemProductTypeAppointmentsService), stock.NoGoods},
		"a word of another time": {variation{}, kind("HOLOGRAM"), ""},
		"by weight":              {variation{UnitID: "KG"}, nil, stock.Measured},
		"precision not said":     {variation{UnitID: "LB"}, kind(sdk.CatalogItemProductTypeRegular), stock.Measured},
		"unit not sent along":    {variation{UnitID: "M"}, nil, stock.Measured},
		"whole bottles":          {variation{UnitID: "BOTTLE"}, nil, ""},
		"no unit":                {variation{UnitID: ""}, nil, ""},
	} {
		c.data.ItemID = "PARENT"
		around := related{map[string]*item{"PARENT": c.parent}, map[string]*unit{
			"KG": precise(3), "LB": {}, "BOTTLE": precise(0),
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
	over := func(location string, tracked *bool) override { return override{Location: location, Tracked: tracked} }
	for name, v := range map[string]struct {
		variation         *variation
		tracked, explicit bool
	}{
		"gone":                {nil, false, false},
		"not said":            {&variation{}, false, false},
		"on":                  {&variation{Tracked: &yes}, true, true},
		"off":                 {&variation{Tracked: &no}, false, true},
		"off, on here":        {&variation{Tracked: &no, Overrides: []override{over("L", &yes)}}, true, true},
		"on, off here":        {&variation{Tracked: &yes, Overrides: []override{over("K", &yes), over("L", &no)}}, false, true},
		"on, off elsewhere":   {&variation{Tracked: &yes, Overrides: []override{over("K", &no)}}, true, true},
		"on, override silent": {&variation{Tracked: &yes, Overrides: []override{over("L", nil), {}}}, true, true},
	} {
		tracked, explicit := trackedAt(v.variation, "L")
		assert.Equal(t, [2]bool{v.tracked, v.explicit}, [2]bool{tracked, explicit}, name)
	}
}
