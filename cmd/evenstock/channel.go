package main

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
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
}

// channel is a configured channel with its adapter.
type channel struct {
	name    stock.Channel
	config  config.Channel
	adapter adapter
}

// openChannels builds the adapters of all configured channels. It sends nothing.
func openChannels(cfg *config.Config, env func(string) string, logger *slog.Logger, now func() time.Time) ([]channel, error) {
	var channels []channel
	for _, c := range cfg.Channels {
		opened, err := platforms.open(c, env, logger, now)
		if err != nil {
			return nil, fmt.Errorf("opening channel %s: %w", c.Name, err)
		}
		channels = append(channels, channel{name: stock.Channel(c.Name), config: c, adapter: opened})
	}
	return channels, nil
}

// evenBy judges by the platforms of the configured channels, which need not be opened for it. What the ledger holds of a channel
// that is no longer configured is compared to the last decimal.
func evenBy(cfg *config.Config) explain.EvenRule {
	traits := map[stock.Channel]stock.Traits{}
	for _, c := range cfg.Channels {
		traits[stock.Channel(c.Name)] = platforms[c.Platform].traits
	}
	return func(channel stock.Channel, expected, level stock.Quantity) bool {
		return reconcile.Even(expected, level, traits[channel])
	}
}

// newEngine configures the rules with what the channels are.
func newEngine(channels []channel) (*reconcile.Engine, error) {
	known := map[stock.Channel]reconcile.Channel{}
	for _, c := range channels {
		known[c.name] = reconcile.Channel{Traits: c.adapter.Traits(), Locations: c.locations()}
	}
	return reconcile.New(reconcile.Options{Channels: known})
}

// locations maps the channel's location ids to ours.
func (c channel) locations() map[string]stock.Location {
	mapped := map[string]stock.Location{}
	for theirs, ours := range c.config.Locations {
		mapped[theirs] = stock.Location(ours)
	}
	return mapped
}

// refs names the shelves of one of the channel's items, one per location.
func (c channel) refs(item string) []stock.Ref {
	var refs []stock.Ref
	for _, location := range slices.Sorted(maps.Keys(c.config.Locations)) {
		refs = append(refs, stock.Ref{Channel: c.name, Item: item, Location: location})
	}
	return refs
}

// noChannel says that a channel is not configured, and which are.
func noChannel(name string, channels []channel) error {
	var names []string
	for _, c := range channels {
		names = append(names, string(c.name))
	}
	return fmt.Errorf("no channel is called %q: the configuration has %s", printable(name), strings.Join(names, ", "))
}
