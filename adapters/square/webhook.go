package square

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

const (
	// signatureHeader carries base64(HMAC-SHA256(key, notification URL + raw body)).
	// https://developer.squareup.com/docs/webhooks/step3validate
	signatureHeader = "X-Square-Hmacsha256-Signature"
	// signatureLength is the length of 32 bytes in padded base64.
	signatureLength = 44
)

// webhook checks signatures.
type webhook struct {
	url     string
	secrets [][]byte
}

func newWebhook(url string, secrets []string) webhook {
	w := webhook{url: url}
	for _, secret := range secrets {
		w.secrets = append(w.secrets, []byte(secret))
	}
	return w
}

// Verify checks that Square signed this delivery with one of the configured secrets: raw bytes, the configured URL (never
// one rebuilt from the request), exactly one signature header in strict base64. An empty body is refused; the SDK's own
// check accepts it. Every refusal is ErrSignature, and takes the same time whichever secret differs.
func (c *Channel) Verify(header http.Header, body []byte) error {
	given := header.Values(signatureHeader)
	if len(body) == 0 || len(given) != 1 || len(given[0]) != signatureLength {
		return ErrSignature
	}
	// 44 characters that decode to 32 bytes leave no room for the line breaks that the decoder would skip.
	signature, err := base64.StdEncoding.Strict().DecodeString(given[0])
	if err != nil || len(signature) != sha256.Size {
		return ErrSignature
	}
	matches := false
	for _, secret := range c.webhook.secrets {
		if hmac.Equal(c.webhook.sum(secret, body), signature) {
			matches = true // go on: the time must not tell which secret it was
		}
	}
	if !matches {
		return ErrSignature
	}
	return nil
}

// Sign returns the headers of a delivery of this body as Square signs it with a secret, for self-tests.
func (c *Channel) Sign(secret string, body []byte) http.Header {
	return http.Header{signatureHeader: {base64.StdEncoding.EncodeToString(c.webhook.sum([]byte(secret), body))}}
}

// sum is what Square signs with: the configured URL and the raw body, without anything between.
func (w webhook) sum(secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(w.url))
	mac.Write(body)
	return mac.Sum(nil)
}
