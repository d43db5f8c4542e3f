package sweep_test

import (
	"context"
	"errors"
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
		"other case": {catalogs{"till": {item("V1", "MUG")}, "web": {item("I1", "mug")}}, nil, nil,
			[]string{`SKUs ["MUG" "mug"] differ only by case or spaces`, `SKU "MUG" is only on till`, `SKU "mug" is only on web`}},
		"other spaces": {catalogs{"till": {item("V1", "MUG  1")}, "web": {item("I1", " MUG 1 ")}}, nil, nil,
			[]string{`SKUs [" MUG 1 " "MUG  1"] differ only by case or spaces`, `SKU " MUG 1 " is only on web`, `SKU "MUG  1" is only on till`}},
		"twice in a channel": {catalogs{"till": {item("V1", "MUG"), item("V2", "MUG")}, "web": {item("I1", "MUG")}}, nil, nil,
			[]string{`SKU "MUG" stands on 2 items of till: V1, V2`}},
		"without a SKU": {catalogs{"till": {item("V1", "")}, "web": {item("I1", "")}}, linked("web", "I1"), nil,
			[]string{"till item V1 (Name of V1) has no SKU"}},
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
