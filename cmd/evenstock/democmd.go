package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/config"
)

// tryCommands are the commands that need no account.
func tryCommands(c *cli.CLI) []*cobra.Command {
	return []*cobra.Command{demoCommand(c), sandboxCommand(c)}
}

func demoCommand(c *cli.CLI) *cobra.Command {
	var opts demo.Options
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a day of shop life in two minutes: pretend shops, faults, and a verdict against the truth",
		Long: `Starts a pretend Square and a pretend Shopify on this machine, connects evenstock to them, takes the baseline from the till,
and lets a day of shop life run while webhooks are lost and connections break. Then everything heals, and a judge who knows
what really happened compares the ledger with it. The exit code is 1 when the ledger is wrong. Ctrl-C ends the day early;
a second one ends the wait for things to settle. It needs no account and leaves nothing behind, unless --keep says so or
the verdict is bad.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), c, opts, keep) },
	}
	flags := cmd.Flags()
	flags.Int64Var(&opts.Seed, "seed", 1, "seed of shop life and faults")
	flags.DurationVar(&opts.Length, "for", demo.Day, "how long the day takes")
	flags.Float64Var(&opts.Rate, "rate", 3, "how many things happen per second, on average")
	flags.StringVar(&opts.Faults, "faults", "moderate", "what goes wrong: "+strings.Join(shop.FaultPresets(), ", "))
	flags.StringVar(&keep, "keep", "", "use this folder for configuration, data and log, and keep it")
	return cmd
}

// runDemo runs the demo and tells the verdict.
func runDemo(ctx context.Context, c *cli.CLI, opts demo.Options, keep string) error {
	dir, remove, err := demo.Folder(keep)
	if err != nil {
		return usage(err)
	}
	opts.Dir, opts.Serve, opts.Screen = dir, serveDemo, demo.NewScreen(c.Stdout, c.Stderr, c.Env, c.JSON)
	report, err := demo.Run(ctx, opts)
	if err != nil {
		return usage(errors.Join(err, remove()))
	}
	return tell(c, report, dir, remove)
}

// usage makes an error about an option one about the command line.
func usage(err error) error {
	if errors.As(err, new(*demo.OptionError)) {
		return cli.ErrUsage("%w", err)
	}
	return err
}

// serveDemo runs what the demo shows.
func serveDemo(ctx context.Context, cfg *config.Config, logger *slog.Logger, listener net.Listener, ready func(demo.Evenstock)) error {
	none := func(string) string { return "" } // a person's own settings must not reach into the demo
	return serve(ctx, cfg, none, logger, serveOptions{listener: listener, ready: func(r *runtime, _ net.Addr) { ready(demo.ByClient{Client: clientOf(r)}) }})
}

// tell prints the verdict and cleans up. A bad verdict is an error without words, and leaves its evidence behind.
func tell(c *cli.CLI, report demo.Report, dir string, remove func() error) error {
	if err := c.Print(report, report.Write); err != nil {
		return errors.Join(err, remove())
	}
	if report.Pass() {
		return remove()
	}
	fmt.Fprintf(c.Stderr, "what evenstock knew is kept in %s\n", dir)
	return &cli.ExitError{Code: cli.ExitFailed, Silent: true, Err: errors.New("the verdict is bad")}
}
