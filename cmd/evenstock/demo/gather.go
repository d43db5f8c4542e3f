package demo

import (
	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Openings is what the shops showed before the baseline was taken, and where their truth logs stood then.
type Openings struct {
	counts                   map[judge.CounterID]stock.Quantity
	squareFrom, shopifyFrom  int
	authority, authorityShop string
}

// NoteOpenings remembers the shops as they are. Nobody may touch their counters before the baseline is taken.
func (s *Shops) NoteOpenings() Openings {
	return Openings{counts: s.counts(), squareFrom: len(s.Square.Truth().All()), shopifyFrom: len(s.Shopify.Truth().All()),
		authority: "till", authorityShop: shop.Square}
}

// counts is what every counter shows now.
func (s *Shops) counts() map[judge.CounterID]stock.Quantity {
	counts := map[judge.CounterID]stock.Quantity{}
	for _, c := range s.Square.Counts() {
		counts[judge.CounterID{Shop: shop.Square, Item: c.Item, Location: c.Location}] = c.Quantity
	}
	for _, c := range s.Shopify.Counts() {
		counts[judge.CounterID{Shop: shop.Shopify, Item: c.Item, Location: c.Location}] = c.Quantity
	}
	return counts
}

// Effects is what was done to the counters since then, in order of time.
func (s *Shops) Effects(since Openings) []shop.Effect {
	return judge.ByTime(s.Square.Truth().Since(since.squareFrom), s.Shopify.Truth().Since(since.shopifyFrom))
}

// Items lists the goods with the counters of both shops, as they were at first and are now. The ledger's part is empty.
func (s *Shops) Items(since Openings) []judge.Item {
	now := s.counts()
	items := make([]judge.Item, 0, len(s.Goods))
	for _, good := range s.Goods {
		item := judge.Item{SKU: good.SKU, Refs: []judge.Ref{
			{Channel: "till", Shop: shop.Square, Item: good.Till, Location: s.Till.Location},
			{Channel: "web", Shop: shop.Shopify, Item: good.Web, Location: s.Web.Location},
		}}
		for i := range item.Refs {
			ref := &item.Refs[i]
			ref.Start, ref.Counter = since.counts[ref.ID()], now[ref.ID()]
			if ref.Shop == since.authorityShop {
				item.Opening = ref.Start
			}
		}
		items = append(items, item)
	}
	return items
}
