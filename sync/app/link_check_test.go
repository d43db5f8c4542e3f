package app_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// pens are two articles whose SKUs a spreadsheet makes equal, a third that the channels call by different SKUs, and what cannot be kept even.
func pens(b *apptest.Book) {
	item := func(id, sku, name string) stock.CatalogItem {
		return stock.CatalogItem{Item: id, SoldAs: id, SKU: sku, Name: name, Tracked: true}
	}
	b.Till.Items = append(b.Till.Items, item("P1", "00417", "Red pen"), item("P2", "0417", "Blue pen"), item("P3", "T-3", "Ruler"), item("P4", "", "Chalk"), item("P5", "GONE", "Hat"),
		item("P6", "4006381333931", "Nib"), item("P7", "3-4", "Clip"), item("P8", "1.10", "Pin"))
	b.Till.Items[5].LeftOut = stock.Archived
	web := func(id, sku, name string) stock.CatalogItem {
		i := item(id, sku, name)
		i.SoldAs = "9" + id
		return i
	}
	b.Web.Items = append(b.Web.Items, web("61", "00417", "Red pen"), web("62", "0417", "Blue pen"), web("63", "W-3", "Ruler"), web("64", "SET", "Pen set"))
	b.Web.Items[5].LeftOut = stock.BundleParent
}

// lookalikes are different articles, each on one channel only, whose SKUs a spreadsheet makes equal; and one article by two spellings of
// its barcode.
func lookalikes(b *apptest.Book) {
	for i, pair := range [][2]string{{"00417", "417"}, {"4006381000011", "4.00638E+12"}, {"1-2", "2026-02-01"}, {"1.10", "1.1"}, {"036000291452", "0036000291452"}, {"88 ", "88"}} {
		till, web := fmt.Sprintf("P%d", i), fmt.Sprintf("6%d", i)
		b.Till.Items = append(b.Till.Items, stock.CatalogItem{Item: till, SoldAs: till, SKU: pair[0], Name: "Till " + till, Tracked: true})
		b.Web.Items = append(b.Web.Items, stock.CatalogItem{Item: web, SoldAs: "9" + web, SKU: pair[1], Name: "Web " + web, Tracked: true})
	}
}

// renamed is a ledger with the tee, whose articles have got another SKU; what had it for its SKU goes to another article.
func renamed(b *apptest.Book) {
	b.Sell()
	b.Till.Items = []stock.CatalogItem{{Item: "V1", SoldAs: "V1", SKU: "TEE-M-OLD", Name: "A tee, size M"}, {Item: "V2", SoldAs: "V2", SKU: "TEE-M", Name: "Another tee"}}
	b.Web.Items[0].SKU = "TEE-M-OLD"
}

// linkedPens is a ledger with the two pens.
func linkedPens(b *apptest.Book) {
	pens(b)
	_, err := app.New(b.Options()).ImportLinks(b.Context(), ann, app.LinkRequest{Rows: rows{row("00417", "till", "P1"), row("00417", "web", "61"), row("0417", "till", "P2"), row("0417", "web", "62")}})
	require.NoError(b, err)
}

func unlinking(b *apptest.Book) {
	b.Sell()
	b.Apply(ledger.UnlinkRef{Ref: apptest.TillTee})
}

func row(sku string, channel stock.Channel, item string) app.LinkRow {
	return app.LinkRow{SKU: sku, Channel: channel, Item: item}
}

func shared(r app.LinkRow) app.LinkRow { r.Shared = true; return r }
func soldAs(r app.LinkRow, as string) app.LinkRow {
	r.SoldAs = as
	return r
}

type rows = []app.LinkRow

