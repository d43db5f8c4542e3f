package shop

import (
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Names of the pretend shops in Effect.Shop.
const (
	Square  = "square"
	Shopify = "shopify"
)

// ByApp is Effect.By of evenstock's own writes.
const ByApp = "app"

// Effect is one thing that was done to a counter, as only the platform itself can know it.
type Effect struct {
	At       time.Time `json:"at"`
	Shop     string    `json:"shop"`
	Item     string    `json:"item"`
	Location string    `json:"location"`
	// Delta is what really happened to the counter; 0 when it was absorbed.
	Delta stock.Quantity `json:"delta"`
	// By says what did it: "sale", "late_sale", "refund", "return", "order", "edit", "cancel", "received", "waste", "hand",
	// "recount", "other_app"; ByApp is a write of evenstock's own.
	By string `json:"by"`
	// Explained is the movement quantity that the platform's records can explain for this effect: 0 for hand edits,
	// recounts and our own writes; -q for a late sale of q even when it was absorbed and Delta is 0.
	Explained stock.Quantity `json:"explained"`
	// Key is the idempotency key of a write by ByApp.
	Key  string `json:"key,omitempty"`
	Note string `json:"note,omitempty"`
}

// Truth is the append-only log of everything that happened to counters: what a test judges the ledger against.
// Several shops may share one. The zero value is empty and ready.
type Truth struct {
	mu      sync.Mutex
	effects []Effect
}

// Add appends an effect.
func (t *Truth) Add(e Effect) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.effects = append(t.effects, e)
}

// All returns every effect in the order they happened.
func (t *Truth) All() []Effect { return t.Since(0) }

// Since returns the effects from index n on; none when n lies beyond the end.
func (t *Truth) Since(n int) []Effect {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n = max(n, 0); n >= len(t.effects) {
		return nil
	}
	return slices.Clone(t.effects[n:])
}

// Count is what one counter shows now.
type Count struct {
	Item     string         `json:"item"`
	SKU      string         `json:"sku"`
	Location string         `json:"location"`
	Quantity stock.Quantity `json:"quantity"`
	Tracked  bool           `json:"tracked"`
}
