package shopify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// life is what one step of an order's life leaves behind.
type life struct {
	do                           func(f *fixture, o Order) (Order, error)
	available, committed, onHand int64
	quantity, current, unsent    int64 // of the order's first line
	topics                       string
	delta, explained             int64 // of the one effect; both 0 when there is none
	by                           string
}

func TestShopifyOrderLife(t *testing.T) {
	t.Parallel()
	placed := life{nil, 7, 3, 10, 3, 3, 3, "inventory_levels/update orders/create", -3, -3, "order"}
	fulfil := func(q int64) func(*fixture, Order) (Order, error) {
		return func(f *fixture, o Order) (Order, error) {
			return f.Fulfil(OrderFulfil{Order: o.ID, Line: o.Lines[0].ID, Quantity: q})
		}
	}
	refund := func(restock string, q int64) func(*fixture, Order) (Order, error) {
		return func(f *fixture, o Order) (Order, error) {
			return f.Refund(OrderRefund{Order: o.ID, Line: o.Lines[0].ID, Quantity: q, Restock: restock})
		}
	}
	cancel := func(restock bool) func(*fixture, Order) (Order, error) {
		return func(f *fixture, o Order) (Order, error) {
			return f.Cancel(OrderCancel{Order: o.ID, Restock: restock})
		}
	}
	remove := func(q int64, restock, currentOnly bool) func(*fixture, Order) (Order, error) {
		return func(f *fixture, o Order) (Order, error) {
			return f.EditRemove(OrderEditRemove{Order: o.ID, Line: o.Lines[0].ID, Quantity: q, Restock: restock, CurrentOnly: currentOnly})
		}
	}
	const refunded = "orders/updated refunds/create"
	for name, steps := range map[string][]life{
		"fulfilled and returned": {placed,
			{fulfil(2), 7, 1, 8, 3, 3, 1, "orders/updated", 0, 0, ""},
			{refund(RestockReturn, 1), 8, 1, 9, 3, 2, 1, "inventory_levels/update " + refunded, 1, 1, "return"},
			{refund(RestockCancel, 1), 9, 0, 9, 3, 1, 0, "inventory_levels/update " + refunded, 1, 1, "refund"},
			{refund(RestockNone, 1), 9, 0, 9, 3, 0, 0, refunded, 0, 0, ""}},
		"refunded without restock stays committed": {placed,
			{refund(RestockNone, 1), 7, 3, 10, 3, 2, 2, refunded, 0, 0, ""}},
		"cancelled with restock": {placed,
			{cancel(true), 10, 0, 10, 3, 0, 0, "inventory_levels/update orders/cancelled " + refunded, 3, 3, "cancel"}},
		"cancelled without restock": {placed,
			{cancel(false), 7, 0, 7, 3, 0, 0, "orders/cancelled " + refunded, 0, 0, ""}},
		"part taken out, rest cancelled": {placed,
			{remove(1, true, false), 8, 2, 10, 3, 2, 2, "inventory_levels/update " + refunded, 1, 1, "edit"},
			{cancel(true), 10, 0, 10, 3, 0, 0, "inventory_levels/update orders/cancelled " + refunded, 2, 2, "cancel"}},
		"taken out without restock": {placed,
			{remove(1, false, false), 7, 2, 9, 3, 2, 2, refunded, 0, 0, ""}},
		"taken out with restock, shown by current_quantity only: nothing explains it": {placed,
			{remove(1, true, true), 8, 2, 10, 3, 2, 2, "inventory_levels/update orders/updated", 1, 0, "edit"}},
		"taken out without restock, shown by current_quantity only": {placed,
			{remove(1, false, true), 7, 2, 9, 3, 2, 2, "orders/updated", 0, 0, ""}},
		"the line grows": {placed,
			{func(f *fixture, o Order) (Order, error) {
				return f.EditAdd(OrderEditAdd{Order: o.ID, Line: o.Lines[0].ID, Quantity: 9})
			}, -2, 12, 10, 12, 12, 12, "inventory_levels/update orders/updated", -9, -9, "edit"}},
		"a new line": {placed,
			{func(f *fixture, o Order) (Order, error) {
				return f.EditAdd(OrderEditAdd{Order: o.ID, Item: o.Lines[0].Item, Quantity: 2})
			}, 5, 5, 10, 3, 3, 3, "inventory_levels/update orders/updated", -2, -2, "edit"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, nil)
			v := f.variant("TEE-M", 10)
			var order Order
			var err error
			for i, step := range steps {
				before := len(f.Truth().All())
				f.clock.Advance(time.Second)
				if step.do == nil {
					order, err = f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 3}}})
				} else {
					order, err = step.do(f, order)
				}
				require.NoError(t, err, i)
				require.Contains(t, f.level(v), fmt.Sprintf(`[{"quantity":%d},{"quantity":%d},{"quantity":%d}]`,
					step.available, step.committed, step.onHand), i)
				line := order.Lines[0]
				require.Equal(t, []int64{step.quantity, step.current, step.unsent}, []int64{line.Quantity, line.Current, line.Unsent}, i)
				require.Equal(t, step.topics, strings.Join(deliveredTopics(f.webhooks()), " "), i)
				require.Equal(t, f.clock.Now().Truncate(time.Second), order.UpdatedAt, i)
				effects := f.Truth().Since(before)
				if step.delta == 0 && step.explained == 0 {
					require.Empty(t, effects, i)
					continue
				}
				require.Len(t, effects, 1, i)
				require.Equal(t, fmt.Sprint(step.delta, step.explained, step.by),
					fmt.Sprint(effects[0].Delta, effects[0].Explained, effects[0].By), i)
			}
		})
	}
}

