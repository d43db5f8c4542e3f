package cli

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// The columns of a link file. Shared is written only where somebody shares a shelf, hint where rows are guesses; it is for people.
const (
	columnSKU     = "sku"
	columnName    = "name"
	columnChannel = "channel"
	columnItem    = "item"
	columnSoldAs  = "sold_as"
	columnShared  = "shared"
	columnHint    = "hint"
)

var linkHeader = []string{columnSKU, columnName, columnChannel, columnItem, columnSoldAs}

// needed are the columns without which a row says nothing.
var needed = []string{columnSKU, columnChannel, columnItem}

const (
	// linkRowsMax and linkBytesMax bound a link file.
	linkRowsMax  = 200_000
	linkBytesMax = 64 << 20
)

// linkRecords are the lines of a link file.
func linkRecords(rows []app.LinkRow) [][]string {
	shared := slices.ContainsFunc(rows, func(row app.LinkRow) bool { return row.Shared })
	records := [][]string{slices.Clone(linkHeader)}
	if shared {
		records[0] = append(records[0], columnShared)
	}
	for _, row := range rows {
		record := []string{row.SKU, harmless(row.Name), string(row.Channel), row.Item, row.SoldAs}
		if shared {
			record = append(record, map[bool]string{true: columnShared}[row.Shared])
		}
		records = append(records, record)
	}
	return records
}

func writeTable(w io.Writer, records [][]string) error {
	if err := csv.NewWriter(w).WriteAll(records); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	return nil
}

// guarded are the characters by which a spreadsheet takes a text for a formula.
const guarded = "=+-@\t\r"

// harmless keeps a spreadsheet from taking a name for a formula. SKUs and ids stay to the letter: they are read back.
func harmless(name string) string {
	if strings.IndexAny(strings.TrimLeft(name, "'"), guarded) == 0 {
		return "'" + name
	}
	return name
}

// unguarded takes the guard off again.
func unguarded(name string) string {
	if rest := strings.TrimLeft(name, "'"); rest != name && strings.IndexAny(rest, guarded) == 0 {
		return name[1:]
	}
	return name
}

// record is a line of a table, with its number in the file.
type record struct {
	row   int
	cells []string
	// hidden: a workbook has it, and its filter, or a person, hides it.
	hidden bool
}

func (r record) blank() bool {
	return !slices.ContainsFunc(r.cells, func(cell string) bool { return trimmed(cell) != "" })
}

// readLinks reads a link file: a table as text, with commas, semicolons or tabs, in any of the encodings that spreadsheets save, or
// an .xlsx. Blank rows and columns are passed over. It names the rows that are hidden in a workbook: they are taken as the others.
func readLinks(r io.Reader) (rows []app.LinkRow, hidden []int, err error) {
	body, err := io.ReadAll(io.LimitReader(r, linkBytesMax+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the link file: %w", err)
	}
	if len(body) > linkBytesMax {
		return nil, nil, ErrUsage("the link file is larger than %d MiB: split it", linkBytesMax>>20)
	}
	records, err := recordsOf(body)
	if err != nil {
		return nil, nil, err
	}
	records = slices.DeleteFunc(records, record.blank)
	if len(records) == 0 {
		return nil, nil, ErrUsage("the link file is empty: it begins with the columns %s", strings.Join(linkHeader, ","))
	}
	columns, err := columnsOf(records[0])
	if err != nil {
		return nil, nil, err
	}
	if len(records)-1 > linkRowsMax {
		return nil, nil, ErrUsage("the link file has more than %d rows: split it", linkRowsMax)
	}
	for _, record := range records[1:] {
		row, err := columns.row(record)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
		if record.hidden {
			hidden = append(hidden, record.row)
		}
	}
	return rows, hidden, nil
}

// columns are where a file has which column.
type columns map[string]int

func columnsOf(header record) (columns, error) {
	at, found := columns{}, []string{}
	for i, cell := range header.cells {
		name := strings.ReplaceAll(strings.ToLower(trimmed(cell)), " ", "_")
		if name == "" {
			continue
		}
		found = append(found, fmt.Sprintf("%.40q", cell))
		if !slices.Contains(linkHeader, name) && name != columnShared && name != columnHint {
			return nil, ErrUsage("a link file has the columns %s and, where articles share a shelf, %s; found: %s",
				strings.Join(linkHeader, ","), columnShared, strings.Join(append(found, quotedCells(header.cells[i+1:])...), ", "))
		}
		if _, twice := at[name]; twice {
			return nil, ErrUsage("the link file has the column %s twice; found: %s", name, strings.Join(quotedCells(header.cells), ", "))
		}
		at[name] = i
	}
	for _, name := range needed {
		if _, has := at[name]; !has {
			return nil, ErrUsage("the link file has no column %s; found: %s", name, cmp.Or(strings.Join(found, ", "), "nothing"))
		}
	}
	return at, nil
}

func quotedCells(cells []string) []string {
	var list []string
	for _, cell := range cells {
		if trimmed(cell) != "" {
			list = append(list, fmt.Sprintf("%.40q", cell))
		}
	}
	return list
}

func (c columns) row(r record) (app.LinkRow, error) {
	for i, cell := range r.cells {
		if trimmed(cell) != "" && !slices.Contains(c.positions(), i) {
			return app.LinkRow{}, ErrUsage("row %d of the link file has %.40q in a column without a name", r.row, cell)
		}
	}
	cell := func(name string) string {
		if i, has := c[name]; has && i < len(r.cells) {
			return r.cells[i]
		}
		return ""
	}
	// An apostrophe before a number is how people keep a spreadsheet from rewriting it. No id begins with one.
	id := func(name string) string { return strings.TrimPrefix(trimmed(cell(name)), "'") }
	row := app.LinkRow{Row: r.row, SKU: cell(columnSKU), Name: unguarded(cell(columnName)), Channel: stock.Channel(trimmed(cell(columnChannel))),
		Item: id(columnItem), SoldAs: id(columnSoldAs)}
	switch said := strings.ToLower(trimmed(cell(columnShared))); said {
	case "", "no", "false", "0":
	case columnShared, "yes", "true", "1", "x":
		row.Shared = true
	default:
		return row, ErrUsage("row %d of the link file says %.40q in the column %s: write %s or nothing", r.row, said, columnShared, columnShared)
	}
	return row, nil
}

func (c columns) positions() []int {
	var list []int
	for _, i := range c {
		list = append(list, i)
	}
	return list
}

// trimmed is a cell without spaces around it, those that do not break a line too.
func trimmed(cell string) string { return strings.TrimSpace(cell) }
