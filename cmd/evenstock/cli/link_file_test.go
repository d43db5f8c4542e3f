package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/evenstock/evenstock/sync/app"
)

var linkRows = []app.LinkRow{
	{Row: 2, SKU: "00417", Name: "Café mug, 350 ml", Channel: "till", Item: "3YQ6SATHDREOS65CTCLBSQPI", SoldAs: "3YQ6SATHDREOS65CTCLBSQPI"},
	{Row: 3, SKU: "4006381333931", Name: "Pen", Channel: "web", Item: "45000000000095", SoldAs: "43000000000075"},
}

const linkText = "sku,name,channel,item,sold_as\n00417,\"Café mug, 350 ml\",till,3YQ6SATHDREOS65CTCLBSQPI,3YQ6SATHDREOS65CTCLBSQPI\n4006381333931,Pen,web,45000000000095,43000000000075\n"

// utf16Of is a text as spreadsheets save "Unicode text".
func utf16Of(text, mark string, high bool) string {
	var b strings.Builder
	b.WriteString(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(unit), byte(unit >> 8)}
		if high {
			pair[0], pair[1] = pair[1], pair[0]
		}
		b.Write(pair)
	}
	return b.String()
}

// TestLinkFilesAsSpreadsheetsSaveThem reads one file in every form that spreadsheets and people give it.
func TestLinkFilesAsSpreadsheetsSaveThem(t *testing.T) {
	t.Parallel()
	tabs := strings.NewReplacer(`"Café mug, 350 ml"`, "Café mug, 350 ml").Replace(linkText)
	tabs = strings.ReplaceAll(strings.ReplaceAll(tabs, ", ", "\x00"), ",", "\t")
	tabs = strings.ReplaceAll(tabs, "\x00", ", ")
	semicolons := strings.ReplaceAll(tabs, "\t", ";")
	for name, text := range map[string]string{
		"as it was written":         linkText,
		"a byte-order mark":         "\ufeff" + linkText,
		"CRLF":                      strings.ReplaceAll(linkText, "\n", "\r\n"),
		"semicolons":                semicolons,
		"tabs":                      tabs,
		"pipes":                     strings.ReplaceAll(tabs, "\t", "|"),
		"line ends of old Macs":     strings.ReplaceAll(linkText, "\n", "\r"),
		"capitals":                  strings.Replace(linkText, "sku,name,channel,item,sold_as", "SKU,Name,CHANNEL, Item ,Sold as", 1),
		"UTF-16, little end first":  utf16Of(tabs, "\xff\xfe", false),
		"UTF-16, big end first":     utf16Of(semicolons, "\xfe\xff", true),
		"UTF-16 without its mark":   utf16Of(linkText, "", false),
		"letters of Windows":        strings.ReplaceAll(linkText, "é", "\xe9"),
		"blank rows at the end":     linkText + ",,,,\n\n , ,,,\n",
		"a blank column":            strings.ReplaceAll(linkText, "\n", ",\n"),
		"apostrophes before ids":    strings.ReplaceAll(linkText, ",45", ",'45"),
		"spaces around":             strings.ReplaceAll(linkText, ",web,", ", web ,"),
		"the column shared, unused": strings.Replace(strings.ReplaceAll(linkText, "\n", ",\n"), "sold_as,", "sold_as,shared", 1),
	} {
		rows, _, err := readLinks(strings.NewReader(text))
		require.NoError(t, err, name)
		require.Equal(t, linkRows, rows, name)
	}
	for name, text := range map[string]string{
		"a blank row in front": "\n" + linkText, "Excel's name of the separator": "sep=;\r\n" + semicolons, "a row of commas in front": ",,,,\n" + linkText,
	} {
		rows, _, err := readLinks(strings.NewReader(text))
		require.NoError(t, err, name)
		require.Equal(t, 3, rows[0].Row, name)
		rows[0].Row, rows[1].Row = 2, 3
		require.Equal(t, linkRows, rows, name)
	}
	rows, _, err := readLinks(strings.NewReader("item,sku,channel,shared\n45,A,web,yes\n46,A,web,Shared\n47,B,web,\n"))
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, false}, []bool{rows[0].Shared, rows[1].Shared, rows[2].Shared})
}

// TestLinkFilesThatAreRefused expects that what is refused shows what was found.
func TestLinkFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                          "the link file is empty",
		"\n,,\n":                    "the link file is empty",
		"sku,name\nA,B\n":           `the link file has no column channel; found: "sku", "name"`,
		"<html><table>":             `found: "<html><table>"`,
		"sku,channel,item,price\n":  `found: "sku", "channel", "item", "price"`,
		"sku,channel,item,SKU\n":    `has the column sku twice; found: "sku", "channel", "item", "SKU"`,
		"sku,channel,item\nA,B,C,D": `row 2 of the link file has "D" in a column without a name`,
		"sku,channel,item,shared\nA,web,1,maybe\n": `row 2 of the link file says "maybe" in the column shared`,
		"\xd0\xcf\x11\xe0\xa1\xb1":                 "an old Excel file (.xls)",
		"PK\x03\x04 broken":                        "save it as .xlsx or as CSV",
		"\xff\xfe\x00\x00s\x00\x00\x00":            "the link file is UTF-32: save it as CSV in UTF-8, or as .xlsx",
		"\x89PNG\r\n\x1a\n\x00\x00":                `the link file is no text; it begins with "\x89PNG`,
		"sku,channel,item\n\"A,B,C":                "reading the link file as a table",
	} {
		_, _, err := readLinks(strings.NewReader(text))
		require.ErrorContains(t, err, want, "%q", text)
		var exit *ExitError
		require.ErrorAs(t, err, &exit, "%q", text)
		require.Equal(t, ExitUsage, exit.Code)
	}
}

