package demo

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

// SandboxOptions say what the pretend shops of evenstock sandbox are like.
type SandboxOptions struct {
	// SquareAddr and ShopifyAddr are loopback addresses; port 0 takes a free one. Webhooks is where the shops send theirs.
	SquareAddr, ShopifyAddr string
	Webhooks                string
	// Seed is of ids, faults and shop life; Life how long the shops live from the start, 0: until they are told to; Rate how many
	// things happen per second, Faults the name of what goes wrong.
	Seed   int64
	Life   time.Duration
	Rate   float64
	Faults string
	// RetryScale multiplies the platforms' gaps between attempts to deliver a webhook.
	RetryScale float64
	// WriteConfig is a folder for a configuration and its secrets; none is written when empty.
	WriteConfig string
	Logger      *slog.Logger
}

// Announcement is what evenstock sandbox says of itself. The secrets are pretended ones.
type Announcement struct {
	Square  Connection  `json:"square"`
	Shopify Connection  `json:"shopify"`
	Goods   []life.Good `json:"goods"`
	// Config is the path of the written configuration; empty: none was.
	Config string `json:"config,omitempty"`
	PID    int    `json:"pid"`

	text string
}

// RunSandbox runs the pretend shops until ctx ends. announce is told how to connect to them.
func RunSandbox(ctx context.Context, opts SandboxOptions, announce func(Announcement) error) (err error) {
	faults, err := shop.FaultPreset(opts.Faults)
	if err != nil {
		return badOption("--faults: %w", err)
	}
	hooks, err := url.Parse(opts.Webhooks)
	if err != nil || hooks.Host == "" || hooks.Port() == "" || hooks.Scheme != "http" && hooks.Scheme != "https" || strings.Trim(hooks.Path, "/") != "" {
		return badOption("--webhooks must be an address such as http://127.0.0.1:8080")
	}
	shops, err := OpenShops(ShopsOptions{Hooks: strings.TrimRight(opts.Webhooks, "/"), Things: life.Assortment(), Seed: opts.Seed, RetryScale: opts.RetryScale, Logger: opts.Logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shops.Close()) }()
	people := life.NewSwitch(life.Options{Square: shops.Square, Shopify: shops.Shopify, Goods: shops.Goods, Seed: opts.Seed,
		Day: Day, Rate: opts.Rate, Logger: opts.Logger})
	defer people.Stop()
	if err := shops.serve(opts.SquareAddr, opts.ShopifyAddr, people.Wrap); err != nil {
		return err
	}
	if err := shops.SetFaults(faults); err != nil {
		return err
	}
	said, err := announced(shops, hooks.Host, opts.WriteConfig)
	if err != nil {
		return err
	}
	if err := announce(said); err != nil {
		return err
	}
	if opts.Life != 0 {
		if _, err := people.Start(ctx, life.Request{For: opts.Life}); err != nil {
			return badOption("--life: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// announced says how to connect to the shops.
func announced(shops *Shops, listen, dir string) (Announcement, error) {
	said := Announcement{Square: shops.Till, Shopify: shops.Web, Goods: shops.Goods, PID: os.Getpid(), text: shops.configText(listen)}
	if dir == "" {
		return said, nil
	}
	path, err := shops.WriteConfig(dir, listen)
	if err != nil {
		return said, err
	}
	if said.Config, err = filepath.Abs(path); err != nil {
		return said, fmt.Errorf("naming the configuration: %w", err)
	}
	return said, nil
}

// Write tells a person.
func (a Announcement) Write(w io.Writer) error {
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
# sell two %s at the till, one on the web, or let the shops live for a minute (and all else: evenstock sandbox --help):
curl %s/sandbox/sell -d '{"item":%q,"quantity":"2"}'
curl %s/sandbox/orders/place -d '{"lines":[{"item":%q,"quantity":1}]}'
curl %s/sandbox/life -d '{"do":"start","for":"1m"}'
`, a.text, next, good.SKU, a.Square.URL, good.Till, a.Shopify.URL, good.Web, a.Square.URL)
	return err
}
