package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

var linkHeader = []string{"sku", "name", "channel", "item", "sold_as"}

// linkRowsMax bounds a link file.
const linkRowsMax = 200_000

func writeLinks(w io.Writer, rows []app.LinkRow) error {
	out := csv.NewWriter(w)
	records := [][]string{linkHeader}
	for _, row := range rows {
		records = append(records, []string{row.SKU, harmless(row.Name), string(row.Channel), row.Item, row.SoldAs})
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from taking a name for a formula. SKUs and ids stay to the letter: they are read back.
func harmless(name string) string {
	if strings.IndexAny(name, "=+-@\t\r") == 0 {
		return "'" + name
	}
	return name
}

func readLinks(r io.Reader) ([]app.LinkRow, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = len(linkHeader)
	header, err := in.Read()
	if err != nil || strings.Join(header, ",") != strings.Join(linkHeader, ",") {
		return nil, ErrUsage("a link file begins with the line %s", strings.Join(linkHeader, ","))
	}
	var rows []app.LinkRow
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the link file: %w", err)
		}
		if len(rows) == linkRowsMax {
			return nil, fmt.Errorf("reading the link file: more than %d rows: split it", linkRowsMax)
		}
		rows = append(rows, app.LinkRow{SKU: record[0], Name: record[1], Channel: stock.Channel(record[2]), Item: record[3], SoldAs: record[4]})
	}
}
