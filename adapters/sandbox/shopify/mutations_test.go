package shopify

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

const (
	adjustMutation = `mutation M($input: InventoryAdjustQuantitiesInput!, $key: String!) { inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
		inventoryAdjustmentGroup { reason referenceDocumentUri app { id } changes { name delta quantityAfterChange ledgerDocumentUri item { sku } location { name } } } userErrors { code field message } } }`
	setMutation = `mutation M($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) {
		inventoryAdjustmentGroup { changes(quantityNames: ["available"]) { delta } } userErrors { code field message } } }`
)

type fields = map[string]any

// adjusting is the input of an adjustment of available; change overwrites parts of its one row and of itself.
func adjusting(v Variant, delta int, row, input fields) fields {
	r := fields{"inventoryItemId": itemGID(v), "locationId": mainGID, "delta": delta, "changeFromQuantity": nil}
	maps.Copy(r, row)
	in := fields{"reason": "correction", "name": "available", "changes": []any{r}}
	maps.Copy(in, input)
	return in
}

func setting(v Variant, quantity int, row, input fields) fields {
	r := fields{"inventoryItemId": itemGID(v), "locationId": mainGID, "quantity": quantity, "changeFromQuantity": nil}
	maps.Copy(r, row)
	in := fields{"reason": "correction", "name": "available", "quantities": []any{r}}
	maps.Copy(in, input)
	return in
}

// written runs a mutation and returns its payload as JSON, or its errors.
func (f *fixture) written(mutation string, input fields, key string) string {
	f.t.Helper()
	out := f.query(mutation, fields{"input": input, "key": key})
	if errs, failed := out["errors"].([]any); failed {
		for _, e := range errs {
			delete(e.(fields), "locations")
		}
		return jsonOf(f.t, out["errors"])
	}
	for _, payload := range out["data"].(fields) {
		return jsonOf(f.t, payload)
	}
	return ""
}

func TestShopifyAdjust(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	f.clock.Advance(time.Minute)
	got := f.written(adjustMutation, adjusting(v, -2, nil, fields{"referenceDocumentUri": "gid://evenstock/Push/1"}), "k1")
	require.JSONEq(t, `{"inventoryAdjustmentGroup":{"reason":"correction","referenceDocumentUri":"gid://evenstock/Push/1","app":{"id":"gid://shopify/App/1"},"changes":[
		{"name":"available","delta":-2,"quantityAfterChange":null,"ledgerDocumentUri":null,"item":{"sku":"TEE-M"},"location":{"name":"Main"}},
		{"name":"on_hand","delta":-2,"quantityAfterChange":null,"ledgerDocumentUri":null,"item":{"sku":"TEE-M"},"location":{"name":"Main"}}]},"userErrors":[]}`, got)
	require.Equal(t, levelText("2026-10-02T13:16:04Z", "3", "0", "3"), f.level(v))
	hooks := f.webhooks()
	require.Equal(t, []string{"inventory_levels/update"}, deliveredTopics(hooks))
	require.Equal(t, json.Number("3"), hooks[0].Payload["available"])
	effects := f.Truth().All()
	last := effects[len(effects)-1]
	require.Equal(t, shop.Effect{At: f.clock.Now(), Shop: shop.Shopify, Item: v.Item, Location: "77", Delta: -200_000, By: "app", Key: "k1", Note: "gid://evenstock/Push/1"}, last)
}

func TestShopifySet(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	f.order(v.Item, 2) // available 3, committed 2, on hand 5
	require.JSONEq(t, `{"inventoryAdjustmentGroup":{"changes":[{"delta":4}]},"userErrors":[]}`, f.written(setMutation, setting(v, 7, nil, nil), "a"))
	require.Equal(t, levelText("2026-10-02T13:15:04Z", "7", "2", "9"), f.level(v))
	// Setting on hand lets available absorb the difference.
	require.JSONEq(t, `{"inventoryAdjustmentGroup":{"changes":[{"delta":-5}]},"userErrors":[]}`, f.written(setMutation, setting(v, 4, nil, fields{"name": "on_hand"}), "b"))
	require.Equal(t, levelText("2026-10-02T13:15:04Z", "2", "2", "4"), f.level(v))
	require.JSONEq(t, `{"inventoryAdjustmentGroup":{"changes":[{"delta":-5}]},"userErrors":[]}`, f.written(setMutation, setting(v, -3, fields{"changeFromQuantity": 2}, nil), "c"))
	require.Equal(t, levelText("2026-10-02T13:15:04Z", "-3", "2", "-1"), f.level(v))
}

