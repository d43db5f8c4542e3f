package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

func baselineCommand(c *CLI) *cobra.Command {
	baseline := &cobra.Command{Use: "baseline", Short: "First sync: look, then do"}
	var request app.BaselineRequest
	plan := &cobra.Command{Use: "plan", Short: "Say what baseline apply would open and push; writes nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.planBaseline(cmd.Context(), request) }}
	apply := &cobra.Command{Use: "apply", Short: "Take the baselines, open the shelves and start to converge", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.applyBaseline(cmd.Context(), request) }}
	for _, cmd := range []*cobra.Command{plan, apply} {
		cmd.Flags().StringVar((*string)(&request.Authority), "authority", "", "the channel whose counts are right (required)")
	}
	dryRun := apply.Flags().Bool("dry-run", false, "the same as baseline plan")
	apply.Flags().StringVar(&request.Plan, "plan", "", "do this plan, by the id that baseline plan shows, and no other")
	apply.Flags().BoolVar(&request.Confirmed, "yes", false, "change more than the mass change brake lets pass, without a question")
	applyFor := apply.RunE
	apply.RunE = func(cmd *cobra.Command, args []string) error {
		if *dryRun {
			return plan.RunE(cmd, args)
		}
		return applyFor(cmd, args)
	}
	var give app.CancelRequest
	cancel := &cobra.Command{Use: "cancel", Short: "Give up a first sync that is under way; what it opened stays open", Args: cobra.NoArgs, Long: cancelHelp,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.cancelBaseline(cmd.Context(), give) }}
	cancel.Flags().BoolVar(&give.DryRun, "dry-run", false, "say which shelves are open and which would stay closed")
	baseline.AddCommand(plan, apply, cancel)
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
		return text + fmt.Sprintf(", %s still to be pushed: see evenstock brakes and evenstock status", plural(b.PushesLeft, "counter"))
	}
	return text + ", nothing is left to push"
}

// applyBaseline shows the plan and has it done. Where a person was asked and the counts changed while they thought, it says what changed,
// shows the plan of now and asks again: whoever typed yes meant what they saw.
func (c *CLI) applyBaseline(ctx context.Context, request app.BaselineRequest) error {
	if err := c.checkBaseline(request); err != nil {
		return err
	}
	named := request.Plan != ""
	for changed := false; ; changed = true {
		plan, err := askConfigured(ctx, c, func(conn connection) (app.BaselinePlan, error) { return conn.PlanBaseline(ctx, request) })
		if err != nil {
			return err
		}
		if err := printSummary(c.messages(), plan); err != nil {
			return err
		}
		this := request
		asked := false
		if this.Confirmed, asked, err = c.confirmPlan(plan, request, changed); err != nil {
			return err
		}
		if this.Shown = plan.Shown; !named {
			// Sales between here and there move numbers; what is decided of each shelf stays, and every other number, or nothing is done.
			this.Plan, _, _ = strings.Cut(plan.ID, "-")
		}
		job, err := c.watch(ctx, func(conn connection) (app.Job, error) { return conn.ApplyBaseline(ctx, this) })
		if asked && !named && planChanged(err) {
			fmt.Fprintf(c.messages(), "%s\nThis is the plan now:\n", printable(err.Error()))
			continue
		}
		if err != nil {
			return err
		}
		return c.Print(job.Baseline, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, baselineText(*job.Baseline))
			return err
		})
	}
}

// planChanged says that a baseline was not begun because it would have done something else than was shown.
func planChanged(err error) bool {
	var typed *app.Error
	return errors.As(err, &typed) && typed.Kind == app.Conflict && typed.Remedy == app.RemedyPlan
}

// confirmPlan has a person say that so much is meant to be changed, or that it is still meant after the counts have changed. Where nobody
// can be asked, the command says what to type. It says whether somebody was asked.
func (c *CLI) confirmPlan(plan app.BaselinePlan, request app.BaselineRequest, changed bool) (confirmed, asked bool, err error) {
	exceeds := plan.Summary.Exceeds()
	if request.Confirmed || !exceeds && !changed {
		return request.Confirmed, false, nil
	}
	question := "Type yes to do it: "
	if exceeds {
		question = "This changes more than the mass change brake lets pass. " + question
	}
	yes, asked := c.ask(question)
	switch {
	case !asked:
		return false, false, fmt.Errorf("nothing was done: this changes more than the mass change brake lets pass. If it is meant so: %s", confirmedLine(request))
	case !yes:
		return false, true, errors.New("nothing was done")
	}
	return true, true, nil
}

