package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// rowsShown is how many rows of a link file are named.
const rowsShown = 50

// rowText says all that is wrong with a row of a link file.
func rowText(findings []app.RowFinding) string {
	first := findings[0]
	reasons := make([]string, len(findings))
	for i, f := range findings {
		reasons[i] = f.What
	}
	return fmt.Sprintf("row %d (%s, %s %s): %s", first.Row, orDash(first.SKU), orDash(string(first.Channel)), orDash(first.Item), strings.Join(reasons, "; also: "))
}

// noteText says what is odd about a row that is taken; a warning where it is only because somebody said --accept-renamed.
func noteText(findings []app.RowFinding) string {
	if slices.ContainsFunc(findings, func(f app.RowFinding) bool { return f.Code == app.NoteRenamed || f.Code == app.NoteMovedOn }) {
		return "warning: accepted " + rowText(findings)
	}
	return "note: " + rowText(findings)
}

// hiddenText says which rows whoever looks at the file does not see.
func hiddenText(rows []int) string {
	verb := "are"
	if len(rows) == 1 {
		verb = "is"
	}
	return fmt.Sprintf("note: %s that %s hidden in the workbook %s taken as the others: %s", plural(len(rows), "row"), verb, verb, rowNumbers(rows))
}

// mendTexts say how rows are mended, each way once with the rows that it mends.
func mendTexts(rows [][]app.RowFinding) []string {
	var ways []string
	mends := map[string][]int{}
	for _, row := range rows {
		for _, f := range row {
			if f.Remedy == "" {
				continue
			}
			way := whatToDo(f.Remedy, f.Meant)
			if mends[way] == nil {
				ways = append(ways, way)
			}
			mends[way] = append(mends[way], f.Row)
		}
	}
	for i, way := range ways {
		ways[i] = fmt.Sprintf("to mend %s: %s", rowNumbers(mends[way]), way)
	}
	return ways
}

// rowNumbers names rows, of many the first.
func rowNumbers(rows []int) string {
	names := make([]string, 0, rowsShown+1)
	for _, row := range rows[:min(len(rows), rowsShown)] {
		names = append(names, strconv.Itoa(row))
	}
	if len(rows) > rowsShown {
		names = append(names, "...")
	}
	if len(rows) == 1 {
		return "row " + names[0]
	}
	return "rows " + strings.Join(names, ", ")
}

// leftOutReasons say why items are not matched.
var leftOutReasons = map[stock.LeftOut]string{
	stock.Archived: "archived", stock.Draft: "drafts", stock.BundleParent: "bundles, of which the parts are counted",
	stock.OtherUnit: "sold in another unit, and counted as another article", stock.GiftCard: "gift cards", stock.NoGoods: "services and downloads",
	stock.Measured: "sold by weight or measure, of which the others would show whole units only; link them by hand if that will do",
}

func leftOutText(left app.LeftOut) string {
	names := strings.Join(quoted(left.Names), ", ")
	if len(left.Names) < left.Count {
		names += ", ..."
	}
	return fmt.Sprintf("%s on %s: %s (%s)", plural(left.Count, "item"), left.Channel, leftOutReasons[left.Reason], names)
}

// hintReasons say what makes two articles look the same.
var hintReasons = map[string]string{
	"spelling":           "the SKUs differ only by case, spaces or characters that look alike",
	"article number":     "their SKUs or barcodes differ only by the form of one article number",
	"SKU is the barcode": "the SKU of one is the barcode of the other",
	"separators":         "the SKUs differ only by separators",
	"zeros":              "the SKUs differ only by zeros, as spreadsheets drop or add them",
	"rounded":            "the SKUs differ only by what a spreadsheet rounds",
	"title":              "the names are the same",
}

func hintText(hint app.Hint) string {
	// Two texts that no screen shows differently are told apart by their characters' numbers.
	quote := strconv.Quote
	if norm.NFC.String(hint.A.SKU) == norm.NFC.String(hint.B.SKU) {
		quote = strconv.QuoteToASCII
	}
	return fmt.Sprintf("%s and %s may be one article (%s): %s", articleText(hint.A, quote), articleText(hint.B, quote), hint.Confidence, hintReasons[string(hint.Kind)])
}

func articleText(a app.Article, quote func(string) string) string {
	text := fmt.Sprintf("%s %s (item %s, %s", a.Channel, quote(a.SKU), a.Item, a.Name)
	if a.Barcode != "" {
		text += ", barcode " + a.Barcode
	}
	if a.Linked {
		text += ", linked"
	}
	return text + ")"
}
