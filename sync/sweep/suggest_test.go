package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	item := func(id, sku string) stock.CatalogItem {
		return stock.CatalogItem{Item: id, SKU: sku, Name: "Name of " + id}
	}
	linked := func(pairs ...string) map[sweep.ChannelItem]bool {
		m := map[sweep.ChannelItem]bool{}
		for i := 0; i < len(pairs); i += 2 {
			m[sweep.ChannelItem{Channel: stock.Channel(pairs[i]), Item: pairs[i+1]}] = true
		}
		return m
	}
	type catalogs = map[stock.Channel][]stock.CatalogItem
	for name, c := range map[string]struct {
		catalogs catalogs
		linked   map[sweep.ChannelItem]bool
		// matches are "SKU: channel/item ...", linked items with a star.
		matches  []string
		problems []string
	}{
		"equal to the letter": {catalogs{"till": {item("V1", "MUG"), item("V2", "CUP")}, "web": {item("I2", "CUP"), item("I1", "MUG")}}, nil,
			[]string{"CUP: till/V2 web/I2", "MUG: till/V1 web/I1"}, nil},
		"twice in a channel": {catalogs{"till": {item("V1", "MUG"), item("V2", "MUG")}, "web": {item("I1", "MUG")}}, nil, nil,
			[]string{`SKU "MUG" stands on 2 items of till: V1 (Name of V1), V2 (Name of V2)`}},
		"without a SKU": {catalogs{"till": {item("V1", "")}, "web": {item("I1", "")}}, linked("web", "I1"), nil,
			[]string{"till item V1 (Name of V1) has no SKU"}},
		"a SKU that stands for none": {catalogs{"till": {item("V1", "x")}, "web": {item("I1", "x")}}, nil, nil,
			[]string{`till item V1 (Name of V1) has no SKU: "x" stands for none`, `web item I1 (Name of I1) has no SKU: "x" stands for none`}},
		"on one channel only":  {catalogs{"till": {item("V1", "MUG")}, "web": {}}, nil, nil, []string{`SKU "MUG" is only on till`}},
		"on two of three":      {catalogs{"till": {item("V1", "MUG")}, "web": {item("I1", "MUG")}, "pop-up": {}}, nil, []string{"MUG: till/V1 web/I1"}, nil},
		"linked already":       {catalogs{"till": {item("V1", "MUG")}, "web": {item("I1", "MUG")}}, linked("till", "V1", "web", "I1"), nil, nil},
		"linked in part":       {catalogs{"till": {item("V1", "MUG")}, "web": {item("I1", "MUG")}}, linked("till", "V1"), []string{"MUG: till/V1* web/I1"}, nil},
		"a single channel":     {catalogs{"till": {item("V1", "MUG")}}, nil, []string{"MUG: till/V1"}, nil},
		"a link of another id": {catalogs{"till": {item("V1", "MUG")}, "web": {item("V1", "MUG")}}, linked("till", "V1"), []string{"MUG: till/V1* web/V1"}, nil},
		"nothing":              {catalogs{}, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sweep.Suggest(c.catalogs, c.linked)
			var matches []string
			for _, match := range s.Matches {
				text := match.SKU + ":"
				for _, i := range match.Items {
					text += " " + string(i.Channel) + "/" + i.Item
					if i.Linked {
						text += "*"
					}
				}
				matches = append(matches, text)
			}
			require.Equal(t, c.matches, matches)
			require.Equal(t, c.problems, s.Problems)
		})
	}
}

// article is an item of a catalog with everything that is compared.
func article(id, sku, name, barcode string) stock.CatalogItem {
	return stock.CatalogItem{Item: id, SKU: sku, Name: name, Barcode: barcode}
}

