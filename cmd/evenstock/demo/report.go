package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Report is what the demo found, as --json prints it.
type Report struct {
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
	RowsRefused     int               `json:"link_rows_refused"`
	Wrongs          []string          `json:"wrong,omitempty"`
	linking         linking
	items, measured int
	lost, absorbed  int64
	unexplained     stock.Quantity
	life            life.Status
}

// jsonQuantity prints as a JSON number, for it only counts what is wrong and is 0 on a good day.
type jsonQuantity stock.Quantity

func (q jsonQuantity) MarshalJSON() ([]byte, error) { return []byte(stock.Quantity(q).String()), nil }

// report judges.
func (d *run) report(ctx context.Context, unsettled string) (Report, error) {
	items, effects := d.shops.Items(d.opening), d.shops.Effects(d.opening)
	counters, err := d.evenstock.Stock(ctx)
	if err != nil {
		return Report{}, err
	}
	if err := Fill(items, counters); err != nil {
		return Report{}, fmt.Errorf("reading the ledger's word: %w", err)
	}
	v := judge.Judge(items, effects)
	for _, wrong := range d.linking.wrongs {
		v.Wrong("%s", wrong)
	}
	if unsettled != "" {
		v.Wrong("not settled within %s: %s", settleMax, unsettled)
	}
	faults, err := d.evenstock.Verify(ctx)
	if err != nil {
		return Report{}, err
	}
	for _, fault := range faults {
		v.Wrong("the ledger's caches do not follow from its entries: %s", fault)
	}
	times := judge.SaleToPush(items, effects)
	figures := d.shops.figures()
	figures.push(effects)
	r := Report{Seed: d.opts.Seed, Verdict: "pass", UnitsWrong: jsonQuantity(v.UnitsWrong), RefsUneven: v.RefsUneven, UnexplainedBad: v.UnexplainedWrong,
		Duplicates: v.Duplicates, SaleToPush: judge.PercentilesOf(times), Events: figures.webhooks, Reads: figures.reads, Pushes: figures.pushes, absorbed: figures.absorbed,
		RowsRefused: len(d.linking.refused), linking: d.linking, Wrongs: v.Wrongs, items: len(items), measured: len(times), lost: figures.lost, life: d.life.Status()}
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

// Pass says that nothing was wrong.
func (r Report) Pass() bool { return len(r.Wrongs) == 0 }

// Write tells the verdict to a person.
func (r Report) Write(w io.Writer) error {
	fmt.Fprintf(w, "\n%d things happened in the shops; %d webhooks arrived, %d were lost.\n%d reads, %d pushes, of which recounts absorbed %d; sweeps repaired %d.\n\n",
		r.life.Total, r.Events, r.lost, r.Reads, r.Pushes, r.absorbed, r.Repairs)
	err := writeColumns(w, [][]string{
		{"JUDGED", "RESULT", "AGAINST THE SHOPS' TRUTH"},
		{"link file", fmt.Sprintf("%d rows refused", r.RowsRefused), r.linking.text()},
		{"level", fmt.Sprintf("%s units wrong", stock.Quantity(r.UnitsWrong)), fmt.Sprintf("%d items: opening + what others did", r.items)},
		{"counters", fmt.Sprintf("%d uneven", r.RefsUneven), "each shows its target"},
		{"unexplained", fmt.Sprintf("%d wrong", r.UnexplainedBad), fmt.Sprintf("the hand edits and miscounts (%s units)", r.unexplained)},
		{"pushes", fmt.Sprintf("%d applied twice", r.Duplicates), "each idempotency key at most once"},
		{"sale to push", fmt.Sprintf("p50 %d ms", r.SaleToPush.P50), fmt.Sprintf("p95 %d ms, p99 %d ms, of %d changes", r.SaleToPush.P95, r.SaleToPush.P99, r.measured)},
	})
	if err != nil {
		return err
	}
	for _, wrong := range r.Wrongs {
		fmt.Fprintln(w, "wrong:", oneLine(wrong))
	}
	_, err = fmt.Fprintf(w, "\nverdict: %s (seed %d)\n", strings.ToUpper(r.Verdict), r.Seed)
	return err
}

// writeColumns prints rows in columns.
func writeColumns(w io.Writer, rows [][]string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(out, strings.Join(row, "\t"))
	}
	return out.Flush()
}

// oneLine makes text that came from outside safe to print on a terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
}
