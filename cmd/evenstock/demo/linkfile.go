package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/life"
	"github.com/evenstock/evenstock/sync/app"
)

// numbers are SKUs that a spreadsheet takes for one number.
var numbers = [...]string{"00417", "0417"}

// things are the assortment, in which the last things have numbers for SKUs.
func things() []life.Thing {
	all := life.Assortment()
	for i, sku := range numbers {
		all[len(all)-len(numbers)+i].SKU = sku
	}
	return all
}

// linking is what became of a link file that a spreadsheet had rewritten.
type linking struct {
	// refused are the rows that were refused, in order.
	refused []int
	wrongs  []string
}

// link ties the shops' items to each other by SKU. First it offers the link file as a spreadsheet leaves it, in which two things
// became one: taking it would put both on one shelf and push a wrong count to four counters.
func (d *run) link(ctx context.Context) error {
	rows, err := d.evenstock.SuggestLinks(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Row = i + 2 // the first row of a link file is its header
	}
	rewritten := rewrite(rows)
	d.watch.tell(time.Now(), fmt.Sprintf("a spreadsheet makes %s of %s in the link file", asNumber(numbers[0]), strings.Join(numbers[:], " and ")))
	first, err := d.evenstock.ImportLinks(ctx, rewritten)
	if err != nil {
		return err
	}
	second, err := d.evenstock.ImportLinks(ctx, rows)
	if err != nil {
		return err
	}
	d.linking = judgeLinking(rows, rewritten, first, second)
	for _, refused := range first.Refused[:min(len(first.Refused), 1)] {
		d.watch.tell(time.Now(), fmt.Sprintf("refused: %s: %s", rowNumbers(d.linking.refused), refused.What))
	}
	d.watch.tell(time.Now(), "the file as it was written is taken: every article is on a shelf of its own")
	return nil
}

// rewrite is a link file as a spreadsheet leaves it.
func rewrite(rows []app.LinkRow) []app.LinkRow {
	rewritten := slices.Clone(rows)
	for i := range rewritten {
		rewritten[i].SKU = asNumber(rewritten[i].SKU)
	}
	return rewritten
}

// asNumber is what a spreadsheet makes of a cell.
func asNumber(cell string) string {
	number, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return cell
	}
	return strconv.FormatInt(number, 10)
}

// judgeLinking says what was wrong: the rows that the spreadsheet rewrote must be refused, no others, and the file as it was written
// must then tie just those.
func judgeLinking(rows, rewritten []app.LinkRow, first, second app.LinkResult) (l linking) {
	for _, f := range first.Refused {
		if !slices.Contains(l.refused, f.Row) {
			l.refused = append(l.refused, f.Row)
		}
	}
	slices.Sort(l.refused)
	changed := 0
	for i, row := range rows {
		refused := slices.Contains(l.refused, row.Row)
		if row.SKU != rewritten[i].SKU {
			changed++
		}
		switch {
		case row.SKU != rewritten[i].SKU && !refused:
			l.wrongs = append(l.wrongs, fmt.Sprintf("link file: row %d was taken, in which a spreadsheet had made %s of %s", row.Row, rewritten[i].SKU, row.SKU))
		case row.SKU == rewritten[i].SKU && refused:
			l.wrongs = append(l.wrongs, fmt.Sprintf("link file: row %d was refused, which nobody had rewritten", row.Row))
		}
	}
	for _, f := range second.Refused {
		l.wrongs = append(l.wrongs, fmt.Sprintf("link file: row %d was refused as it was written: %s", f.Row, f.What))
	}
	if want := len(rows) - changed; first.Refs != want || second.Before != want || second.Refs != changed {
		l.wrongs = append(l.wrongs, fmt.Sprintf("link file: %d refs were tied, then %d more, not %d and %d", first.Refs, second.Refs, want, changed))
	}
	return l
}

// text says what the rows were refused for.
func (l linking) text() string {
	return fmt.Sprintf("a spreadsheet had made %s of %s: %s", asNumber(numbers[0]), strings.Join(numbers[:], " and "), rowNumbers(l.refused))
}

func rowNumbers(rows []int) string {
	if len(rows) == 0 {
		return "no row"
	}
	var list []string
	for _, row := range rows {
		list = append(list, strconv.Itoa(row))
	}
	return "rows " + strings.Join(list, ", ")
}