func TestShopifyNoOp(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	before := len(f.Truth().All())
	f.clock.Advance(time.Hour)
	for _, got := range []string{
		f.written(setMutation, setting(v, 5, nil, nil), "a"),
		f.written(setMutation, setting(v, 5, fields{"changeFromQuantity": 5}, nil), "b"),
		f.written(adjustMutation, adjusting(v, 0, nil, nil), "c"),
		f.written(adjustMutation, adjusting(v, 0, nil, nil), "c"),
	} {
		require.JSONEq(t, `{"inventoryAdjustmentGroup":null,"userErrors":[]}`, got)
	}
	require.Empty(t, f.webhooks())
	require.Len(t, f.Truth().All(), before)
	require.Contains(t, f.level(v), `"updatedAt":"2026-10-02T13:15:04Z"`)
}

// Writing where the item is not stocked succeeds, on a level that default reads do not show.
func TestShopifyWriteToUnstockedLocation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	got := f.written(adjustMutation, adjusting(v, 3, fields{"locationId": "gid://shopify/Location/78"}, nil), "k")
	require.Contains(t, got, `"userErrors":[]`)
	require.Equal(t, `{"inventoryItem":{"hidden":{"isActive":false},"shown":null,"variant":{"inventoryQuantity":5}}}`,
		f.data(`query($i: ID!) { inventoryItem(id: $i) { shown: inventoryLevel(locationId: "gid://shopify/Location/78") { isActive }
			hidden: inventoryLevel(locationId: "gid://shopify/Location/78", includeInactive: true) { isActive } variant { inventoryQuantity } } }`,
			fields{"i": itemGID(v)}))
	require.NoError(t, f.Receive(StockChange{Item: v.Item, Location: "78", Quantity: 1}))
	require.Equal(t, "4", f.Counts()[1].Quantity.String())
	require.Contains(t, f.data(`query($i: ID!) { inventoryItem(id: $i) { variant { inventoryQuantity } } }`, fields{"i": itemGID(v)}), `:9`)
}

func TestShopifyTopLevelErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	noCAS := adjusting(v, 1, nil, nil)
	delete(noCAS["changes"].([]any)[0].(fields), "changeFromQuantity")
	noCASSet := setting(v, 1, nil, nil)
	delete(noCASSet["quantities"].([]any)[0].(fields), "changeFromQuantity")
	const bareAdjust = `mutation M($input: InventoryAdjustQuantitiesInput!) { inventoryAdjustQuantities(input: $input) { userErrors { code } } }`
	many := adjusting(v, 1, nil, nil)
	row := many["changes"].([]any)[0]
	many["changes"] = []any{}
	for range 251 {
		many["changes"] = append(many["changes"].([]any), row)
	}
	for _, tc := range []struct {
		name, mutation string
		input          fields
		key, want      string
	}{
		{"changeFromQuantity is looked for before the directive", bareAdjust, noCAS, "", `[{"message":"InventoryChangeInput must include the following argument: changeFromQuantity.","path":["inventoryAdjustQuantities"],"extensions":{"code":"INVALID_FIELD_ARGUMENTS"}}]`},
		{"changeFromQuantity of a set", setMutation, noCASSet, "k", `[{"message":"InventoryQuantityInput must include the following argument: changeFromQuantity.","path":["inventorySetQuantities"],"extensions":{"code":"INVALID_FIELD_ARGUMENTS"}}]`},
		{"directive", bareAdjust, adjusting(v, 1, nil, nil), "", `[{"message":"The @idempotent directive is required for this mutation but was not provided.","path":["inventoryAdjustQuantities"],"extensions":{"code":"BAD_REQUEST"}}]`},
		{"blank key", adjustMutation, adjusting(v, 1, nil, nil), " ", `[{"message":"The idempotency key can't be blank.","path":["inventoryAdjustQuantities"],"extensions":{"code":"BAD_REQUEST"}}]`},
		{"251 rows", adjustMutation, many, "k", `[{"message":"The input array size of 251 is greater than the maximum allowed of 250.","path":["inventoryAdjustQuantities","input","changes"],"extensions":{"code":"MAX_INPUT_SIZE_EXCEEDED"}}]`},
	} {
		require.JSONEq(t, tc.want, f.written(tc.mutation, tc.input, tc.key), tc.name)
	}
	out := f.query(bareAdjust, fields{"input": noCAS})
	require.JSONEq(t, `{"inventoryAdjustQuantities":null}`, jsonOf(t, out["data"]))
	require.Contains(t, jsonOf(t, out["extensions"]), `"actualQueryCost":10`)
	require.Equal(t, "5", f.Counts()[0].Quantity.String())
}

func TestShopifyUserErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	nowhere := fields{"inventoryItemId": "gid://shopify/InventoryItem/1", "locationId": "gid://shopify/Location/1"}
	twice := setting(v, 1, nil, nil)
	twice["quantities"] = append(twice["quantities"].([]any), twice["quantities"].([]any)[0])
	twoLedgers := adjusting(v, 1, fields{"ledgerDocumentUri": "app://1"}, fields{"name": "damaged"})
	twoLedgers["changes"] = append(twoLedgers["changes"].([]any),
		adjusting(v, 1, fields{"ledgerDocumentUri": "app://2"}, nil)["changes"].([]any)[0])
	for i, tc := range []struct {
		name, mutation string
		input          fields
		want           string
	}{
		{"unknown ids", adjustMutation, adjusting(v, 1, nowhere, nil), `[
			{"code":"INVALID_INVENTORY_ITEM","field":["input","changes","0","inventoryItemId"],"message":"The specified inventory item could not be found."},
			{"code":"INVALID_LOCATION","field":["input","changes","0","locationId"],"message":"The specified location could not be found."}]`},
		{"malformed id", setMutation, setting(v, 1, fields{"inventoryItemId": v.Item}, nil), `[
			{"code":"INVALID_INVENTORY_ITEM","field":["input","quantities","0","inventoryItemId"],"message":"The specified inventory item could not be found."}]`},
		{"stale", adjustMutation, adjusting(v, 1, fields{"changeFromQuantity": 4}, nil), `[
			{"code":"CHANGE_FROM_QUANTITY_STALE","field":null,"message":"The changeFromQuantity argument no longer matches the persisted quantity."}]`},
		{"stale set", setMutation, setting(v, 1, fields{"changeFromQuantity": 4}, nil), `[
			{"code":"CHANGE_FROM_QUANTITY_STALE","field":null,"message":"The changeFromQuantity argument no longer matches the persisted quantity."}]`},
		{"adjust on hand", adjustMutation, adjusting(v, 1, nil, fields{"name": "on_hand"}), `[
			{"code":"INVALID_QUANTITY_NAME","field":["input","name"],"message":"The specified quantity name is invalid. Valid values are: available, damaged, incoming, quality_control, reserved, safety_stock."}]`},
		{"set damaged", setMutation, setting(v, 1, nil, fields{"name": "damaged"}), `[
			{"code":"INVALID_NAME","field":["input","name"],"message":"The quantity name must be either 'available' or 'on_hand'."}]`},
		{"reason", setMutation, setting(v, 1, nil, fields{"reason": "because"}), `[
			{"code":"INVALID_REASON","field":["input","reason"],"message":"The specified reason is invalid. Valid values are: correction, cycle_count_available, damaged, movement_canceled, movement_created, movement_received, movement_updated, other, promotion, quality_control, received, reservation_created, reservation_deleted, reservation_updated, restock, safety_stock, shrinkage."}]`},
		{"reference", setMutation, setting(v, 1, nil, fields{"referenceDocumentUri": "push 1"}), `[
			{"code":"INVALID_REFERENCE_DOCUMENT","field":["input","referenceDocumentUri"],"message":"The specified reference document is invalid."}]`},
		{"set too high", setMutation, setting(v, 1_000_000_001, nil, nil), `[
			{"code":"INVALID_QUANTITY_TOO_HIGH","field":["input","quantities","0","quantity"],"message":"The quantity can't be higher than 1,000,000,000."}]`},
		{"set too low", setMutation, setting(v, -1_000_000_001, nil, nil), `[
			{"code":"INVALID_QUANTITY_TOO_LOW","field":["input","quantities","0","quantity"],"message":"The quantity can't be lower than -1,000,000,000."}]`},
		{"on hand negative", setMutation, setting(v, -1, nil, fields{"name": "on_hand"}), `[
			{"code":"INVALID_QUANTITY_NEGATIVE","field":["input","quantities","0","quantity"],"message":"The quantity can't be negative."}]`},
		{"adjust too high", adjustMutation, adjusting(v, 2_000_000_000, nil, nil), `[
			{"code":"INVALID_QUANTITY_TOO_HIGH","field":["input","changes","0","delta"],"message":"The quantity can't be higher than 2,000,000,000."}]`},
		{"the same pair twice", setMutation, twice, `[
			{"code":"NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR","field":["input","quantities","0","locationId"],"message":"The combination of inventoryItemId and locationId must be unique."},
			{"code":"NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR","field":["input","quantities","1","locationId"],"message":"The combination of inventoryItemId and locationId must be unique."}]`},
		{"ledger for available", adjustMutation, adjusting(v, 1, fields{"ledgerDocumentUri": "app://1"}, nil), `[
			{"code":"INVALID_AVAILABLE_DOCUMENT","field":["input","changes","0","ledgerDocumentUri"],"message":"A ledger document URI is not allowed when adjusting available."}]`},
		{"no ledger for damaged", adjustMutation, adjusting(v, 1, nil, fields{"name": "damaged"}), `[
			{"code":"INVALID_QUANTITY_DOCUMENT","field":["input","changes","0","ledgerDocumentUri"],"message":"A ledger document URI is required except when adjusting available."}]`},
		{"two ledgers", adjustMutation, twoLedgers, `[
			{"code":"MAX_ONE_LEDGER_DOCUMENT","field":["input","changes"],"message":"All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI."}]`},
		{"Shopify's ledger", adjustMutation, adjusting(v, 1, fields{"ledgerDocumentUri": "gid://shopify/Order/1"}, fields{"name": "damaged"}), `[
			{"code":"INTERNAL_LEDGER_DOCUMENT","field":["input","changes","0","ledgerDocumentUri"],"message":"Internal (gid://shopify/) ledger documents are not allowed."}]`},
	} {
		require.JSONEq(t, `{"inventoryAdjustmentGroup":null,"userErrors":`+tc.want+`}`, f.written(tc.mutation, tc.input, string(rune('a'+i))), tc.name)
	}
	require.Equal(t, "5", f.Counts()[0].Quantity.String())
	// Damaged units are on hand but not available, and no level webhook speaks of them.
	f.written(adjustMutation, adjusting(v, 2, fields{"ledgerDocumentUri": "app://1"}, fields{"name": "damaged"}), "damaged")
	require.Equal(t, levelText("2026-10-02T13:15:04Z", "5", "0", "7"), f.level(v))
	require.Empty(t, f.webhooks())
}

