package square_test

import (
	"context"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
)

// step is one thing that happens, at a minute of the test's hour; received in the order of the table.
type step struct {
	do     string
	minute int
	units  int64
}

// The table of https://developer.squareup.com/docs/inventory-api/how-it-works, and what follows from it.
func TestSquareAbsorption(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		steps     []step
		count     string
		absorbed  []bool
		explained int64
	}{
		{"count, then sale", []step{{"recount", 0, 10}, {"sell_offline", 10, 3}}, "7", []bool{false, false}, -3},
		{"sale before the first count", []step{{"sell_offline", 0, 3}}, "-3", []bool{false}, -3},
		{"late sale of before the recount is absorbed", []step{{"recount", 0, 10}, {"recount", 30, 8}, {"sell_offline", 20, 3}}, "8", []bool{false, false, true}, -3},
		{"late sale of after the recount counts", []step{{"recount", 0, 10}, {"recount", 30, 8}, {"sell_offline", 31, 3}}, "5", []bool{false, false, false}, -3},
		{"late recount goes before later sales", []step{{"recount", 0, 10}, {"sell_offline", 30, 3}, {"recount", 20, 20}}, "17", []bool{false, false, false}, -3},
		{"late recount absorbs earlier sales", []step{{"recount", 0, 10}, {"sell_offline", 10, 3}, {"sell_offline", 30, 1}, {"recount", 20, 20}}, "19", []bool{false, false, false, false}, -4},
		{"recount of before another is absorbed", []step{{"recount", 30, 10}, {"recount", 20, 99}}, "10", []bool{false, true}, 0},
		{"same instant: received later is later", []step{{"recount", 30, 10}, {"sell_offline", 30, 1}}, "9", []bool{false, false}, -1},
		{"same instant: recount received later has it", []step{{"sell_offline", 30, 1}, {"recount", 30, 10}}, "10", []bool{false, false}, -1},
		{"recount to what it is already", []step{{"recount", 0, 10}, {"recount", 30, 10}, {"sell_offline", 20, 1}}, "10", []bool{false, false, true}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			till := newFixture(t, square.Options{})
			till.clock.Advance(time.Hour)
			for i, s := range c.steps {
				done, err := till.Do(square.Action{Kind: s.do, Item: till.item, Quantity: units(s.units),
					OccurredAt: now.Add(time.Duration(s.minute) * time.Minute)})
				require.NoError(t, err)
				require.Equal(t, c.absorbed[i], done.Absorbed, "step %d", i)
			}
			require.Equal(t, c.count, till.quantity(t))
			sum, explained := till.truthSum()
			require.Equal(t, c.count, sum.String(), "the Truth adds up to the count")
			require.Equal(t, units(c.explained), explained)
			for _, change := range till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{}) {
				require.NotNil(t, change.Type, "absorbed changes are in the history too")
			}
			require.Len(t, till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{}), len(c.steps))
		})
	}
}

func TestSquareActions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		action        square.Action
		count, delta  string
		by, from, to  string
		product       sdk.Product
		explained     string
		isTransaction bool
	}{
		{"sale", square.Action{Kind: "sell", Quantity: units(2)}, "8", "-2", "sale", "IN_STOCK", "SOLD", sdk.ProductSquarePos, "-2", true},
		{"late sale", square.Action{Kind: "sell_offline", Quantity: units(2), OccurredAt: now.Add(time.Minute)}, "8", "-2", "late_sale", "IN_STOCK", "SOLD", sdk.ProductSquarePos, "-2", true},
		{"sale below zero", square.Action{Kind: "sell", Quantity: units(11)}, "-1", "-11", "sale", "IN_STOCK", "SOLD", sdk.ProductSquarePos, "-11", true},
		{"half a unit", square.Action{Kind: "sell", Quantity: units(1) / 2}, "9.5", "-0.5", "sale", "IN_STOCK", "SOLD", sdk.ProductSquarePos, "-0.5", true},
		{"receive", square.Action{Kind: "receive", Quantity: units(5)}, "15", "5", "received", "NONE", "IN_STOCK", sdk.ProductDashboard, "5", false},
		{"return", square.Action{Kind: "return", Quantity: units(1)}, "11", "1", "return", "UNLINKED_RETURN", "IN_STOCK", sdk.ProductSquarePos, "1", false},
		{"waste", square.Action{Kind: "waste", Quantity: units(4)}, "6", "-4", "waste", "IN_STOCK", "WASTE", sdk.ProductDashboard, "-4", false},
		{"recount", square.Action{Kind: "recount", Quantity: units(4)}, "4", "-6", "recount", "", "", sdk.ProductDashboard, "0", false},
		{"other app adds", square.Action{Kind: "other_app", Quantity: units(4)}, "14", "4", "other_app", "NONE", "IN_STOCK", sdk.ProductExternalAPI, "4", false},
		{"other app sells", square.Action{Kind: "other_app", Quantity: units(-4)}, "6", "-4", "other_app", "IN_STOCK", "SOLD", sdk.ProductExternalAPI, "-4", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			till := newFixture(t, square.Options{})
			_, err := till.Recount(till.item, units(10), time.Time{})
			require.NoError(t, err)
			till.clock.Advance(time.Hour)
			c.action.Item = till.item
			done, err := till.Do(c.action)
			require.NoError(t, err)
			require.Equal(t, c.count, till.quantity(t))
			require.Equal(t, c.delta, done.Delta.String())
			require.Equal(t, c.count, done.Count.String())
			effects := till.Truth().All()
			last := effects[len(effects)-1]
			require.Equal(t, shop.Effect{
				At: done.CreatedAt, Shop: shop.Square, Item: till.item, Location: till.location, Delta: done.Delta, By: c.by,
				Explained: last.Explained, Note: done.ID,
			}, last)
			require.Equal(t, c.explained, last.Explained.String())
			feed := till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{})
			row := feed[len(feed)-1]
			if c.from == "" {
				require.Equal(t, c.product, *row.PhysicalCount.Source.Product)
				return
			}
			require.Equal(t, c.from+" "+c.to, string(*row.Adjustment.FromState)+" "+string(*row.Adjustment.ToState))
			require.Equal(t, c.product, *row.Adjustment.Source.Product)
			require.Equal(t, c.product == sdk.ProductExternalAPI, row.Adjustment.Source.ApplicationID != nil)
			require.Equal(t, c.isTransaction, row.Adjustment.TransactionID != nil)
		})
	}
}

