package shopify

import (
	"net/http"
	"strings"
)

// Webhook headers, without the "X-" that classic webhooks put before them and Events do not
// (https://shopify.dev/docs/apps/build/webhooks/delivery-structure). A delivery may carry both families, and a proxy may
// repeat a header, on a line of its own or behind a comma.
const (
	headerSignature = "Shopify-Hmac-Sha256"
	headerTopic     = "Shopify-Topic"
	headerVersion   = "Shopify-API-Version"
	headerShop      = "Shopify-Shop-Domain"
)

// headerValues returns what a header says in both families, each value as often as it stands there.
func headerValues(header http.Header, name string) (classic, events []string) {
	for key, lines := range header {
		switch {
		case strings.EqualFold(key, "X-"+name):
			classic = append(classic, elements(lines)...)
		case strings.EqualFold(key, name):
			events = append(events, elements(lines)...)
		}
	}
	return classic, events
}

// elements splits lines where a proxy has joined several (RFC 9110, 5.3). No value of ours holds a comma.
func elements(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, strings.Split(strings.ReplaceAll(line, ", ", ","), ",")...)
	}
	return all
}

// single returns the one value that all of a list are; false when they differ, or there is none.
func single(values []string) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	for _, value := range values[1:] {
		if value != values[0] {
			return "", false
		}
	}
	return values[0], true
}

// signatureOf returns the one signature of a delivery, whatever families it stands in.
func signatureOf(header http.Header) (string, bool) {
	classic, events := headerValues(header, headerSignature)
	return single(append(classic, events...))
}

// topicOf returns the topic of a delivery: that of classic webhooks, which are what is subscribed to, where both families are
// there, for their forms differ ("products/update" against "Product"). It is empty when there is none; agreed is false when one
// family names several.
func topicOf(header http.Header) (topic string, agreed bool) {
	classic, events := headerValues(header, headerTopic)
	if len(classic) == 0 {
		classic = events
	}
	if len(classic) == 0 {
		return "", true
	}
	return single(classic)
}

// versionOf returns the API version of a delivery; empty when it names none, or several.
func versionOf(header http.Header) string {
	classic, events := headerValues(header, headerVersion)
	version, _ := single(append(classic, events...))
	return version
}

// checkShop refuses a delivery whose headers name several shops, or another one than the channel's. They are not signed: this
// finds an app that is installed in two shops and sends for both to one address, and who passes a delivery on.
func (c *Channel) checkShop(header http.Header) error {
	classic, events := headerValues(header, headerShop)
	named := append(classic, events...)
	if len(named) == 0 {
		return nil
	}
	for _, other := range named[1:] {
		if !strings.EqualFold(other, named[0]) {
			return ErrSignature
		}
	}
	if domain := c.shop.Load(); domain != nil && !strings.EqualFold(*domain, named[0]) {
		return ErrShop
	}
	return nil
}

// shopNode is what every read of counts asks of the shop, so that a shop that is renamed is known by its new name at once.
type shopNode struct {
	Domain string `json:"myshopifyDomain"`
}

// learnShop keeps the domain that the platform itself says.
func (c *Channel) learnShop(shop *shopNode) {
	if shop != nil && shop.Domain != "" {
		c.shop.Store(&shop.Domain)
	}
}
