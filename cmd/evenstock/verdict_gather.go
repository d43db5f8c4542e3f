package main

import (
	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// openings is what the shops showed before the baseline was taken, and where their truth logs stood then.
type openings struct {
	counts                   map[judge.CounterID]stock.Quantity
	squareFrom, shopifyFrom  int
	authority, authorityShop string
}

// noteOpenings remembers the shops as they are. Nobody may touch their counters before the baseline is taken.
func (s *pretendShops) noteOpenings() openings {
	return openings{counts: s.counts(), squareFrom: len(s.square.Truth().All()), shopifyFrom: len(s.shopify.Truth().All()),
		authority: "till", authorityShop: shop.Square}
}

// counts is what every counter shows now.
func (s *pretendShops) counts() map[judge.CounterID]stock.Quantity {
	counts := map[judge.CounterID]stock.Quantity{}
	for _, c := range s.square.Counts() {
		counts[judge.CounterID{Shop: shop.Square, Item: c.Item, Location: c.Location}] = c.Quantity
	}
	for _, c := range s.shopify.Counts() {
		counts[judge.CounterID{Shop: shop.Shopify, Item: c.Item, Location: c.Location}] = c.Quantity
	}
	return counts
}

// effects is what was done to the counters since then, in order of time.
func (s *pretendShops) effects(since openings) []shop.Effect {
	return judge.ByTime(s.square.Truth().Since(since.squareFrom), s.shopify.Truth().Since(since.shopifyFrom))
}

// items lists the goods with the counters of both shops, as they were at first and are now. The ledger's part is empty.
func (s *pretendShops) items(since openings) []judge.Item {
	now := s.counts()
	items := make([]judge.Item, 0, len(s.goods))
	for _, good := range s.goods {
		item := judge.Item{SKU: good.SKU, Refs: []judge.Ref{
			{Channel: "till", Shop: shop.Square, Item: good.Till, Location: s.till.Location},
			{Channel: "web", Shop: shop.Shopify, Item: good.Web, Location: s.web.Location},
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
