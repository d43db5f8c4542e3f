package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/converge"
	"github.com/evenstock/evenstock/sync/health"
	"github.com/evenstock/evenstock/sync/reconcile"
	"github.com/evenstock/evenstock/sync/sweep"
)

// adapter is everything that one channel's platform must be able to do for us.
type adapter interface {
	converge.Platform
	sweep.Lister
	webhook.Decoder
	health.SelfTester
	app.Budgeted
	CheckItem(item string) error
}

// channel is a configured channel with its adapter.
type channel struct {
	name    stock.Channel
	config  config.Channel
	keys    *config.Keys
	adapter adapter
	// hearing listens to its webhooks; nil where it has no address for them.
	hearing *health.Hearing
}

// openChannels builds the adapters of all configured channels. It sends nothing.
func openChannels(cfg *config.Config, env func(string) string, logger *slog.Logger, now func() time.Time) ([]channel, error) {
	var channels []channel
	for _, c := range cfg.Channels {
		opened, err := openChannel(c, env, logger, now)
		if err != nil {
			return nil, fmt.Errorf("opening channel %s: %w", c.Name, err)
		}
		channels = append(channels, opened)
	}
	return channels, nil
}

func openChannel(c config.Channel, env func(string) string, logger *slog.Logger, now func() time.Time) (channel, error) {
	keys, err := c.Keys(env, logger)
	if err != nil {
		return channel{}, err
	}
	opened, err := platforms.open(c, keys, logger, now)
	ch := channel{name: stock.Channel(c.Name), config: c, keys: keys, adapter: opened}
	if c.WebhookPath() != "" {
		ch.hearing = health.NewHearing(now())
	}
	return ch, err
}

// newEngine configures the rules with what the channels are and how much of one may change at once.
func newEngine(cfg *config.Config, channels []channel) (*reconcile.Engine, error) {
	known := map[stock.Channel]reconcile.Channel{}
	for _, c := range channels {
		known[c.name] = reconcile.Channel{Traits: c.adapter.Traits(), Locations: c.locations(), SoldOutEverywhere: c.config.SoldOutEverywhere}
	}
	return reconcile.New(reconcile.Options{Channels: known, Limits: limitsOf(cfg)})
}

// limitsOf are the configured limits of the mass change brake.
func limitsOf(cfg *config.Config) reconcile.Limits {
	return reconcile.Limits{MaxShelves: cfg.Brakes.MaxShelves, MaxPercent: cfg.Brakes.MaxPercent}
}

// locations maps the channel's location ids to ours.
func (c channel) locations() map[string]stock.Location {
	mapped := map[string]stock.Location{}
	for theirs, ours := range c.config.Locations {
		mapped[theirs] = stock.Location(ours)
	}
	return mapped
}

// appChannels are the configured channels as the app knows them; opened is empty where no platform is asked.
func appChannels(cfg *config.Config, opened []channel) []app.Channel {
	channels := make([]app.Channel, len(cfg.Channels))
	for i, c := range cfg.Channels {
		channels[i] = app.Channel{Name: stock.Channel(c.Name), Traits: platforms[c.Platform].traits, Locations: channel{config: c}.locations(),
			SoldOutEverywhere: c.SoldOutEverywhere}
		if len(opened) > 0 {
			channels[i].Platform = opened[i].adapter
		}
	}
	return channels
}
