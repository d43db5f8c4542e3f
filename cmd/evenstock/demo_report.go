package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/cmd/evenstock/demo"
	"github.com/evenstock/evenstock/ledger/stock"
)

// demoReport is what the demo found, as --json prints it.
type demoReport struct {
	Seed            int64             `json:"seed"`
	Verdict         string            `json:"verdict"`
	UnitsWrong      jsonQuantity      `json:"units_wrong"`
	RefsUneven      int               `json:"refs_uneven"`
	UnexplainedBad  int               `json:"unexplained_wrong"`
	Duplicates      int               `json:"duplicate_pushes"`
	SaleToPush      judge.Percentiles `json:"sale_to_push_ms"`
	Events          int64             `json:"events"`
	Reads           int64             `json:"reads"`
	Pushes          int64             `json:"pushes"`
	Repairs         int               `json:"repairs"`
	Wrongs          []string          `json:"wrong,omitempty"`
	verdict         judge.Verdict
	items, measured int
	lost, absorbed  int64
	unexplained     stock.Quantity
	life            life.Status
}

// jsonQuantity prints as a JSON number, for it only counts what is wrong and is 0 on a good day.
type jsonQuantity stock.Quantity

func (q jsonQuantity) MarshalJSON() ([]byte, error) { return []byte(stock.Quantity(q).String()), nil }

// report judges.
func (d *demoRun) report(ctx context.Context, unsettled string) (demoReport, error) {
	items, effects := d.shops.items(d.opening), d.shops.effects(d.opening)
	audit, err := d.evenstock.Audit(ctx)
	if err != nil {
		return demoReport{}, err
	}
	counters, err := d.evenstock.Stock(ctx)
	if err != nil {
		return demoReport{}, err
	}
	if err := demo.Fill(items, counters, audit.Unexplained); err != nil {
		return demoReport{}, fmt.Errorf("reading the ledger's word: %w", err)
	}
	v := judge.Judge(items, effects)
	if unsettled != "" {
		v.Wrong("not settled within %s: %s", settleMax, unsettled)
	}
	for _, fault := range audit.Faults {
		v.Wrong("the ledger's caches do not follow from its entries: %s", fault)
	}
	times := judge.SaleToPush(items, effects)
	figures := d.shops.figures(effects)
	r := demoReport{Seed: d.opts.seed, Verdict: "pass", UnitsWrong: jsonQuantity(v.UnitsWrong), RefsUneven: v.RefsUneven, UnexplainedBad: v.UnexplainedWrong,
		Duplicates: v.Duplicates, SaleToPush: judge.PercentilesOf(times), Events: figures.webhooks, Reads: figures.reads, Pushes: figures.pushes, absorbed: figures.absorbed,
		Wrongs: v.Wrongs, verdict: v, items: len(items), measured: len(times), lost: figures.lost, life: d.life.Status()}
	if !v.Pass() {
		r.Verdict = "fail"
	}
	for _, item := range items {
		for _, ref := range item.Refs {
			r.unexplained += ref.Unexplained.Abs()
		}
	}
	status, err := d.evenstock.Status(ctx)
	r.Repairs = status.Repairs
	return r, err
}

// write tells the verdict to a person.
func (r demoReport) write(w io.Writer) error {
	v := r.verdict
	fmt.Fprintf(w, "\n%d things happened in the shops; %d webhooks arrived, %d were lost.\n%d reads, %d pushes, of which recounts absorbed %d; sweeps repaired %d.\n\n",
		r.life.Total, r.Events, r.lost, r.Reads, r.Pushes, r.absorbed, r.Repairs)
	t := newTable("", "JUDGED", "RESULT", "AGAINST THE SHOPS' TRUTH")
	t.row("level", fmt.Sprintf("%s units wrong", v.UnitsWrong), fmt.Sprintf("%d items: opening + what others did", r.items))
	t.row("counters", fmt.Sprintf("%d uneven", v.RefsUneven), "each shows its target")
	t.row("unexplained", fmt.Sprintf("%d wrong", v.UnexplainedWrong), fmt.Sprintf("the hand edits and miscounts (%s units)", r.unexplained))
	t.row("pushes", fmt.Sprintf("%d applied twice", v.Duplicates), "each idempotency key at most once")
	t.row("sale to push", fmt.Sprintf("p50 %d ms", r.SaleToPush.P50), fmt.Sprintf("p95 %d ms, p99 %d ms, of %d changes", r.SaleToPush.P95, r.SaleToPush.P99, r.measured))
	if err := t.write(w); err != nil {
		return err
	}
	for _, wrong := range r.Wrongs {
		fmt.Fprintln(w, "wrong:", printable(wrong))
	}
	_, err := fmt.Fprintf(w, "\nverdict: %s (seed %d)\n", strings.ToUpper(r.Verdict), r.Seed)
	return err
}

// tell prints the verdict and cleans up. A bad verdict is an error without words, and leaves its evidence behind.
func (c *cli) tell(report demoReport, dir string, remove func() error) error {
	if err := c.print(report, report.write); err != nil {
		return errors.Join(err, remove())
	}
	if report.verdict.Pass() {
		return remove()
	}
	fmt.Fprintf(c.stderr, "what evenstock knew is kept in %s\n", dir)
	return &exitError{code: exitFailed, silent: true, err: errors.New("the verdict is bad")}
}
