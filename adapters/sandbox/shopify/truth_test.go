package shopify

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Whatever happens to the shop: the truth's deltas of a counter sum to available, and what it calls explained is what an
// independent reading of the orders' counters gives.
func TestShopifyTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		clock := newClock()
		shop := New(Options{
			Now: clock.Now, AfterFunc: clock.AfterFunc, Locations: []string{"Main", "Back room"},
			Faults: shop.Faults{LevelLag: time.Duration(rapid.IntRange(0, 2).Draw(rt, "lag")) * time.Second},
		})
		defer shop.Close()
		var items []string
		for range 3 {
			v, err := shop.AddVariant(NewVariant{SKU: "S", Tracked: true, Available: rapid.Int64Range(-2, 9).Draw(rt, "available")})
			require.NoError(rt, err)
			items = append(items, v.Item)
		}
		currentOnly := stock.Quantity(0) // restocked by edits that nothing explains
		steps := steps(rt, shop, items, &currentOnly)
		for range rapid.IntRange(0, 40).Draw(rt, "steps") {
			// A refusal is as good as a success: neither may break the sums.
			_ = rapid.SampledFrom(steps).Draw(rt, "step")()
			clock.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "wait")) * time.Millisecond)
			checkShopifySums(rt, shop)
		}
		clock.Advance(time.Minute)
		checkShopifySums(rt, shop)
		checkShopifyExplained(rt, shop, currentOnly)
	})
}

func steps(rt *rapid.T, shop *Shop, items []string, currentOnly *stock.Quantity) []func() error {
	item := func() string { return rapid.SampledFrom(items).Draw(rt, "item") }
	location := func() string { return rapid.SampledFrom([]string{"77", "78"}).Draw(rt, "location") }
	few := func() int64 { return rapid.Int64Range(1, 4).Draw(rt, "quantity") }
	yes := func() bool { return rapid.Bool().Draw(rt, "yes") }
	line := func() (order, line string) {
		orders := shop.Orders()
		if len(orders) == 0 {
			return "", ""
		}
		o := rapid.SampledFrom(orders).Draw(rt, "order")
		return o.ID, rapid.SampledFrom(o.Lines).Draw(rt, "line").ID
	}
	orderOf := func(_ Order, err error) error { return err }
	place := func() error {
		return orderOf(shop.PlaceOrder(NewOrder{Lines: []OrderedLine{{Item: item(), Quantity: few()}, {Item: item(), Quantity: few()}}}))
	}
	return []func() error{
		place, place,
		func() error {
			return shop.SetAvailable(StockChange{Item: item(), Location: location(), Quantity: few()})
		},
		func() error { return shop.Receive(StockChange{Item: item(), Location: location(), Quantity: few()}) },
		func() error { return shop.AdjustByOtherApp(StockChange{Item: item(), Quantity: -few()}) },
		func() error {
			o, l := line()
			return orderOf(shop.EditAdd(OrderEditAdd{Order: o, Line: l, Quantity: few()}))
		},
		func() error {
			o, _ := line()
			return orderOf(shop.EditAdd(OrderEditAdd{Order: o, Item: item(), Quantity: few()}))
		},
		func() error {
			o, l := line()
			e := OrderEditRemove{Order: o, Line: l, Quantity: few(), Restock: yes(), CurrentOnly: yes()}
			_, err := shop.EditRemove(e)
			if err == nil && e.Restock && e.CurrentOnly {
				*currentOnly += stock.Units(e.Quantity)
			}
			return err
		},
		func() error { o, _ := line(); return orderOf(shop.Cancel(OrderCancel{Order: o, Restock: yes()})) },
		func() error {
			o, l := line()
			return orderOf(shop.Fulfil(OrderFulfil{Order: o, Line: l, Quantity: few()}))
		},
		func() error {
			o, l := line()
			restock := rapid.SampledFrom([]string{RestockCancel, RestockReturn, RestockNone}).Draw(rt, "restock")
			return orderOf(shop.Refund(OrderRefund{Order: o, Line: l, Quantity: few(), Restock: restock}))
		},
		func() error {
			from := any(nil)
			if yes() {
				from = few()
			}
			shop.execute(gqlRequest{Query: adjustMutation, Variables: fields{
				"key": rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "key"),
				"input": fields{"reason": "other", "name": "available", "changes": []any{fields{
					"inventoryItemId": "gid://shopify/InventoryItem/" + item(), "locationId": "gid://shopify/Location/" + location(),
					"delta": jsonNumber(rapid.Int64Range(-2, 2).Draw(rt, "delta")), "changeFromQuantity": jsonNumber(from),
				}}},
			}})
			return nil
		},
	}
}

func checkShopifySums(rt *rapid.T, shop *Shop) {
	type counter struct{ item, location string }
	sums := map[counter]stock.Quantity{}
	for _, e := range shop.Truth().All() {
		sums[counter{e.Item, e.Location}] += e.Delta
	}
	for _, c := range shop.Counts() {
		require.Equal(rt, sums[counter{c.Item, c.Location}], c.Quantity, "%s at %s", c.Item, c.Location)
	}
}

// checkShopifyExplained recomputes what the orders explain from their outside: ordered units out, refund lines with
// restock in. What the orders did beyond that is the removals that only current_quantity shows.
func checkShopifyExplained(rt *rapid.T, shop *Shop, currentOnly stock.Quantity) {
	explained := stock.Quantity(0)
	for _, o := range shop.Orders() {
		for _, l := range o.Lines {
			explained -= stock.Units(l.Quantity)
		}
		for _, r := range o.Refunds {
			if r.Restock != RestockNone {
				explained += stock.Units(r.Quantity)
			}
		}
	}
	byOrders, total := stock.Quantity(0), stock.Quantity(0)
	for _, e := range shop.Truth().All() {
		total += e.Explained
		switch e.By {
		case "order", "edit", "cancel", "refund", "return":
			byOrders += e.Delta
		default:
			require.Zero(rt, e.Explained, "%+v", e)
		}
	}
	require.Equal(rt, explained, total)
	require.Equal(rt, total+currentOnly, byOrders)
}

// jsonNumber is a number as a decoded request holds it; null stays null.
func jsonNumber(n any) any {
	if n == nil {
		return nil
	}
	return json.Number(fmt.Sprint(n))
}