var linkChecks = []struct {
	name   string
	tell   func(b *apptest.Book)
	rows   rows
	accept bool
	// linked is how many refs are tied anew; refused says which rows are not, and why.
	linked  int
	refused []app.RowFinding
}{
	{"as the catalogs say", pens, rows{row("00417", "till", "P1"), row("00417", "web", "61"), row("0417", "till", "P2"), soldAs(row("0417", "web", "62"), "962")}, false, 4, nil},
	{"nothing", pens, rows{row("00417", "till", ""), row("", "till", "P1"), row("n/a", "till", "P1"), row("00417", "till", "P1")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowEmpty, Remedy: app.RemedyCompleteRow, What: "it names no item"},
		{Row: 3, Code: app.RowEmpty, Remedy: app.RemedyCompleteRow}, {Row: 4, Code: app.RowEmpty, Remedy: app.RemedyCompleteRow, What: `"n/a" is no SKU`}}},
	{"a channel with a typing error", pens, rows{row("00417", "Tilll", "P1")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowChannel, What: `no channel is called "Tilll"`, Remedy: app.RemedyMeant, Meant: []string{"till"}}}},
	{"an unknown channel", pens, rows{row("00417", "etsy", "P1"), row("00417", "till", "P1")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowChannel, What: `no channel is called "etsy"`, Remedy: app.RemedyNameChannel, Meant: []string{"till", "web"}}}},
	{"no id", pens, rows{row("00417", "till", "P 1"), row("00417", "web", "61")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowForm, Remedy: app.RemedyFreshFile, What: `it is no item of till: "P 1" is no id`}}},
	{"ids that are not there", pens, rows{row("00417", "till", "61"), row("00417", "web", "961"), row("00417", "web", "6.1E+01"), row("00417", "till", "P1")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowUnknown, Remedy: app.RemedyFreshFile, What: `61 is an id of web ("Red pen"), not of till`},
		{Row: 3, Code: app.RowUnknown, Remedy: app.RemedyFreshFile, What: `961 is the id that orders use for "Red pen"; its item is 61`},
		{Row: 4, Code: app.RowUnknown, Remedy: app.RemedyFreshFile, What: `the catalog of web has no item 6.1E+01: a spreadsheet has rewritten the number`}}},
	{"sold as another", pens, rows{soldAs(row("00417", "web", "61"), "962"), row("00417", "till", "P1")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowSoldAs, Remedy: app.RemedySoldAs, What: "the catalog sells it as 961, the file says 962"}}},
	{"an item twice", pens, rows{row("00417", "till", "P1"), row("00417", "till", "P1"), row("0417", "till", "P1")}, false, 1, []app.RowFinding{
		{Row: 3, Code: app.RowTwice, Remedy: app.RemedyKeepOne}, {Row: 4, Code: app.RowTwice, Remedy: app.RemedyKeepOne, What: `it stands in row 2 already, for SKU "00417"`}}},
	{"nothing to count", pens, rows{row("SET", "web", "64")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowNoCount, Remedy: app.RemedyLeaveOut, What: `"Pen set" has no counter that could be kept even: it is a bundle, of which the parts are counted`}}},
	{"archived", pens, rows{row("GONE", "till", "P5")}, false, 1, nil},

	{"zeros lost", pens, rows{row("417", "till", "P1"), row("417", "web", "61"), row("417", "till", "P2"), row("417", "web", "62")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}, {Row: 2, Code: app.RowShelf,
			What: `2 articles of till would be one: "Red pen" (P1, row 2) and "Blue pen" (P2, row 4)`},
		{Row: 3, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}, {Row: 3, Code: app.RowShelf},
		{Row: 4, Code: app.RowRenamed, Remedy: app.RemedyFreshFile, What: `the catalog says "0417", the file says "417": a spreadsheet may have rewritten it; web has an article of the SKU "0417" too: "Blue pen"`},
		{Row: 4, Code: app.RowShelf},
		{Row: 5, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}, {Row: 5, Code: app.RowShelf}}},
	{"zeros lost of one article", pens, rows{row("417", "till", "P1"), row("417", "web", "61")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}, {Row: 3, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}}},
	{"zeros lost of one article, as is meant", pens, rows{row("417", "till", "P1"), row("417", "web", "61")}, true, 2, nil},
	{"zeros lost of the other's row", pens, rows{row("00417", "till", "P1"), row("00417", "web", "62")}, false, 1, []app.RowFinding{
		{Row: 3, Code: app.RowRenamed, Remedy: app.RemedyFreshFile}}},
	{"a SKU that became a date", pens, rows{row("3-Apr", "till", "P7")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyFreshFile, What: `the catalog says "3-4", the file says "3-Apr": a spreadsheet may have rewritten it`}}},
	{"a SKU that lost a decimal", pens, rows{row("1,1", "till", "P8")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyFreshFile, What: `the catalog says "1.10", the file says "1,1": a spreadsheet may have rewritten it`}}},
	{"scientific", pens, rows{row("4.00638E+12", "till", "P6")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyFreshFile, What: `the catalog says "4006381333931", the file says "4.00638E+12": a spreadsheet may have rewritten it`}}},
	{"one article by two SKUs", pens, rows{row("T-3", "till", "P3"), row("T-3", "web", "63")}, false, 2, nil},
	{"one article by neither SKU", pens, rows{row("RULER", "till", "P3"), row("RULER", "web", "63")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed}, {Row: 3, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed, What: `the catalog says "W-3", the file says "RULER"`}}},
	{"an article without a SKU gets one", pens, rows{row("CHALK", "till", "P4")}, false, 1, nil},

	{"zeros lost, and the other channel has that SKU", lookalikes, rows{row("417", "till", "P0"), row("417", "web", "60")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed,
			What: `the catalog says "00417", the file says "417": a spreadsheet may have rewritten it; "417" is the SKU of "Web 60" (web 60), and this is "Till P0"`}}},
	{"zeros added, and the other channel has that SKU", lookalikes, rows{row("00417", "web", "60"), row("00417", "till", "P0")}, false, 1, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed,
			What: `the catalog says "417", the file says "00417": a spreadsheet may have rewritten it; "00417" is the SKU of "Till P0" (till P0), and this is "Web 60"`}}},
	{"rounded, dated and shortened to SKUs of the other channel", lookalikes, rows{row("4.00638E+12", "till", "P1"), row("4.00638E+12", "web", "61"),
		row("2026-02-01", "till", "P2"), row("2026-02-01", "web", "62"), row("1.1", "till", "P3"), row("1.1", "web", "63")}, false, 3, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU}, {Row: 4, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed},
		{Row: 6, Code: app.RowRenamed, Remedy: app.RemedyAcceptRenamed}}},
	{"zeros lost, as is meant", lookalikes, rows{row("417", "till", "P0"), row("417", "web", "60")}, true, 2, nil},
	{"one barcode in two lengths, or spaces around a SKU", lookalikes, rows{row("036000291452", "till", "P4"), row("036000291452", "web", "64"),
		row("88", "till", "P5"), row("88", "web", "65")}, false, 4, nil},
	{"a word of a spreadsheet where a SKU would be", pens, rows{row("#REF!", "till", "P4"), row("TRUE", "web", "61")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowEmpty, Remedy: app.RemedyCompleteRow, What: `"#REF!" is no SKU`}, {Row: 3, Code: app.RowEmpty, Remedy: app.RemedyCompleteRow}}},

	{"scientific, as is meant", pens, rows{row("4.00638E+12", "till", "P6"), row("417.00", "till", "P1")}, true, 0, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU, What: `the catalog says "4006381333931", the file says "4.00638E+12": a spreadsheet may have rewritten it`},
		{Row: 3, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU}}},
	{"scientific, and the other channel has that SKU, as is meant", lookalikes, rows{row("4.00638E+12", "till", "P1"), row("4.00638E+12", "web", "61")}, true, 1, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU}}},
	{"scientific, mended by the catalog's SKU", lookalikes, rows{row("4006381000011", "till", "P1"), row("4006381000011", "web", "61")}, false, 2, nil},
	{"zeros lost of two articles, as is meant", pens, rows{row("417", "till", "P1"), row("417", "web", "62"), row("T-3", "till", "P3")}, true, 1, []app.RowFinding{
		{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU,
			What: `the catalog says "00417", the file says "417": a spreadsheet may have rewritten it; web has an article of the SKU "00417" too: "Red pen"; "417" would be made of "0417" ("Blue pen") too`},
		{Row: 3, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU,
			What: `the catalog says "0417", the file says "417": a spreadsheet may have rewritten it; till has an article of the SKU "0417" too: "Blue pen"; "417" would be made of "00417" ("Red pen") too`}}},
	{"zeros lost of two articles, mended by the SKU of one", pens, rows{row("00417", "till", "P1"), row("00417", "web", "62")}, true, 2, nil},
	{"zeros lost of two articles, mended by a SKU of one's own", pens, rows{row("PEN", "till", "P1"), row("PEN", "web", "62")}, true, 2, nil},
	{"zeros lost of an article, as is meant, beside one that is linked so", func(b *apptest.Book) {
		lookalikes(b)
		_, err := app.New(b.Options()).ImportLinks(b.Context(), ann, app.LinkRequest{Rows: rows{row("417", "till", "P0"), row("417", "web", "60")}, AcceptRenamed: true})
		require.NoError(b, err)
		b.Till.Items = append(b.Till.Items, stock.CatalogItem{Item: "P9", SoldAs: "P9", SKU: "0417", Name: "Till P9", Tracked: true})
	}, rows{row("417", "till", "P9")}, true, 0, []app.RowFinding{{Row: 2, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU,
		What: `the catalog says "0417", the file says "417": a spreadsheet may have rewritten it; "417" is the SKU of "Web 60" (web 60), and this is "Till P9"; "417" would be made of "00417" ("Till P0") too`},
		{Row: 2, Code: app.RowShelf}}},
	{"zeros lost of two articles that are said to be one", pens, rows{shared(row("417", "till", "P1")), shared(row("417", "till", "P2")), row("417", "web", "62")}, true, 2, []app.RowFinding{
		{Row: 4, Code: app.RowRenamed, Remedy: app.RemedyOwnSKU}}},
	{"zeros lost of one barcode in two lengths, as is meant", lookalikes, rows{row("36000291452", "till", "P4"), row("36000291452", "web", "64")}, true, 2, nil},

	{"two on one shelf, by a number that neither has", pens, rows{shared(row("417", "till", "P1")), shared(row("417", "till", "P2"))}, true, 2, nil},
	{"two on one shelf, as is meant", pens, rows{shared(row("PENS", "till", "P1")), shared(row("PENS", "till", "P2")), row("PENS", "web", "61")}, true, 3, nil},
	{"two on one shelf, half meant", pens, rows{shared(row("PENS", "till", "P1")), row("PENS", "till", "P2")}, true, 1, []app.RowFinding{
		{Row: 3, Code: app.RowShelf, Remedy: app.RemedyShared}}},
	{"a second beside one that is linked", func(b *apptest.Book) { b.Sell() }, rows{row("TEE-M", "web", "46")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowShelf, Remedy: app.RemedyShared, What: `2 articles of web would be one: "A tee, size M" (45, linked already) and "A tee without a SKU" (46, row 2)`}}},
	{"a second beside one that is linked, as is meant", func(b *apptest.Book) { b.Sell() }, rows{shared(row("TEE-M", "web", "46"))}, false, 1, nil},

	{"linked already", func(b *apptest.Book) { b.Sell() }, rows{row("TEE-M", "till", "V1"), row("TEE-M", "web", "45")}, false, 0, nil},
	{"linked to another, by a SKU that nothing has", func(b *apptest.Book) { b.Sell() }, rows{row("MUG", "till", "V1")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowLinked, Remedy: app.RemedyStaysLinked, What: `"A tee, size M" is linked to the item of SKU "TEE-M", and no article has the SKU "MUG"`}}},
	{"linked to another, by the SKU of another", func(b *apptest.Book) { b.Sell(); pens(b) }, rows{row("00417", "till", "V1")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowLinked, Remedy: app.RemedyRelink, Meant: []string{"till V1"}, What: `"A tee, size M" is linked to the item of SKU "TEE-M", and "00417" is the SKU of "Red pen"`}}},
	{"linked to another, by the SKU of another that is linked", linkedPens, rows{row("0417", "till", "P1")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowLinked, Remedy: app.RemedyStaysLinked, What: `"Red pen" is linked to the item of SKU "00417", and the file says "0417": a spreadsheet may have rewritten it`}}},
	{"linked, and rewritten", linkedPens, rows{row("417", "till", "P1"), row("4,17E+02", "web", "61"), row("417", "till", "P2")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowLinked, Remedy: app.RemedyStaysLinked, What: `"Red pen" is linked to the item of SKU "00417", and the file says "417": a spreadsheet may have rewritten it`},
		{Row: 3, Code: app.RowLinked, Remedy: app.RemedyStaysLinked},
		{Row: 4, Code: app.RowLinked, Remedy: app.RemedyStaysLinked}}},
	{"a SKU of two items", twoTees, rows{row("TEE-M", "web", "46")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowTwoItems, Remedy: app.RemedyNewSKU, What: `2 items have the SKU "TEE-M": "A tee, size M" (item-tee), "Another tee" (item-tee-2)`}}},
	{"linked again", unlinking, rows{row("TEE-M", "till", "V1")}, false, 1, nil},

	{"a SKU that moved on", renamed, rows{row("TEE-M", "till", "V2")}, false, 0, []app.RowFinding{
		{Row: 2, Code: app.RowMovedOn, Remedy: app.RemedyMovedOn,
			What: `the SKU "TEE-M" was that of "A tee, size M" (item-tee), whose articles have another one now: is this the same article, or a new one?`}}},
	{"a SKU that moved on, to a new article", renamed, rows{row("TEE-M", "till", "V2")}, true, 1, nil},
	{"the new SKU of a linked article", renamed, rows{shared(row("TEE-M-OLD", "web", "46"))}, false, 1, nil},
	{"made anew under another id", func(b *apptest.Book) {
		b.Sell()
		b.Till.Items = []stock.CatalogItem{{Item: "V2", SoldAs: "V2", SKU: "TEE-M", Name: "A tee, size M"}}
	}, rows{row("TEE-M", "till", "V2")}, false, 1, nil},
	{"an export from before the rename", renamed, rows{row("TEE-M", "till", "V1"), row("TEE-M", "web", "45")}, false, 0, nil},
}

