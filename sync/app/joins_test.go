package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// An article that came in the place of a deleted one is linked beside it without a word, waits with its own count, and joins.
func TestAnArticleMadeAnew(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Open(8, 8)
	b.Till.Items = []stock.CatalogItem{{Item: "V9", SoldAs: "V9", SKU: "TEE-M", Name: "A tee, size M"}}
	b.Apply(ledger.OwnRead{Reading: stock.Reading{Ref: apptest.TillTee, Status: stock.Gone}, Mark: 99, ReadAt: b.Now()})
	a := app.New(b.Options())
	result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: []app.LinkRow{{SKU: "TEE-M", Channel: "till", Item: "V9"}}})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	require.Equal(t, 1, result.Refs)
	made := stock.Ref{Channel: "till", Item: "V9", Location: "L1"}
	b.Pass(time.Second)
	b.Read(made, 5, b.Now(), ledger.OwnRead{})
	waiting, err := a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.Equal(t, []stock.Quantity{stock.Units(5), stock.Units(8)}, []stock.Quantity{waiting[0].Counted, waiting[0].Level})
	list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	states := map[string]string{}
	for _, counter := range list.Shelves[0].Channels {
		states[counter.Ref.Item] = string(counter.State) + counter.Reason
	}
	require.Equal(t, map[string]string{"V1": "gone" + "the platform shows no item with this id", "V9": "waiting", "45": "even"}, states)
	joined, err := a.Join(t.Context(), ann, app.JoinRequest{Channel: "till", Item: "TEE-M", How: "counter"})
	require.NoError(t, err)
	require.Equal(t, stock.Units(5), joined[0].Becomes)
	require.Len(t, joined[0].Pushes, 1, "what is gone is not pushed to")
}
