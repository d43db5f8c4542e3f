package demo

import (
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

func sandboxCommand(c *cli.CLI) *cobra.Command {
	var opts SandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a pretend Square and a pretend Shopify on this machine, to try serve against",
		Long:  sandboxHelp(),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts.Logger = slog.New(slog.NewTextHandler(c.Stderr, nil))
			return usage(RunSandbox(cmd.Context(), opts, func(a Announcement) error { return c.Print(a, a.Write) }))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.SquareAddr, "square-addr", "127.0.0.1:0", "loopback address of the pretend Square; port 0 takes a free one")
	flags.StringVar(&opts.ShopifyAddr, "shopify-addr", "127.0.0.1:0", "loopback address of the pretend Shopify")
	flags.StringVar(&opts.Webhooks, "webhooks", "http://127.0.0.1:8080", "where the shops send webhooks: the address serve listens on")
	flags.Int64Var(&opts.Seed, "seed", 1, "seed of ids, faults and shop life")
	flags.DurationVar(&opts.Life, "life", 0, "let the shops live for so long, from the start; 0 waits for POST /sandbox/life")
	flags.Float64Var(&opts.Rate, "rate", 2, "how many things happen per second while they live")
	flags.StringVar(&opts.Faults, "faults", "none", "what goes wrong: "+strings.Join(shop.FaultPresets(), ", "))
	flags.Float64Var(&opts.RetryScale, "retry-scale", RetryScale, "multiplies the platforms' gaps between attempts to deliver a webhook")
	flags.StringVar(&opts.WriteConfig, "write-config", "", "write evenstock.yaml and secret files into this folder")
	return cmd
}