// TestLinkChecks expects of each file which rows are refused, that the others are linked, and that a dry run says the same.
func TestLinkChecks(t *testing.T) {
	t.Parallel()
	for _, c := range linkChecks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			c.tell(b)
			a := app.New(b.Options())
			before := b.Written()
			tried, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: c.rows, AcceptRenamed: c.accept, DryRun: true})
			require.NoError(t, err)
			require.Equal(t, before, b.Written())
			done, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: c.rows, AcceptRenamed: c.accept})
			require.NoError(t, err)
			require.Equal(t, tried, done)
			require.Equal(t, c.linked, done.Refs, "%+v", done.Refused)
			require.Len(t, done.Refused, len(c.refused), "%+v", done.Refused)
			for i, want := range c.refused {
				got := done.Refused[i]
				require.NotContains(t, got.What, "evenstock ", "an answer names no command")
				if first := i == 0 || done.Refused[i-1].Row != got.Row; first {
					require.NotEmpty(t, got.Remedy, "whoever is refused is told how to mend it")
				}
				require.Equal(t, c.rows[want.Row-2].Item, got.Item)
				want.SKU, want.Channel, want.Item = got.SKU, got.Channel, got.Item
				if want.What == "" {
					want.What = got.What
				}
				require.Equal(t, want, got)
			}
		})
	}
}

