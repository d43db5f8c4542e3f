package demo

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// Commands makes the commands that need no account. serve runs what the demo shows.
func Commands(serve Serve) func(c *cli.CLI) []*cobra.Command {
	return func(c *cli.CLI) []*cobra.Command { return []*cobra.Command{demoCommand(c, serve), sandboxCommand(c)} }
}

func demoCommand(c *cli.CLI, serve Serve) *cobra.Command {
	opts := Options{Serve: serve}
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a day of shop life in two minutes: pretend shops, faults, and a verdict against the truth",
		Long: `Starts a pretend Square and a pretend Shopify on this machine and connects evenstock to them. It offers a link file in which a
spreadsheet made one SKU of two, which must be refused by row, and then the right one; takes the baseline from the till, and lets
a day of shop life run while webhooks are lost and connections break. Then everything heals, and a judge who knows what really
happened compares the ledger with it. The exit code is 1 when the ledger is wrong. Ctrl-C ends the day early;
a second one ends the wait for things to settle. It needs no account and leaves nothing behind, unless --keep says so or
the verdict is bad.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), c, opts, keep) },
	}
	flags := cmd.Flags()
	flags.Int64Var(&opts.Seed, "seed", 1, "seed of shop life and faults")
	flags.DurationVar(&opts.Length, "for", Day, "how long the day takes")
	flags.Float64Var(&opts.Rate, "rate", 3, "how many things happen per second, on average")
	flags.StringVar(&opts.Faults, "faults", "moderate", "what goes wrong: "+strings.Join(shop.FaultPresets(), ", "))
	flags.StringVar(&keep, "keep", "", "use this folder for configuration, data and log, and keep it")
	return cmd
}

// gcPercent is how much garbage the demo lets stand beside what is alive, where GOGC does not say. Both shops are in the process, and
// remember all that ever happened in them: over a long day twice that memory would be asked for, and half of it costs a thirtieth of the
// processor time.
const gcPercent = 50

// runDemo runs the demo and tells the verdict.
func runDemo(ctx context.Context, c *cli.CLI, opts Options, keep string) error {
	dir, remove, err := Folder(keep)
	if err != nil {
		return usage(err)
	}
	if c.Env("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	opts.Dir, opts.Screen = dir, NewScreen(c.Stdout, c.Stderr, c.Env, c.JSON)
	report, err := Run(ctx, opts)
	if err != nil {
		return usage(errors.Join(err, remove()))
	}
	return tell(c, report, dir, remove)
}

// usage makes an error about an option one about the command line.
func usage(err error) error {
	if errors.As(err, new(*OptionError)) {
		return cli.ErrUsage("%w", err)
	}
	return err
}

// tell prints the verdict and cleans up. A bad verdict is an error without words, and leaves its evidence behind.
func tell(c *cli.CLI, report Report, dir string, remove func() error) error {
	if err := c.Print(report, report.Write); err != nil {
		return errors.Join(err, remove())
	}
	if report.Pass() {
		return remove()
	}
	fmt.Fprintf(c.Stderr, "what evenstock knew is kept in %s\n", dir)
	return &cli.ExitError{Code: cli.ExitFailed, Silent: true, Err: errors.New("the verdict is bad")}
}
