package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/sync/stream"
)

var calculatedAt = regexp.MustCompile(`"calculated_at":"[^"]*"`)

// webSigned is a Shopify delivery of any body, signed as Shopify would.
func webSigned(topic string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(webSecret))
	mac.Write(body)
	return http.Header{"X-Shopify-Topic": {topic}, "X-Shopify-Hmac-Sha256": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}

// A delivery may hold an order of more lines than fit into a record of the stream. It is answered 200 and read from the shop.
func TestHugeOrderIsReadFromTheShop(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	s.shopify.Courier().Pause() // what is sent meanwhile is lost
	order := s.order(tee, 2)
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"id":%s,"updated_at":%q,"line_items":[`, order.ID, time.Now().UTC().Format(time.RFC3339))
	for i := range 23_000 {
		fmt.Fprintf(&body, `{"id":%d,"variant_id":1,"quantity":1},`, 1_000_000+i)
	}
	fmt.Fprintf(&body, `{"id":%s,"variant_id":%s,"quantity":2}]}`, order.Lines[0].ID, tee.variant)
	if status := s.post(webHook, webSigned("orders/create", body.Bytes()), body.Bytes()); status != http.StatusOK {
		t.Fatalf("status %d for %d bytes", status, body.Len())
	}
	s.explained(tee, map[string]string{"opening": "-8", "sold/web": "2"})
	s.even(tee, "6")
}

// What JSON cannot hold ends as a dead letter, not as an endless 503.
func TestUnstorableDeliveryIsADeadLetter(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	_, body := s.squareCount(tee, "1", time.Now())
	late := []byte(calculatedAt.ReplaceAllString(string(body), `"calculated_at":"9999-12-31T23:59:59-23:59"`))
	if bytes.Equal(late, body) {
		t.Fatal("the time was not replaced")
	}
	if status := s.post(tillHook, s.signed(late), late); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	var letters []stream.DeadLetter
	must(t, json.Unmarshal([]byte(s.command("dlq", "list", "--json")), &letters))
	if len(letters) != 1 || letters[0].Size != len(late) || !strings.Contains(letters[0].Reason, "encoding an event") {
		t.Fatalf("letters are %+v", letters)
	}
}
