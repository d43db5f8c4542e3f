package square_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/square/square-go-sdk/catalog"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

func TestSquareAccountEndpoints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{Merchant: square.Merchant{Name: "Corner", Country: "GB", Currency: "GBP"}})
	second := till.AddLocation("Market stall")

	locations, err := till.sdk.Locations.List(ctx)
	require.NoError(t, err)
	require.Len(t, locations.Locations, 2)
	require.Equal(t, []string{till.location, second}, []string{*locations.Locations[0].ID, *locations.Locations[1].ID})
	require.Equal(t, "Market stall", *locations.Locations[1].Name)
	require.Equal(t, sdk.LocationStatusActive, *locations.Locations[1].Status)

	merchant, err := till.sdk.Merchants.Get(ctx, &sdk.GetMerchantsRequest{MerchantID: "me"})
	require.NoError(t, err)
	require.Equal(t, till.MerchantID(), *merchant.Merchant.ID)
	require.Equal(t, till.location, *merchant.Merchant.MainLocationID)
	require.Equal(t, sdk.CountryGb, merchant.Merchant.Country)
	_, err = till.sdk.Merchants.Get(ctx, &sdk.GetMerchantsRequest{MerchantID: "MOTHER"})
	status, first := code(t, err)
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, sdk.ErrorCodeNotFound, first.Code)
}

func TestSquareCatalogEndpoints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{})
	coffee := till.AddVariation("COFFEE-1", "Coffee", false)
	require.NoError(t, till.SetTracking(coffee, till.location, true))
	gone := till.AddVariation("GONE-1", "Gone", true)
	before := till.clock.Advance(time.Minute)
	require.NoError(t, till.DeleteVariation(gone))

	search := func(request sdk.SearchCatalogObjectsRequest) []string {
		t.Helper()
		found, err := till.sdk.Catalog.Search(ctx, &request)
		require.NoError(t, err)
		require.NotNil(t, found.LatestTime)
		var ids []string
		for _, o := range found.Objects {
			if o.ItemVariation != nil {
				ids = append(ids, o.ItemVariation.ID)
			} else {
				ids = append(ids, "item "+*o.Item.ItemData.Name)
			}
		}
		return ids
	}
	variations := []sdk.CatalogObjectType{sdk.CatalogObjectTypeItemVariation}
	set := func(values ...string) *sdk.CatalogQuery {
		return &sdk.CatalogQuery{SetQuery: &sdk.CatalogQuerySet{AttributeName: "sku", AttributeValues: values}}
	}
	require.Equal(t, []string{coffee}, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations, Query: set("coffee-1", "none")}))
	require.Empty(t, search(sdk.SearchCatalogObjectsRequest{Query: set("COFFEE-1")}), "variations only when they are asked for")
	require.ElementsMatch(t, []string{"item Tea", "item Coffee"}, search(sdk.SearchCatalogObjectsRequest{}))
	require.ElementsMatch(t, []string{till.item, coffee}, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations}))
	require.Equal(t, []string{till.item}, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations, Query: &sdk.CatalogQuery{
		ExactQuery: &sdk.CatalogQueryExact{AttributeName: "sku", AttributeValue: "tea-1"}}}))
	require.Equal(t, []string{till.item}, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations, Query: &sdk.CatalogQuery{
		PrefixQuery: &sdk.CatalogQueryPrefix{AttributeName: "sku", AttributePrefix: "te"}}}))
	require.Equal(t, []string{gone}, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations,
		IncludeDeletedObjects: sdk.Bool(true), BeginTime: sdk.String(before.Add(-time.Second).Format(time.RFC3339Nano))}))
	require.NoError(t, till.SetSKU(coffee, "COFFEE-2"))
	require.Empty(t, search(sdk.SearchCatalogObjectsRequest{ObjectTypes: variations, Query: set("COFFEE-1")}))

	got, err := till.sdk.Catalog.Object.Get(ctx, &catalog.GetObjectRequest{ObjectID: coffee, IncludeRelatedObjects: sdk.Bool(true)})
	require.NoError(t, err)
	data := got.Object.ItemVariation.ItemVariationData
	require.Equal(t, "COFFEE-2", *data.Sku)
	require.False(t, *data.TrackInventory)
	require.True(t, *data.LocationOverrides[0].TrackInventory)
	require.Equal(t, *data.ItemID, got.RelatedObjects[0].Item.ID)
	_, err = till.sdk.Catalog.Object.Get(ctx, &catalog.GetObjectRequest{ObjectID: gone})
	status, _ := code(t, err)
	require.Equal(t, http.StatusNotFound, status)

	batch, err := till.sdk.Catalog.BatchGet(ctx, &sdk.BatchGetCatalogObjectsRequest{ObjectIDs: []string{coffee, gone, "NOWHERE"}})
	require.NoError(t, err)
	require.Len(t, batch.Objects, 1)
	batch, err = till.sdk.Catalog.BatchGet(ctx, &sdk.BatchGetCatalogObjectsRequest{
		ObjectIDs: []string{coffee, gone}, IncludeDeletedObjects: sdk.Bool(true), IncludeRelatedObjects: sdk.Bool(true)})
	require.NoError(t, err)
	require.Len(t, batch.Objects, 2)
	require.Len(t, batch.RelatedObjects, 2)

	list, err := till.sdk.Catalog.List(ctx, &sdk.ListCatalogRequest{Types: sdk.String("ITEM,item_variation")})
	require.NoError(t, err)
	require.Len(t, list.Results, 4)
}

