package sandbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	square "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox"
)

func TestSquarePagesOfCounts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop := newSquareShop(t, sandbox.SquareOptions{})
	items := []string{}
	for i := range 7 {
		item := shop.AddVariation(fmt.Sprintf("SKU-%d", i), "Thing", true)
		must(t)(shop.Recount(item, units(int64(i)), time.Time{}))
		items = append([]string{item}, items...) // newest first
	}
	for _, limit := range []int{1, 3, 6, 7, 8, 1000} {
		var got []string
		request := &square.BatchGetInventoryCountsRequest{Limit: &limit}
		pages := 0
		for {
			page, err := shop.sdk.Inventory.BatchGetCounts(ctx, request)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Counts), limit)
			for _, c := range page.Counts {
				got = append(got, *c.CatalogObjectID)
			}
			pages++
			require.Less(t, pages, 100, "the pages do not end")
			if request.Cursor = page.Cursor; page.Cursor == nil {
				break
			}
		}
		require.Equal(t, items, got, "limit %d", limit)
		require.Equal(t, (len(items)+limit-1)/limit, pages, "no cursor on the last page, even when it is full")
	}
}

func TestSquarePagesOfChanges(t *testing.T) {
	t.Parallel()
	shop := newSquareShop(t, sandbox.SquareOptions{})
	shop.clock.Advance(time.Hour)
	var want []string
	for i := range 9 {
		done := must(t)(shop.SellOffline(shop.item, units(1), squareNow.Add(time.Duration(30-i)*time.Minute)))
		want = append([]string{done.ID}, want...) // received in the opposite order of how they occurred
	}
	for _, limit := range []int{1, 4, 9} {
		var got []string
		for _, change := range shop.feed(t, square.BatchRetrieveInventoryChangesRequest{Limit: &limit}) {
			got = append(got, *change.Adjustment.ID)
		}
		require.Equal(t, want, got, "by occurred_at, oldest first")
	}
	require.Len(t, shop.feed(t, square.BatchRetrieveInventoryChangesRequest{CatalogObjectIDs: []string{"X"}}), 0)
	require.Len(t, shop.feed(t, square.BatchRetrieveInventoryChangesRequest{LocationIDs: []string{shop.location}}), 9)
	require.Len(t, shop.feed(t, square.BatchRetrieveInventoryChangesRequest{
		Types: []square.InventoryChangeType{square.InventoryChangeTypePhysicalCount}}), 0)
}

func TestSquareCursorsBelongToTheirQuery(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop := newSquareShop(t, sandbox.SquareOptions{})
	must(t)(shop.Receive(shop.item, units(1)))
	must(t)(shop.Receive(shop.item, units(1)))
	page, err := shop.sdk.Inventory.BatchGetChanges(ctx, &square.BatchRetrieveInventoryChangesRequest{Limit: square.Int(1)})
	require.NoError(t, err)
	for _, request := range []*square.BatchRetrieveInventoryChangesRequest{
		{Cursor: page.Cursor, Limit: square.Int(1), LocationIDs: []string{shop.location}},
		{Cursor: square.String("not-a-cursor"), Limit: square.Int(1)},
		{Cursor: square.String("!"), Limit: square.Int(1)},
	} {
		_, err := shop.sdk.Inventory.BatchGetChanges(ctx, request)
		_, first := squareCode(t, err)
		require.Equal(t, square.ErrorCodeInvalidCursor, first.Code)
	}
	_, err = shop.sdk.Inventory.BatchGetChanges(ctx, &square.BatchRetrieveInventoryChangesRequest{Cursor: page.Cursor, Limit: square.Int(1)})
	require.NoError(t, err)
}

func TestSquarePagesOfTheCatalog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop := newSquareShop(t, sandbox.SquareOptions{})
	for i := range 249 {
		shop.AddVariation(fmt.Sprintf("SKU-%d", i), "Thing", true)
	}
	page, err := shop.sdk.Catalog.List(ctx, &square.ListCatalogRequest{Types: square.String("ITEM_VARIATION")})
	require.NoError(t, err)
	require.Len(t, page.Results, 100)
	seen := map[string]bool{}
	for it := page.Iterator(); it.Next(ctx); {
		seen[it.Current().ItemVariation.ID] = true
	}
	require.Len(t, seen, 250)

	found, err := shop.sdk.Catalog.Search(ctx, &square.SearchCatalogObjectsRequest{
		ObjectTypes: []square.CatalogObjectType{square.CatalogObjectTypeItemVariation}, Limit: square.Int(5000)})
	require.NoError(t, err)
	require.Len(t, found.Objects, 100, "a limit out of range is ignored")
	found, err = shop.sdk.Catalog.Search(ctx, &square.SearchCatalogObjectsRequest{
		ObjectTypes: []square.CatalogObjectType{square.CatalogObjectTypeItemVariation}, Limit: square.Int(249)})
	require.NoError(t, err)
	require.NotNil(t, found.Cursor)
	found, err = shop.sdk.Catalog.Search(ctx, &square.SearchCatalogObjectsRequest{
		ObjectTypes: []square.CatalogObjectType{square.CatalogObjectTypeItemVariation}, Limit: square.Int(249), Cursor: found.Cursor})
	require.NoError(t, err)
	require.Len(t, found.Objects, 1)
	require.Nil(t, found.Cursor)
}