// One stale row keeps the whole call from writing and does not say which it was.
func TestShopifyOneStaleRow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	a, b := f.variant("A", 5), f.variant("B", 5)
	in := setting(a, 1, fields{"changeFromQuantity": 5}, nil)
	in["quantities"] = append(in["quantities"].([]any), setting(b, 1, fields{"changeFromQuantity": 9}, nil)["quantities"].([]any)[0])
	require.Contains(t, f.written(setMutation, in, "k"), `"field":null`)
	require.Equal(t, "5", f.Counts()[0].Quantity.String())
}

func TestShopifyIdempotency(t *testing.T) {
	t.Parallel()
	const (
		stale    = "CHANGE_FROM_QUANTITY_STALE"
		mismatch = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
		used     = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
	)
	type call struct {
		key   string
		delta int
		from  any
		wait  time.Duration // before the call
		code  string        // of the one user error; none when empty
		left  string        // available afterwards
	}
	for _, tc := range []struct {
		name  string
		calls []call
	}{
		{"null replays", []call{{"k", -1, nil, 0, "", "4"}, {"k", -1, nil, 23 * time.Hour, "", "4"}}},
		{"forgotten after 24 hours", []call{{"k", -1, nil, 0, "", "4"}, {"k", -1, nil, 24 * time.Hour, "", "3"}}},
		{"24 hours count from the first use", []call{{"k", -1, nil, 0, "", "4"}, {"k", -1, nil, 13 * time.Hour, "", "4"}, {"k", -1, nil, 12 * time.Hour, "", "3"}}},
		{"other input", []call{{"k", -1, nil, 0, "", "4"}, {"k", -2, nil, 0, mismatch, "4"}, {"k", -1, nil, 0, "", "4"}}},
		{"another key", []call{{"k", -1, nil, 0, "", "4"}, {"l", -1, nil, 0, "", "3"}}},
		{"a comparison is stale after its own success", []call{{"k", -1, 5, 0, "", "4"}, {"k", -1, 5, 0, stale, "4"}}},
		{"a comparison that holds again replays", []call{{"k", -1, 5, 0, "", "4"}, {"l", 1, nil, 0, "", "5"}, {"k", -1, 5, 0, "", "5"}}},
		{"a refusal uses the key up", []call{{"k", -1, 4, 0, stale, "5"}, {"l", -1, nil, 0, "", "4"}, {"k", -1, 4, 0, used, "4"}, {"k", -1, nil, 0, mismatch, "4"}}},
		{"still refused", []call{{"k", -1, 4, 0, stale, "5"}, {"k", -1, 4, 0, stale, "5"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, nil)
			v := f.variant("TEE-M", 5)
			for i, c := range tc.calls {
				f.clock.Advance(c.wait)
				got := f.written(adjustMutation, adjusting(v, c.delta, fields{"changeFromQuantity": c.from}, nil), c.key)
				if c.code == "" {
					require.Contains(t, got, `"userErrors":[]`, i)
					require.Contains(t, got, `"delta":`, i)
				} else {
					require.Contains(t, got, `"code":"`+c.code+`","field":null`, i)
				}
				require.Equal(t, c.left, f.Counts()[0].Quantity.String(), i)
			}
		})
	}
	t.Run("texts", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, nil)
		v := f.variant("TEE-M", 5)
		f.written(adjustMutation, adjusting(v, -1, nil, nil), "k")
		require.Contains(t, f.written(adjustMutation, adjusting(v, -2, nil, nil), "k"),
			`"message":"The request with this idempotency key has different parameters than the original request."`)
		// A key belongs to one mutation too.
		require.Contains(t, f.written(setMutation, setting(v, 1, nil, nil), "k"), mismatch)
	})
	t.Run("a replay repeats the group and sends nothing", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t, nil)
		v := f.variant("TEE-M", 5)
		// The same call would now be refused: it would go beyond 2,000,000,000.
		first := f.written(adjustMutation, adjusting(v, 1_500_000_000, nil, nil), "k")
		require.Contains(t, first, `"userErrors":[]`)
		f.webhooks()
		require.Equal(t, first, f.written(adjustMutation, adjusting(v, 1_500_000_000, nil, nil), "k"))
		require.Empty(t, f.webhooks())
	})
}

