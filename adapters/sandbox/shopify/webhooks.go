package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// apiVersion is the one API version that the shop speaks, in requests and webhooks.
const apiVersion = "2026-10"

// Topics of inventory items.
const (
	topicItemUpdate = "inventory_items/update"
	topicItemDelete = "inventory_items/delete"
)

// sign is the signature of a webhook: base64 of HMAC-SHA256 over the raw body
// (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// newEvent is the id that all deliveries of one action share.
func (s *Shop) newEvent() string { return s.newUUID() }

// newUUID is a random version 4 UUID. The caller holds the mutex.
func (s *Shop) newUUID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.rng.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.rng.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// send hands one webhook to the courier: the payload is that of this moment, and retries repeat it. The caller holds the
// mutex.
func (s *Shop) send(event, topic string, payload any) {
	if s.webhookURL == "" {
		return
	}
	body, err := json.Marshal(payload)
	if err != nil {
		s.opts.Logger.Error("webhook not sent", "topic", topic, "error", err)
		return
	}
	header := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"Shopify-Captain-Hook"},
	}
	for name, value := range map[string]string{
		"X-Shopify-Topic":        topic,
		"X-Shopify-Hmac-Sha256":  sign(s.opts.Secret, body),
		"X-Shopify-Shop-Domain":  s.opts.Domain,
		"X-Shopify-API-Version":  apiVersion,
		"X-Shopify-Webhook-Id":   s.newUUID(),
		"X-Shopify-Event-Id":     event,
		"X-Shopify-Triggered-At": s.opts.Now().UTC().Format(time.RFC3339Nano),
	} {
		header.Set(name, value)
	}
	s.courier.Send(shop.Delivery{URL: s.webhookURL, Header: header, Body: body})
}

// sendLevel says what available is now; null when the item is not tracked.
func (s *Shop) sendLevel(event string, l *level) {
	var available *int64
	if l.item.tracked {
		q := l.quantity(nameAvailable)
		available = &q
	}
	s.send(event, "inventory_levels/update", map[string]any{
		"inventory_item_id": l.item.id, "location_id": l.location.id, "available": available,
		"updated_at": s.local(l.updatedAt), "admin_graphql_api_id": l.gid(),
	})
}

// sendItem tells of an inventory item that was changed or deleted. Of a deleted one only its id is left to tell.
func (s *Shop) sendItem(event, topic string, it *item) {
	payload := map[string]any{"id": it.id, "admin_graphql_api_id": gid("InventoryItem", it.id)}
	if topic == topicItemUpdate {
		payload["sku"], payload["tracked"] = it.sku, it.tracked
		payload["created_at"], payload["updated_at"] = s.local(it.createdAt), s.local(it.updatedAt)
	}
	s.send(event, topic, payload)
}

func (s *Shop) sendOrder(event, topic string, o *order) {
	s.send(event, topic, s.orderPayload(o))
}

func (s *Shop) sendRefund(event string, o *order, r *refund) {
	s.send(event, "refunds/create", s.refundPayload(o, r))
}

// local prints a time as webhooks do: to the second, with the shop's offset.
func (s *Shop) local(t time.Time) string { return t.In(s.opts.Zone).Format(time.RFC3339) }

// gid is the level's global id. Its number is not the location's; it is the same for every item there, and the item sits
// in the query.
func (l *level) gid() string {
	return gid("InventoryLevel", levelNumber(l.location.id)) + "?inventory_item_id=" + strconv.FormatInt(l.item.id, 10)
}

func levelNumber(location int64) int64 { return 9_001_000_000 + 13*location }
