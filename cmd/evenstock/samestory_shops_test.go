package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	pretendshopify "github.com/evenstock/evenstock/adapters/sandbox/shopify"
	pretendsquare "github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/adapters/shopify"
	"github.com/evenstock/evenstock/adapters/square"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/reconcile/simulator"
)

// tills are the sandbox's Square and the simulator's, in a bubble of virtual time.
func tills(t *testing.T, touches, tieAbsorbs bool) []pretendTill {
	t.Helper()
	s := pretendsquare.New(pretendsquare.Options{Token: "token", AbsorbedTouches: touches})
	t.Cleanup(s.Close)
	channel, err := square.New(square.Options{Token: func() string { return "token" }, Channel: "till", HTTPClient: &http.Client{Transport: shop.Direct(s)}, RequestsPerSecond: 1000})
	require.NoError(t, err)
	ref := stock.Ref{Channel: "till", Item: s.AddVariation("MUG", "Mug", true), Location: s.Locations()[0]}
	naive, err := simulator.NewShop(simulator.ShopOptions{Square: true, AbsorbedTouches: touches, TieAbsorbs: tieAbsorbs})
	require.NoError(t, err)
	return []pretendTill{&sandboxTill{heardShop: heardShop{t, channel, ref}, shop: s, begin: time.Now()}, &naiveShop{t, naive}}
}

// webs are the sandbox's Shopify and the simulator's.
func webs(t *testing.T) []pretendWeb {
	t.Helper()
	s := pretendshopify.New(pretendshopify.Options{Token: "token"})
	t.Cleanup(s.Close)
	channel, err := shopify.New(shopify.Options{BaseURL: "https://pretend.myshopify.com", Token: func() string { return "token" }, Channel: "web", HTTPClient: &http.Client{Transport: shop.Direct(s)}})
	require.NoError(t, err)
	variant, err := s.AddVariant(pretendshopify.NewVariant{SKU: "MUG", Name: "Mug", Tracked: true})
	require.NoError(t, err)
	ref := stock.Ref{Channel: "web", Item: variant.Item, Location: s.Counts()[0].Location}
	naive, err := simulator.NewShop(simulator.ShopOptions{})
	require.NoError(t, err)
	return []pretendWeb{&sandboxWeb{heardShop{t, channel, ref}, s, time.Now()}, &naiveShop{t, naive}}
}

// heardShop is a shop that is heard through our adapter. Its clock is the bubble's.
type heardShop struct {
	t       *testing.T
	channel converge.Platform
	ref     stock.Ref
}

func (s heardShop) now() time.Time { return time.Now() }

// wait lets the bubble's time pass.
func (s heardShop) wait(d time.Duration) { <-time.After(d) }

func (s heardShop) write(key string, units int64, ago time.Duration) stock.Outcome {
	body, err := s.channel.EncodeCall(key, time.Now().Add(-ago), []stock.PushRow{{Ref: s.ref, Delta: stock.Units(units), Reference: stock.ReferencePrefix + key}})
	require.NoError(s.t, err)
	return s.channel.SendCall(s.t.Context(), key, body).Outcome
}

func (s heardShop) page(since time.Time) stock.Page {
	page, err := s.channel.ReadRefs(s.t.Context(), []stock.Ref{s.ref}, since)
	require.NoError(s.t, err)
	require.Len(s.t, page.Readings, 1)
	return page
}

func (s heardShop) read() stock.Reading { return s.page(time.Time{}).Readings[0] }

type sandboxTill struct {
	heardShop
	shop  *pretendsquare.Shop
	begin time.Time
	// adjusted is the latest adjustment by others.
	adjusted string
}

func (s *sandboxTill) track(tracked bool) {
	require.NoError(s.t, s.shop.SetTracking(s.ref.Item, s.ref.Location, tracked))
}

func (s *sandboxTill) adjust(cause stock.Cause, units int64, ago time.Duration) {
	kind := map[stock.Cause]string{stock.Sold: "sell", stock.Returned: "return", stock.Received: "receive", stock.Shrinkage: "waste"}[cause]
	if cause == stock.Sold && ago > 0 {
		kind = "sell_offline"
	}
	action := pretendsquare.Action{Kind: kind, Item: s.ref.Item, Quantity: stock.Units(units).Abs()}
	if ago > 0 {
		action.OccurredAt = time.Now().Add(-ago)
	}
	change, err := s.shop.Do(action)
	require.NoError(s.t, err)
	s.adjusted = change.ID
}

