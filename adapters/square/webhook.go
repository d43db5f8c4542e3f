package square

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
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
	// urls are the configured URL, and how it may have been registered at Square besides.
	urls    []string
	secrets func() []string
}

func newWebhook(url string, secrets func() []string) webhook {
	return webhook{urls: []string{url, otherSlash(url)}, secrets: secrets}
}

// otherSlash is a URL with a slash at its end, or without it if it has one: people register either, and mean the same.
func otherSlash(url string) string {
	if bare, has := strings.CutSuffix(url, "/"); has {
		return bare
	}
	return url + "/"
}

// Verify checks that Square signed this delivery with one of the configured secrets: raw bytes, the configured URL (never
// one rebuilt from the request) with or without a slash at its end, one signature in strict base64, however often it is there. An empty body is refused; the SDK's own
// check accepts it. Every refusal is ErrSignature, and takes the same time whichever secret differs.
func (c *Channel) Verify(header http.Header, body []byte) error {
	given := signatureOf(header)
	if len(body) == 0 || len(given) != signatureLength {
		return ErrSignature
	}
	// 44 characters that decode to 32 bytes leave no room for the line breaks that the decoder would skip.
	signature, err := base64.StdEncoding.Strict().DecodeString(given)
	if err != nil || len(signature) != sha256.Size {
		return ErrSignature
	}
	matches := false
	for _, secret := range c.webhook.secrets() {
		for _, url := range c.webhook.urls {
			if hmac.Equal(sum([]byte(secret), url, body), signature) {
				matches = true // go on: the time must not tell which secret it was
			}
		}
	}
	if !matches {
		return ErrSignature
	}
	return nil
}

// Sign returns the headers of a delivery of this body as Square signs it with a secret, for self-tests.
func (c *Channel) Sign(secret string, body []byte) http.Header {
	return http.Header{signatureHeader: {base64.StdEncoding.EncodeToString(sum([]byte(secret), c.webhook.urls[0], body))}}
}

// signatureOf returns the one signature of a delivery; empty when there is none, or several that differ. A proxy may have
// repeated the header, on a line of its own or behind a comma (RFC 9110, 5.3).
func signatureOf(header http.Header) string {
	var given []string
	for _, line := range header.Values(signatureHeader) {
		given = append(given, strings.Split(strings.ReplaceAll(line, ", ", ","), ",")...)
	}
	if given = slices.Compact(given); len(given) != 1 {
		return ""
	}
	return given[0]
}

// sum is what Square signs with: the registered URL and the raw body, without anything between.
func sum(secret []byte, url string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(url))
	mac.Write(body)
	return mac.Sum(nil)
}