func TestShopifyRefusedActions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	o := f.order(v.Item, 2)
	line := o.Lines[0].ID
	sent := f.order(v.Item, 1)
	_, err := f.Fulfil(OrderFulfil{Order: sent.ID})
	require.NoError(t, err)
	gone := f.order(v.Item, 1)
	_, err = f.Cancel(OrderCancel{Order: gone.ID})
	require.NoError(t, err)
	f.webhooks()
	before := f.Counts()
	orderOf := func(_ Order, err error) error { return err }
	for _, tc := range []struct {
		name string
		err  error
		want error
	}{
		{"empty order", orderOf(f.PlaceOrder(NewOrder{})), ErrRefused},
		{"no units", orderOf(f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item}}})), ErrRefused},
		{"unknown item", orderOf(f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 1}, {Item: "1", Quantity: 1}}})), ErrUnknown},
		{"unknown location", orderOf(f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 1, Location: "x"}}})), ErrUnknown},
		{"unknown order", orderOf(f.Cancel(OrderCancel{Order: "5"})), ErrUnknown},
		{"unknown line", orderOf(f.Refund(OrderRefund{Order: o.ID, Line: "5", Quantity: 1, Restock: RestockNone})), ErrUnknown},
		{"unknown restock type", orderOf(f.Refund(OrderRefund{Order: o.ID, Line: line, Quantity: 1, Restock: "legacy_restock"})), ErrRefused},
		{"return of unsent units", orderOf(f.Refund(OrderRefund{Order: o.ID, Line: line, Quantity: 1, Restock: RestockReturn})), ErrRefused},
		{"cancel of sent units", orderOf(f.Refund(OrderRefund{Order: sent.ID, Line: sent.Lines[0].ID, Quantity: 1, Restock: RestockCancel})), ErrRefused},
		{"refund of more than there is", orderOf(f.Refund(OrderRefund{Order: o.ID, Line: line, Quantity: 3, Restock: RestockNone})), ErrRefused},
		{"removal of more than there is", orderOf(f.EditRemove(OrderEditRemove{Order: o.ID, Line: line, Quantity: 3})), ErrRefused},
		{"negative removal", orderOf(f.EditRemove(OrderEditRemove{Order: o.ID, Line: line, Quantity: -1})), ErrRefused},
		{"sending more than there is", orderOf(f.Fulfil(OrderFulfil{Order: o.ID, Line: line, Quantity: 3})), ErrRefused},
		{"sending twice", orderOf(f.Fulfil(OrderFulfil{Order: sent.ID})), ErrRefused},
		{"cancelling what was sent", orderOf(f.Cancel(OrderCancel{Order: sent.ID})), ErrRefused},
		{"cancelling twice", orderOf(f.Cancel(OrderCancel{Order: gone.ID})), ErrRefused},
		{"adding nothing", orderOf(f.EditAdd(OrderEditAdd{Order: o.ID, Item: v.Item})), ErrRefused},
		{"adding to a cancelled order", orderOf(f.EditAdd(OrderEditAdd{Order: gone.ID, Item: v.Item, Quantity: 1})), ErrRefused},
		{"receiving nothing", f.Receive(StockChange{Item: v.Item}), ErrRefused},
		{"counting too much", f.SetAvailable(StockChange{Item: v.Item, Quantity: 2 * quantityMax}), ErrRefused},
		{"tracking nothing", f.SetTracked(Tracking{Item: "5"}), ErrUnknown},
	} {
		require.ErrorIs(t, tc.err, tc.want, tc.name)
	}
	require.Equal(t, before, f.Counts())
	require.Empty(t, f.webhooks())
}

