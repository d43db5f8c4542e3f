package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
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

// Shopify names the header in two ways; a delivery has one of them, once.
func TestVerifyRefusesTwoSignatures(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	body := golden(t, "orders_create.json")
	good := sign("hush-current", body)
	for _, header := range []http.Header{
		{"X-Shopify-Hmac-Sha256": {good, good}},
		{"X-Shopify-Hmac-Sha256": {good}, "Shopify-Hmac-Sha256": {good}},
		{"X-Shopify-Hmac-Sha256": {good}, "x-shopify-hmac-sha256": {"x"}},
	} {
		err := c.Verify(header, body)
		if !errors.Is(err, ErrSignature) {
			t.Errorf("accepted: %v", err)
		}
		var r interface{ Retryable() bool }
		if !errors.As(err, &r) || r.Retryable() {
			t.Error("a bad signature says it is worth repeating")
		}
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
