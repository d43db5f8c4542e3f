package square_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

// The first is the example of Square's documentation, the others are test vectors of Square's SDKs
// (https://developer.squareup.com/docs/webhooks/step3validate, https://github.com/square/square-go-sdk).
func TestSquareSignatureVectors(t *testing.T) {
	t.Parallel()
	const site = "https://webhook.site/webhooks"
	for _, c := range []struct{ key, url, body, want string }{
		{"asdf1234", "https://example.com/webhook", `{"hello":"world"}`, "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="},
		{"signature-key", site, `{"data":{"type":"webhooks","id":"fake_id"}}`, "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA="},
		{"signature-key", site, `{"data":{"type":"webhooks","id":">id<"}}`, "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U="},
		{"Ibxx_5AKakO-3qeNVR61Dw", "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9",
			`{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}`,
			"GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="},
	} {
		require.Equal(t, c.want, square.Sign(c.key, c.url, []byte(c.body)))
	}
}

// webhookShop is a shop whose webhooks land in an inbox, one after the other.
func webhookShop(t *testing.T, opts square.Options) (*fixture, *inbox) {
	t.Helper()
	box := &inbox{}
	opts.HTTPClient, opts.WebhooksParallel = &http.Client{Transport: box}, 1
	opts.NotificationURL, opts.SigningKey = "https://hooks.example.com/hooks/till/k3J?x=1", "key-1"
	return newFixture(t, opts), box
}

func idle(t *testing.T, till *square.Shop) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	require.NoError(t, till.Courier().Idle(ctx))
}

func TestSquareWebhooks(t *testing.T) {
	t.Parallel()
	till, box := webhookShop(t, square.Options{})
	must(t)(till.Recount(till.item, units(10), time.Time{}))
	must(t)(till.Waste(till.item, units(1)))
	must(t)(till.Recount(till.item, units(9), time.Time{})) // changes nothing: not told
	till.clock.Advance(time.Minute)
	must(t)(till.Recount(till.item, units(5), time.Time{}))
	must(t)(till.SellOffline(till.item, units(1), till.clock.Now().Add(-time.Second))) // absorbed: not told
	must(t)(till.Sell(till.item, units(6)))
	must(t)(till.Return(till.item, units(1)))
	must(t)(till.OtherApp(till.item, units(-1)))
	_, err := till.create("k", till.adjustment("NONE", "IN_STOCK", "2.5", till.clock.Now()), till.adjustment("IN_STOCK", "WASTE", "1", till.clock.Now()))
	require.NoError(t, err)
	idle(t, till.Shop)

	got := box.all()
	var rows []string
	ids := map[string]bool{}
	for i, e := range events(t, got) {
		require.Equal(t, "inventory.count.updated", e.Type)
		require.Equal(t, "inventory_counts", e.Data.Type)
		require.Equal(t, till.MerchantID(), e.Merchant)
		ids[e.EventID], ids[e.Data.ID] = true, true
		require.Len(t, e.EventID, 36)
		_, err := time.Parse(time.RFC3339Nano, e.Created)
		require.NoError(t, err)
		var states []string
		for _, c := range e.Data.Object.Counts {
			require.Equal(t, till.item+till.location, *c.CatalogObjectID+*c.LocationID)
			require.Equal(t, "ITEM_VARIATION", *c.CatalogObjectType)
			require.NotEmpty(t, *c.CalculatedAt)
			states = append(states, fmt.Sprintf("%s %s", *c.State, *c.Quantity))
		}
		rows = append(rows, strings.Join(states, ", "))
		require.Equal(t, "application/json", got[i].header.Get("Content-Type"))
		require.Equal(t, "Sandbox", got[i].header.Get("square-environment"))
		require.Empty(t, got[i].header.Get("square-retry-number"))
		require.NoError(t, till.sdk.Webhooks.VerifySignature(context.Background(), &sdk.VerifySignatureRequest{
			RequestBody: string(got[i].body), SignatureHeader: got[i].header.Get("x-square-hmacsha256-signature"),
			SignatureKey: "key-1", NotificationURL: "https://hooks.example.com/hooks/till/k3J?x=1"}))
	}
	require.Equal(t, []string{
		"IN_STOCK 10", "IN_STOCK 9, WASTE 1", "IN_STOCK 5", "IN_STOCK -1", "IN_STOCK 0", "IN_STOCK -1", "IN_STOCK 0.5, WASTE 2",
	}, rows, "our own writes are told as everybody's, once per request")
	require.Len(t, ids, 2*len(rows), "every event has ids of its own")
}

