package main

import (
	"maps"
	"path"
	"slices"
	"testing"
)

// TestTheJudgeSeesWhatIsPlanted puts one violation after the other into the project as it is. It also keeps the rules: an arrow
// that makes one of these right makes this test red.
func TestTheJudgeSeesWhatIsPlanted(t *testing.T) {
	t.Parallel()
	project := projectPackages(t)
	for _, planted := range []struct{ file, imports, complaint string }{
		{"adapters/web/pages.go", "adapters/api", "adapters/web must not import adapters/api"},
		{"adapters/web/pages.go", "ledger/sqlite", "adapters/web must not import ledger/sqlite"},
		{"adapters/square/planted.go", "sync/reconcile", "adapters/square must not import sync/reconcile"},
		{"adapters/square/planted.go", "adapters/shopify", "adapters/square must not import adapters/shopify"},
		{"adapters/api/planted.go", "ledger/sqlite", "adapters/api must not import ledger/sqlite"},
		{"adapters/api/planted.go", "adapters/square", "adapters/api must not import adapters/square"},
		{"adapters/kafka/planted.go", "config", "adapters/kafka must not import config"},
		{"cmd/evenstock/planted.go", "ledger/sqlite", "cmd/evenstock/planted.go names ledger/sqlite, which is for cmd/evenstock/stores.go to choose"},
		{"cmd/evenstock/planted.go", "adapters/shopify", "cmd/evenstock/planted.go names adapters/shopify, which is for cmd/evenstock/platforms.go to choose"},
		{"cmd/evenstock/planted.go", "adapters/kafka", "cmd/evenstock/planted.go names adapters/kafka, which is for cmd/evenstock/broker.go to choose"},
		{"cmd/evenstock/cli/planted.go", "ledger/sqlite", "cmd/evenstock/cli must not import ledger/sqlite"},
		{"cmd/evenstock/cli/planted.go", "adapters/square", "cmd/evenstock/cli must not import adapters/square"},
		{"cmd/evenstock/cli/planted.go", "adapters/kafka", "cmd/evenstock/cli must not import adapters/kafka"},
		{"cmd/evenstock/cli/planted.go", "adapters/api", "cmd/evenstock/cli must not import adapters/api"},
		{"cmd/evenstock/cli/planted.go", "sync/reconcile", "cmd/evenstock/cli must not import sync/reconcile"},
		{"cmd/evenstock/demo/planted.go", "ledger/sqlite", "cmd/evenstock/demo must not import ledger/sqlite"},
		{"ledger/planted.go", "ledger/sqlite", "ledger must not import ledger/sqlite"},
		{"ledger/stock/planted.go", "ledger", "ledger/stock must not import ledger"},
		{"sync/app/planted.go", "adapters/square", "sync/app must not import adapters/square"},
		{"sync/app/planted.go", "cmd/evenstock/demo", "sync/app must not import cmd/evenstock/demo"},
		{"sync/merchant/planted.go", "config", "sync/merchant must not import config"},
		{"adapters/api/planted.go", "cmd/evenstock", "adapters/api must not import cmd/evenstock"},
		{"sync/once.go", "", "no Go file may stand directly in sync/: it would shadow the standard library's package"},
		{"util/strings.go", "ledger/stock", "util has no entry that says what it may import"},
	} {
		t.Run(planted.complaint, func(t *testing.T) {
			t.Parallel()
			wantComplaint(t, judgeHouse(withFile(project, planted.file, planted.imports), house), planted.complaint)
		})
	}
	t.Run("an arrow that nobody uses", func(t *testing.T) {
		t.Parallel()
		rules := house
		rules.mayImport = maps.Clone(house.mayImport)
		rules.mayImport["sync/sweep"] = append(slices.Clone(house.mayImport["sync/sweep"]), "sync/stream")
		wantComplaint(t, judgeHouse(project, rules), "sync/sweep may import sync/stream and does not: the arrow goes")
	})
	t.Run("an entry for nobody", func(t *testing.T) {
		t.Parallel()
		rules := house
		rules.mayImport = maps.Clone(house.mayImport)
		rules.mayImport["ledger/cobol"] = []string{"ledger"}
		wantComplaint(t, judgeHouse(project, rules), "the entry ledger/cobol judges no package")
	})
}

// withFile is the project with one more file in it.
func withFile(project map[string]projectPackage, file, imports string) map[string]projectPackage {
	project = maps.Clone(project)
	folder := path.Dir(file)
	p := project[folder]
	if p.files = maps.Clone(p.files); p.files == nil {
		p.files = map[string][]string{}
	}
	p.files[file] = nil
	if imports != "" {
		p.files[file] = []string{imports}
	}
	project[folder] = p
	return project
}

func wantComplaint(t *testing.T, got []string, want string) {
	t.Helper()
	if !slices.Contains(got, want) {
		t.Errorf("the judge says %q, and not %q", got, want)
	}
}