func TestShopifyUntracked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.SetTracked(Tracking{Item: v.Item}))
	hooks := f.webhooks()
	require.Equal(t, []string{"inventory_items/update", "inventory_levels/update"}, deliveredTopics(hooks))
	require.Contains(t, hooks[1].Payload, "available")
	require.Nil(t, hooks[1].Payload["available"])
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 3}}})
	require.NoError(t, err)
	hooks = f.webhooks()
	require.Equal(t, []string{"orders/create"}, deliveredTopics(hooks))
	require.Contains(t, string(hooks[0].Body), `"variant_inventory_management":null`)
	require.NoError(t, f.SetTracked(Tracking{Item: v.Item, Tracked: true}))
	// A line that was sold uncounted gives nothing back.
	_, err = f.Cancel(OrderCancel{Order: o.ID, Restock: true})
	require.NoError(t, err)
	require.Equal(t, "10", f.Counts()[0].Quantity.String())
	require.Len(t, f.Truth().All(), 1)
	// Nor does anything move while it is not counted, though it was when the line was sold.
	o = f.order(v.Item, 3)
	require.NoError(t, f.SetTracked(Tracking{Item: v.Item}))
	_, err = f.Cancel(OrderCancel{Order: o.ID, Restock: true})
	require.NoError(t, err)
	require.Equal(t, "7", f.Counts()[0].Quantity.String())
	require.Len(t, f.Truth().All(), 2)
}

const orderBackfill = `query($q: String) { orders(first: 10, sortKey: UPDATED_AT, query: $q) { nodes { id updatedAt cancelledAt sourceName test
	lineItems(first: 10) { nodes { id quantity currentQuantity unfulfilledQuantity variant { id inventoryItem { id } } } }
	refunds { id createdAt refundLineItems(first: 10) { nodes { id quantity restockType restocked lineItem { id } location { id } } } }
	fulfillmentOrders(first: 10) { nodes { status assignedLocation { location { id } } lineItems(first: 10) { nodes { totalQuantity remainingQuantity inventoryItemId lineItem { id } } } } } } } }`

