package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
)

// none stands where a scenario measures nothing.
const none = "-"

// printJSON prints rows for programs.
func printJSON(w io.Writer, rows []row) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(rows)
}

// printTable prints rows for people: what happened to changes first, then what was timed as a whole.
func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }
	var living, whole []row
	for _, r := range rows {
		if r.Happenings > 0 {
			living = append(living, r)
		}
		if r.Sweep > 0 {
			whole = append(whole, r)
		}
	}
	if len(living) > 0 {
		line("SCENARIO", "SQUARE/S", "SHOPIFY", "BINARY", "WEBHOOK->WRITE MS", "TILL->WEB", "SALE->EQUAL", "CHANGES", "OPEN", "REQUESTS/HAPPENING", "POINTS", "429",
			"OVERSOLD/UNAVOIDABLE", "CPU S/MIN", "RSS MIB")
	}
	for _, r := range living {
		line(r.Scenario, fmt.Sprintf("%g", r.Square), r.Shopify.String(), r.Binary, percentiles(r.Webhook), percentiles(r.TillToWeb), percentiles(r.Sale), fmt.Sprint(r.Changes), fmt.Sprint(r.Open),
			fmt.Sprintf("%.2f = %.2f + %.2f", r.TillRequests+r.WebRequests, r.TillRequests, r.WebRequests), fmt.Sprintf("%.1f", r.Points), fmt.Sprintf("%d + %d", r.TillDenied, r.WebDenied),
			r.sold(), fmt.Sprintf("%.1f", r.CPU), fmt.Sprint(r.RSS))
	}
	if len(living) > 0 {
		line()
		line("SCENARIO", "BINARY", "ASKED PER HAPPENING")
	}
	for _, r := range living {
		for _, kind := range slices.SortedFunc(maps.Keys(r.Asked), func(a, b string) int { return cmp.Or(cmp.Compare(r.Asked[b], r.Asked[a]), cmp.Compare(a, b)) }) {
			line(r.Scenario, r.Binary, fmt.Sprintf("%.3f", r.Asked[kind]), kind)
		}
	}
	if len(whole) > 0 {
		line()
		line("SCENARIO", "SQUARE/S", "SHOPIFY", "BINARY", "IMPORT S", "BEST", "RATIO", "CPU S", "FULL SWEEP S", "BEST", "RATIO")
	}
	for _, r := range whole {
		line(r.Scenario, fmt.Sprintf("%g", r.Square), r.Shopify.String(), r.Binary, fmt.Sprintf("%.1f", r.Import), fmt.Sprintf("%.1f", r.BestImport), ratio(r.Import, r.BestImport),
			fmt.Sprintf("%.1f", r.ImportCPU), fmt.Sprintf("%.1f", r.Sweep), fmt.Sprintf("%.1f", r.BestSweep), ratio(r.Sweep, r.BestSweep))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, legend)
	return err
}

const legend = `
Times are p50 / p95 / p99. Sums are Square + Shopify. OPEN changes were never made up for and are in no percentile. go doc ./cmd/latency says what each figure means.
`

func percentiles(p *judge.Percentiles) string {
	if p == nil {
		return none
	}
	return fmt.Sprintf("%d / %d / %d", p.P50, p.P95, p.P99)
}

// sold says what was oversold, beside the unavoidable where that is known.
func (r row) sold() string {
	if r.Unavoidable == 0 {
		return fmt.Sprint(r.Oversold)
	}
	return fmt.Sprintf("%d / %.1f = %s", r.Oversold, r.Unavoidable, ratio(float64(r.Oversold), r.Unavoidable))
}

func ratio(is, best float64) string {
	if best == 0 {
		return none
	}
	return fmt.Sprintf("%.1f", is/best)
}
