package shopify

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

func TestShopifyEndpoint(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	const good = `{"query":"{ shop { myshopifyDomain } }"}`
	const unauthorized = `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`
	for _, tc := range []struct {
		name, path, token, body string
		status                  int
		version, answer         string
	}{
		{"current version", "/admin/api/2026-10/graphql.json", testToken, good, 200, "2026-10", `myshopifyDomain":"pretend.myshopify.com"`},
		{"retired version falls forward", "/admin/api/2024-01/graphql.json", testToken, good, 200, "2026-10", `pretend`},
		{"future version", "/admin/api/2027-01/graphql.json", testToken, good, 404, "", `{"errors":"Not Found"}`},
		{"no version", "/admin/api/latest/graphql.json", testToken, good, 404, "", `{"errors":"Not Found"}`},
		{"not GraphQL", "/admin/api/2026-10/products.json", testToken, good, 404, "", `{"errors":"Not Found"}`},
		{"wrong token", "/admin/api/2026-10/graphql.json", "shpat_wrong", good, 401, "2026-10", unauthorized},
		{"no token", "/admin/api/2026-10/graphql.json", "", good, 401, "2026-10", unauthorized},
		{"not JSON", "/admin/api/2026-10/graphql.json", testToken, `{`, 400, "2026-10", `Required parameter missing or invalid`},
		{"no query", "/admin/api/2026-10/graphql.json", testToken, `{}`, 400, "2026-10", `Required parameter missing or invalid`},
		{"too large", "/admin/api/2026-10/graphql.json", testToken, `{"query":"` + strings.Repeat(" ", bodyMax) + `"}`, 413, "2026-10", "Bad Request"},
	} {
		status, header, out := f.post(tc.path, tc.token, tc.body)
		require.Equal(t, tc.status, status, tc.name)
		require.Equal(t, tc.version, header.Get("X-Shopify-API-Version"), tc.name)
		require.Contains(t, jsonOf(t, out), tc.answer, tc.name)
	}
}

func TestShopifyGraphQLErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	const adjust = `mutation M($input: InventoryAdjustQuantitiesInput!) { inventoryAdjustQuantities(input: $input) @idempotent(key: "k") { userErrors { message } } }`
	for _, tc := range []struct {
		name, query string
		vars        map[string]any
		answer      string
	}{
		{"syntax", `{ shop {`, nil, `"message":"Expected Name, found \u003cEOF\u003e"`},
		{"unknown field", `{ shop { colour } }`, nil,
			`"extensions":{"code":"undefinedField","fieldName":"colour","typeName":"Shop"},"locations":[{"column":10,"line":1}],"message":"Field 'colour' doesn't exist on type 'Shop'"`},
		{"directive on the operation", `mutation M @idempotent(key: "k") { inventoryAdjustQuantities(input: {reason: "other", name: "available", changes: []}) { userErrors { message } } }`, nil,
			`'@idempotent' can't be applied to mutations (allowed: fields)`},
		{"unknown input field", adjust, map[string]any{"input": map[string]any{"reason": "other", "name": "available", "changes": []any{map[string]any{
			"inventoryItemId": "a", "locationId": "b", "delta": 1, "changeFromQuantity": nil, "color": 1}}}},
			`"problems":[{"explanation":"Field is not defined on InventoryChangeInput","path":["changes",0,"color"]}]`},
		{"missing input field", adjust, map[string]any{"input": map[string]any{"reason": "other", "changes": []any{}}},
			`Variable $input of type InventoryAdjustQuantitiesInput! was provided invalid value for name (Expected value to not be null)`},
		{"wrong scalar", adjust, map[string]any{"input": map[string]any{"reason": "other", "name": 5, "changes": []any{}}},
			`Could not coerce value 5 to String`},
		{"fraction", adjust, map[string]any{"input": map[string]any{"reason": "other", "name": "available", "changes": []any{map[string]any{
			"inventoryItemId": "a", "locationId": "b", "delta": 1.5, "changeFromQuantity": nil}}}},
			`Could not coerce value 1.5 to Int`},
		{"missing variable", adjust, nil, `"code":"INVALID_VARIABLE"`},
		{"unknown enum value", `query($k: OrderSortKeys) { orders(first: 1, sortKey: $k) { nodes { id } } }`, map[string]any{"k": "COLOUR"},
			`Expected \"COLOUR\" to be one of: CREATED_AT, ID, PROCESSED_AT, UPDATED_AT`},
		{"not an object", adjust, map[string]any{"input": 5}, `Expected \"5\" to be a key-value object.`},
		{"bad id in a list", `{ nodes(ids: ["gid://shopify/Order/1", "x"]) { id } }`, nil, `Invalid global id 'x'`},
		{"251 ids", `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]int, 251)},
			`The input array size of 251 is greater than the maximum allowed of 250.`},
		{"two operations, none named", `query A { shop { id } } query B { shop { id } }`, nil, `An operation name is required`},
		{"no page size", `{ locations { nodes { id } } }`, nil, `you must provide one of first or last`},
		{"page too large", `{ locations(first: 251) { nodes { id } } }`, nil, `first cannot exceed 250`},
		{"bad cursor", `{ locations(first: 1, after: "x") { nodes { id } } }`, nil, `Invalid cursor for current pagination sort.`},
		{"bad id", `{ order(id: "12") { id } }`, nil, `Invalid global id '12'`},
		{"id of another type", `{ order(id: "gid://shopify/Location/77") { id } }`, nil, `"code":"RESOURCE_NOT_FOUND"`},
		{"number too large for a literal", `{ locations(first: 99999999999999999999) { nodes { id } } }`, nil, `"errors"`},
		{"introspection", `{ __schema { queryType { name } } }`, nil, `"code":"ACCESS_DENIED"`},
		{"bad quantity name", `{ location(id: "gid://shopify/Location/77") { inventoryLevels(first: 1) { nodes { quantities(names: ["held"]) { quantity } } } } }`, nil,
			`"message":"The quantity name held is invalid."`},
	} {
		f.variant("TEE-M"+tc.name, 1)
		require.Contains(t, jsonOf(t, f.query(tc.query, tc.vars)), tc.answer, tc.name)
	}
}

func TestShopifyReads(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tee := f.variant("TEE-M", 5)
	mug, err := f.AddVariant(NewVariant{SKU: "mug", Name: "Mug", Available: 0})
	require.NoError(t, err)
	for _, tc := range []struct{ name, query, want string }{
		{"shop", `{ shop { name timezoneOffset url __typename } }`,
			`{"shop":{"__typename":"Shop","name":"pretend","timezoneOffset":"-0400","url":"https://pretend.myshopify.com"}}`},
		{"locations", `{ locations(first: 5) { nodes { id legacyResourceId name isActive } pageInfo { hasNextPage } } }`,
			`{"locations":{"nodes":[{"id":"gid://shopify/Location/77","isActive":true,"legacyResourceId":"77","name":"Main"},{"id":"gid://shopify/Location/78","isActive":true,"legacyResourceId":"78","name":"Back room"}],"pageInfo":{"hasNextPage":false}}}`},
		{"variants by SKU, not case-sensitive", `{ productVariants(first: 5, query: "sku:'MUG'") { nodes { id sku displayName inventoryQuantity inventoryItem { id tracked duplicateSkuCount } } } }`,
			`{"productVariants":{"nodes":[{"displayName":"Mug - Default Title","id":"gid://shopify/ProductVariant/` + mug.Variant + `","inventoryItem":{"duplicateSkuCount":0,"id":"` + itemGID(mug) + `","tracked":false},"inventoryQuantity":0,"sku":"mug"}]}}`},
		{"item", `{ inventoryItem(id: "` + itemGID(tee) + `") { sku tracked variant { id } variants(first: 1) { nodes { sku } } inventoryLevels(first: 2) { nodes { location { id } } } } }`,
			`{"inventoryItem":{"inventoryLevels":{"nodes":[{"location":{"id":"gid://shopify/Location/77"}}]},"sku":"TEE-M","tracked":true,"variant":{"id":"gid://shopify/ProductVariant/` + tee.Variant + `"},"variants":{"nodes":[{"sku":"TEE-M"}]}}}`},
		{"missing objects are null", `{ inventoryItem(id: "gid://shopify/InventoryItem/1") { id } order(id: "gid://shopify/Order/1") { id } productVariant(id: "gid://shopify/ProductVariant/1") { id } node(id: "gid://shopify/Product/1") { id } }`,
			`{"inventoryItem":null,"node":null,"order":null,"productVariant":null}`},
		{"nodes keep their places", `{ nodes(ids: ["` + itemGID(mug) + `", "gid://shopify/InventoryItem/1", "` + itemGID(tee) + `"]) { id __typename ... on InventoryItem { sku inventoryLevel(locationId: "gid://shopify/Location/77") { isActive quantities(names: ["available"]) { name quantity } } } ... on Order { name } } }`,
			`{"nodes":[{"__typename":"InventoryItem","id":"` + itemGID(mug) + `","inventoryLevel":{"isActive":true,"quantities":[{"name":"available","quantity":0}]},"sku":"mug"},null,{"__typename":"InventoryItem","id":"` + itemGID(tee) + `","inventoryLevel":{"isActive":true,"quantities":[{"name":"available","quantity":5}]},"sku":"TEE-M"}]}`},
		{"levels of a location, aliases and fragments", `{ spot: location(id: "gid://shopify/Location/77") { inventoryLevels(first: 9, query: "inventory_item_id:` + tee.Item + `") { edges { cursor node { ...level } } } } } fragment level on InventoryLevel { id updatedAt q: quantities(names: ["available", "on_hand", "incoming"]) { name quantity updatedAt } }`,
			`{"spot":{"inventoryLevels":{"edges":[{"cursor":"` + cursor(gqlEntry{sort: 45_000_000_000_053, id: 77}) + `","node":{"id":"gid://shopify/InventoryLevel/9001001001?inventory_item_id=` + tee.Item + `","q":[{"name":"available","quantity":5,"updatedAt":"2026-10-02T13:15:04Z"},{"name":"on_hand","quantity":5,"updatedAt":null},{"name":"incoming","quantity":0,"updatedAt":null}],"updatedAt":"2026-10-02T13:15:04Z"}}]}}}`},
		{"level by id", `{ inventoryLevel(id: "gid://shopify/InventoryLevel/9001001001?inventory_item_id=` + tee.Item + `") { item { sku } location { name } } }`,
			`{"inventoryLevel":{"item":{"sku":"TEE-M"},"location":{"name":"Main"}}}`},
		{"skip and include", `query { shop { id @skip(if: true) name @include(if: false) url } }`, `{"shop":{"url":"https://pretend.myshopify.com"}}`},
	} {
		require.JSONEq(t, tc.want, f.data(tc.query, nil), tc.name)
	}
}

func TestShopifySearch(t *testing.T) {
	t.Parallel()
	fields := searchFields{"id": int64(12), "updated_at": int64(1_790_946_904), "sku": "TEE-M"} // 2026-10-02T13:15:04Z
	for query, want := range map[string]bool{
		"":                                         true,
		"updated_at:>'2026-10-02T13:15:03Z'":       true,
		"updated_at:>'2026-10-02T13:15:04Z'":       false,
		"updated_at:>='2026-10-02T13:15:04Z'":      true,
		"updated_at:>=2026-10-02T09:15:04-04:00":   true,
		"updated_at:<'2026-10-02T13:15:05Z'":       true,
		"updated_at:<='2026-10-02'":                false,
		"updated_at:>'yesterday'":                  false,
		"id:12":                                    true,
		"id:gid://shopify/Order/12":                true,
		"id:11 OR id:12":                           true,
		"id:12 AND sku:other":                      false,
		`sku:"tee-m" AND updated_at:>'2026-10-01'`: true,
		"location_id:5":                            true, // unknown here: ignored
		"(updated_at:>'2026-10-01T00:00:00Z') (updated_at:<'2026-10-01T01:00Z')": false,
	} {
		require.Equal(t, want, searchOf(map[string]any{"query": query}).finds(fields.field), query)
	}
}

func TestShopifyPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tee := f.variant("TEE-M", 5)
	var ids []string
	for range 7 {
		ids = append(ids, f.order(tee.Item, 1).ID)
		f.clock.Advance(700 * 1e6)
	}
	read := func(after any) (names []string, next any) {
		out := f.query(`query($after: String, $q: String) { orders(first: 3, after: $after, sortKey: UPDATED_AT, query: $q) {
			nodes { legacyResourceId } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"after": after, "q": "updated_at:>='2026-10-02T13:15:04Z'"})
		page := out["data"].(map[string]any)["orders"].(map[string]any)
		for _, n := range page["nodes"].([]any) {
			names = append(names, n.(map[string]any)["legacyResourceId"].(string))
		}
		info := page["pageInfo"].(map[string]any)
		if info["hasNextPage"] == true {
			next = info["endCursor"]
		}
		return names, next
	}
	first, next := read(nil)
	require.Equal(t, ids[:3], first)
	// The oldest order changes between two pages: it moves to the end, nothing else is skipped.
	_, err := f.Cancel(OrderCancel{Order: ids[0], Restock: true})
	require.NoError(t, err)
	second, next := read(next)
	require.Equal(t, ids[3:6], second)
	third, next := read(next)
	require.Equal(t, []string{ids[6], ids[0]}, third)
	require.Nil(t, next)
	require.Equal(t, int64(3), f.Requests()["orders"])
}