// TestHints has one article at the till and one on the web, beside a pair that belongs together for certain.
func TestHints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		till, web stock.CatalogItem
		// want is a hint, or a match by barcode.
		want string
	}{
		"spaces":                    {article("V1", "PEN-1 ", "A", ""), article("I1", "pen-1", "B", ""), "spelling high"},
		"the SKU of a spreadsheet":  {article("V1", "00417", "A", ""), article("I1", "417", "B", ""), "zeros medium"},
		"zeros inside":              {article("V1", "A-007", "A", ""), article("I1", "A-7", "B", ""), "zeros medium"},
		"decimals":                  {article("V1", "417.0", "A", ""), article("I1", "0417", "B", ""), "zeros medium"},
		"separators":                {article("V1", "PEN_8", "A", ""), article("I1", "PEN 8", "B", ""), "separators medium"},
		"rounded":                   {article("V1", "4.00638E+12", "A", ""), article("I1", "4006381333931", "B", ""), "rounded low"},
		"two of one maker":          {article("V1", "4006381333948", "A", ""), article("I1", "4006381333931", "B", ""), ""},
		"UPC-A and EAN-13":          {article("V1", "036000291452", "A", ""), article("I1", "0036000291452", "B", ""), "article number high"},
		"UPC-E":                     {article("V1", "04252614", "A", ""), article("I1", "042100005264", "B", ""), "article number high"},
		"another check digit":       {article("V1", "036000291453", "A", ""), article("I1", "0036000291452", "B", ""), ""},
		"barcodes in two forms":     {article("V1", "T-1", "A", "036000291452"), article("I1", "W-1", "B", "0036000291452"), "article number high"},
		"the same barcode":          {article("V1", "T-1", "A", "036000291452"), article("I1", "W-1", "B", "036000291452"), "T-1 by 036000291452"},
		"the same barcode, no SKUs": {article("V1", "", "A", "036000291452"), article("I1", "-", "B", "036000291452"), "036000291452 by 036000291452"},
		"a barcode that is none":    {article("V1", "T-1", "A", "000000"), article("I1", "W-1", "B", "000000"), ""},
		"the SKU is the barcode":    {article("V1", "4006381333931", "A", ""), article("I1", "W-1", "B", "4006381333931"), "SKU is the barcode high"},
		"names":                     {article("V1", "", "Winter hat, Regular", ""), article("I1", "W-1", "Winter Hat - Default Title", ""), "title low"},
		"no SKU, twice":             {article("V1", "n/a", "A", ""), article("I1", "N/A", "B", ""), ""},
		"nothing alike":             {article("V1", "T-1", "A", ""), article("I1", "W-1", "B", ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sure := article("X", "SURE", "Sure", "")
			for _, turned := range []bool{false, true} {
				catalogs := map[stock.Channel][]stock.CatalogItem{"till": {sure, c.till}, "web": {c.web, sure}}
				if turned {
					catalogs = map[stock.Channel][]stock.CatalogItem{"till": {c.web, sure}, "web": {sure, c.till}}
				}
				s := sweep.Suggest(catalogs, nil)
				got := ""
				for _, hint := range s.Hints {
					got += fmt.Sprint(hint.Kind, " ", hint.Confidence)
				}
				for _, match := range s.Matches {
					if match.Barcode != "" {
						got += match.SKU + " by " + match.Barcode
					}
				}
				if turned && c.want == "T-1 by 036000291452" {
					c.want = "W-1 by 036000291452"
				}
				require.Equal(t, c.want, got)
				require.Equal(t, "SURE", s.Matches[0].SKU)
				require.Equal(t, got == "", len(s.Problems) == 2, "what nothing was said about is named: %v", s.Problems)
			}
		})
	}
}

// TestLeftOut has articles that are not matched, for one reason each, beside their twins that are.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	out := func(id, sku string, reason stock.LeftOut) stock.CatalogItem {
		return stock.CatalogItem{Item: id, SKU: sku, Name: "Name of " + id, LeftOut: reason}
	}
	s := sweep.Suggest(map[stock.Channel][]stock.CatalogItem{
		"till": {out("V1", "MUG", ""), out("V2", "CANDLE", stock.Archived), out("V3", "CANDLE", ""), out("V4", "GONE", stock.Archived), out("V5", "CASE", stock.OtherUnit), out("V6", "CHEESE", stock.Measured)},
		"web":  {out("I1", "MUG", stock.Archived), out("I2", "MUG", ""), out("I3", "CANDLE", ""), out("I4", "GONE", ""), out("I5", "CASE", ""), out("I6", "SET", stock.BundleParent), out("I7", "CARD", stock.GiftCard), out("I8", "CHEESE", "")},
	}, map[sweep.ChannelItem]bool{{Channel: "web", Item: "I1"}: true})
	var matches []string
	for _, match := range s.Matches {
		matches = append(matches, match.SKU)
	}
	require.Equal(t, []string{"CANDLE", "MUG"}, matches)
	require.Empty(t, s.Hints)
	require.Equal(t, []string{`SKU "GONE" is only on web; on till it is left out (archived): Name of V4`,
		`SKU "CASE" is only on web; on till it is left out (other unit): Name of V5`,
		`SKU "CHEESE" is only on web; on till it is left out (measured): Name of V6`}, s.Problems)
	var left []string
	for _, l := range s.LeftOut {
		left = append(left, fmt.Sprint(l.Channel, " ", l.Reason, " ", len(l.Items)))
	}
	require.Equal(t, []string{"till archived 2", "till measured 1", "till other unit 1", "web bundle 1", "web gift card 1"}, left, "what is linked already is not told again")
}

// cataloger lists pages until it is told to end.
type cataloger func(cursor string) ([]stock.CatalogItem, string, error)

func (c cataloger) Catalog(_ context.Context, cursor string) ([]stock.CatalogItem, string, error) {
	return c(cursor)
}

func TestReadCatalog(t *testing.T) {
	t.Parallel()
	items, err := sweep.ReadCatalog(t.Context(), cataloger(func(cursor string) ([]stock.CatalogItem, string, error) {
		if cursor == "" {
			return []stock.CatalogItem{{Item: "1"}, {Item: "2"}}, "next", nil
		}
		return []stock.CatalogItem{{Item: "3"}}, "", nil
	}))
	require.NoError(t, err)
	require.Len(t, items, 3)
	down := errors.New("down")
	_, err = sweep.ReadCatalog(t.Context(), cataloger(func(string) ([]stock.CatalogItem, string, error) { return nil, "", down }))
	require.ErrorIs(t, err, down)
	for name, page := range map[string][]stock.CatalogItem{"full pages": make([]stock.CatalogItem, 100_000), "empty pages": nil} {
		_, err = sweep.ReadCatalog(t.Context(), cataloger(func(string) ([]stock.CatalogItem, string, error) { return page, "again", nil }))
		require.Error(t, err, name)
	}
}
