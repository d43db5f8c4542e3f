package square_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// naiveCount is Square's rule computed anew from the whole history: the latest recount by the time it occurred, and
// every adjustment after it.
func naiveCount(t require.TestingT, history []*sdk.InventoryChange, item, location string) (stock.Quantity, bool) {
	type row struct {
		occurred, created time.Time
		recount           bool
		q                 stock.Quantity
	}
	parse := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		return at
	}
	quantity := func(text string) stock.Quantity {
		q, err := stock.ParseQuantity(text)
		require.NoError(t, err)
		return q
	}
	var rows []row
	for _, c := range history {
		if p := c.PhysicalCount; p != nil && *p.CatalogObjectID == item && *p.LocationID == location {
			rows = append(rows, row{parse(*p.OccurredAt), parse(*p.CreatedAt), true, quantity(*p.Quantity)})
		}
		if a := c.Adjustment; a != nil && *a.CatalogObjectID == item && *a.LocationID == location {
			q := quantity(*a.Quantity)
			if *a.FromState == sdk.InventoryStateInStock {
				q = -q
			}
			rows = append(rows, row{parse(*a.OccurredAt), parse(*a.CreatedAt), false, q})
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		if !rows[i].occurred.Equal(rows[j].occurred) {
			return rows[i].occurred.Before(rows[j].occurred)
		}
		return rows[i].created.Before(rows[j].created)
	})
	var count stock.Quantity
	for _, r := range rows {
		if r.recount {
			count = 0
		}
		count += r.q
	}
	return count, len(rows) > 0
}

// randomAction is anything a shop's people or another application may do.
func randomAction(rt *rapid.T, now time.Time, item, location string) square.Action {
	action := square.Action{
		Kind: rapid.SampledFrom([]string{"sell", "sell_offline", "receive", "return", "waste", "recount", "other_app"}).Draw(rt, "kind"),
		Item: item, Location: location,
		Quantity: stock.Quantity(rapid.Int64Range(1, 2_000_000).Draw(rt, "quantity")),
	}
	if action.Kind == "sell_offline" || action.Kind == "recount" {
		action.OccurredAt = now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes ago")) * time.Minute)
	}
	if action.Kind == "other_app" && rapid.Bool().Draw(rt, "other app sells") {
		action.Quantity = -action.Quantity
	}
	return action
}

// editable lists the rows that people may edit.
func editable(t require.TestingT, api *fixture) (ids []string) {
	history, err := api.sdk.Inventory.BatchGetChanges(context.Background(), &sdk.BatchRetrieveInventoryChangesRequest{Limit: sdk.Int(1000)})
	require.NoError(t, err)
	for _, c := range history.Changes {
		if a := c.Adjustment; a != nil && a.TransactionID == nil {
			ids = append(ids, *a.ID)
		}
	}
	return ids
}

// Whatever happens in whatever order: the sum of the Truth's deltas, the rule computed anew from the feed, the last
// webhook and the counter itself agree.
func TestSquareTruthEqualsCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		box := &inbox{}
		clock := &handClock{at: now}
		till := square.New(square.Options{Now: clock.Now, Seed: 7, HTTPClient: &http.Client{Transport: box}, WebhooksParallel: 1,
			NotificationURL: "https://hooks.example.com/", AbsorbedTouches: rapid.Bool().Draw(rt, "absorbed touches")})
		defer till.Close()
		api := &fixture{Shop: till, clock: clock, sdk: directSDK(till)}
		till.AddLocation("Second")
		items, locations := []string{till.AddVariation("A", "A", true), till.AddVariation("B", "B", true)}, till.Locations()
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			clock.Advance(time.Duration(rapid.IntRange(0, 10).Draw(rt, "minutes")) * time.Minute)
			api.item, api.location = rapid.SampledFrom(items).Draw(rt, "item"), rapid.SampledFrom(locations).Draw(rt, "location")
			if rapid.Bool().Draw(rt, "by api") {
				ago := clock.Now().Add(-time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes ago")) * time.Minute)
				change := rapid.SampledFrom([]*sdk.InventoryChange{
					api.adjustment("IN_STOCK", "SOLD", "1.5", ago), api.adjustment("NONE", "IN_STOCK", "4", ago), api.recount("6", ago),
				}).Draw(rt, "change")
				_, err := api.create(rapid.StringN(8, 8, -1).Draw(rt, "key"), change)
				if status, first := codeOf(err); status != 0 {
					require.Equal(rt, "IDEMPOTENCY_KEY_REUSED", first)
				}
				continue
			}
			if ids := editable(rt, api); len(ids) > 0 && rapid.Bool().Draw(rt, "edited") {
				_, err := till.Edit(rapid.SampledFrom(ids).Draw(rt, "row"), stock.Quantity(rapid.Int64Range(0, 2_000_000).Draw(rt, "edited to")))
				require.NoError(rt, err)
				continue
			}
			_, err := till.Do(randomAction(rt, clock.Now(), api.item, api.location))
			require.NoError(rt, err)
		}
		require.NoError(rt, till.Courier().Idle(context.Background()))
		checkSquareAgrees(rt, api, box, items, locations)
	})
}

func checkSquareAgrees(rt *rapid.T, api *fixture, box *inbox, items, locations []string) {
	told := map[string]string{}
	for _, got := range box.all() {
		var e event
		require.NoError(rt, json.Unmarshal(got.body, &e))
		for _, c := range e.Data.Object.Counts {
			if *c.State == sdk.InventoryStateInStock {
				told[*c.CatalogObjectID+*c.LocationID] = *c.Quantity
			}
		}
	}
	history, err := api.sdk.Inventory.BatchGetChanges(context.Background(), &sdk.BatchRetrieveInventoryChangesRequest{Limit: sdk.Int(1000)})
	require.NoError(rt, err)
	for _, item := range items {
		for _, location := range locations {
			count, counted := api.CountOf(item, location)
			want, any := naiveCount(rt, history.Changes, item, location)
			require.Equal(rt, any, counted)
			require.Equal(rt, want, count)
			var sum stock.Quantity
			last := time.Time{}
			for _, e := range api.Truth().All() {
				require.True(rt, e.At.After(last), "receive times strictly increase")
				last = e.At
				if e.Item == item && e.Location == location {
					sum += e.Delta
				}
			}
			require.Equal(rt, count, sum)
			if counted {
				require.Equal(rt, count.String(), told[item+location], "the last webhook tells the count")
			}
		}
	}
}