// Nobody pages past 25,000 objects.
func TestShopifyPagesEnd(t *testing.T) {
	t.Parallel()
	entries := make([]gqlEntry, depthMax+1)
	for i := range entries {
		entries[i] = gqlEntry{sort: int64(i), id: 1}
	}
	last, err := paginate("OrderConnection", entries, map[string]any{"first": int64(250), "after": cursor(entries[depthMax-251])}, false)
	require.NoError(t, err)
	require.True(t, last.next)
	require.Len(t, last.nodes, 250)
	_, err = paginate("OrderConnection", entries, map[string]any{"first": int64(1), "after": last.cursors[249]}, false)
	require.ErrorContains(t, err, "25000")
}

// A token with read_orders sees the orders of 60 days.
func TestShopifyOldOrders(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tee := f.variant("TEE-M", 5)
	old := f.order(tee.Item, 1)
	f.clock.Advance(60*24*time.Hour + time.Second)
	young := f.order(tee.Item, 1)
	const query = `query($ids: [ID!]!, $old: ID!) { nodes(ids: $ids) { id } order(id: $old) { id } orders(first: 5) { nodes { id } } }`
	gid := func(id string) string { return "gid://shopify/Order/" + id }
	require.JSONEq(t, `{"nodes":[null,{"id":"`+gid(young.ID)+`"}],"order":null,"orders":{"nodes":[{"id":"`+gid(young.ID)+`"}]}}`,
		f.data(query, map[string]any{"ids": []string{gid(old.ID), gid(young.ID)}, "old": gid(old.ID)}))
	_, err := f.Cancel(OrderCancel{Order: old.ID, Restock: true})
	require.NoError(t, err)
	require.Contains(t, deliveredTopics(f.webhooks()), "orders/updated", "webhooks tell of it all the same")
}

func TestShopifyFaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	const body = `{"query":"{ shop { id } }"}`
	require.NoError(t, f.Faults().Set(shop.Faults{TooManyRequests: 1}))
	seen := map[string]bool{}
	for range 64 {
		status, header, out := f.post("/admin/api/2026-10/graphql.json", testToken, body)
		if status == http.StatusOK {
			require.Contains(t, jsonOf(t, out), `"errors":[{"extensions":{"code":"THROTTLED"},"message":"Throttled"}]`)
			require.Contains(t, jsonOf(t, out), `"actualQueryCost":null`)
		}
		seen[fmt.Sprint(status, header.Get("Retry-After"))] = true
	}
	require.Equal(t, map[string]bool{"200": true, "429": true, "4292.0": true}, seen)
	require.NoError(t, f.Faults().Set(shop.Faults{ServerError: 1}))
	status, _, _ := f.post("/admin/api/2026-10/graphql.json", testToken, body)
	require.Equal(t, http.StatusInternalServerError, status)

	require.NoError(t, f.Faults().Set(shop.Faults{Refuse: http.StatusUnauthorized}))
	status, _, out := f.post("/admin/api/2026-10/graphql.json", testToken, body)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, out["errors"], "[API] Invalid API key")
	require.NoError(t, f.Faults().Set(shop.Faults{Refuse: http.StatusLocked}))
	status, _, _ = f.post("/admin/api/2026-10/graphql.json", testToken, body)
	require.Equal(t, http.StatusLocked, status)

	adjust := func(key string) error {
		req, err := http.NewRequest(http.MethodPost, f.server.URL+"/admin/api/2026-10/graphql.json", strings.NewReader(
			`{"query":"mutation { inventoryAdjustQuantities(input: {reason: \"other\", name: \"available\", changes: [{inventoryItemId: \"`+
				itemGID(v)+`\", locationId: \"`+mainGID+`\", delta: -1, changeFromQuantity: null}]}) @idempotent(key: \"`+key+`\") { userErrors { message } } }"}`))
		require.NoError(t, err)
		req.Header.Set("X-Shopify-Access-Token", testToken)
		resp, err := f.server.Client().Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	require.NoError(t, f.Faults().Set(shop.Faults{LoseAnswerBefore: 1}))
	require.Error(t, adjust("before"))
	require.Equal(t, "5", f.Counts()[0].Quantity.String())
	require.NoError(t, f.Faults().Set(shop.Faults{LoseAnswerAfter: 1}))
	require.Error(t, adjust("after"))
	require.Equal(t, "4", f.Counts()[0].Quantity.String())
	require.NoError(t, f.Faults().Set(shop.Faults{}))
	require.NoError(t, adjust("after"))
	require.Equal(t, "4", f.Counts()[0].Quantity.String())
}
