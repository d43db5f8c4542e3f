package square_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

// control sends a control request without a token and decodes the answer.
func (s *fixture) control(t *testing.T, method, path, body string, into any) int {
	t.Helper()
	req, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := s.server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if into != nil {
		require.NoError(t, json.Unmarshal(text, into), string(text))
	}
	return resp.StatusCode
}

func TestSquareControlRoutes(t *testing.T) {
	t.Parallel()
	till, box := webhookShop(t, square.Options{})
	till.clock.Advance(time.Hour)
	var made struct{ ID string }
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/variations", `{"sku":"NEW","name":"New"}`, &made))
	item := made.ID
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/locations", `{"name":"Second"}`, &made))
	second := made.ID
	require.Equal(t, 200, till.control(t, "PUT", "/sandbox/webhook", `{"url":"https://hooks.example.com/new","key":"k"}`, nil))

	var done square.Change
	act := func(kind, fields string) square.Change {
		t.Helper()
		done = square.Change{}
		require.Equal(t, 200, till.control(t, "POST", "/sandbox/"+kind, fmt.Sprintf(`{"item":%q,%s}`, item, fields), &done))
		return done
	}
	require.Equal(t, "10", act("recount", `"quantity":"10"`).Count.String())
	require.Equal(t, "8", act("sell", `"quantity":"2"`).Count.String())
	require.True(t, act("sell_offline", `"quantity":"1","occurred_at":"2026-03-02T10:30:00Z"`).Absorbed)
	require.Equal(t, "13.5", act("receive", `"quantity":"5.5"`).Count.String())
	require.Equal(t, "14.5", act("return", `"quantity":"1"`).Count.String())
	require.Equal(t, "14", act("waste", `"quantity":"0.5"`).Count.String())
	require.Equal(t, "12", act("other_app", `"quantity":"-2"`).Count.String())
	require.Equal(t, "3", act("receive", fmt.Sprintf(`"quantity":"3","location":%q`, second)).Count.String())

	var counts []shop.Count
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/counts", "", &counts))
	require.Equal(t, till.Counts(), counts)
	require.Len(t, counts, 2)
	require.Equal(t, shop.Count{Item: item, SKU: "NEW", Location: till.location, Quantity: units(12), Tracked: true}, counts[0])
	var truth []shop.Effect
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/truth", "", &truth))
	require.Equal(t, till.Truth().All(), truth)
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/truth?from=7", "", &truth))
	require.Len(t, truth, 1)
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/truth?from=99", "", &truth))
	require.Empty(t, truth)

	var webhooks map[string]int64
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/webhooks", `{"do":"idle"}`, &webhooks))
	require.Equal(t, map[string]int64{"sent": 7, "delivered": 7, "dropped": 0, "gave_up": 0}, webhooks)
	require.Equal(t, "https://hooks.example.com/new", box.all()[6].url)
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/webhooks", `{"do":"pause"}`, nil))
	act("receive", `"quantity":"1"`)
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/webhooks", `{"do":"resume"}`, &webhooks))
	require.EqualValues(t, 1, webhooks["dropped"])

	require.Equal(t, 200, till.control(t, "POST", "/sandbox/tracking", fmt.Sprintf(`{"item":%q,"tracked":false}`, item), nil))
	require.Empty(t, act("sell", `"quantity":"1"`).ID)
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/sku", fmt.Sprintf(`{"item":%q,"sku":"NEWER"}`, item), nil))
	require.Equal(t, "NEWER", till.Counts()[0].SKU)
	require.Equal(t, 200, till.control(t, "POST", "/sandbox/delete", fmt.Sprintf(`{"item":%q}`, item), nil))

	var faults shop.Faults
	require.Equal(t, 200, till.control(t, "PUT", "/sandbox/faults", `{"drop_webhook":0.5,"delay_webhook":"250ms"}`, nil))
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/faults", "", &faults))
	require.Equal(t, shop.Faults{DropWebhook: 0.5, DelayWebhook: 250 * time.Millisecond}, faults)
	var requests map[string]int64
	require.Equal(t, 200, till.control(t, "GET", "/sandbox/requests", "", &requests))
	require.Empty(t, requests, "control requests are not counted")
}

func TestSquareControlRefusals(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/sandbox/sell", `{"item":"X","quantity":"1"}`, 400},
		{"POST", "/sandbox/sell", `{"item":`, 400},
		{"POST", "/sandbox/sell", `{"itme":"X"}`, 400},
		{"POST", "/sandbox/sell", `{"quantity":1.5}`, 400},
		{"POST", "/sandbox/sell", `{"item":"` + strings.Repeat("x", 1<<20) + `"}`, 400},
		{"POST", "/sandbox/sku", `{"item":"X"}`, 400},
		{"POST", "/sandbox/delete", `{"item":"X"}`, 400},
		{"POST", "/sandbox/tracking", `{"item":"X"}`, 400},
		{"POST", "/sandbox/webhooks", `{"do":"burn"}`, 400},
		{"PUT", "/sandbox/faults", `{"drop_webhook":1.5}`, 400},
		{"PUT", "/sandbox/faults", `{"delay_webhook":"soon"}`, 400},
		{"PUT", "/sandbox/faults", `{"drop_webhooks":1}`, 400},
	} {
		var answer struct{ Error string }
		require.Equal(t, c.status, till.control(t, c.method, c.path, c.body, &answer), c.body)
		require.NotEmpty(t, answer.Error)
	}
	require.Equal(t, http.StatusNotFound, till.control(t, "POST", "/sandbox/burn", "{}", nil))
}