// ask asks the person at the terminal; asked is false where nobody is there.
func (c *CLI) ask(question string) (yes, asked bool) {
	if c.answer != nil {
		return c.answer(question), true
	}
	if !isTerminal(os.Stdin) || !isTerminal(c.Stderr) {
		return false, false
	}
	fmt.Fprint(c.messages(), question)
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return err == nil && strings.TrimSpace(answer) == "yes", true
}

// confirmedLine is what a person types who means what a request asks for.
func confirmedLine(request app.BaselineRequest) string {
	line := "evenstock baseline apply --authority " + shellQuoted(string(request.Authority))
	if request.Plan != "" {
		line += " --plan " + shellQuoted(request.Plan)
	}
	return line + " --yes"
}

func (c *CLI) checkBaseline(request app.BaselineRequest) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	return checkAuthority(cfg, string(request.Authority))
}

func checkAuthority(cfg *config.Config, authority string) error {
	var names []string
	for _, c := range cfg.Channels {
		if c.Name == authority {
			return nil
		}
		names = append(names, c.Name)
	}
	meant := ""
	if near := app.Near(authority, names); len(near) > 0 {
		meant = fmt.Sprintf(". Did you mean %s?", strings.Join(quoted(near), " or "))
	}
	return ErrUsage("--authority must name the channel whose counts are right: one of %s%s", strings.Join(names, ", "), meant)
}

// planBaseline prints what a baseline from the authority would do. As JSON it is the list of the shelves; the summary is a message then.
func (c *CLI) planBaseline(ctx context.Context, request app.BaselineRequest) error {
	if err := c.checkBaseline(request); err != nil {
		return err
	}
	plan, err := askConfigured(ctx, c, func(conn connection) (app.BaselinePlan, error) { return conn.PlanBaseline(ctx, request) })
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printSummary(c.messages(), plan); err != nil {
			return err
		}
	}
	return c.Print(plan.Shelves, func(w io.Writer) error {
		if err := printPlan(w, plan.Shelves, c.loaded.Channels); err != nil {
			return err
		}
		return printSummary(w, plan)
	})
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

// cancelHelp says what giving a first sync up leaves.
const cancelHelp = `Give up a first sync that is under way, such as one that waits for a counter that nobody will count.

What it has opened stays open and is kept even. Of the other shelves nothing is wanted any more: they stay closed, nothing is pushed to
them, and a counter that was read for it is read again by the next baseline apply.`

// cancelledText says what stays of a first sync that was given up, or would.
func cancelledText(result app.CancelledBaseline, dryRun bool) string {
	verb := "the first sync is given up"
	if dryRun {
		verb = "the first sync would be given up"
	}
	text := fmt.Sprintf("%s: open and kept even: %s", verb, plural(len(result.Opened), "shelf"))
	if left := len(result.Left); left > 0 {
		text += fmt.Sprintf("; still closed: %s: count there what has no count and look with evenstock baseline plan, or unlink it", plural(left, "shelf"))
	}
	return text
}

func (c *CLI) cancelBaseline(ctx context.Context, request app.CancelRequest) error {
	result, err := askConfigured(ctx, c, func(conn connection) (app.CancelledBaseline, error) { return conn.CancelBaseline(ctx, request) })
	if err != nil {
		return err
	}
	return c.Print(result, func(w io.Writer) error {
		fmt.Fprintln(w, cancelledText(result, request.DryRun))
		t := newTable("", "SKU", "LOCATION", "OPENED")
		for _, shelf := range result.Opened[:min(len(result.Opened), rowsShown)] {
			t.row(shelf.SKU, string(shelf.Location), "yes")
		}
		for _, shelf := range result.Left[:min(len(result.Left), rowsShown)] {
			t.row(shelf.SKU, string(shelf.Location), "no")
		}
		if err := t.write(w); err != nil {
			return err
		}
		if more := len(result.Opened) + len(result.Left) - 2*rowsShown; more > 0 {
			fmt.Fprintln(w, "--json lists all")
		}
		return nil
	})
}