func TestSquareInventoryEndpoints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	till := newFixture(t, square.Options{})
	second := till.AddLocation("Second")

	counts, err := till.sdk.Inventory.BatchGetCounts(ctx, &sdk.BatchGetInventoryCountsRequest{CatalogObjectIDs: []string{till.item}})
	require.NoError(t, err)
	require.Empty(t, counts.Counts, "a variation that was never counted has no row")

	done, err := till.create("k1", till.recount("10", till.clock.Now()), till.adjustment("IN_STOCK", "SOLD", "2.5", till.clock.Now()),
		till.adjustment("IN_STOCK", "WASTE", "1", till.clock.Now()))
	require.NoError(t, err)
	require.Empty(t, done.Errors)
	require.Len(t, done.Changes, 3)
	require.Len(t, done.Counts, 2, "IN_STOCK and WASTE; SOLD is not counted")
	require.Equal(t, "6.5", *done.Counts[0].Quantity)
	require.Equal(t, sdk.InventoryStateWaste, *done.Counts[1].State)
	sold := done.Changes[1].Adjustment
	require.Equal(t, "evenstock:1", *sold.ReferenceID)
	require.Equal(t, sdk.ProductExternalAPI, *sold.Source.Product)
	require.Equal(t, "sandbox-sq0idb-evenstock", *sold.Source.ApplicationID)
	require.EqualValues(t, 3125, *sold.TotalPriceMoney.Amount)
	require.Nil(t, done.Changes[2].Adjustment.TotalPriceMoney, "a price goes with sales only")
	require.Len(t, *sold.ID, 24)

	_, err = till.Do(square.Action{Kind: "receive", Item: till.item, Location: second, Quantity: units(3)})
	require.NoError(t, err)
	page, err := till.sdk.Inventory.Get(ctx, &sdk.GetInventoryRequest{CatalogObjectID: till.item})
	require.NoError(t, err)
	require.Len(t, page.Results, 3)
	page, err = till.sdk.Inventory.Get(ctx, &sdk.GetInventoryRequest{CatalogObjectID: till.item, LocationIDs: &second})
	require.NoError(t, err)
	require.Len(t, page.Results, 1)
	_, err = till.sdk.Inventory.Get(ctx, &sdk.GetInventoryRequest{CatalogObjectID: "NOWHERE"})
	status, _ := code(t, err)
	require.Equal(t, http.StatusNotFound, status)

	counts, err = till.sdk.Inventory.BatchGetCounts(ctx, &sdk.BatchGetInventoryCountsRequest{
		LocationIDs: []string{till.location}, States: []sdk.InventoryState{sdk.InventoryStateInStock}})
	require.NoError(t, err)
	require.Len(t, counts.Counts, 1)
	require.Equal(t, "6.5", *counts.Counts[0].Quantity)
	require.Equal(t, *done.Changes[2].Adjustment.CreatedAt, *counts.Counts[0].CalculatedAt)

	waste := till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{
		States: []sdk.InventoryState{sdk.InventoryStateWaste}, Types: []sdk.InventoryChangeType{sdk.InventoryChangeTypeAdjustment}})
	require.Len(t, waste, 1)
	require.Equal(t, map[string]int64{
		"POST /v2/inventory/changes/batch-create": 1, "POST /v2/inventory/changes/batch-retrieve": 1,
		"POST /v2/inventory/counts/batch-retrieve": 2, "GET /v2/inventory/{id}": 3,
	}, till.Requests())
}