func (s *sandboxTill) edit(units int64) {
	_, err := s.shop.Edit(s.adjusted, stock.Units(units))
	require.NoError(s.t, err)
}

func (s *sandboxTill) recount(units int64, ago time.Duration) {
	_, err := s.shop.Recount(s.ref.Item, stock.Units(units), time.Now().Add(-ago))
	require.NoError(s.t, err)
}

func (s *sandboxTill) history() ([]stock.Movement, []stock.Recount) {
	page := s.page(s.begin)
	return page.Movements, page.Recounts
}

type sandboxWeb struct {
	heardShop
	shop  *pretendshopify.Shop
	begin time.Time
}

func (s *sandboxWeb) track(tracked bool) {
	require.NoError(s.t, s.shop.SetTracked(pretendshopify.Tracking{Item: s.ref.Item, Tracked: tracked}))
}

func (s *sandboxWeb) hand(units int64) {
	require.NoError(s.t, s.shop.AdjustByOtherApp(pretendshopify.StockChange{Item: s.ref.Item, Quantity: units}))
}

func (s *sandboxWeb) order(units int64) {
	_, err := s.shop.PlaceOrder(pretendshopify.NewOrder{Lines: []pretendshopify.OrderedLine{{Item: s.ref.Item, Quantity: units}}})
	require.NoError(s.t, err)
}

func (s *sandboxWeb) latest() pretendshopify.Order {
	orders := s.shop.Orders()
	return orders[len(orders)-1]
}

// refund sends first what can only come back when it was sent.
func (s *sandboxWeb) refund(kind string) {
	order := s.latest()
	if kind == "return" && order.Lines[0].Unsent > 0 {
		_, err := s.shop.Fulfil(pretendshopify.OrderFulfil{Order: order.ID})
		require.NoError(s.t, err)
	}
	_, err := s.shop.Refund(pretendshopify.OrderRefund{Order: order.ID, Line: order.Lines[0].ID, Quantity: 1, Restock: kind})
	require.NoError(s.t, err)
}

func (s *sandboxWeb) cancel(restock bool) {
	_, err := s.shop.Cancel(pretendshopify.OrderCancel{Order: s.latest().ID, Restock: restock})
	require.NoError(s.t, err)
}

func (s *sandboxWeb) orders() []stock.Order { return s.page(s.begin).Orders }

// naiveShop is a shop of the simulator, which evenstock hears without an adapter.
type naiveShop struct {
	t    *testing.T
	shop *simulator.Shop
}

func (s *naiveShop) now() time.Time       { return s.shop.Now() }
func (s *naiveShop) wait(d time.Duration) { s.shop.Wait(d) }
func (s *naiveShop) track(tracked bool)   { s.shop.Track(tracked) }

func (s *naiveShop) write(key string, units int64, ago time.Duration) stock.Outcome {
	answer, err := s.shop.Write(key, stock.Units(units), s.shop.Now().Add(-ago))
	require.NoError(s.t, err)
	return answer.Outcome
}

// read takes what happens at this instant too.
func (s *naiveShop) read() stock.Reading {
	s.shop.Wait(0)
	return s.shop.Read()
}

func (s *naiveShop) adjust(cause stock.Cause, units int64, ago time.Duration) {
	s.shop.Adjust(stock.Units(units), cause, ago)
}

func (s *naiveShop) recount(units int64, ago time.Duration)       { s.shop.Recount(stock.Units(units), ago) }
func (s *naiveShop) edit(units int64)                             { s.shop.Edit(stock.Units(units)) }
func (s *naiveShop) history() ([]stock.Movement, []stock.Recount) { return s.shop.History() }
func (s *naiveShop) hand(units int64)                             { s.shop.Hand(stock.Units(units)) }
func (s *naiveShop) order(units int64)                            { s.shop.Order(units) }
func (s *naiveShop) refund(kind string)                           { s.shop.Refund(len(s.shop.Orders())-1, kind) }
func (s *naiveShop) cancel(restock bool)                          { s.shop.Cancel(len(s.shop.Orders())-1, restock) }
func (s *naiveShop) orders() []stock.Order                        { return s.shop.Orders() }
