package shopify

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The sizes and prices of captured queries (facts: fitted to 33 of 35).
func TestShopifySize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 1, 1: 1, 2: 1, 3: 2, 5: 3, 10: 4, 20: 5, 50: 7, 100: 9, 250: 11} {
		require.Equal(t, want, size(n), n)
	}
}

func TestShopifyRequestedCost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, query string
		want        int
	}{
		{"object", `{ shop { id name } }`, 1},
		{"250 flat nodes", `{ inventoryItems(first: 250) { nodes { id sku } pageInfo { hasNextPage endCursor } } }`, 13},
		{"250 flat edges", `{ inventoryItems(first: 250) { edges { cursor node { id sku } } pageInfo { hasNextPage } } }`, 13},
		{"nested", `{ locations(first: 10) { nodes { id inventoryLevels(first: 10) { nodes { item { id } } } } } }`, 2 + 4*(1+2+4*2)},
		{"dearest branch", `{ node(id: "gid://shopify/Order/1") { id ... on Order { name } ... on InventoryLevel { item { id } location { id } } } }`, 3},
		{"nodes by their number", `{ nodes(ids: ["a", "b", "c"]) { ... on InventoryItem { inventoryLevel(locationId: "x") { updatedAt } } } }`, 2 * 2},
		{"adjust with its group", `mutation { inventoryAdjustQuantities(input: {reason: "other", name: "available", changes: []}) @idempotent(key: "k") {
			inventoryAdjustmentGroup { id changes { name delta item { id } location { id } } } userErrors { code field message } } }`, 13},
		{"adjust alone", `mutation { inventoryAdjustQuantities(input: {reason: "other", name: "available", changes: []}) @idempotent(key: "k") { userErrors { code } } }`, 10},
	} {
		g := newGraphQL()
		op, vars, errs := g.prepare(gqlRequest{Query: tc.query})
		require.Empty(t, errs, tc.name)
		require.Equal(t, tc.want, costing{g.schema, vars}.operation(op), tc.name)
	}
}

func cost(t *testing.T, answer map[string]any) (requested, actual, available string) {
	t.Helper()
	cost := answer["extensions"].(map[string]any)["cost"].(map[string]any)
	status := cost["throttleStatus"].(map[string]any)
	require.Equal(t, json.Number("40"), status["maximumAvailable"])
	require.Equal(t, json.Number("2"), status["restoreRate"])
	actual = "null"
	if n, ok := cost["actualQueryCost"].(json.Number); ok {
		actual = n.String()
	}
	return cost["requestedQueryCost"].(json.Number).String(), actual, status["currentlyAvailable"].(json.Number).String()
}

func TestShopifyThrottle(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.RestoreRate = 2 })
	f.variant("TEE-M", 1)
	const query = `{ inventoryItems(first: 250) { nodes { id variant { id } } } }` // requests 2 + 11*2, costs 2 + 1*2
	for i, want := range [][3]string{{"24", "4", "36"}, {"24", "4", "32"}, {"24", "4", "28"}, {"24", "4", "24"}, {"24", "4", "20"}} {
		requested, actual, available := cost(t, f.query(query, nil))
		require.Equal(t, want, [3]string{requested, actual, available}, i)
	}
	out := f.query(query, nil)
	require.NotContains(t, out, "data")
	require.JSONEq(t, `[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]`, jsonOf(t, out["errors"]))
	requested, actual, available := cost(t, out)
	require.Equal(t, []string{"24", "null", "20"}, []string{requested, actual, available})
	f.clock.Advance(2 * time.Second) // +4 points: room for 24 again
	requested, actual, available = cost(t, f.query(query, nil))
	require.Equal(t, []string{"24", "4", "20"}, []string{requested, actual, available})
	f.clock.Advance(time.Hour)
	_, _, available = cost(t, f.query(`{ shop { id } }`, nil))
	require.Equal(t, "39", available)
	require.Equal(t, int64(1), f.Requests()["throttled"])
}

func TestShopifyCostLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	out := f.query(`{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id variant { id inventoryItem { id } } } } fulfillmentOrders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } } } }`, nil)
	require.Contains(t, jsonOf(t, out), `"code":"MAX_COST_EXCEEDED"`)
	require.NotContains(t, out, "data")
}

func TestShopifyPoints(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.RestoreRate = 2 })
	f.variant("TEE-M", 1)
	for range 2 {
		f.query(`{ inventoryItems(first: 250) { nodes { id variant { id } } } }`, nil)
	}
	spent, available := f.Points()
	require.Equal(t, []float64{8, 32}, []float64{spent, available})
}