// TestAcceptedRowsAreNamed expects that what --accept-renamed lets pass is told row by row, beside what is noted without it.
func TestAcceptedRowsAreNamed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	pens(b)
	file := rows{row("0417", "web", "62"), row("417", "till", "P1"), row("GONE-2", "till", "P5"), row("T-3", "till", "P3"), row("T-3", "web", "63"), row("SET", "web", "64")}
	for _, dryRun := range []bool{true, false} {
		result, err := app.New(b.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file, AcceptRenamed: true, DryRun: dryRun})
		require.NoError(t, err)
		require.Equal(t, []app.RowFinding{
			{Row: 3, Code: app.NoteRenamed, SKU: "417", Channel: "till", Item: "P1", What: `the catalog says "00417", the file says "417": a spreadsheet may have rewritten it; web has an article of the SKU "00417" too: "Red pen"`},
			{Row: 4, Code: app.NoteLeftOut, SKU: "GONE-2", Channel: "till", Item: "P5", What: `"Hat" is archived`},
			{Row: 4, Code: app.NoteRenamed, SKU: "GONE-2", Channel: "till", Item: "P5", What: `the catalog says "GONE", the file says "GONE-2"`},
			{Row: 6, Code: app.NoteTwoSKUs, SKU: "T-3", Channel: "web", Item: "63", What: `the catalog says "W-3" ("Ruler"), the file says "T-3", the SKU of "Ruler" (till P3)`},
		}, result.Noted)
	}
	again, err := app.New(b.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file[1:2], AcceptRenamed: true})
	require.NoError(t, err)
	require.Empty(t, again.Noted, "what is linked so already was accepted before")

	moved := newBook(t)
	renamed(moved)
	result, err := app.New(moved.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: rows{row("TEE-M", "till", "V2")}, AcceptRenamed: true})
	require.NoError(t, err)
	require.Equal(t, []app.RowFinding{{Row: 2, Code: app.NoteMovedOn, SKU: "TEE-M", Channel: "till", Item: "V2",
		What: `the SKU "TEE-M" was that of "A tee, size M" (item-tee), whose articles have another one now: it is taken for a new article`}}, result.Noted)
}

