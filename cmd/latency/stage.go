package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// answerMin and answerMax are what a request to a platform takes, there and back.
	answerMin, answerMax = 15 * time.Millisecond, 60 * time.Millisecond
	// routing is how long after an order Shopify says where its units come from.
	routing = 300 * time.Millisecond
	// retryScale shortens the platforms' gaps between attempts to deliver a webhook: Square's first minute becomes 60 ms.
	retryScale = 0.001
	// headerTimeout bounds how long a request's headers may take to arrive.
	headerTimeout = 10 * time.Second
)

// end is one of the two platforms, as the binary connects to it.
type end struct {
	channel, platform, url, token, secret, hook string
	// locations are the platform's ids of our places, in their order.
	locations []string
	asked     asked
}

// stage is the pretend shops of one run.
type stage struct {
	square    *square.Shop
	shopify   *shopify.Shop
	till, web end
	goods     []life.Good
	posted    *postbox
	servers   []*http.Server
	// items are the goods with what their counters showed at first; from is where the truth logs stood then.
	items                   []judge.Item
	squareFrom, shopifyFrom int
}

// openStage opens shops that send their webhooks to an address, and fills their shelves; nobody hears of that. Close it.
func openStage(s scenario, hooks string, seed int64) (*stage, error) {
	t := &stage{posted: newPostbox()}
	for _, e := range []struct {
		end               *end
		channel, platform string
	}{{&t.till, "till", "square"}, {&t.web, "web", "shopify"}} {
		e.end.channel, e.end.platform = e.channel, e.platform
		e.end.token, e.end.secret = "pretend-token-"+rand.Text(), "pretend-secret-"+rand.Text()
		e.end.hook = hooks + "/hooks/" + e.channel + "/" + rand.Text() + rand.Text()
	}
	client := &http.Client{Transport: t.posted}
	t.square = square.New(square.Options{Seed: seed, Token: t.till.token, RetryScale: retryScale, HTTPClient: client, RequestsPerSecond: s.square})
	places := make([]string, s.places)
	for i := range places {
		places[i] = placeName(i)
	}
	t.shopify = shopify.New(shopify.Options{Seed: seed + 1, Token: t.web.token, Secret: t.web.secret, RetryScale: retryScale,
		RoutingDelay: routing, HTTPClient: client, Locations: places, RestoreRate: s.plan.Restore, Bucket: s.plan.Bucket})
	if err := errors.Join(t.fill(s, seed), t.serve(seed)); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.noteOpenings()
	faults := shop.Faults{DelayWebhook: s.told}
	if s.lost {
		faults.DropWebhook = 1
	}
	if err := errors.Join(t.square.SetFaults(faults), t.shopify.Faults().Set(faults)); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.square.SetWebhook(t.till.hook, t.till.secret)
	t.shopify.SetWebhook(t.web.hook)
	return t, nil
}

// placeName is our name of a place.
func placeName(i int) string { return fmt.Sprintf("place-%d", i+1) }

// fill puts the articles on the shelves of every place.
func (t *stage) fill(s scenario, seed int64) (err error) {
	for i := 1; i < s.places; i++ {
		t.square.AddLocation(placeName(i))
	}
	things := make([]life.Thing, s.articles)
	for i := range things {
		things[i] = life.Thing{SKU: fmt.Sprintf("ART-%05d", i+1), Name: fmt.Sprintf("Article %d", i+1)}
	}
	if t.goods, err = life.OpenShops(t.square, t.shopify, things, seed); err != nil {
		return err
	}
	t.till.locations = t.square.Locations()
	for i := range s.places {
		t.web.locations = append(t.web.locations, fmt.Sprint(firstShopifyLocation+i))
	}
	for _, good := range t.goods {
		if s.kind == lastUnits {
			if err := t.leave(good, lastEach); err != nil {
				return err
			}
		}
		for place := 1; place < s.places; place++ {
			const units = 40
			_, err := t.square.Do(square.Action{Kind: "receive", Item: good.Till, Location: t.till.locations[place], Quantity: stock.Units(units)})
			if err := errors.Join(err, t.shopify.Receive(shopify.StockChange{Item: good.Web, Location: t.web.locations[place], Quantity: units})); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstShopifyLocation is the id of the pretend Shopify's first location; the others follow.
const firstShopifyLocation = 77

// leave leaves so many units of a good in both shops.
func (t *stage) leave(good life.Good, units int64) error {
	_, err := t.square.Recount(good.Till, stock.Units(units), time.Time{})
	return errors.Join(err, t.shopify.SetAvailable(shopify.StockChange{Item: good.Web, Quantity: units}))
}

// serve begins to answer on loopback, as far away as platforms are.
func (t *stage) serve(seed int64) error {
	for i, e := range []struct {
		end     *end
		handler http.Handler
	}{{&t.till, t.square}, {&t.web, t.shopify}} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("opening a shop: %w", err)
		}
		e.end.url = "http://" + listener.Addr().String()
		far := shop.Distance{Dice: shop.NewDice(seed + int64(i)), Min: answerMin, Max: answerMax}.Wrap(e.handler)
		server := &http.Server{ReadHeaderTimeout: headerTimeout, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				far.ServeHTTP(w, e.end.asked.note(e.end.platform, r))
			})}
		t.servers = append(t.servers, server)
		go func() { _ = server.Serve(listener) }() // ends with close; a broken listener shows as a channel that fails
	}
	return nil
}

// noteOpenings remembers the shops as they are. The till's counts are what the baseline goes by.
func (t *stage) noteOpenings() {
	t.squareFrom, t.shopifyFrom = len(t.square.Truth().All()), len(t.shopify.Truth().All())
	for _, good := range t.goods {
		for place, location := range t.till.locations {
			opening, _ := t.square.CountOf(good.Till, location)
			online, _ := t.shopify.CountOf(good.Web, t.web.locations[place])
			t.items = append(t.items, judge.Item{SKU: good.SKU, Opening: opening, Refs: []judge.Ref{
				{Channel: "till", Shop: shop.Square, Item: good.Till, Location: location, Start: opening},
				{Channel: "web", Shop: shop.Shopify, Item: good.Web, Location: t.web.locations[place], Start: online},
			}})
		}
	}
}

// effects is what was done to the counters since then, in order of time.
func (t *stage) effects() []shop.Effect {
	return judge.ByTime(t.square.Truth().Since(t.squareFrom), t.shopify.Truth().Since(t.shopifyFrom))
}

// close ends both shops and their servers.
func (t *stage) close() error {
	var errs []error
	for _, server := range t.servers {
		errs = append(errs, server.Close())
	}
	t.square.Close()
	t.shopify.Close()
	t.posted.transport.CloseIdleConnections()
	return errors.Join(errs...)
}
