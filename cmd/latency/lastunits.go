package main

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// lastArticles have lastEach units left.
	lastArticles, lastEach = 16, 10
	// customers come for each article to each end, per second on average, for lastFor.
	customers = 1.5
	lastFor   = 20 * time.Second
	// throws is how often the unavoidable is thrown for.
	throws = 2_000
)

// customer wants one unit of an article at one of the two ends, if that shows one.
type customer struct {
	at      time.Duration
	article int
	till    bool
}

// crowd is who comes, in order of time.
func crowd(seed int64) []customer {
	rng := rand.New(rand.NewPCG(uint64(seed), 10)) //nolint:gosec // repeatable customers, not secrets
	var all []customer
	for article := range lastArticles {
		for _, till := range []bool{true, false} {
			next := func() time.Duration { return time.Duration(rng.ExpFloat64() / customers * float64(time.Second)) }
			for at := next(); at < lastFor; at += next() {
				all = append(all, customer{at, article, till})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b customer) int { return cmp.Compare(a.at, b.at) })
	return all
}

// sellLast lets the crowd buy what the shops show, and counts the sales.
func (t *stage) sellLast(ctx context.Context, all []customer) (sold int, err error) {
	began := time.Now()
	for _, c := range all {
		if !shop.Sleep(ctx, time.Until(began.Add(c.at))) {
			return sold, ctx.Err()
		}
		good := t.goods[c.article]
		shown, _ := t.shopify.CountOf(good.Web, "")
		if c.till {
			shown, _ = t.square.CountOf(good.Till, t.till.locations[0])
		}
		if shown < stock.Unit {
			continue
		}
		if c.till {
			_, err = t.square.Sell(good.Till, stock.Unit)
		} else {
			_, err = t.shopify.PlaceOrder(shopify.NewOrder{Lines: []shopify.OrderedLine{{Item: good.Web, Quantity: 1}}})
		}
		if err != nil {
			return sold, err
		}
		sold++
	}
	return sold, nil
}

// way is how far it is from a sale at one end to the other counter.
type way struct {
	// told is the longest that a platform takes to tell, answerMin and answerMax what the request behind it takes, there and back.
	told, answerMin, answerMax time.Duration
}

// best is what it takes at best: the platform tells at any time, and a request is there after half of its time.
func (w way) best(rng *rand.Rand) time.Duration {
	answer := w.answerMin + time.Duration(rng.Float64()*float64(w.answerMax-w.answerMin))
	return time.Duration(rng.Float64()*float64(w.told)) + answer/2
}

// unavoidable is how many units the crowd oversells, on average, although every sale takes the other counter down with the first
// request after the platform told it.
func unavoidable(all []customer, w way, seed int64) float64 {
	rng := rand.New(rand.NewPCG(uint64(seed), 11)) //nolint:gosec // repeatable throws, not secrets
	oversold := 0
	for range throws {
		oversold += oversoldOnce(all, func() time.Duration { return w.best(rng) })
	}
	return math.Round(float64(oversold)/throws*10) / 10
}

// oversoldOnce sells to the crowd while each sale reaches the other end after a delay, or with a later one of its end if that is told
// earlier: platforms tell what a counter shows.
func oversoldOnce(all []customer, delay func() time.Duration) (oversold int) {
	type shelf struct {
		sold [2]int
		// reach is when each sale of the other end reaches this one.
		reach [2][]time.Duration
	}
	var shelves [lastArticles]shelf
	for _, c := range all {
		here, s := 0, &shelves[c.article]
		if c.till {
			here = 1
		}
		shown := lastEach - s.sold[here]
		for _, at := range s.reach[here] {
			if at <= c.at {
				shown--
			}
		}
		if shown > 0 {
			reaches := c.at + delay()
			for i, at := range s.reach[1-here] {
				s.reach[1-here][i] = min(at, reaches)
			}
			s.sold[here]++
			s.reach[1-here] = append(s.reach[1-here], reaches)
		}
	}
	for _, s := range shelves {
		oversold += max(0, s.sold[0]+s.sold[1]-lastEach)
	}
	return oversold
}
