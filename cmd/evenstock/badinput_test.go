package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

const (
	tillHook = "/hooks/till/AbCdEfGhIjKlMnOp"
	webHook  = "/hooks/web/QrStUvWxYz012345"
)

// signed is a Square delivery of any body, signed as Square would.
func (s *stage) signed(body []byte) http.Header {
	return http.Header{"X-Square-Hmacsha256-Signature": {square.Sign(squareSecret, s.hooks+tillHook, body)}}
}

func TestBadDeliveriesChangeNothing(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	header, body := s.squareCount(tee, "1", time.Now().Add(time.Second))
	signature := header.Get("X-Square-Hmacsha256-Signature")
	with := func(name, value string) http.Header {
		h := header.Clone()
		h.Set(name, value)
		return h
	}
	huge := append(bytes.Repeat([]byte(" "), webhook.BodyMax), body...)
	cases := map[string]struct {
		path   string
		header http.Header
		body   []byte
		status int
	}{
		"no signature":       {tillHook, http.Header{}, body, http.StatusUnauthorized},
		"empty signature":    {tillHook, with("X-Square-Hmacsha256-Signature", ""), body, http.StatusUnauthorized},
		"signature in hex":   {tillHook, with("X-Square-Hmacsha256-Signature", fmt.Sprintf("%x", signature)), body, http.StatusUnauthorized},
		"without padding":    {tillHook, with("X-Square-Hmacsha256-Signature", strings.TrimRight(signature, "=")), body, http.StatusUnauthorized},
		"trailing space":     {tillHook, http.Header{"X-Square-Hmacsha256-Signature": {signature + "=="}}, body, http.StatusUnauthorized},
		"body and a newline": {tillHook, header, append(bytes.Clone(body), '\n'), http.StatusUnauthorized},
		"other key":          {tillHook, with("X-Square-Hmacsha256-Signature", square.Sign("other", s.hooks+tillHook, body)), body, http.StatusUnauthorized},
		"other shop's path":  {webHook, header, body, http.StatusUnauthorized},
		"unknown path":       {"/hooks/till/AbCdEfGhIjKlMnOq", header, body, http.StatusNotFound},
		"gzip":               {tillHook, with("Content-Encoding", "gzip"), body, http.StatusUnsupportedMediaType},
		"empty body":         {tillHook, s.signed(nil), nil, http.StatusBadRequest},
		"over a mebibyte":    {tillHook, s.signed(huge), huge, http.StatusRequestEntityTooLarge},
	}
	for name, c := range cases {
		if status := s.post(c.path, c.header, c.body); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
	}
	for name, text := range map[string]string{
		"unknown topic":   `{"merchant_id":"M","type":"labor.shift.created","event_id":"e"}`,
		"null quantity":   strings.Replace(string(body), `"quantity":"1"`, `"quantity":null`, 1),
		"huge quantity":   strings.Replace(string(body), `"quantity":"1"`, `"quantity":"99999999999999999999"`, 1),
		"exponent":        strings.Replace(string(body), `"quantity":"1"`, `"quantity":"1e3"`, 1),
		"number":          strings.Replace(string(body), `"quantity":"1"`, `"quantity":1`, 1),
		"two documents":   string(body) + `{}`,
		"not an object":   `[]`,
		"unknown variant": strings.Replace(string(body), tee.till, "NOSUCHVARIATION", 1),
		"other location":  strings.Replace(string(body), s.square.Locations()[0], "ELSEWHERE", 1),
	} {
		if status := s.post(tillHook, s.signed([]byte(text)), []byte(text)); status != http.StatusOK {
			t.Errorf("%s: status %d, want 200", name, status)
		}
	}
	s.sell(tee, 1)
	s.even(tee, "7")
	s.explained(tee, map[string]string{"opening": "-8", "sold/till": "1"})
}

func TestDeadLettersAreSeenAndSentAgain(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	body := []byte(`{"type":"inventory.count.updated","event_id":"e1","data":{"object":{"inventory_counts":"` + canary + `"}}}`)
	if status := s.post(tillHook, s.signed(body), body); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	poison := stock.Event{ID: "poison", Channel: "nobody", Topic: "test", ObservedAt: time.Now(),
		Reading: &stock.Reading{Ref: stock.Ref{Channel: "nobody", Item: "1", Location: "2"}, Status: stock.Counted, Version: time.Now()}}
	must(t, s.runtime.sink.Publish(t.Context(), []stock.Event{poison}))
	s.sell(tee, 1)
	s.even(tee, "7")
	var letters []stream.DeadLetter
	s.eventually("two dead letters", func() string {
		must(t, json.Unmarshal([]byte(s.command("dlq", "list", "--json")), &letters))
		if len(letters) == 2 {
			return ""
		}
		return fmt.Sprintf("%d letters", len(letters))
	})
	for _, letter := range letters {
		if letter.Reason == "" || letter.Event == nil && letter.SHA256 == "" {
			t.Errorf("a letter says too little: %+v", letter)
		}
		if letter.Event == nil {
			continue
		}
		if shown := s.command("dlq", "show", letter.ID); !strings.Contains(shown, "unknown channel") {
			t.Errorf("the letter is shown as %s", shown)
		}
		s.command("dlq", "retry", letter.ID)
	}
	s.eventually("the event to be set aside again", func() string {
		var again []stream.DeadLetter
		must(t, json.Unmarshal([]byte(s.command("dlq", "list", "--all", "--json")), &again))
		if len(again) == 3 {
			return ""
		}
		return fmt.Sprintf("%d letters", len(again))
	})
}

// A customer's name stands in every payload of both shops. It must not be on disk or in the log.
func TestNoCustomerOnDiskOrInTheLog(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 10, stageOptions{})
	order := s.order(tee, 2)
	s.sell(tee, 1)
	s.even(tee, "7")
	_, err := s.shopify.Cancel(shopify.OrderCancel{Order: order.ID, Restock: true})
	must(t, err)
	s.even(tee, "9")
	bad := []byte(`{"type":"inventory.count.updated","event_id":"` + canary + `","data":{"object":{"inventory_counts":[{"quantity":"` + canary + `"}]}}}`)
	s.post(tillHook, s.signed(bad), bad)
	s.command("reconcile", "run")
	s.stop()
	searched := 0
	must(t, filepath.WalkDir(filepath.Dir(s.cfgPath), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Type()&os.ModeSocket != 0 {
			return err
		}
		text, err := os.ReadFile(path)
		searched += len(text)
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%s holds a customer's name", path)
		}
		return err
	}))
	s.onServers(func(where, text string) {
		searched += len(text)
		if strings.Contains(text, canary) {
			t.Errorf("%s holds a customer's name", where)
		}
	})
	if searched < 10_000 {
		t.Errorf("only %d bytes were searched", searched)
	}
	for _, secret := range []string{canary, squareSecret, webSecret, "square-token", "shopify-token"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