// Inputs written into the query itself: an absent changeFromQuantity is missing, a null one and an unset variable are
// told apart as GraphQL tells them apart.
func TestShopifyLiteralInput(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 5)
	for i, tc := range []struct {
		name, row, want string
		vars            fields
	}{
		{"null", `changeFromQuantity: null`, `"userErrors":[]`, nil},
		{"absent", ``, `must include the following argument: changeFromQuantity.`, nil},
		{"unset variable is absent", `changeFromQuantity: $from`, `must include the following argument: changeFromQuantity.`, nil},
		{"null variable", `changeFromQuantity: $from`, `"userErrors":[]`, fields{"from": nil}},
		{"number", `changeFromQuantity: 3`, `"userErrors":[]`, nil},
		{"stale number", `changeFromQuantity: $from`, `CHANGE_FROM_QUANTITY_STALE`, fields{"from": 3}},
	} {
		declared := ""
		if strings.Contains(tc.row, "$from") {
			declared = "($from: Int)"
		}
		out := f.query(fmt.Sprintf(`mutation M%s { inventoryAdjustQuantities(input: {reason: "other", name: "available", changes: [
			{inventoryItemId: %q, locationId: %q, delta: -1, %s}]}) @idempotent(key: "k%d") { userErrors { code } } }`,
			declared, itemGID(v), mainGID, tc.row, i), tc.vars)
		require.Contains(t, jsonOf(t, out), tc.want, tc.name)
	}
	require.Equal(t, "2", f.Counts()[0].Quantity.String())
}
