package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// Verify checks that a delivery's raw body was signed with one of the secrets: base64 of HMAC-SHA256
// (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries). The signature covers the body only, so headers merely
// annotate. An empty body, no signature, several that differ, and any but the canonical base64 are refused with ErrSignature; a
// delivery that was signed for another shop of the same app with ErrShop.
func (c *Channel) Verify(header http.Header, body []byte) error {
	signature, agreed := signatureOf(header)
	if !agreed || len(body) == 0 {
		return ErrSignature
	}
	digest, err := base64.StdEncoding.Strict().DecodeString(signature)
	// The decoder skips line breaks; the canonical text has none.
	if err != nil || base64.StdEncoding.EncodeToString(digest) != signature {
		return ErrSignature
	}
	valid := false
	for _, secret := range c.secrets() {
		// Every secret is tried, so that the time does not tell which one fits.
		valid = hmac.Equal(digestOf(secret, body), digest) || valid
	}
	if !valid {
		return ErrSignature
	}
	return c.checkShop(header)
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
