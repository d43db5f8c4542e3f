package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
)

type vector struct{ File, Secret, Signature string }

func vectors(t testing.TB) []vector {
	t.Helper()
	var list []vector
	if err := json.Unmarshal(golden(t, "signatures.json"), &list); err != nil || len(list) < 10 {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	return list
}

func TestVerifyTakesWhatOpensslSigned(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	foreign := channelOn(t, ok(""), func(o *Options) { o.WebhookSecrets = []string{"another shop's"} })
	none := channelOn(t, ok(""), func(o *Options) { o.WebhookSecrets = nil })
	for _, v := range vectors(t) {
		body := golden(t, v.File)
		for _, name := range []string{"X-Shopify-Hmac-Sha256", "X-Shopify-Hmac-SHA256", "Shopify-Hmac-Sha256", "shopify-hmac-sha256"} {
			header := http.Header{name: {v.Signature}}
			if err := c.Verify(header, body); err != nil {
				t.Errorf("%s under %s, %s: %v", v.File, v.Secret, name, err)
			}
			for _, other := range []*Channel{foreign, none} {
				if err := other.Verify(header, body); !errors.Is(err, ErrSignature) {
					t.Errorf("%s: a channel without the secret took it: %v", v.File, err)
				}
			}
		}
	}
}

func TestVerifyRefusesAnyOtherSignature(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	body := golden(t, "orders_create.json")
	mac := hmac.New(sha256.New, []byte("hush-current"))
	mac.Write(body)
	digest := mac.Sum(nil)
	good := base64.StdEncoding.EncodeToString(digest)
	empty := hmac.New(sha256.New, []byte("hush-current")).Sum(nil)
	reencoded, err := json.Marshal(json.RawMessage(body))
	if err != nil {
		t.Fatal(err)
	}
	one := func(signature string) http.Header { return http.Header{"X-Shopify-Hmac-Sha256": {signature}} }
	for name, tc := range map[string]struct {
		header http.Header
		body   []byte
	}{
		"no header":            {http.Header{}, body},
		"empty":                {one(""), body},
		"hex":                  {one(hex.EncodeToString(digest)), body},
		"no padding":           {one(strings.TrimRight(good, "=")), body},
		"trailing space":       {one(good + " "), body},
		"trailing newline":     {one(good + "\n"), body},
		"newline inside":       {one(good[:10] + "\n" + good[10:]), body},
		"URL alphabet":         {one(base64.URLEncoding.EncodeToString(digest[:31]) + "_-"), body},
		"non-zero spare bits":  {one(good[:42] + string(good[42]+1) + "="), body},
		"truncated digest":     {one(base64.StdEncoding.EncodeToString(digest[:16])), body},
		"of the empty secret":  {one(sign("", body)), body},
		"other secret":         {one(sign("other", body)), body},
		"body and newline":     {one(good), append(body[:len(body):len(body)], '\n')},
		"re-encoded body":      {one(good), reencoded},
		"truncated body":       {one(good), body[:len(body)-1]},
		"empty body":           {one(base64.StdEncoding.EncodeToString(empty)), nil},
		"twice":                {http.Header{"X-Shopify-Hmac-Sha256": {good, good}}, body},
		"under both names":     {http.Header{"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {good}}, body},
		"good one and bad one": {http.Header{"X-Shopify-Hmac-Sha256": {good}, "x-shopify-hmac-sha256": {"x"}}, body},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.Verify(tc.header, tc.body)
			if !errors.Is(err, ErrSignature) {
				t.Fatalf("accepted: %v", err)
			}
			var r interface{ Retryable() bool }
			if !errors.As(err, &r) || r.Retryable() {
				t.Error("a bad signature says it is worth repeating")
			}
		})
	}
	if err := c.Verify(one(good), body); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Signature, golden(f, v.File))
	}
	f.Add("", []byte{})
	c := channelOn(f, ok(""))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		err := c.Verify(http.Header{"X-Shopify-Hmac-Sha256": {signature}}, body)
		want := len(body) > 0 && (signature == sign("hush-current", body) || signature == sign("hush-previous", body))
		if (err == nil) != want {
			t.Fatalf("verify says %v, want valid %v", err, want)
		}
	})
}
