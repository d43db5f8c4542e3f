package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// Webhook headers, without the "X-" that classic webhooks put before them and Events do not
// (https://shopify.dev/docs/apps/build/webhooks/delivery-structure).
const (
	headerSignature = "Shopify-Hmac-Sha256"
	headerTopic     = "Shopify-Topic"
	headerVersion   = "Shopify-API-Version"
)

// Verify checks that a delivery's raw body was signed with one of the secrets: base64 of HMAC-SHA256
// (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries). The signature covers the body only, so headers merely
// annotate. An empty body, no signature, several, and any but the canonical base64 are refused with ErrSignature.
func (c *Channel) Verify(header http.Header, body []byte) error {
	signature, single := webhookHeader(header, headerSignature)
	if !single || len(body) == 0 {
		return ErrSignature
	}
	digest, err := base64.StdEncoding.Strict().DecodeString(signature)
	// The decoder skips line breaks; the canonical text has none.
	if err != nil || base64.StdEncoding.EncodeToString(digest) != signature {
		return ErrSignature
	}
	valid := false
	for _, secret := range c.secrets {
		// Every secret is tried, so that the time does not tell which one fits.
		valid = hmac.Equal(digestOf(secret, body), digest) || valid
	}
	if !valid {
		return ErrSignature
	}
	return nil
}

// Sign returns the headers of a delivery of this body as Shopify signs it with a secret, for self-tests.
func (c *Channel) Sign(secret string, body []byte) http.Header {
	header := http.Header{}
	header.Set("X-"+headerSignature, base64.StdEncoding.EncodeToString(digestOf(secret, body)))
	return header
}

func digestOf(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}

// webhookHeader finds a header by its name with or without "X-", in any letter case, and says whether it is there exactly
// once.
func webhookHeader(header http.Header, name string) (value string, single bool) {
	found := 0
	for key, values := range header {
		if strings.EqualFold(key, name) || strings.EqualFold(key, "X-"+name) {
			for _, value = range values {
				found++
			}
		}
	}
	return value, found == 1
}