func TestSquareWebhookSubscription(t *testing.T) {
	t.Parallel()
	till, box := webhookShop(t, square.Options{})
	till.SetWebhook("", "")
	must(t)(till.Receive(till.item, units(1)))
	till.SetWebhook("https://hooks.example.com/2", "key-2", square.EventCountUpdated, square.EventCatalogUpdated)
	require.NoError(t, till.SetTracking(till.item, "", false))
	idle(t, till.Shop)
	till.Courier().Pause()
	require.NoError(t, till.SetTracking(till.item, "", true))
	till.Courier().Resume()
	must(t)(till.Receive(till.item, units(1)))
	idle(t, till.Shop)
	got := events(t, box.all())
	require.Len(t, got, 2)
	require.Equal(t, "catalog.version.updated", got[0].Type)
	require.Empty(t, got[0].Data.ID)
	require.Equal(t, "inventory.count.updated", got[1].Type)
	require.Equal(t, "https://hooks.example.com/2", box.all()[1].url)
	require.EqualValues(t, 1, till.Courier().Dropped())
}

func TestSquareSplitsLongNotifications(t *testing.T) {
	t.Parallel()
	till, box := webhookShop(t, square.Options{})
	var changes []*sdk.InventoryChange
	for i := range 60 {
		till.item = till.AddVariation(fmt.Sprintf("SKU-%d", i), "Thing", true)
		changes = append(changes, till.adjustment("IN_STOCK", "WASTE", "1", till.clock.Now()))
	}
	_, err := till.create("k", changes...)
	require.NoError(t, err)
	idle(t, till.Shop)
	got := events(t, box.all())
	require.Len(t, got, 2)
	require.Len(t, got[0].Data.Object.Counts, 100)
	require.Len(t, got[1].Data.Object.Counts, 20)
}

func TestSquareWebhookRetryTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, scale := range []float64{1, 0.001} {
			box := &inbox{answers: []int{500, 0, 302, 404, 500, 500, 500, 500, 500, 500, 500, 500, 200}}
			till := square.New(square.Options{Seed: 7, HTTPClient: &http.Client{Transport: box}, RetryScale: scale,
				NotificationURL: "https://hooks.example.com/", SigningKey: "k"})
			item := till.AddVariation("A", "A", true)
			must(t)(till.Receive(item, units(1)))
			require.NoError(t, till.Courier().Idle(context.Background()))
			require.EqualValues(t, 1, till.Courier().GaveUp())

			got := box.all()
			require.Len(t, got, 12, "the first attempt and eleven more")
			var gaps []time.Duration
			for i, attempt := range got {
				require.Equal(t, got[0].body, attempt.body, "the same bytes at every attempt")
				require.Equal(t, got[0].header.Get("X-Square-Hmacsha256-Signature"), attempt.header.Get("X-Square-Hmacsha256-Signature"))
				if i == 0 {
					continue
				}
				gaps = append(gaps, time.Duration(float64(attempt.at.Sub(got[i-1].at))/scale).Round(time.Second))
				require.Equal(t, fmt.Sprint(i), attempt.header.Get("square-retry-number"))
				want := "http_error"
				if i == 2 {
					want = "other_error"
				}
				require.Equal(t, want, attempt.header.Get("square-retry-reason"))
				require.Equal(t, got[0].at.UTC().Format(time.RFC3339Nano), attempt.header.Get("square-initial-delivery-timestamp"))
			}
			m, h := time.Minute, time.Hour
			require.Equal(t, []time.Duration{m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, h, 2 * h, 4 * h, 8 * h, 8 * h}, gaps)
		}
	})
}

func TestSquareCanary(t *testing.T) {
	t.Parallel()
	const canary = "Ada Lovelace, 1 Main Street"
	till, box := webhookShop(t, square.Options{Canary: canary})
	_, err := till.create("k", till.recount("3", till.clock.Now()))
	require.NoError(t, err)
	idle(t, till.Shop)
	require.Equal(t, 4, strings.Count(string(box.all()[0].body), canary), "envelope, data, object, row")
	for path, body := range map[string]string{
		"/v2/locations": "", "/v2/merchants/me": "", "/v2/catalog/list": "", "/v2/catalog/object/" + till.item: "",
		"/v2/catalog/search": "{}", "/v2/inventory/counts/batch-retrieve": "{}", "/v2/inventory/changes/batch-retrieve": "{}",
		"/v2/inventory/" + till.item: "",
	} {
		status, answer := till.post(t, path, body)
		require.Equal(t, http.StatusOK, status)
		require.GreaterOrEqual(t, strings.Count(answer, canary), 2, path)
	}
	counts, err := till.sdk.Inventory.BatchGetCounts(context.Background(), &sdk.BatchGetInventoryCountsRequest{})
	require.NoError(t, err, "an unknown field does not trouble a tolerant reader")
	require.Contains(t, counts.Counts[0].GetExtraProperties(), "buyer_note")
}