func TestSquareRequestRefusals(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	_, err := newSDK(till.server, "another-token").Locations.List(context.Background())
	status, first := code(t, err)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, sdk.ErrorCategoryAuthenticationError, first.Category)
	require.Equal(t, sdk.ErrorCodeUnauthorized, first.Code)

	create := "/v2/inventory/changes/batch-create"
	for _, c := range []struct {
		name, path, body string
		headers          []string
		status           int
		code             string
	}{
		{"version of a container", "/v2/locations", "", []string{"Square-Version", "1.2.3"}, 400, "INVALID_SQUARE_VERSION_FORMAT"},
		{"good version", "/v2/locations", "", []string{"Square-Version", "2025-05-21"}, 200, ""},
		{"no such endpoint", "/v2/inventory/batch-change", "{}", nil, 404, "NOT_FOUND"},
		{"blank body", create, " ", nil, 400, "EXPECTED_JSON_BODY"},
		{"half a body", create, `{"idempotency_key":`, nil, 400, "EXPECTED_JSON_BODY"},
		{"null", create, `null`, nil, 400, "EXPECTED_JSON_BODY"},
		{"array", create, `[]`, nil, 400, "EXPECTED_JSON_BODY"},
		{"two objects", create, `{} {}`, nil, 400, "EXPECTED_JSON_BODY"},
		{"wrong kind", create, `{"idempotency_key":7}`, nil, 400, "INVALID_VALUE"},
		{"too large", create, `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 413, "REQUEST_ENTITY_TOO_LARGE"},
		{"limit 0", "/v2/inventory/counts/batch-retrieve", `{"limit":0}`, nil, 400, "INVALID_VALUE"},
		{"limit 1001", "/v2/inventory/changes/batch-retrieve", `{"limit":1001}`, nil, 400, "INVALID_VALUE"},
		{"bad time", "/v2/inventory/changes/batch-retrieve", `{"updated_after":"yesterday"}`, nil, 400, "INVALID_TIME"},
		{"transfers", "/v2/inventory/changes/batch-retrieve", `{"types":["TRANSFER"]}`, nil, 400, "INVALID_VALUE"},
		{"search by colour", "/v2/catalog/search", `{"query":{"exact_query":{"attribute_name":"colour"}}}`, nil, 400, "INVALID_VALUE"},
		{"search by two", "/v2/catalog/search", `{"query":{"exact_query":{"attribute_name":"sku"},"set_query":{"attribute_name":"sku","attribute_values":["a"]}}}`, nil, 400, "INVALID_VALUE"},
		{"no ids", "/v2/catalog/batch-retrieve", `{}`, nil, 400, "MISSING_REQUIRED_PARAMETER"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, body := till.post(t, c.path, c.body, c.headers...)
			require.Equal(t, c.status, status, body)
			require.Contains(t, body, c.code)
		})
	}
}
