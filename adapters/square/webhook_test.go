package square

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func signed(signature ...string) http.Header { return http.Header{signatureHeader: signature} }

func signature(key, url, body string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(url + body))
	return mac.Sum(nil)
}

func webhookOf(url string, secrets ...string) func(*Options) {
	return func(o *Options) { o.WebhookURL, o.WebhookSecrets = url, func() []string { return secrets } }
}

// The vectors are Square's: its documentation (1) and the tests of square-go-sdk (2 to 4).
func TestVerifyTakesSquaresOwnVectors(t *testing.T) {
	t.Parallel()
	notification := string(golden(t, "webhook_test_notification.json"))
	for name, v := range map[string]struct{ key, url, body, signature string }{
		"1 documentation":           {"asdf1234", "https://example.com/webhook", `{"hello":"world"}`, "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="},
		"2 sdk":                     {"signature-key", "https://webhook.site/webhooks", `{"data":{"type":"webhooks","id":"fake_id"}}`, "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA="},
		"3 sdk, not HTML-escaped":   {"signature-key", "https://webhook.site/webhooks", `{"data":{"type":"webhooks","id":">id<"}}`, "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U="},
		"4 sdk, console test event": {"Ibxx_5AKakO-3qeNVR61Dw", "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9", notification, "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChannel(t, webhookOf(v.url, "another-key", v.key))
			assert.NoError(t, c.Verify(signed(v.signature), []byte(v.body)))
			assert.ErrorIs(t, c.Verify(signed(v.signature), []byte(v.body+"\n")), ErrSignature, "body with a newline more")
			assert.ErrorIs(t, newChannel(t, webhookOf(v.url+"x", v.key)).Verify(signed(v.signature), []byte(v.body)), ErrSignature, "other URL")
			assert.NoError(t, newChannel(t, webhookOf(v.url+"/", v.key)).Verify(signed(v.signature), []byte(v.body)), "registered without the slash")
			assert.ErrorIs(t, newChannel(t, webhookOf(v.url+"//", v.key)).Verify(signed(v.signature), []byte(v.body)), ErrSignature, "two slashes")
			assert.ErrorIs(t, newChannel(t, webhookOf(v.url, "another-key")).Verify(signed(v.signature), []byte(v.body)), ErrSignature, "other key")
		})
	}
}

// TestVerifyTakesOpenSSL signs the golden delivery with another implementation.
func TestVerifyTakesOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: no second implementation to compare with")
	}
	const key, url = "k3y-öpen/ssl==", "https://hooks.example.com/hooks/till/x?y=1"
	body := golden(t, "webhook_counts.json")
	command := exec.CommandContext(t.Context(), openssl, "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:"+hex.EncodeToString([]byte(key)), "-binary")
	command.Stdin = bytes.NewReader(append([]byte(url), body...))
	sum, err := command.Output()
	require.NoError(t, err)
	c := newChannel(t, webhookOf(url, key))
	assert.NoError(t, c.Verify(signed(base64.StdEncoding.EncodeToString(sum)), body))
}

// TestVerifyTakesEitherSlash: people register the address with a slash at its end, and configure it without.
func TestVerifyTakesEitherSlash(t *testing.T) {
	t.Parallel()
	const key, url, body = "asdf1234", "https://example.com/webhook", `{"hello":"world"}`
	sign := func(url string) http.Header {
		return signed(base64.StdEncoding.EncodeToString(signature(key, url, body)))
	}
	for _, configured := range []string{url, url + "/"} {
		c := newChannel(t, webhookOf(configured, key))
		assert.NoError(t, c.Verify(sign(url), []byte(body)))
		assert.NoError(t, c.Verify(sign(url+"/"), []byte(body)))
		assert.Equal(t, ErrSignature, c.Verify(sign(url+"//"), []byte(body)))
		assert.Equal(t, ErrSignature, c.Verify(sign("https://www.example.com/webhook"), []byte(body)))
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	const key, url, body = "asdf1234", "https://example.com/webhook", `{"hello":"world"}`
	sum := signature(key, url, body)
	good := base64.StdEncoding.EncodeToString(sum)
	legacy := http.Header{"X-Square-Signature": {good}}
	for name, v := range map[string]struct {
		header http.Header
		body   string
	}{
		"legacy header only":      {legacy, body},
		"line break, same length": {signed(good[:20] + "\n" + good[20:42] + "="), body},
		"URL not part of it":      {signed(base64.StdEncoding.EncodeToString(signature(key, "", body))), body},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChannel(t, webhookOf(url, key))
			assert.Equal(t, ErrSignature, c.Verify(v.header, []byte(v.body)), "every refusal looks the same")
		})
	}
}

func FuzzVerify(f *testing.F) {
	const key, url = "asdf1234", "https://example.com/webhook"
	f.Add("2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=", []byte(`{"hello":"world"}`))
	f.Add("", []byte(""))
	f.Add(strings.Repeat("=", 44), []byte("{}"))
	c := newChannel(f, webhookOf(url, "older", key))
	f.Fuzz(func(t *testing.T, given string, body []byte) {
		want := false
		for _, k := range []string{"older", key} {
			want = want || len(body) > 0 && given == base64.StdEncoding.EncodeToString(signature(k, url, string(body)))
		}
		if err := c.Verify(signed(given), body); (err == nil) != want {
			t.Fatalf("Verify(%q, %q) = %v, want accepted %v", given, body, err, want)
		}
		good := base64.StdEncoding.EncodeToString(signature(key, url, string(body)))
		if err := c.Verify(signed(good), body); (err == nil) != (len(body) > 0) {
			t.Fatal(fmt.Errorf("own signature of %q: %w", body, err))
		}
	})
}
