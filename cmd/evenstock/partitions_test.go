package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// A data folder whose stream has another number of partitions, and holds what nobody applied yet, is opened by a program with more.
// Every sale has its effect once and in its order, whenever the process is killed on the way.
func TestMorePartitionsLoseNothing(t *testing.T) {
	t.Parallel()
	const before, afterwards = 3, 2 // sales of each item on the old stream and on the new one
	s := newStage(t, stageOptions{})
	s.partitions = 2
	s.pin()
	var goods []item
	for i := range 6 {
		goods = append(goods, s.sells(fmt.Sprint("TEE-", i), 20, 20))
	}
	s.serve()
	s.open()
	for _, i := range goods {
		s.even(i, "20")
	}
	must(t, s.runtime.merchant.Pause(t.Context()))
	for range before {
		for _, i := range goods {
			s.sell(i, 1)
			must(t, s.square.Courier().Idle(t.Context())) // webhooks may overtake each other
		}
	}
	if lag := s.lag(); lag < before*int64(len(goods)) {
		t.Fatalf("only %d events wait on the stream", lag)
	}
	s.stop()
	s.square.Courier().Pause()
	must(t, s.square.SetFaults(shop.Faults{TooManyRequests: 1})) // a read of ours would take several sales at once

	// Somebody writes to the new stream before anything of the old one is applied, as dlq retry does.
	s.partitions = 0
	for range afterwards {
		s.publishSales(goods)
	}
	for _, point := range []string{"before commit:1", "after commit:1", "before commit:2", "after commit:2"} {
		c := s.child(point, "serve")
		s.within("coming to the failpoint "+point, c.ended)
		s.killed(c)
	}
	s.serve()
	s.eventually("the stream to be applied", s.streamApplied)
	must(t, s.square.SetFaults(shop.Faults{}))
	for _, i := range goods {
		s.even(i, fmt.Sprint(20-before-afterwards))
		s.explained(i, map[string]string{"opening": "-20", "sold/till": fmt.Sprint(before + afterwards)})
		if got, want := s.differences(i), slices.Repeat([]string{"-1"}, before+afterwards); !slices.Equal(got, want) {
			t.Errorf("%s: the differences are %v, want %v: something was applied out of order", i.sku, got, want)
		}
	}
	if s.db == nil { // Kafka looks after its own storage
		s.oldIsTrimmed()
	}
	s.square.Courier().Resume()
	s.sell(goods[0], 1)
	s.even(goods[0], fmt.Sprint(20-before-afterwards-1))
}

// publishSales sells one of each and puts what Square would tell of it on the stream, without anybody to apply it.
func (s *stage) publishSales(goods []item) {
	s.t.Helper()
	r, err := startRuntime(s.t.Context(), s.cfg, s.getenv, s.runtime.logger, startOptions{access: api.Own | api.Stream, partitions: s.partitions})
	must(s.t, err)
	var events []stock.Event
	for n, i := range goods {
		s.sell(i, 1)
		count, _ := s.square.CountOf(i.till, s.square.Locations()[0])
		events = append(events, stock.Event{ID: fmt.Sprint("count-", n, count), Channel: "till", Topic: "inventory.count.updated", ObservedAt: time.Now(), Reading: &stock.Reading{
			Ref:    stock.Ref{Channel: "till", Item: i.till, Location: s.square.Locations()[0]},
			Status: stock.Counted, Quantity: count, Version: time.Now()}})
	}
	must(s.t, r.sink.Publish(s.t.Context(), events))
	must(s.t, r.close())
}

// oldIsTrimmed sees that the old stream keeps one record of a partition at most.
func (s *stage) oldIsTrimmed() {
	s.t.Helper()
	b := s.runtime.broker
	if want := (stream.Topics{Older: []string{"evenstock.events"}, Events: "evenstock.events.2"}); !slices.Equal(b.Topics.All(), want.All()) {
		s.t.Fatalf("the topics are %v, want %v", b.Topics, want)
	}
	janitor := stream.Janitor{Log: b, Topics: b.Topics, Ledger: s.runtime.store, Logger: s.runtime.logger}
	must(s.t, janitor.Trim(s.t.Context()))
	extents, err := b.Describe(s.t.Context(), b.Topics.Older[0])
	must(s.t, err)
	for _, e := range extents {
		if e.Next-e.First > 1 {
			s.t.Errorf("partition %d of the old stream keeps %d records", e.Partition, e.Next-e.First)
		}
	}
	if len(extents) != 2 {
		s.t.Errorf("the old stream has %d partitions", len(extents))
	}
}
