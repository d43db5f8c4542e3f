package simulator

import (
	"testing"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// quietWorld is a world without faults, first sync or people.
func quietWorld(t *testing.T) *world {
	t.Helper()
	w, err := newWorld(3, Options{Faultless: true})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) first(square bool) *counter {
	for _, ch := range w.channels {
		if (ch.square != nil) == square {
			return ch.counters[0]
		}
	}
	return nil
}

// TestSquareCounts follows facts, Inventory API, model: a recount is a barrier in occurred_at, not in receive time.
func TestSquareCounts(t *testing.T) {
	t.Parallel()
	minute := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	type row struct {
		recount  bool
		quantity int64
		ago      time.Duration
	}
	for _, test := range []struct {
		name string
		rows []row
		want int64
	}{
		{"a sale", []row{{true, 10, minute(5)}, {false, -1, 0}}, 9},
		{"a late sale that occurred before the recount is absorbed", []row{{true, 10, minute(5)}, {false, -3, minute(15)}}, 10},
		{"a late sale that occurred after the recount is not", []row{{true, 10, minute(15)}, {false, -3, minute(5)}}, 7},
		{"a recount that arrives late keeps what occurred after it", []row{{true, 10, minute(50)}, {false, -2, 0}, {true, 20, minute(1)}}, 18},
		{"an older recount changes nothing", []row{{true, 10, minute(5)}, {true, 3, minute(6)}}, 10},
		{"below zero", []row{{true, 0, minute(5)}, {false, -1, 0}}, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := quietWorld(t)
			c := w.first(true)
			for _, r := range test.rows {
				w.now += time.Second
				occurred := w.clock(c.ch).Add(-r.ago)
				c.ch.square.arrive(c, squareRow{recount: r.recount, quantity: stock.Units(r.quantity), occurred: occurred}, "test")
			}
			if c.quantity != stock.Units(test.want) {
				t.Errorf("shows %s, want %d", c.quantity, test.want)
			}
		})
	}
}

func TestKeysAreRemembered(t *testing.T) {
	t.Parallel()
	for _, square := range []bool{true, false} {
		w := quietWorld(t)
		c := w.first(square)
		write := c.ch.write()
		before := c.quantity
		body, err := encode("k", w.clock(c.ch), []stock.PushRow{{Ref: c.ref, Delta: -2 * stock.Unit, Reference: "evenstock:k:0"}})
		if err != nil {
			t.Fatal(err)
		}
		first, again := write("k", body), write("k", body)
		if first.Outcome != stock.Applied || again.Outcome != stock.Applied || c.quantity != before-2*stock.Unit {
			t.Errorf("square %t: %v, %v, %s after %s", square, first, again, c.quantity, before)
		}
		if other := write("k", append(body, ' ')); other.Outcome != stock.Unknown {
			t.Errorf("square %t: another body under the key: %v", square, other)
		}
	}
}

func (c *channel) write() func(string, []byte) stock.Answer {
	if c.square != nil {
		return c.square.write
	}
	return c.shopify.write
}

func TestShopifyOrderCountersOnlyGrow(t *testing.T) {
	t.Parallel()
	w := quietWorld(t)
	c := w.first(false)
	s := c.ch.shopify
	s.lag, s.editsShow = 3*time.Second, true
	before := c.quantity
	s.place([]*counter{c}, []int64{3})
	if c.quantity != before && s.lag > 0 && w.now == 0 && len(w.queue.events) == 0 {
		t.Error("the level moved before its time")
	}
	w.runUntil(4 * time.Second)
	o := s.orders[0]
	s.refund(o, "return")
	s.refund(o, "no_restock")
	s.cancel(o, true)
	s.cancel(o, true)
	w.runUntil(10 * time.Second)
	if want := before - stock.Unit; c.quantity != want { // 3 taken, 1 returned, 1 kept, 1 cancelled
		t.Errorf("shows %s, want %s", c.quantity, want)
	}
	line := s.show(o).Lines[0]
	var restocked stock.Quantity
	for _, r := range line.Restocks {
		restocked += r.Quantity
	}
	if line.Taken != 3*stock.Unit || restocked != 2*stock.Unit {
		t.Errorf("taken %s, restocked %s", line.Taken, restocked)
	}
	if !c.version.Equal(c.version.Truncate(time.Second)) {
		t.Errorf("version %s has a part of a second", c.version)
	}
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	var q queue
	var got []int
	for i, at := range []time.Duration{5, 1, 3, 1, 4, 1, 5, 0} {
		q.add(at, 0, func() { got = append(got, i) })
	}
	for {
		e, ok := q.next()
		if !ok {
			break
		}
		e.do()
	}
	for i, want := range []int{7, 1, 3, 5, 2, 4, 0, 6} {
		if got[i] != want {
			t.Fatalf("order %v", got)
		}
	}
}