func TestShopifyOrderReads(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.RoutingDelay = 5 * time.Second })
	v := f.variant("TEE-M", 10)
	require.NoError(t, f.Receive(StockChange{Item: v.Item, Location: "78", Quantity: 30}))
	o, err := f.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: v.Item, Quantity: 2}, {Item: v.Item, Quantity: 20}}})
	require.NoError(t, err)
	item, variant := itemGID(v), "gid://shopify/ProductVariant/"+v.Variant
	small, large := "gid://shopify/LineItem/"+o.Lines[0].ID, "gid://shopify/LineItem/"+o.Lines[1].ID
	lines := fmt.Sprintf(`[{"id":%q,"quantity":2,"currentQuantity":%%d,"unfulfilledQuantity":%%d,"variant":{"id":%q,"inventoryItem":{"id":%q}}},
		{"id":%q,"quantity":20,"currentQuantity":20,"unfulfilledQuantity":20,"variant":{"id":%q,"inventoryItem":{"id":%q}}}]`,
		small, variant, item, large, variant, item)
	order := func(updated string, current int, refunds, routing string) string {
		return fmt.Sprintf(`{"orders":{"nodes":[{"id":"gid://shopify/Order/%s","updatedAt":%q,"cancelledAt":null,"sourceName":"web","test":false,
			"lineItems":{"nodes":%s},"refunds":[%s],"fulfillmentOrders":{"nodes":[%s]}}]}}`,
			o.ID, updated, fmt.Sprintf(lines, current, current), refunds, routing)
	}
	all := map[string]any{"q": "updated_at:>='2026-10-02T13:15:00Z'"}
	require.JSONEq(t, order("2026-10-02T13:15:04Z", 2, "", ""), f.data(orderBackfill, all), "not routed yet")
	f.clock.Advance(5 * time.Second)
	routing := func(total int) string {
		return fmt.Sprintf(`{"status":"OPEN","assignedLocation":{"location":{"id":"gid://shopify/Location/77"}},"lineItems":{"nodes":[{"totalQuantity":%d,"remainingQuantity":%d,"inventoryItemId":%q,"lineItem":{"id":%q}}]}},
			{"status":"OPEN","assignedLocation":{"location":{"id":"gid://shopify/Location/78"}},"lineItems":{"nodes":[{"totalQuantity":20,"remainingQuantity":20,"inventoryItemId":%q,"lineItem":{"id":%q}}]}}`,
			total, total, item, small, item, large)
	}
	require.JSONEq(t, order("2026-10-02T13:15:04Z", 2, "", routing(2)), f.data(orderBackfill, all), "routed")
	o, err = f.Refund(OrderRefund{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1, Restock: RestockCancel})
	require.NoError(t, err)
	refund := fmt.Sprintf(`{"id":"gid://shopify/Refund/9207199254750003","createdAt":"2026-10-02T13:15:09Z","refundLineItems":{"nodes":[
		{"id":"gid://shopify/RefundLineItem/%s","quantity":1,"restockType":"CANCEL","restocked":true,"lineItem":{"id":%q},"location":{"id":"gid://shopify/Location/77"}}]}}`,
		o.Refunds[0].ID, small)
	require.JSONEq(t, order("2026-10-02T13:15:09Z", 1, refund, routing(1)), f.data(orderBackfill, all), "refunded")
	require.JSONEq(t, `{"orders":{"nodes":[]}}`, f.data(orderBackfill, map[string]any{"q": "updated_at:>'2026-10-02T13:15:09Z'"}))
	require.Contains(t, f.data(`query($id: ID!) { node(id: $id) { ... on Order { displayFulfillmentStatus edited } } order(id: $id) { name } }`,
		map[string]any{"id": "gid://shopify/Order/" + o.ID}), `"displayFulfillmentStatus":"UNFULFILLED"`)
}

func TestShopifyRoutingTouchesOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.RoutingDelay, o.RoutingTouchesOrder = time.Minute, true })
	v := f.variant("TEE-M", 10)
	o := f.order(v.Item, 1)
	require.False(t, o.Routed)
	f.clock.Advance(time.Minute)
	require.Equal(t, []string{"orders/updated"}, deliveredTopics(f.webhooks()))
	require.True(t, f.Orders()[0].Routed)
	require.Equal(t, o.UpdatedAt.Add(time.Minute), f.Orders()[0].UpdatedAt)
}

// What the states of an order and its fulfillment order are called along the way.
func TestShopifyOrderStates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	v := f.variant("TEE-M", 10)
	read := func(o Order) string {
		return f.data(`query($id: ID!) { order(id: $id) { displayFulfillmentStatus cancelReason fulfillmentOrders(first: 1) { nodes { status } } } }`,
			map[string]any{"id": "gid://shopify/Order/" + o.ID})
	}
	state := func(display, reason, routing string) string {
		return `{"order":{"cancelReason":` + reason + `,"displayFulfillmentStatus":"` + display +
			`","fulfillmentOrders":{"nodes":[{"status":"` + routing + `"}]}}}`
	}
	o := f.order(v.Item, 2)
	require.Equal(t, state("UNFULFILLED", "null", "OPEN"), read(o))
	for _, want := range []string{state("PARTIALLY_FULFILLED", "null", "IN_PROGRESS"), state("FULFILLED", "null", "CLOSED")} {
		_, err := f.Fulfil(OrderFulfil{Order: o.ID, Line: o.Lines[0].ID, Quantity: 1})
		require.NoError(t, err)
		require.Equal(t, want, read(o))
	}
	o = f.order(v.Item, 2)
	_, err := f.Cancel(OrderCancel{Order: o.ID})
	require.NoError(t, err)
	require.Equal(t, state("UNFULFILLED", `"CUSTOMER"`, "CANCELLED"), read(o))
}
