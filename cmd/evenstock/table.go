package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints columns under a header.
type table struct{ rows []string }

func newTable(header ...string) *table { return &table{rows: []string{strings.Join(header, "\t")}} }

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = printable(cell)
	}
	t.rows = append(t.rows, strings.Join(cells, "\t"))
}

func (t *table) write(w io.Writer) error {
	if len(t.rows) == 1 {
		_, err := fmt.Fprintln(w, "nothing to show")
		return err
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		fmt.Fprintln(out, row)
	}
	return out.Flush()
}

// stamp prints a time for a person: local, to the second; "-" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// timeNow is the process's clock.
func timeNow() time.Time { return time.Now() }
