package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// table prints columns under a header, or what it means that there are no rows.
type table struct {
	none string
	rows []string
}

func newTable(none string, header ...string) *table {
	return &table{none: none, rows: []string{strings.Join(header, "\t")}}
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = printable(cell)
	}
	t.rows = append(t.rows, strings.Join(cells, "\t"))
}

func (t *table) write(w io.Writer) error {
	if len(t.rows) == 1 {
		_, err := fmt.Fprintln(w, t.none)
		return err
	}
	var text bytes.Buffer
	out := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		fmt.Fprintln(out, row)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		// An empty last column is padded by the header above it.
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// plural counts things in words.
func plural[N int | int64](n N, one string) string { return stock.Plural(n, one) }

// stamp prints a time for a person: local, to the second; "-" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
