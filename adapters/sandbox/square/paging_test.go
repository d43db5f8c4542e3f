package square_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

func TestSquarePagesOfCounts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{})
	items := []string{}
	for i := range 7 {
		item := till.AddVariation(fmt.Sprintf("SKU-%d", i), "Thing", true)
		must(t)(till.Recount(item, units(int64(i)), time.Time{}))
		items = append([]string{item}, items...) // newest first
	}
	for _, limit := range []int{1, 3, 6, 7, 8, 1000} {
		var got []string
		request := &sdk.BatchGetInventoryCountsRequest{Limit: &limit}
		pages := 0
		for {
			page, err := till.sdk.Inventory.BatchGetCounts(ctx, request)
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
	till := newFixture(t, square.Options{})
	till.clock.Advance(time.Hour)
	var want []string
	for i := range 9 {
		done := must(t)(till.SellOffline(till.item, units(1), now.Add(time.Duration(30-i)*time.Minute)))
		want = append([]string{done.ID}, want...) // received in the opposite order of how they occurred
	}
	for _, limit := range []int{1, 4, 9} {
		var got []string
		for _, change := range till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{Limit: &limit}) {
			got = append(got, *change.Adjustment.ID)
		}
		require.Equal(t, want, got, "by occurred_at, oldest first")
	}
	require.Len(t, till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{CatalogObjectIDs: []string{"X"}}), 0)
	require.Len(t, till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{LocationIDs: []string{till.location}}), 9)
	require.Len(t, till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{
		Types: []sdk.InventoryChangeType{sdk.InventoryChangeTypePhysicalCount}}), 0)
}

func TestSquareCursorsBelongToTheirQuery(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{})
	must(t)(till.Receive(till.item, units(1)))
	must(t)(till.Receive(till.item, units(1)))
	page, err := till.sdk.Inventory.BatchGetChanges(ctx, &sdk.BatchRetrieveInventoryChangesRequest{Limit: sdk.Int(1)})
	require.NoError(t, err)
	for _, request := range []*sdk.BatchRetrieveInventoryChangesRequest{
		{Cursor: page.Cursor, Limit: sdk.Int(1), LocationIDs: []string{till.location}},
		{Cursor: sdk.String("not-a-cursor"), Limit: sdk.Int(1)},
		{Cursor: sdk.String("!"), Limit: sdk.Int(1)},
	} {
		_, err := till.sdk.Inventory.BatchGetChanges(ctx, request)
		_, first := code(t, err)
		require.Equal(t, sdk.ErrorCodeInvalidCursor, first.Code)
	}
	_, err = till.sdk.Inventory.BatchGetChanges(ctx, &sdk.BatchRetrieveInventoryChangesRequest{Cursor: page.Cursor, Limit: sdk.Int(1)})
	require.NoError(t, err)
}

func TestSquarePagesOfTheCatalog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{})
	for i := range 249 {
		till.AddVariation(fmt.Sprintf("SKU-%d", i), "Thing", true)
	}
	page, err := till.sdk.Catalog.List(ctx, &sdk.ListCatalogRequest{Types: sdk.String("ITEM_VARIATION")})
	require.NoError(t, err)
	require.Len(t, page.Results, 100)
	seen := map[string]bool{}
	for it := page.Iterator(); it.Next(ctx); {
		seen[it.Current().ItemVariation.ID] = true
	}
	require.Len(t, seen, 250)

	found, err := till.sdk.Catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
		ObjectTypes: []sdk.CatalogObjectType{sdk.CatalogObjectTypeItemVariation}, Limit: sdk.Int(5000)})
	require.NoError(t, err)
	require.Len(t, found.Objects, 100, "a limit out of range is ignored")
	found, err = till.sdk.Catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
		ObjectTypes: []sdk.CatalogObjectType{sdk.CatalogObjectTypeItemVariation}, Limit: sdk.Int(249)})
	require.NoError(t, err)
	require.NotNil(t, found.Cursor)
	found, err = till.sdk.Catalog.Search(ctx, &sdk.SearchCatalogObjectsRequest{
		ObjectTypes: []sdk.CatalogObjectType{sdk.CatalogObjectTypeItemVariation}, Limit: sdk.Int(249), Cursor: found.Cursor})
	require.NoError(t, err)
	require.Len(t, found.Objects, 1)
	require.Nil(t, found.Cursor)
}