// TestArticlesByTwoSKUsAreNamed expects that a row which stands by the SKU of another channel's article says so, with both names: it may be
// one article, or two.
func TestArticlesByTwoSKUsAreNamed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	pens(b)
	file := rows{row("T-3", "till", "P3"), row("T-3", "web", "63"), row("00417", "till", "P1"), row("00417", "till", "P4")}
	file[2].Shared, file[3].Shared = true, true
	for _, linked := range []bool{false, true} {
		result, err := app.New(b.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file})
		require.NoError(t, err)
		require.Empty(t, result.Refused)
		if linked {
			require.Empty(t, result.Noted, "what is linked so already was noted before")
			return
		}
		require.Equal(t, []app.RowFinding{{Row: 3, Code: app.NoteTwoSKUs, SKU: "T-3", Channel: "web", Item: "63",
			What: `the catalog says "W-3" ("Ruler"), the file says "T-3", the SKU of "Ruler" (till P3)`}}, result.Noted)
	}
}

// TestRespelledDates expects that a date which a spreadsheet made of a SKU is known in the languages in which shops write them.
func TestRespelledDates(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"12-Mar", "12. Mrz", "12. März", "12-mars", "12-mar", "12-mrt", "3-déc.", "3. Dez", "3-dic", "2-ott", "5-mei", "5-mag", "8-août", "Mrz 26", "sept.-26", "12. Mrz 26", "1-gen", "1-ene", "12.03.2026", "2026-03-12"} {
		require.True(t, app.Respelled("3-12", said), said)
	}
	for _, said := range []string{"12-Red", "12. Rot", "M-12", "3-XXL", "LUG-NUT", "12-Ma"} {
		require.False(t, app.Respelled("3-12", said), said)
	}
}

