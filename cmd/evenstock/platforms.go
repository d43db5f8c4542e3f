package main

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/shopify"
	"github.com/evenstock/evenstock/adapters/square"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
)

// platforms is every vendor that a channel can be on. One more is a folder in adapters that passes channeltest, a row here, and
// a row in config/platforms.go that says what is peculiar to its configuration; a test holds the two tables together. What it can
// say of itself (health.SelfTester) its adapter says.
var platforms = platformTable{
	config.Square: {square.Traits(), func(o platformOptions) (adapter, error) {
		return square.New(square.Options{BaseURL: o.url, Token: o.token, WebhookURL: o.webhookURL, WebhookSecrets: o.webhookSecrets,
			Channel: o.channel, Locations: o.locations, Now: o.now, Logger: o.logger, MostPerSecond: o.mostPerSecond})
	}},
	config.Shopify: {shopify.Traits(), func(o platformOptions) (adapter, error) {
		return shopify.New(shopify.Options{BaseURL: o.url, Token: o.token, WebhookSecrets: o.webhookSecrets,
			Channel: o.channel, Locations: o.locations, Now: o.now, Logger: o.logger})
	}},
}

// platformTable is a platform by the name that the configuration gives it.
type platformTable map[string]platform

// platform is one vendor.
type platform struct {
	// traits are what every channel on it has in common, known without opening one.
	traits stock.Traits
	// open builds a channel's adapter. It sends nothing.
	open func(platformOptions) (adapter, error)
}

// platformOptions is what every platform is opened with.
type platformOptions struct {
	channel        stock.Channel
	url            string
	token          func() string
	webhookURL     string
	webhookSecrets func() []string
	locations      []string
	mostPerSecond  float64
	now            func() time.Time
	logger         *slog.Logger
}

// open builds the adapter of a configured channel. Its keys are those that it goes on asking for.
func (t platformTable) open(c config.Channel, keys *config.Keys, logger *slog.Logger, now func() time.Time) (adapter, error) {
	row, known := t[c.Platform]
	if !known {
		return nil, fmt.Errorf("no platform is called %q", c.Platform)
	}
	return row.open(platformOptions{channel: stock.Channel(c.Name), url: c.APIURL, token: func() string { return keys.Token().Reveal() },
		webhookURL: c.WebhookURL, webhookSecrets: func() []string { return config.Reveal(keys.WebhookSecrets()) },
		locations: slices.Sorted(maps.Keys(c.Locations)), mostPerSecond: float64(c.RequestsPerSecond), now: now, logger: logger.With("channel", c.Name)})
}