// TestLinkFilesAreReadBack writes links in both formats and reads them back to the letter, formulas and all.
func TestLinkFilesAreReadBack(t *testing.T) {
	t.Parallel()
	written := append([]app.LinkRow{}, linkRows...)
	for i, name := range []string{"=1+1", "'=1+1", "-5", "+49", "@SUM(A1)", "'quoted'", "''", "\tx", "1E5", "Tee \"M\"", "two\nlines", ""} {
		written = append(written, app.LinkRow{Row: i + 4, SKU: "1E5", Name: name, Channel: "web", Item: "450000000000951", SoldAs: "00042", Shared: i == 3})
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"csv":  func(b *bytes.Buffer) error { return writeTable(b, linkRecords(written)) },
		"xlsx": func(b *bytes.Buffer) error { return writeWorkbook(b, linkRecords(written)) },
	} {
		var file bytes.Buffer
		require.NoError(t, write(&file), name)
		rows, _, err := readLinks(&file)
		require.NoError(t, err, name)
		require.Equal(t, written, rows, name)
	}
}

// TestHintsAsALinkFile expects a link file that can be read back, in which only likely pairs have a SKU, and hint lines with the ids.
func TestHintsAsALinkFile(t *testing.T) {
	t.Parallel()
	hints := []app.Hint{
		{Kind: "spelling", Confidence: "high", SKU: "PEN-1", A: app.Article{Channel: "till", Item: "V1", SKU: "PEN-1 ", Name: "=Pen"}, B: app.Article{Channel: "web", Item: "45", SKU: "PEN-1", Name: "A pen"}},
		{Kind: "title", Confidence: "low", A: app.Article{Channel: "till", Item: "V2", Name: "Cap"}, B: app.Article{Channel: "web", Item: "46", SKU: "C", Name: "Cap"}},
	}
	for name, write := range map[string]func(io.Writer, [][]string) error{"csv": writeTable, "xlsx": writeWorkbook} {
		var file bytes.Buffer
		require.NoError(t, write(&file, hintRecords(hints)), name)
		rows, _, err := readLinks(&file)
		require.NoError(t, err, name)
		require.Equal(t, []app.LinkRow{
			{Row: 2, SKU: "PEN-1", Name: "=Pen", Channel: "till", Item: "V1"}, {Row: 3, SKU: "PEN-1", Name: "A pen", Channel: "web", Item: "45"},
			{Row: 4, Name: "Cap", Channel: "till", Item: "V2"}, {Row: 5, Name: "Cap", Channel: "web", Item: "46"},
		}, rows, name)
	}
	require.Equal(t, `till "PEN-1 " (item V1, =Pen) and web "PEN-1" (item 45, A pen) may be one article (high): the SKUs differ only by case, spaces or characters that look alike`,
		hintText(hints[0]), "enough to write the rows by hand")
}

// TestWorkbooksOfPeople reads workbooks that were typed by hand, with numbers where texts should be.
func TestWorkbooksOfPeople(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	defer func() { require.NoError(t, book.Close()) }()
	_, err := book.NewSheet("links")
	require.NoError(t, err)
	for i, row := range [][]any{{}, {"SKU", "", "Channel", "Item", "Sold as", "Name"}, {"00417", nil, "web", 45000000000095, 43000000000075, "Mug"}, {},
		{4006381333931, nil, "web", "45000000000096", 4.3000000000076e13, 12.5}, {"4.5E+13", nil, "web", 7}} {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, book.SetSheetRow("links", cell, &row))
	}
	var file bytes.Buffer
	_, err = book.WriteTo(&file)
	require.NoError(t, err)
	rows, _, err := readLinks(&file)
	require.NoError(t, err)
	require.Equal(t, []app.LinkRow{
		{Row: 3, SKU: "00417", Name: "Mug", Channel: "web", Item: "45000000000095", SoldAs: "43000000000075"},
		{Row: 5, SKU: "4006381333931", Name: "12.5", Channel: "web", Item: "45000000000096", SoldAs: "43000000000076"},
		{Row: 6, SKU: "4.5E+13", Channel: "web", Item: "7"},
	}, rows, "what a workbook has as a text stays as it is")
}

// TestCellsThatHoldNoText expects of a workbook that a cell which holds yes or no, or a failed formula, never passes for a SKU or an id,
// and that rows which its filter hides are told.
func TestCellsThatHoldNoText(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	defer func() { require.NoError(t, book.Close()) }()
	for i, row := range [][]any{{"sku", "channel", "item", "shared"}, {true, "till", "P1", true}, {1, "till", "P2", 1}, {"=#REF!", "till", false}, {"A", "till", "P4"}} {
		require.NoError(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	for _, row := range []int{2, 5} {
		require.NoError(t, book.SetRowVisible("Sheet1", row, false))
	}
	var file bytes.Buffer
	_, err := book.WriteTo(&file)
	require.NoError(t, err)
	rows, hidden, err := readLinks(&file)
	require.NoError(t, err)
	require.Equal(t, []int{2, 5}, hidden)
	require.Equal(t, []app.LinkRow{
		{Row: 2, SKU: "TRUE", Channel: "till", Item: "P1", Shared: true}, {Row: 3, SKU: "1", Channel: "till", Item: "P2", Shared: true},
		{Row: 4, SKU: "=#REF!", Channel: "till", Item: "FALSE"}, {Row: 5, SKU: "A", Channel: "till", Item: "P4"},
	}, rows)
	require.Equal(t, "note: 2 rows that are hidden in the workbook are taken as the others: rows 2, 5", hiddenText(hidden))
}
