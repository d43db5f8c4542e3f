package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// TestTwoArticlesWithoutASKU: a file may give an article a SKU that has none in its catalog, but two of one channel only as shared, in
// one file or in two: their rows are compared with each other, for there is no catalog's SKU to compare them with.
func TestTwoArticlesWithoutASKU(t *testing.T) {
	t.Parallel()
	rows := []app.LinkRow{{SKU: "MUG", Channel: "web", Item: "46", Row: 2}, {SKU: "MUG", Channel: "web", Item: "47", Row: 3}}
	for name, batches := range map[string][][]app.LinkRow{"one file": {rows}, "two files": {rows[:1], rows[1:]}} {
		for _, shared := range []bool{false, true} {
			for _, accept := range []bool{false, true} {
				b := newBook(t)
				b.Web.Items = append(b.Web.Items, stock.CatalogItem{Item: "47", SoldAs: "48", Name: "Another without a SKU", Tracked: true})
				a := app.New(b.Options())
				var refused []app.RowFinding
				linked := 0
				for _, batch := range batches {
					var marked []app.LinkRow
					for _, row := range batch {
						row.Shared = shared
						marked = append(marked, row)
					}
					result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: marked, AcceptRenamed: accept})
					require.NoError(t, err)
					refused, linked = append(refused, result.Refused...), linked+result.Refs
				}
				if shared {
					require.Empty(t, refused, name)
					require.Equal(t, 2, linked, name)
					continue
				}
				require.NotEmpty(t, refused, name)
				require.LessOrEqual(t, linked, 1, name)
				for _, finding := range refused {
					require.Equal(t, app.RemedyShared, finding.Remedy, name)
				}
			}
		}
	}
}
