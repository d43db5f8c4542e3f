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

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// sandboxOptions are the flags of evenstock sandbox.
type sandboxOptions struct {
	squareAddr, shopifyAddr string
	webhooks                string
	seed                    int64
	life                    time.Duration
	rate                    float64
	faults                  string
	retryScale              float64
	writeConfig             string
}

// sandboxRecent is how often a serve beside the pretend shops sweeps.
const sandboxRecent = "@every 15s"

func sandboxCommand(c *cli) *cobra.Command {
	var opts sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a pretend Square and a pretend Shopify on this machine, to try serve against",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.runSandbox(cmd.Context(), opts) },
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.squareAddr, "square-addr", "127.0.0.1:0", "loopback address of the pretend Square; port 0 takes a free one")
	flags.StringVar(&opts.shopifyAddr, "shopify-addr", "127.0.0.1:0", "loopback address of the pretend Shopify")
	flags.StringVar(&opts.webhooks, "webhooks", "http://127.0.0.1:8080", "where the shops send webhooks: the address serve listens on")
	flags.Int64Var(&opts.seed, "seed", 1, "seed of ids, faults and shop life")
	flags.DurationVar(&opts.life, "life", 0, "let the shops live for so long, from the start; 0 waits for POST /sandbox/life")
	flags.Float64Var(&opts.rate, "rate", 2, "how many things happen per second while they live")
	flags.StringVar(&opts.faults, "faults", "none", "what goes wrong: "+strings.Join(shop.FaultPresets(), ", "))
	flags.Float64Var(&opts.retryScale, "retry-scale", pretendRetryScale, "multiplies the platforms' gaps between attempts to deliver a webhook")
	flags.StringVar(&opts.writeConfig, "write-config", "", "write evenstock.yaml and secret files into this folder")
	return cmd
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

// runSandbox runs the pretend shops until ctx ends.
func (c *cli) runSandbox(ctx context.Context, opts sandboxOptions) (err error) {
	faults, err := shop.FaultPreset(opts.faults)
	if err != nil {
		return errUsage("--faults: %w", err)
	}
	hooks, err := url.Parse(opts.webhooks)
	if err != nil || hooks.Host == "" || hooks.Port() == "" || hooks.Scheme != "http" && hooks.Scheme != "https" || strings.Trim(hooks.Path, "/") != "" {
		return errUsage("--webhooks must be an address such as http://127.0.0.1:8080")
	}
	logger := slog.New(slog.NewTextHandler(c.stderr, nil))
	shops, err := openPretendShops(pretendOptions{hooks: strings.TrimRight(opts.webhooks, "/"), seed: opts.seed, retryScale: opts.retryScale, logger: logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shops.close()) }()
	people := life.NewSwitch(life.Options{Square: shops.square, Shopify: shops.shopify, Goods: shops.goods, Seed: opts.seed,
		Day: demoDay, Rate: opts.rate, Logger: logger})
	defer people.Stop()
	if err := shops.serve(opts.squareAddr, opts.shopifyAddr, people.Wrap); err != nil {
		return err
	}
	if err := shops.setFaults(faults); err != nil {
		return err
	}
	if err := c.announce(shops, hooks.Host, opts.writeConfig); err != nil {
		return err
	}
	if opts.life != 0 {
		if _, err := people.Start(ctx, life.Request{For: opts.life}); err != nil {
			return errUsage("--life: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// announce says how to connect to the shops.
func (c *cli) announce(shops *pretendShops, listen, dir string) error {
	said := sandboxAnnounced{Square: shops.till, Shopify: shops.web, Goods: shops.goods, PID: os.Getpid(), text: shops.configText(listen, sandboxRecent)}
	if dir != "" {
		path, err := shops.writeConfig(dir, listen, sandboxRecent)
		if err != nil {
			return err
		}
		if said.Config, err = filepath.Abs(path); err != nil {
			return fmt.Errorf("naming the configuration: %w", err)
		}
	}
	return c.print(said, said.write)
}

func (a sandboxAnnounced) write(w io.Writer) error {
	t := newTable("", "SHOP", "ADDRESS", "TOKEN", "WEBHOOK SECRET", "LOCATION")
	t.row("square", a.Square.URL, a.Square.Token, a.Square.WebhookSecret, a.Square.Location)
	t.row("shopify", a.Shopify.URL, a.Shopify.Token, a.Shopify.WebhookSecret, a.Shopify.Location)
	if err := t.write(w); err != nil {
		return err
	}
	next := "# save this as evenstock.yaml with the secrets beside it, or let --write-config DIR do it"
	if a.Config != "" {
		next = fmt.Sprintf("# written to %s; in another terminal: cd %s && evenstock serve", a.Config, filepath.Dir(a.Config))
	}
	good := a.Goods[0]
	_, err := fmt.Fprintf(w, `
%s
%s
# sell two %s at the till, one on the web, or let the shops live for a minute:
curl %s/sandbox/sell -d '{"item":%q,"quantity":"2"}'
curl %s/sandbox/orders/place -d '{"lines":[{"item":%q,"quantity":1}]}'
curl %s/sandbox/life -d '{"do":"start","for":"1m"}'
`, a.text, next, good.SKU, a.Square.URL, good.Till, a.Shopify.URL, good.Web, a.Square.URL)
	return err
}