// TestLinksCanBeTakenElsewhere exports the links of one ledger, articles that share a shelf too, and imports them into a new one.
func TestLinksCanBeTakenElsewhere(t *testing.T) {
	t.Parallel()
	from, to := newBook(t), newBook(t)
	pens(from)
	pens(to)
	mixed := rows{shared(row("00417", "till", "P1")), shared(row("00417", "till", "P2")), row("00417", "web", "61"), row("T-3", "till", "P3"), row("T-3", "web", "63")}
	_, err := app.New(from.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: mixed, AcceptRenamed: true})
	require.NoError(t, err)
	links, err := app.New(from.Options()).Links(t.Context())
	require.NoError(t, err)
	var exported rows
	for _, link := range links {
		exported = append(exported, link.LinkRow)
	}
	result, err := app.New(to.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: exported, AcceptRenamed: true})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	require.Equal(t, 5, result.Refs)
	again, err := app.New(from.Options()).ImportLinks(t.Context(), ann, app.LinkRequest{Rows: exported})
	require.NoError(t, err)
	require.Empty(t, again.Refused, "what is linked so already needs nobody's word again")
	require.Equal(t, 5, again.Before)
}

// TestImportFillsIn expects that what the file leaves out is the catalog's, and that a second item of the merged SKU never comes to be.
func TestImportFillsIn(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	pens(b)
	a := app.New(b.Options())
	_, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: rows{row("00417", "web", "61"), row("GONE", "till", "P5")}})
	require.NoError(t, err)
	links, err := a.Links(context.Background())
	require.NoError(t, err)
	require.Equal(t, "961", links[0].SoldAs)
	require.Equal(t, "Red pen", links[0].Name)
	_, err = a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: rows{row("T-3", "till", "P3"), row("T-3", "web", "63")}})
	require.NoError(t, err)
	for _, sku := range []string{"T-3", "W-3"} {
		explained, err := a.Explain(t.Context(), app.ExplainQuery{SKU: sku})
		require.NoError(t, err)
		require.Equal(t, "T-3", explained.Item.SKU, "it is found by the SKU of either channel")
	}
	result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: rows{row("GONE", "till", "P5")}})
	require.NoError(t, err)
	require.Equal(t, 1, result.Before)
	require.Equal(t, app.NoteLeftOut, result.Noted[0].Code)
}

