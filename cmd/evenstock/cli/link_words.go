package cli

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// rowsShown is how many findings about rows are printed.
const rowsShown = 50

func firstRows(findings []app.RowFinding) []app.RowFinding {
	return findings[:min(len(findings), rowsShown)]
}

// rowsOf counts the rows that findings are about.
func rowsOf(findings []app.RowFinding) int {
	rows := map[int]bool{}
	for _, f := range findings {
		rows[f.Row] = true
	}
	return len(rows)
}

// rowText says what is wrong with a row of a link file, and what to do.
func rowText(f app.RowFinding) string {
	text := fmt.Sprintf("row %d (%s, %s %s): %s", f.Row, orDash(f.SKU), f.Channel, f.Item, f.What)
	if f.Remedy != "" {
		text += ": " + whatToDo(f.Remedy, f.Meant)
	}
	return text
}

// leftOutReasons say why items are not matched.
var leftOutReasons = map[stock.LeftOut]string{
	stock.Archived: "archived", stock.Draft: "drafts", stock.BundleParent: "bundles, of which the parts are counted",
	stock.OtherUnit: "sold in another unit, and counted as another article", stock.GiftCard: "gift cards", stock.NoGoods: "services and downloads",
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
	text := fmt.Sprintf("%s %s (%s", a.Channel, quote(a.SKU), a.Name)
	if a.Barcode != "" {
		text += ", barcode " + a.Barcode
	}
	if a.Linked {
		text += ", linked"
	}
	return text + ")"
}
