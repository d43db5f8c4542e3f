package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"
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
	foreign := channelOn(t, ok(""), func(o *Options) { o.WebhookSecrets = func() []string { return []string{"another shop's"} } })
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

// Shopify names the header in two ways, and a delivery may carry both.
func TestVerifyTakesBothFamilies(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	body := golden(t, "orders_create.json")
	good, foreign := sign("hush-current", body), sign("another", body)
	for what, header := range map[string]http.Header{
		"both":                               {"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {good}},
		"both, in other letters, each twice": {"x-shopify-hmac-sha256": {good, good}, "shopify-hmac-sha256": {good + "," + good}},
		"both, with the shop in both":        {"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {good}, "X-Shopify-Shop-Domain": {"example.myshopify.com"}, "Shopify-Shop-Domain": {"Example.myshopify.com"}},
	} {
		if err := c.Verify(header, body); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, header := range map[string]http.Header{
		"two secrets of ours": {"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {sign("hush-previous", body)}},
		"a foreign one":       {"X-Shopify-Hmac-Sha256": {good}, "x-shopify-hmac-sha256": {foreign}},
		"a foreign one first": {"X-Shopify-Hmac-Sha256": {foreign}, "Shopify-Hmac-Sha256": {good}},
		"an empty one":        {"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {""}},
		"two shops":           {"X-Shopify-Hmac-Sha256": {good}, "X-Shopify-Shop-Domain": {"example.myshopify.com"}, "Shopify-Shop-Domain": {"other.myshopify.com"}},
	} {
		err := c.Verify(header, body)
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
		var r interface{ Retryable() bool }
		if !errors.As(err, &r) || r.Retryable() {
			t.Error("a bad signature says it is worth repeating")
		}
	}
}

// TestVerifyRefusesAnotherShop: the headers are not signed, and one app signs for all its shops with one secret. Which shop the
// channel is the platform itself says, with every read of counts.
func TestVerifyRefusesAnotherShop(t *testing.T) {
	t.Parallel()
	domain := "evens.myshopify.com"
	c := channelOn(t, &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) {
		return 200, nil, `{"data":{"shop":{"myshopifyDomain":"` + domain + `"},"location":{"inventoryLevels":{"nodes":[],"pageInfo":{"hasNextPage":false}}}}}`
	}})
	body := golden(t, "orders_create.json")
	from := func(name, shop string) http.Header {
		return http.Header{"X-Shopify-Hmac-Sha256": {sign("hush-current", body)}, name: {shop}}
	}
	if err := c.Verify(from("X-Shopify-Shop-Domain", "other.myshopify.com"), body); err != nil {
		t.Errorf("before the platform said which it is: %v", err)
	}
	read := func() {
		if _, err := c.ListCounts(t.Context(), time.Time{}, ""); err != nil {
			t.Fatal(err)
		}
	}
	read()
	for _, name := range []string{"X-Shopify-Shop-Domain", "Shopify-Shop-Domain"} {
		if err := c.Verify(from(name, "Evens.myshopify.com"), body); err != nil {
			t.Errorf("our own, by %s: %v", name, err)
		}
		err := c.Verify(from(name, "other.myshopify.com"), body)
		var stray interface{ OtherShop() bool }
		if !errors.As(err, &stray) || !stray.OtherShop() {
			t.Errorf("another, by %s: %v", name, err)
		}
	}
	if err := c.Verify(http.Header{"X-Shopify-Hmac-Sha256": {sign("hush-current", body)}}, body); err != nil {
		t.Errorf("none named: %v", err)
	}
	forged := from("X-Shopify-Shop-Domain", "other.myshopify.com")
	forged.Set("X-Shopify-Hmac-Sha256", sign("another", body))
	if err := c.Verify(forged, body); !errors.Is(err, ErrSignature) {
		t.Errorf("another, forged: %v", err)
	}
	domain = "renamed.myshopify.com"
	read()
	if err := c.Verify(from("X-Shopify-Shop-Domain", domain), body); err != nil {
		t.Errorf("renamed: %v", err)
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
