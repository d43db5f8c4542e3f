package demo

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// noted is how long after something was done it certainly stands in its shop's truth log.
const noted = time.Second

// done is what was done to the counters so far, added up bit by bit: a screen that went through all of it for each frame would take longer
// for every next one.
type done struct {
	mirrors                 *judge.Mirrors
	squareNext, shopifyNext int
	// young are those effects that another log may still have something before.
	young   []shop.Effect
	took    []time.Duration
	figures figures
}

func newDone(items []judge.Item, since Openings) *done {
	return &done{mirrors: judge.NewMirrors(items), squareNext: since.squareFrom, shopifyNext: since.shopifyFrom}
}

// take adds what was done until noted ago.
func (d *done) take(shops *Shops, now time.Time) {
	square, shopify := shops.Square.Truth().Since(d.squareNext), shops.Shopify.Truth().Since(d.shopifyNext)
	d.squareNext, d.shopifyNext = d.squareNext+len(square), d.shopifyNext+len(shopify)
	effects := judge.ByTime(d.young, square, shopify)
	n, _ := slices.BinarySearchFunc(effects, now.Add(-noted), func(e shop.Effect, at time.Time) int { return e.At.Compare(at) })
	for _, m := range d.mirrors.Take(effects[:n]) {
		d.took = append(d.took, m.Took())
	}
	d.figures.push(effects[:n])
	d.young = slices.Clone(effects[n:])
}
