package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestPostboxReadsCounts(t *testing.T) {
	t.Parallel()
	p := newPostbox()
	at := time.Unix(7, 0)
	p.note(at, "", []byte(`{"type":"inventory.count.updated","data":{"object":{"inventory_counts":[
		{"catalog_object_id":"V1","location_id":"L1","state":"IN_STOCK","quantity":"7.5"},
		{"catalog_object_id":"V1","location_id":"L1","state":"WASTE","quantity":"1"},
		{"catalog_object_id":"V2","location_id":"L1","state":"IN_STOCK","quantity":"-2"}]}}}`))
	p.note(at, "inventory_levels/update", []byte(`{"inventory_item_id":45,"location_id":77,"available":3}`))
	p.note(at, "inventory_levels/update", []byte(`{"inventory_item_id":46,"location_id":77,"available":null}`))
	p.note(at, "orders/create", []byte(`{"inventory_item_id":47,"location_id":77,"available":3}`))
	p.note(at, "", []byte(`nonsense`))
	require.Equal(t, []letter{
		{at, judge.CounterID{Shop: "square", Item: "V1", Location: "L1"}, stock.Unit*7 + stock.Unit/2},
		{at, judge.CounterID{Shop: "square", Item: "V2", Location: "L1"}, -stock.Units(2)},
		{at, judge.CounterID{Shop: "shopify", Item: "45", Location: "77"}, stock.Units(3)},
	}, p.all())
}
