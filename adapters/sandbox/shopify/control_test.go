package shopify

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

func (f *fixture) control(method, path, body string) (int, string) {
	f.t.Helper()
	req, err := http.NewRequest(method, f.server.URL+path, bytes.NewBufferString(body))
	require.NoError(f.t, err)
	resp, err := f.server.Client().Do(req)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	return resp.StatusCode, string(out)
}

// A whole story told through the control routes, with the worst faults on: they do not touch control routes.
func TestShopifyControl(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	status, out := f.control("POST", "/sandbox/variants", `{"sku":"TEE-M","name":"Tee","tracked":true,"available":10}`)
	require.Equal(t, 200, status, out)
	var v Variant
	require.NoError(t, json.Unmarshal([]byte(out), &v))
	status, out = f.control("PUT", "/sandbox/faults", `{"server_error":1,"lose_answer_before":1}`)
	require.Equal(t, 200, status, out)
	var o Order
	fill := strings.NewReplacer
	for _, step := range []struct{ path, body, available string }{
		{"orders/place", `{"lines":[{"item":"ITEM","quantity":3}]}`, "7"},
		{"orders/edit_add", `{"order":"ORDER","line":"LINE","quantity":1}`, "6"},
		{"orders/edit_remove", `{"order":"ORDER","line":"LINE","quantity":1,"restock":true}`, "7"},
		{"orders/fulfil", `{"order":"ORDER"}`, "7"},
		{"orders/refund", `{"order":"ORDER","line":"LINE","quantity":1,"restock":"return"}`, "8"},
		{"orders/place", `{"lines":[{"item":"ITEM","quantity":2}]}`, "6"},
		{"orders/cancel", `{"order":"ORDER","restock":true}`, "8"},
		{"stock/set", `{"item":"ITEM","quantity":5}`, "5"},
		{"stock/receive", `{"item":"ITEM","quantity":5}`, "10"},
		{"stock/other_app", `{"item":"ITEM","quantity":-4}`, "6"},
		{"stock/tracked", `{"item":"ITEM","tracked":false}`, "6"},
		{"settle", `{}`, "6"},
		{"webhooks", `{"do":"idle"}`, "6"},
	} {
		line := ""
		if len(o.Lines) > 0 {
			line = o.Lines[0].ID
		}
		status, out := f.control("POST", "/sandbox/"+step.path, fill("ITEM", v.Item, "ORDER", o.ID, "LINE", line).Replace(step.body))
		require.Equal(t, 200, status, "%s: %s", step.path, out)
		if strings.HasPrefix(step.path, "orders/") {
			o = Order{}
			require.NoError(t, json.Unmarshal([]byte(out), &o))
		}
		_, out = f.control("GET", "/sandbox/counts", "")
		require.Contains(t, out, `"quantity":"`+step.available+`"`, step.path)
	}
	_, out = f.control("GET", "/sandbox/truth", "")
	var effects []shop.Effect
	require.NoError(t, json.Unmarshal([]byte(out), &effects))
	var by []string
	for _, e := range effects {
		by = append(by, e.By)
	}
	require.Equal(t, []string{"hand", "order", "edit", "edit", "return", "order", "cancel", "hand", "received", "other_app"}, by)
	_, out = f.control("GET", "/sandbox/orders", "")
	require.Contains(t, out, o.ID)
	_, out = f.control("GET", "/sandbox/variants", "")
	require.Contains(t, out, v.Variant)
	status, _ = f.control("PUT", "/sandbox/webhook_url", `{"url":""}`)
	require.Equal(t, 200, status)
	status, out = f.control("POST", "/sandbox/orders/cancel", `{"order":"1"}`)
	require.Equal(t, 400, status)
	require.Contains(t, out, `not in the shop: order`)
	status, _ = f.control("POST", "/sandbox/orders/cancel", `{"colour":"1"}`)
	require.Equal(t, 400, status)
	require.Empty(t, f.Requests())
}

// A new location has no level of an item before somebody stocks it there; then it is counted apart.
func TestShopifyNewLocation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	status, out := f.control("POST", "/sandbox/variants", `{"sku":"TEE-M","name":"Tee","tracked":true,"available":10}`)
	require.Equal(t, 200, status, out)
	var v Variant
	require.NoError(t, json.Unmarshal([]byte(out), &v))
	status, out = f.control("POST", "/sandbox/locations", `{"name":"Fair"}`)
	require.Equal(t, 200, status, out)
	require.JSONEq(t, `{"id":"79"}`, out, "the shop has two")
	_, stocked := f.CountOf(v.Item, "79")
	require.False(t, stocked)
	status, out = f.control("POST", "/sandbox/stock/receive", `{"item":"`+v.Item+`","location":"79","quantity":4}`)
	require.Equal(t, 200, status, out)
	for location, want := range map[string]string{"77": "10", "79": "4"} {
		count, stocked := f.CountOf(v.Item, location)
		require.True(t, stocked)
		require.Equal(t, want, count.String(), location)
	}
}
