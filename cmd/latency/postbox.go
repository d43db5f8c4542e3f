package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// letter is one count that a platform began to tell by webhook.
type letter struct {
	at       time.Time
	counter  judge.CounterID
	quantity stock.Quantity
}

// postbox notes every count that the shops' webhooks carry, when they begin to send it.
type postbox struct {
	transport *http.Transport

	mu      sync.Mutex
	letters []letter
}

func newPostbox() *postbox {
	return &postbox{transport: &http.Transport{MaxIdleConnsPerHost: 16}}
}

// RoundTrip sends a webhook.
func (p *postbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	p.note(time.Now(), r.Header.Get("X-Shopify-Topic"), body)
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return p.transport.RoundTrip(again)
}

// note reads the counts of a webhook: Square's, or that of Shopify's topic. Others have none.
func (p *postbox) note(at time.Time, topic string, body []byte) {
	var letters []letter
	switch topic {
	case "":
		letters = squareLetters(body)
	case "inventory_levels/update":
		letters = shopifyLetters(body)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range letters {
		l.at = at
		p.letters = append(p.letters, l)
	}
}

func squareLetters(body []byte) (letters []letter) {
	var event struct {
		Data struct {
			Object struct {
				Counts []struct {
					Item     string         `json:"catalog_object_id"`
					Location string         `json:"location_id"`
					State    string         `json:"state"`
					Quantity stock.Quantity `json:"quantity"`
				} `json:"inventory_counts"`
			} `json:"object"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &event) != nil {
		return nil
	}
	for _, c := range event.Data.Object.Counts {
		if c.State == "IN_STOCK" {
			letters = append(letters, letter{counter: judge.CounterID{Shop: shop.Square, Item: c.Item, Location: c.Location}, quantity: c.Quantity})
		}
	}
	return letters
}

func shopifyLetters(body []byte) []letter {
	var level struct {
		Item      int64  `json:"inventory_item_id"`
		Location  int64  `json:"location_id"`
		Available *int64 `json:"available"`
	}
	if json.Unmarshal(body, &level) != nil || level.Available == nil {
		return nil
	}
	id := judge.CounterID{Shop: shop.Shopify, Item: strconv.FormatInt(level.Item, 10), Location: strconv.FormatInt(level.Location, 10)}
	return []letter{{counter: id, quantity: stock.Units(*level.Available)}}
}

// all is what was told so far.
func (p *postbox) all() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters[:len(p.letters):len(p.letters)]
}
