package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// tick is a moment of the tests.
func tick(second int) time.Time { return time.Unix(1_000+int64(second), 0) }

func deed(second int, at, by string, delta int64) shop.Effect {
	return shop.Effect{At: tick(second), Shop: at, Item: at + "-tee", Location: at + "-main", Delta: stock.Units(delta), By: by}
}

func counter(at string) judge.CounterID {
	return judge.CounterID{Shop: at, Item: at + "-tee", Location: at + "-main"}
}

func told(second int, at string, shown int64) letter {
	return letter{at: tick(second), counter: counter(at), quantity: stock.Units(shown)}
}

// tee is an article of which both shops show ten.
func tee() []judge.Item {
	item := judge.Item{SKU: "TEE", Opening: stock.Units(10)}
	for _, at := range []string{shop.Square, shop.Shopify} {
		id := counter(at)
		item.Refs = append(item.Refs, judge.Ref{Shop: at, Item: id.Item, Location: id.Location, Start: item.Opening})
	}
	return []judge.Item{item}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	effects := []shop.Effect{
		deed(0, shop.Square, "sale", -1), // in the warm-up
		deed(1, shop.Shopify, shop.ByApp, -1),
		deed(10, shop.Square, "sale", -1), // told late
		deed(12, shop.Square, "sale", -2), // made up for by the same write
		deed(15, shop.Shopify, shop.ByApp, -3),
		deed(16, shop.Shopify, "order", -1), // its webhook is lost
		deed(20, shop.Square, shop.ByApp, -1),
		deed(21, shop.Square, "recount", -1), // found before it was told
		deed(23, shop.Shopify, shop.ByApp, -1),
		deed(26, shop.Shopify, "order", -1),
		deed(28, shop.Square, shop.ByApp, -1),
		deed(30, shop.Square, "sale", -1), // nobody follows
		deed(41, shop.Square, "sale", -1), // after the end
	}
	letters := []letter{
		told(0, shop.Square, 9), told(1, shop.Shopify, 9), told(11, shop.Square, 8), told(12, shop.Square, 6), told(15, shop.Shopify, 6),
		told(25, shop.Square, 4), told(27, shop.Shopify, 3), told(30, shop.Square, 2),
	}
	f := follow(tee(), effects, letters, window{tick(5), tick(40)})
	require.Equal(t, []time.Duration{4 * time.Second, 3 * time.Second, 0, time.Second}, f.webhook)
	require.Equal(t, []time.Duration{4 * time.Second, 3 * time.Second, 0}, f.tillToWeb)
	require.Equal(t, []time.Duration{5 * time.Second, 3 * time.Second, 4 * time.Second, 2 * time.Second, 2 * time.Second}, f.sale)
	require.Equal(t, 1, f.open)
}

// A webhook belongs to the change that led to its count, also when a counter comes to the same count twice and when a later
// webhook overtakes an earlier one.
func TestSentAt(t *testing.T) {
	t.Parallel()
	down, up, again, write := deed(1, shop.Square, "sale", -1), deed(2, shop.Square, "return", 1), deed(3, shop.Square, "sale", -1), deed(6, shop.Square, shop.ByApp, -2)
	effects := []shop.Effect{down, up, again, deed(4, shop.Square, "late_sale", 0), write}
	letters := []letter{told(2, shop.Square, 9), told(4, shop.Square, 9), told(5, shop.Square, 10), told(7, shop.Square, 7), told(8, shop.Square, 5), told(8, "another", 9)}
	require.Equal(t, map[shop.Effect]time.Time{down: tick(2), again: tick(4), up: tick(5), write: tick(7)}, sentAt(tee(), effects, letters))
}

func TestOversold(t *testing.T) {
	t.Parallel()
	require.Zero(t, oversold(tee(), []shop.Effect{deed(1, shop.Square, "sale", -10)}))
	require.EqualValues(t, 3, oversold(tee(), []shop.Effect{
		deed(1, shop.Square, "sale", -6),
		deed(2, shop.Shopify, "order", -7),
		deed(3, shop.Shopify, shop.ByApp, -6), // our own write sells nothing
		deed(4, shop.Square, "received", 12),
		deed(5, shop.Square, "sale", -9),
		deed(5, "another", "sale", -9),
	}))
}
