package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// TestHintsCanBeImported expects that the SKU which a hint proposes brings both articles onto one shelf, whichever way it is spelled and
// also where one of them is linked already, and that an unlikely pair proposes none.
func TestHintsCanBeImported(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	item := func(id, sku, name string) stock.CatalogItem {
		return stock.CatalogItem{Item: id, SoldAs: id, SKU: sku, Name: name, Tracked: true}
	}
	b.Till.Items = append(b.Till.Items, item("P1", "PEN-1 ", "Red pen"), item("P2", "", "Cap"), item("P3", "036000291452", "Cup"))
	b.Web.Items = append(b.Web.Items, item("61", "PEN-1", "A pen"), item("62", "C", "Cap"), item("63", "0036000291452", "A cup"), item("64", "tee-m", "Another listing"))
	b.Apply(ledger.UnlinkRef{Ref: apptest.WebTee})
	b.Web.Items = b.Web.Items[1:]
	a := app.New(b.Options())
	suggestion, err := a.SuggestLinks(t.Context())
	require.NoError(t, err)
	skus := map[string]string{}
	var file rows
	for _, hint := range suggestion.Hints {
		skus[hint.A.Item+" "+hint.B.Item] = hint.SKU
		if hint.SKU != "" {
			file = append(file, row(hint.SKU, hint.A.Channel, hint.A.Item), row(hint.SKU, hint.B.Channel, hint.B.Item))
		}
	}
	require.Equal(t, map[string]string{"P1 61": "PEN-1", "P2 62": "", "P3 63": "036000291452", "V1 64": "TEE-M"}, skus)
	result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	require.Equal(t, &app.RowCounts{Given: 6, Linked: 5, Before: 1}, result.Rows)
	require.Equal(t, 3, result.Items)
}