// TestImportIsCounted expects that every row of a file is counted once, as linked, linked before or refused, and every counter that
// needs something yet.
func TestImportIsCounted(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	pens(b)
	b.Till.Items = append(b.Till.Items, stock.CatalogItem{Item: "V9", SoldAs: "V9", SKU: "TEE-M", Name: "A tee, counted twice", Tracked: true})
	a := app.New(b.Options())
	file := rows{row("TEE-M", "till", "V1"), row("417", "till", "P1"), row("0417", "till", "P2"), row("0417", "web", "62"), shared(row("TEE-M", "till", "V9")), row("0417", "till", "P2")}
	for _, dryRun := range []bool{true, false} {
		result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file, DryRun: dryRun})
		require.NoError(t, err)
		require.Equal(t, &app.RowCounts{Given: 6, Linked: 3, Before: 1, Refused: 2}, result.Rows)
		require.Equal(t, 2, result.Opens, "the pen's two counters wait for a baseline")
		require.Equal(t, 1, result.Joins, "the second tee comes to a shelf that is open")
	}
	again, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file})
	require.NoError(t, err)
	require.Equal(t, &app.RowCounts{Given: 6, Before: 4, Refused: 2}, again.Rows)
	require.Equal(t, 2, again.Opens)
	require.Equal(t, 1, again.Joins)
}
