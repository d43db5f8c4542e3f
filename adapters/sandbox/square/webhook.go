package square

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// Webhook event types that a pretend Square can send.
const (
	EventCountUpdated   = "inventory.count.updated"
	EventCatalogUpdated = "catalog.version.updated"
)

// rowsMax is how many counts one notification carries (https://developer.squareup.com/docs/inventory-api/webhooks).
const rowsMax = 100

// subscription is where webhooks go.
type subscription struct {
	url, key string
	types    []string
}

// SetWebhook points the subscription at a URL, signed with a key; with no URL nothing is sent. Without types it is for
// inventory.count.updated alone. What is already on its way keeps its old address.
func (s *Shop) SetWebhook(url, key string, types ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(types) == 0 {
		types = []string{EventCountUpdated}
	}
	s.webhook = subscription{url: url, key: key, types: types}
}

// Sign is the x-square-hmacsha256-signature of a body sent to a URL
// (https://developer.squareup.com/docs/webhooks/step3validate).
func Sign(key, url string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(url))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// retryDelays are the gaps before re-sends, a day in all, times a scale. Square documents "up to 24 hours"
// (https://developer.squareup.com/docs/webhooks/troubleshooting); the eleven gaps are integrators' reports.
func retryDelays(scale float64) []time.Duration {
	delays := []time.Duration{
		time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour,
		2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
	}
	for i := range delays {
		delays[i] = time.Duration(float64(delays[i]) * scale)
	}
	return delays
}

func retryHeader(attempt int, reason string) http.Header {
	header := http.Header{}
	header.Set("Square-Retry-Number", strconv.Itoa(attempt))
	header.Set("Square-Retry-Reason", reason)
	return header
}

// envelope is what every webhook has.
type envelope struct {
	Merchant string       `json:"merchant_id"`
	Type     string       `json:"type"`
	EventID  string       `json:"event_id"`
	Created  string       `json:"created_at"`
	Data     envelopeData `json:"data"`
	Canary   string       `json:"buyer_note,omitempty"`
}

type envelopeData struct {
	Type   string         `json:"type"`
	ID     string         `json:"id"`
	Object map[string]any `json:"object"`
	Canary string         `json:"buyer_note,omitempty"`
}

// notifyCounts tells subscribers what counters show now: absolute counts, without a cause, our own writes included.
// The caller holds the mutex, so notifications are queued in the order of the changes.
func (s *Shop) notifyCounts(moved []cell) {
	for rows := range slices.Chunk(moved, rowsMax) {
		counts := make([]countJSON, len(rows))
		for i, at := range rows {
			counts[i] = s.countOut(at)
		}
		s.notify(EventCountUpdated, envelopeData{Type: "inventory_counts", ID: s.newUUID(), Object: map[string]any{"inventory_counts": counts}})
	}
}

// notifyCatalog tells subscribers that something in the catalog changed, not what; the real one sends no id either.
// The caller holds the mutex.
func (s *Shop) notifyCatalog() {
	updated := map[string]string{"updated_at": s.catalogAt.Format(micros)}
	s.notify(EventCatalogUpdated, envelopeData{Type: "catalog_version", Object: map[string]any{"catalog_version": updated}})
}

// notify signs and sends one event, if it is subscribed to. The caller holds the mutex.
func (s *Shop) notify(kind string, data envelopeData) {
	if s.webhook.url == "" || !slices.Contains(s.webhook.types, kind) {
		return
	}
	if s.opts.Canary != "" {
		data.Canary, data.Object["buyer_note"] = s.opts.Canary, s.opts.Canary
	}
	body, err := json.Marshal(envelope{
		Merchant: s.opts.Merchant.ID, Type: kind, EventID: s.newUUID(), Created: s.clock().Format(time.RFC3339Nano), Data: data,
		Canary: s.opts.Canary,
	})
	if err != nil {
		s.opts.Logger.Error("webhook not written", "type", kind, "error", err)
		return
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("X-Square-Hmacsha256-Signature", Sign(s.webhook.key, s.webhook.url, body))
	header.Set("Square-Environment", "Sandbox")
	s.courier.Send(shop.Delivery{URL: s.webhook.url, Header: header, Body: body})
}

// newUUID makes a version 4 UUID.
func (s *Shop) newUUID() string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(s.ids.Intn(256))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
