package simulator

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// ShopOptions say which platform a Shop is, and choose what a run draws because nobody published it.
type ShopOptions struct {
	// Square: a naive Square; else a naive Shopify.
	Square bool
	// AbsorbedTouches: a row that moved nothing still sets calculated_at. TieAbsorbs: an adjustment that occurred exactly when a
	// recount did is absorbed.
	AbsorbedTouches, TieAbsorbs bool
}

// Shop is one naive platform of the simulator by itself, with one counter and without faults, so that a test can play to it
// what it plays to other pretend shops.
type Shop struct {
	w *world
	c *counter
}

// ErrShop is returned for what the shop's platform does not have.
var ErrShop = errors.New("no such thing at this naive shop")

// NewShop returns a shop whose item is tracked. Square has never counted it; on Shopify it stands at zero.
func NewShop(opts ShopOptions) (*Shop, error) {
	w, err := newWorld(1, Options{Faultless: true})
	if err != nil {
		return nil, err
	}
	for _, ch := range w.channels {
		c := ch.counters[0]
		switch {
		case opts.Square && ch.square != nil:
			ch.square.tieAbsorbs, ch.square.touches, ch.square.refusalsHold = opts.TieAbsorbs, opts.AbsorbedTouches, false
			ch.square.posGrain, ch.square.feedLag = serverGrain, 0
			ch.square.histories[c.index], ch.square.latest[c.index], c.exists = nil, -1, false
		case !opts.Square && ch.shopify != nil:
			ch.shopify.lag, ch.shopify.stampsOrder, ch.shopify.routingTouches, ch.shopify.keysLive = 0, false, false, 24*time.Hour
		default:
			continue
		}
		ch.offset, c.quantity, c.version = 0, 0, time.Time{}
		return &Shop{w: w, c: c}, nil
	}
	return nil, fmt.Errorf("%w: a platform", ErrShop)
}

// Now is the platform's clock.
func (s *Shop) Now() time.Time { return s.w.clock(s.c.ch) }

// Wait lets time pass.
func (s *Shop) Wait(d time.Duration) { s.w.runUntil(s.w.now + d) }

// Ref names the counter.
func (s *Shop) Ref() stock.Ref { return s.c.ref }

// Read is what the platform answers to a read of the counter.
func (s *Shop) Read() stock.Reading { return s.c.look(s.w.now).reading }

// Track switches counting on or off.
func (s *Shop) Track(tracked bool) { s.w.setTracked(s.c, tracked) }

// Write is a call of ours with one row, which occurred then. Shopify takes no time of ours.
func (s *Shop) Write(key string, delta stock.Quantity, occurred time.Time) (stock.Answer, error) {
	if s.c.ch.square == nil {
		occurred = time.Time{}
	}
	row := stock.PushRow{Ref: s.c.ref, Delta: delta, Reference: stock.ReferencePrefix + key}
	body, err := encode(key, occurred, []stock.PushRow{row})
	if err != nil {
		return stock.Answer{}, err
	}
	if s.c.ch.square != nil {
		return s.c.ch.square.write(key, body), nil
	}
	return s.c.ch.shopify.write(key, body), nil
}

// Adjust is an adjustment of others at a naive Square that occurred so long ago.
func (s *Shop) Adjust(quantity stock.Quantity, cause stock.Cause, ago time.Duration) {
	s.c.ch.square.adjust(s.c, quantity, cause, ago, "test")
}

// Recount is a person's count at a naive Square that occurred so long ago.
func (s *Shop) Recount(counted stock.Quantity, ago time.Duration) {
	s.c.ch.square.recount(s.c, counted, s.Now().Add(-ago), "test")
}

// Edit makes the latest adjustment of others in the history one of so many units.
func (s *Shop) Edit(units stock.Quantity) {
	history := s.c.ch.square.histories[s.c.index]
	for i := len(history) - 1; i >= 0; i-- {
		row := &history[i]
		if row.recount || row.unlisted || row.reference != "" {
			continue
		}
		if row.quantity < 0 {
			units = -units
		}
		s.c.ch.square.edit(s.c, row, units)
		return
	}
}

// History is all that a naive Square lists of the counter.
func (s *Shop) History() ([]stock.Movement, []stock.Recount) {
	return s.c.ch.square.feed(s.c, time.Time{})
}

// Hand is a person's or another app's change of a naive Shopify's level.
func (s *Shop) Hand(delta stock.Quantity) { s.c.ch.shopify.hand(s.c, delta, "test") }

// Order places an order of some units at a naive Shopify. Orders are numbered from 0.
func (s *Shop) Order(units int64) { s.c.ch.shopify.place([]*counter{s.c}, []int64{units}) }

// Refund takes one unit off an order: "return" and "cancel" put it back on the shelf, "no_restock" does not.
func (s *Shop) Refund(order int, kind string) {
	s.c.ch.shopify.refund(s.c.ch.shopify.orders[order], kind)
}

// Cancel drops what is left of an order.
func (s *Shop) Cancel(order int, restock bool) {
	s.c.ch.shopify.cancel(s.c.ch.shopify.orders[order], restock)
}

// Orders is how a naive Shopify's orders stand.
func (s *Shop) Orders() []stock.Order { return s.c.ch.shopify.list(time.Time{}) }