func TestSquareImpossibleActions(t *testing.T) {
	t.Parallel()
	till := newFixture(t, square.Options{})
	untracked := till.AddVariation("AIR", "Air", false)
	deleted := till.AddVariation("OLD", "Old", true)
	require.NoError(t, till.DeleteVariation(deleted))
	for _, c := range []struct {
		name string
		do   square.Action
		want error
	}{
		{"unknown item", square.Action{Kind: "sell", Item: "X", Quantity: 1}, square.ErrUnknown},
		{"deleted item", square.Action{Kind: "sell", Item: deleted, Quantity: 1}, square.ErrUnknown},
		{"unknown location", square.Action{Kind: "sell", Item: till.item, Location: "X", Quantity: 1}, square.ErrUnknown},
		{"nothing", square.Action{Kind: "sell", Item: till.item}, square.ErrAction},
		{"negative sale", square.Action{Kind: "sell", Item: till.item, Quantity: -1}, square.ErrAction},
		{"negative recount", square.Action{Kind: "recount", Item: till.item, Quantity: -1}, square.ErrAction},
		{"beyond all bounds", square.Action{Kind: "receive", Item: till.item, Quantity: units(1 << 40)}, square.ErrAction},
		{"future", square.Action{Kind: "sell", Item: till.item, Quantity: 1, OccurredAt: now.Add(time.Hour)}, square.ErrAction},
		{"long ago", square.Action{Kind: "sell", Item: till.item, Quantity: 1, OccurredAt: now.Add(-31 * 24 * time.Hour)}, square.ErrAction},
		{"kind", square.Action{Kind: "steal", Item: till.item, Quantity: 1}, square.ErrAction},
		{"recount untracked", square.Action{Kind: "recount", Item: untracked, Quantity: 1}, square.ErrAction},
	} {
		_, err := till.Do(c.do)
		require.ErrorIs(t, err, c.want, c.name)
	}
	require.Empty(t, till.Truth().All())

	done, err := till.Sell(untracked, units(1))
	require.NoError(t, err, "what is not tracked sells without a trace")
	require.Empty(t, done.ID)
	require.Empty(t, till.Truth().All())
	require.NoError(t, till.SetTracking(untracked, till.location, true))
	require.Equal(t, "-1", must(t)(till.Sell(untracked, units(1))).Count.String())
}

func TestSquareTimes(t *testing.T) {
	t.Parallel()
	for _, touches := range []bool{false, true} {
		till := newFixture(t, square.Options{AbsorbedTouches: touches})
		calculated := func(after time.Time) []*sdk.InventoryCount {
			got, err := till.sdk.Inventory.BatchGetCounts(context.Background(), &sdk.BatchGetInventoryCountsRequest{
				UpdatedAfter: sdk.String(after.Format(time.RFC3339Nano))})
			require.NoError(t, err)
			return got.Counts
		}
		first := must(t)(till.Recount(till.item, units(10), time.Time{}))
		second := must(t)(till.Sell(till.item, units(1)))
		require.True(t, second.CreatedAt.After(first.CreatedAt), "receive times strictly increase while the clock stands still")
		require.Len(t, calculated(first.CreatedAt), 1)
		require.Empty(t, calculated(second.CreatedAt), "updated_after is strict")

		till.clock.Advance(time.Hour)
		counted := must(t)(till.Recount(till.item, units(9), time.Time{}))
		require.Len(t, calculated(second.CreatedAt), 1, "a recount that changes nothing is the count's latest change all the same")
		late := must(t)(till.SellOffline(till.item, units(1), counted.CreatedAt.Add(-time.Minute)))
		require.True(t, late.Absorbed)
		require.Equal(t, touches, len(calculated(counted.CreatedAt)) == 1)
		rows := till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{UpdatedAfter: sdk.String(counted.CreatedAt.Format(time.RFC3339Nano))})
		require.Len(t, rows, 1, "a late row is found by its receive time")
		require.Equal(t, late.ID, *rows[0].Adjustment.ID)
		all := till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{UpdatedBefore: sdk.String(late.CreatedAt.Format(time.RFC3339Nano))})
		require.Len(t, all, 3, "updated_before is strict")
	}
}
