package shopify

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// The order is there at once; counters, their times, their webhook and the truth follow when the level moves.
func TestShopifyLevelLag(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.Faults().Set(shop.Faults{LevelLag: 2500 * time.Millisecond}))
	f.clock.Advance(time.Minute) // 13:16:04.6
	before := f.Truth().All()
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 3}}})
	require.NoError(t, err)
	hooks := f.webhooks()
	require.Equal(t, []string{"orders/create"}, deliveredTopics(hooks))
	event := hooks[0].Header.Get("X-Shopify-Event-Id")
	f.clock.Advance(2499 * time.Millisecond)
	require.Equal(t, levelText("2026-10-02T13:15:04Z", "10", "0", "10"), f.level(v))
	require.Equal(t, before, f.Truth().All())
	require.Empty(t, f.webhooks())

	f.clock.Advance(time.Millisecond) // 13:16:07.1
	require.Equal(t, levelText("2026-10-02T13:16:07Z", "7", "3", "10"), f.level(v))
	hooks = f.webhooks()
	require.Equal(t, []string{"inventory_levels/update"}, deliveredTopics(hooks))
	require.Equal(t, "2026-10-02T09:16:07-04:00", hooks[0].Payload["updated_at"])
	require.Equal(t, event, hooks[0].Header.Get("X-Shopify-Event-Id"))
	effects := f.Truth().Since(len(before))
	require.Len(t, effects, 1)
	require.Equal(t, f.clock.Now(), effects[0].At)
	require.Equal(t, "2026-10-02T13:16:04Z", o.UpdatedAt.Format(time.RFC3339))

	// Everything an order does lags; what hands and apps do does not.
	_, err = f.Cancel(OrderCancel{Order: o.ID, Restock: true})
	require.NoError(t, err)
	require.NoError(t, f.Receive(StockChange{Item: v.Item, Quantity: 5}))
	require.Equal(t, "12", f.Counts()[0].Quantity.String())
	f.clock.Advance(time.Minute)
	require.Equal(t, "15", f.Counts()[0].Quantity.String())
}

func TestShopifyIdleWaitsForTheLag(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.RoutingDelay = time.Second })
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.Faults().Set(shop.Faults{LevelLag: 2 * time.Second}))
	f.order(v.Item, 1)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, f.Idle(cancelled), context.Canceled)
	done := make(chan error, 1)
	go func() { done <- f.Idle(context.Background()) }()
	f.clock.Advance(time.Second)
	require.Len(t, f.Orders()[0].Lines, 1)
	f.clock.Advance(time.Second)
	require.NoError(t, <-done)
	require.Equal(t, "9", f.Counts()[0].Quantity.String())
}

func TestShopifyCloseStopsTheLag(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.Faults().Set(shop.Faults{LevelLag: time.Second}))
	f.order(v.Item, 1)
	f.Close()
	f.clock.Advance(time.Hour)
	require.Equal(t, "10", f.Counts()[0].Quantity.String())
	require.NoError(t, f.Idle(context.Background()))
	_, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 1}}})
	require.NoError(t, err)
}

// With the option, a fulfilment sends the level too, though available has not moved.
func TestShopifyCommittedMovesLevel(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.CommittedMovesLevel = true })
	v := f.variant("TEE-M", 10)
	o := f.order(v.Item, 2)
	_, err := f.Fulfil(OrderFulfil{Order: o.ID})
	require.NoError(t, err)
	hooks := deliveriesOf(f.webhooks(), "inventory_levels/update")
	require.Len(t, hooks, 1)
	require.Equal(t, json.Number("8"), hooks[0].Payload["available"])
}
