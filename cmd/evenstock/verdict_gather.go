package main

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
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

// fillLedger adds what the ledger says of each item.
func (r *runtime) fillLedger(ctx context.Context, items []judge.Item) error {
	for i := range items {
		item := &items[i]
		for j := range item.Refs {
			ref := &item.Refs[j]
			channel, err := r.channel(string(ref.Channel))
			if err != nil {
				return err
			}
			due, err := r.store.Ref(ctx, stock.Ref{Channel: ref.Channel, Item: ref.Item, Location: ref.Location})
			if err != nil {
				return fmt.Errorf("reading the ledger's word on %s: %w", item.SKU, err)
			}
			item.Level, item.Opened = due.Level, due.Opened
			ref.Target, ref.Unexplained = reconcile.Target(due.Level, channel.adapter.Traits()), due.Unexplained
		}
	}
	return nil
}

// repairs counts the differences that sweeps were the first to see.
func (r *runtime) repairs(ctx context.Context) (n int, err error) {
	runs, err := r.store.Runs(ctx, ledger.RunFilter{})
	for _, run := range runs {
		n += run.Repaired
	}
	return n, err
}
