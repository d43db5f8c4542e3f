package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
)

// linkFile writes a link file and returns its path.
func (s *stage) linkFile(text string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "links.csv")
	must(s.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// A spreadsheet took the zeros of two articles away, and the digits of a third one's id. Nothing of them is linked, with and without
// a dry run; what it left whole is, and can be told from a workbook too.
func TestLinkFileThatASpreadsheetRewrote(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	for _, sku := range []string{"00417", "0417", "MUG", "TEE-M"} {
		s.sells(sku, 8, 3)
	}
	good := s.command("link", "suggest")
	var mangled []string
	for line := range strings.Lines(good) {
		line = strings.TrimSuffix(line, "\n")
		if sku, rest, _ := strings.Cut(line, ","); strings.HasPrefix(sku, "0") {
			line = "417," + rest
		} else if strings.Contains(line, ",web,") && sku == "MUG" {
			line = "MUG,A MUG,web,4.5E+13,4.3E+13"
		}
		mangled = append(mangled, strings.ReplaceAll(line, ",", ";"))
	}
	file := s.linkFile("\ufeff" + strings.Join(mangled, "\r\n") + "\r\n;;;;\r\n")
	for _, args := range [][]string{{"link", "import", file, "--dry-run"}, {"link", "import", file}} {
		out, code := s.exit(args...)
		if code != cli.ExitPartly || !strings.Contains(out, "3 counters of 2 items") || !strings.Contains(out, "next: mend the refused rows") {
			t.Fatalf("%v: exit code %d: %s", args, code, out)
		}
	}
	log := s.log.String()
	for _, want := range []string{
		`2 articles of till would be one: "A 00417, Regular"`, `the catalog says "0417", the file says "417": a spreadsheet may have rewritten it`,
		`it is no item of web: "4.5E+13" is not a numeric id: a spreadsheet has rewritten the number`, "5 of 8 rows refused: rows 2, 3, 4, 5, 7",
		"to mend rows 2, 3, 4, 5, 7: take SKU and id from a fresh file: evenstock --config " + s.cfgPath + " link suggest",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("nothing says %q:\n%s", want, log)
		}
	}
	if links := s.command("link", "list"); strings.Contains(links, "417") || !strings.Contains(links, "TEE-M") {
		t.Errorf("linked is:\n%s", links)
	}
	s.command("link", "import", s.linkFile(s.command("link", "suggest", "--format", "xlsx")))
	if again := s.command("link", "suggest"); strings.Count(again, "\n") != 1 {
		t.Errorf("after the workbook is left to link:\n%s", again)
	}
}

// A merchant renames an article on both channels and gives its SKU to another one.
func TestRenamedArticle(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	s.even(tee, "8")
	must(t, s.square.SetSKU(tee.till, "TEE-M-2025"))
	must(t, s.shopify.List(shopify.ListedAs{Item: tee.web, SKU: "TEE-M-2025"}))
	next := s.square.AddVariation("TEE-M", "The tee of 2026", true)
	file := s.linkFile("sku,channel,item\nTEE-M,till," + next + "\n")
	if _, code := s.exit("link", "import", file); code != cli.ExitFailed {
		t.Errorf("the SKU that moved on is linked: %d", code)
	}
	s.command("reconcile", "run")
	if stock := s.command("stock", "TEE-M-2025"); !strings.Contains(stock, "TEE-M-2025") {
		t.Errorf("the renamed article is not found:\n%s", stock)
	}
	s.command("link", "import", file)
	if links := s.command("link", "list"); strings.Count(links, "TEE-M ") != 1 || strings.Count(links, "TEE-M-2025") != 2 {
		t.Errorf("linked is:\n%s", links)
	}
}

// What is archived, a bundle, sold in another unit or by weight, or a gift card is not proposed, and counted.
func TestWhatIsNotProposed(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	for _, sku := range []string{"OLD", "CASE", "CARD", "SET", "DRAFT", "CHEESE", "GOOD"} {
		i := s.sells(sku, 8, 8)
		till, web := square.Listing{UPC: "036000291452"}, shopify.Listing{}
		switch sku {
		case "OLD":
			till.Archived = true
		case "CASE":
			till.UnitOf = "OTHER"
		case "CARD":
			till.ProductType = "GIFT_CARD"
		case "CHEESE":
			till.MeasuredTo = 3
		case "SET":
			web.Bundle = true
		case "DRAFT":
			web.Status = "DRAFT"
		}
		must(t, s.square.List(i.till, till))
		must(t, s.shopify.List(shopify.ListedAs{Item: i.web, SKU: sku, Listing: web}))
	}
	if links := s.command("link", "suggest"); strings.Count(links, "\n") != 3 || strings.Count(links, "\nGOOD,") != 2 {
		t.Errorf("proposed is:\n%s", links)
	}
	for _, want := range []string{"left out: 1 item on till: archived", "sold in another unit", "gift cards", "1 item on till: sold by weight or measure", "bundles, of which the parts are counted", "drafts"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("nothing says %q", want)
		}
	}
}
