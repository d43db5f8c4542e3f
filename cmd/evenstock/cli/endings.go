package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// reasonsWidth is how many columns the reasons of an ending may take in a line.
const reasonsWidth = 90

// printEndings says how inputs ended: a row for each channel and ending, with every reason, the most frequent first.
func printEndings(w io.Writer, list []app.Endings) error {
	type row struct {
		channel stock.Channel
		ending  string
	}
	var rows []row
	reasons := map[row][]app.Endings{}
	for _, e := range list {
		of := row{e.Channel, e.Ending}
		if reasons[of] == nil {
			rows = append(rows, of)
		}
		reasons[of] = append(reasons[of], e)
	}
	fmt.Fprintln(w, "\nWhat became of everything taken in since the ledger began:")
	t := newTable("nothing was taken in yet", "CHANNEL", "ENDED AS", "TIMES", "OF WHICH")
	for _, of := range rows {
		slices.SortStableFunc(reasons[of], func(a, b app.Endings) int { return cmp.Compare(b.Count, a.Count) })
		var sum int64
		var parts []string
		for _, e := range reasons[of] {
			sum += e.Count
			parts = append(parts, fmt.Sprintf("%d %s", e.Count, e.Reason))
		}
		lines := wrapped(parts, reasonsWidth)
		t.row(orDash(string(of.channel)), of.ending, fmt.Sprint(sum), lines[0])
		for _, line := range lines[1:] {
			t.row("", "", "", line)
		}
	}
	return t.write(w)
}

// wrapped joins parts with commas to lines of a width; a part that is longer has its own.
func wrapped(parts []string, width int) []string {
	var lines []string
	line := ""
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		}
		if line != "" && len(line)+1+len(part) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+part, " ")
	}
	return append(lines, line)
}
