package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func baselineCommand(c *CLI) *cobra.Command {
	baseline := &cobra.Command{Use: "baseline", Short: "First sync: look, then do"}
	var authority string
	plan := &cobra.Command{Use: "plan", Short: "Say what baseline apply would open and push; writes nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.planBaseline(cmd.Context(), authority) }}
	apply := &cobra.Command{Use: "apply", Short: "Take the baselines, open the shelves and start to converge", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.applyBaseline(cmd.Context(), authority) }}
	for _, cmd := range []*cobra.Command{plan, apply} {
		cmd.Flags().StringVar(&authority, "authority", "", "the channel whose counts are right (required)")
	}
	dryRun := apply.Flags().Bool("dry-run", false, "the same as baseline plan")
	applyFor := apply.RunE
	apply.RunE = func(cmd *cobra.Command, args []string) error {
		if *dryRun {
			return plan.RunE(cmd, args)
		}
		return applyFor(cmd, args)
	}
	baseline.AddCommand(plan, apply)
	return baseline
}

func baselineText(b app.BaselineResult) string {
	if b.Refs == 0 {
		return "nothing to do: every linked counter has its baseline (evenstock link list)"
	}
	text := fmt.Sprintf("%d of %s taken", b.Taken, plural(b.Refs, "baseline"))
	if b.Missing > 0 {
		text += fmt.Sprintf(", %s without a count: see evenstock stock", plural(b.Missing, "counter"))
	}
	if b.PushesLeft > 0 {
		text += fmt.Sprintf(", shelves still to be pushed: %d (see evenstock brakes and evenstock status)", b.PushesLeft)
	}
	return text
}

func (c *CLI) applyBaseline(ctx context.Context, authority string) error {
	request, err := c.baselineRequest(authority)
	if err != nil {
		return err
	}
	job, err := c.watch(ctx, func(conn connection) (app.Job, error) { return conn.ApplyBaseline(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(job.Baseline, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, baselineText(*job.Baseline))
		return err
	})
}

func (c *CLI) baselineRequest(authority string) (app.BaselineRequest, error) {
	cfg, err := c.load()
	if err != nil {
		return app.BaselineRequest{}, err
	}
	return app.BaselineRequest{Authority: stock.Channel(authority)}, checkAuthority(cfg, authority)
}

func checkAuthority(cfg *config.Config, authority string) error {
	var names []string
	for _, c := range cfg.Channels {
		if c.Name == authority {
			return nil
		}
		names = append(names, c.Name)
	}
	return ErrUsage("--authority must name the channel whose counts are right: one of %s", strings.Join(names, ", "))
}

// planBaseline prints what a baseline from the authority would do.
func (c *CLI) planBaseline(ctx context.Context, authority string) error {
	request, err := c.baselineRequest(authority)
	if err != nil {
		return err
	}
	plan, err := ask(ctx, c, func(conn connection) ([]*app.PlannedShelf, error) { return conn.PlanBaseline(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(plan, func(w io.Writer) error { return printPlan(w, plan, c.loaded.Channels) })
}

func printPlan(w io.Writer, plan []*app.PlannedShelf, channels []config.Channel) error {
	header := []string{"SKU", "LOCATION"}
	for _, c := range channels {
		header = append(header, "ON "+c.Name)
	}
	header = append(header, "OPENING")
	for _, c := range channels {
		header = append(header, "PUSH TO "+c.Name)
	}
	t := newTable("nothing to open: every linked counter has its baseline (evenstock link list)", append(header, "NOTE")...)
	for _, p := range plan {
		cells := []string{p.SKU, string(p.Location)}
		for _, c := range channels {
			cells = append(cells, orDash(p.Counts[stock.Channel(c.Name)]))
		}
		opening := "-"
		if p.Opening != nil {
			opening = p.Opening.String()
		}
		cells = append(cells, opening)
		for _, c := range channels {
			cells = append(cells, orDash(p.Pushes[stock.Channel(c.Name)]))
		}
		t.row(append(cells, p.Note)...)
	}
	return t.write(w)
}
