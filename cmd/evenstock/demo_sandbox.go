package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// sandboxRecent is how often a serve beside the pretend shops sweeps.
const sandboxRecent = "@every 15s"

// sandboxOptions say what the pretend shops of evenstock sandbox are like.
type sandboxOptions struct {
	// squareAddr and shopifyAddr are loopback addresses; port 0 takes a free one. webhooks is where the shops send theirs.
	squareAddr, shopifyAddr string
	webhooks                string
	// seed is of ids, faults and shop life; life how long the shops live from the start, 0: until they are told to; rate how many
	// things happen per second, faults the name of what goes wrong.
	seed   int64
	life   time.Duration
	rate   float64
	faults string
	// retryScale multiplies the platforms' gaps between attempts to deliver a webhook.
	retryScale float64
	// writeConfig is a folder for a configuration and its secrets; none is written when empty.
	writeConfig string
	logger      *slog.Logger
}

// sandboxAnnounced is what evenstock sandbox says of itself. The secrets are pretended ones.
type sandboxAnnounced struct {
	Square  pretendShop `json:"square"`
	Shopify pretendShop `json:"shopify"`
	Goods   []life.Good `json:"goods"`
	// Config is the path of the written configuration; empty: none was.
	Config string `json:"config,omitempty"`
	PID    int    `json:"pid"`

	text string
}

// runSandbox runs the pretend shops until ctx ends. announce is told how to connect to them.
func runSandbox(ctx context.Context, opts sandboxOptions, announce func(sandboxAnnounced) error) (err error) {
	faults, err := shop.FaultPreset(opts.faults)
	if err != nil {
		return badOption("--faults: %w", err)
	}
	hooks, err := url.Parse(opts.webhooks)
	if err != nil || hooks.Host == "" || hooks.Port() == "" || hooks.Scheme != "http" && hooks.Scheme != "https" || strings.Trim(hooks.Path, "/") != "" {
		return badOption("--webhooks must be an address such as http://127.0.0.1:8080")
	}
	shops, err := openPretendShops(pretendOptions{hooks: strings.TrimRight(opts.webhooks, "/"), seed: opts.seed, retryScale: opts.retryScale, logger: opts.logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shops.close()) }()
	people := life.NewSwitch(life.Options{Square: shops.square, Shopify: shops.shopify, Goods: shops.goods, Seed: opts.seed,
		Day: demoDay, Rate: opts.rate, Logger: opts.logger})
	defer people.Stop()
	if err := shops.serve(opts.squareAddr, opts.shopifyAddr, people.Wrap); err != nil {
		return err
	}
	if err := shops.setFaults(faults); err != nil {
		return err
	}
	said, err := announced(shops, hooks.Host, opts.writeConfig)
	if err != nil {
		return err
	}
	if err := announce(said); err != nil {
		return err
	}
	if opts.life != 0 {
		if _, err := people.Start(ctx, life.Request{For: opts.life}); err != nil {
			return badOption("--life: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// announced says how to connect to the shops.
func announced(shops *pretendShops, listen, dir string) (sandboxAnnounced, error) {
	said := sandboxAnnounced{Square: shops.till, Shopify: shops.web, Goods: shops.goods, PID: os.Getpid(), text: shops.configText(listen, sandboxRecent)}
	if dir == "" {
		return said, nil
	}
	path, err := shops.writeConfig(dir, listen, sandboxRecent)
	if err != nil {
		return said, err
	}
	if said.Config, err = filepath.Abs(path); err != nil {
		return said, fmt.Errorf("naming the configuration: %w", err)
	}
	return said, nil
}

// write tells a person.
func (a sandboxAnnounced) write(w io.Writer) error {
	err := writeColumns(w, [][]string{
		{"SHOP", "ADDRESS", "TOKEN", "WEBHOOK SECRET", "LOCATION"},
		{"square", a.Square.URL, a.Square.Token, a.Square.WebhookSecret, a.Square.Location},
		{"shopify", a.Shopify.URL, a.Shopify.Token, a.Shopify.WebhookSecret, a.Shopify.Location},
	})
	if err != nil {
		return err
	}
	next := "# save this as evenstock.yaml with the secrets beside it, or let --write-config DIR do it"
	if a.Config != "" {
		next = fmt.Sprintf("# written to %s; in another terminal: cd %s && evenstock serve", a.Config, filepath.Dir(a.Config))
	}
	good := a.Goods[0]
	_, err = fmt.Fprintf(w, `
%s
%s
# sell two %s at the till, one on the web, or let the shops live for a minute:
curl %s/sandbox/sell -d '{"item":%q,"quantity":"2"}'
curl %s/sandbox/orders/place -d '{"lines":[{"item":%q,"quantity":1}]}'
curl %s/sandbox/life -d '{"do":"start","for":"1m"}'
`, a.text, next, good.SKU, a.Square.URL, good.Till, a.Shopify.URL, good.Web, a.Square.URL)
	return err
}
