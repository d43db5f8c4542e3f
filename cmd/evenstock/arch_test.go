package main

import (
	"cmp"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/evenstock/evenstock/"

// house is how the packages of the project may know each other.
var house = houseRules{
	// What each package may import of the project. A package is judged by the entry that names it or the nearest folder above
	// it. "x/..." is x and everything below it.
	mayImport: map[string][]string{
		"cmd/evenstock": {"adapters/...", "cmd/evenstock/...", "config", "ledger/...", "sync/..."},
		// The command line says in its own words what health found.
		"cmd/evenstock/cli": {"adapters/api/client", "config", "ledger", "ledger/explain", "ledger/stock", "sync/app", "sync/fleet", "sync/health"},
		// The demo brings its own commands.
		"cmd/evenstock/demo": {"cmd/evenstock/cli", "adapters/api/client", "adapters/sandbox/...", "config", "ledger", "ledger/stock", "sync/app"},
		// What measures knows a binary by its commands alone, and the pretend shops.
		"cmd/latency":    {"adapters/sandbox/...", "ledger/stock"},
		"config":         {},
		"ledger":         {"ledger/stock"},
		"ledger/stock":   {},
		"ledger/explain": {"ledger", "ledger/stock"},
		// What the stores have in common: columns, questions and folds, no SQL.
		"ledger/record":   {"ledger", "ledger/stock"},
		"ledger/sqlite":   {"ledger", "ledger/record", "ledger/registry", "ledger/stock"},
		"ledger/postgres": {"ledger", "ledger/record", "ledger/registry", "ledger/stock"},
		// What is set knows nothing of stock, so far.
		"ledger/registry":              {},
		"ledger/registry/registrytest": {"ledger/registry"},
		"ledger/postgres/postgrestest": {"ledger/postgres"},
		"ledger/ledgertest":            {"ledger", "ledger/stock"},
		"sync/stream":                  {"ledger", "ledger/stock"},
		"sync/reconcile":               {"ledger", "ledger/stock"},
		"sync/reconcile/simulator":     {"sync/reconcile", "ledger", "ledger/stock", "ledger/ledgertest"},
		"sync/converge":                {"sync/reconcile", "ledger", "ledger/stock"},
		"sync/sweep":                   {"sync/reconcile", "ledger", "ledger/stock"},
		// It knows how to end this process, and nothing else.
		"sync/failpoint": {},
		"sync/health":    {"ledger", "ledger/stock"},
		"sync/merchant":  {"sync/stream", "sync/converge", "sync/sweep", "ledger", "ledger/stock"},
		// Whether serve runs with the configuration that its file has is a check, and stands in answers as one.
		"sync/app": {"sync/reconcile", "sync/stream", "sync/sweep", "sync/health", "ledger", "ledger/explain", "ledger/stock"},
		// It says in the application's kinds what cannot be done with a merchant.
		"sync/fleet":           {"ledger/registry", "sync/app"},
		"sync/fleet/fleettest": {"ledger/registry", "ledger/registry/registrytest", "sync/fleet"},
		"sync/app/apptest":     {"sync/app", "sync/reconcile", "sync/stream", "ledger", "ledger/stock"},
		"adapters":             {"ledger/stock"},
		// What an account may be asked for is shared out alike on every platform.
		"adapters/square":     {"adapters/budget", "ledger/stock"},
		"adapters/shopify":    {"adapters/budget", "ledger/stock"},
		"adapters/kafka":      {},
		"adapters/embedkafka": {},
		// It says in the stream's words what the two of them do.
		"adapters/brokers": {"adapters/embedkafka", "adapters/kafka", "sync/stream"},
		// Requests and answers are the application's; it says times of the past, runs and findings in the ledger's types.
		"adapters/api":        {"sync/app", "sync/fleet", "sync/health", "ledger", "ledger/explain", "ledger/stock"},
		"adapters/api/client": {"sync/app", "sync/fleet", "sync/health", "ledger", "ledger/explain"},
		// It stands before the same operations where no serve runs.
		"adapters/api/local": {"adapters/api", "adapters/api/client", "sync/app"},
		"adapters/sandbox":   {"adapters/sandbox/...", "ledger/stock"},
	},
	// A technology that could be another one is chosen in one file; what stands below it knows it anyway.
	onlyIn: map[string][]string{
		"ledger/sqlite":       {"cmd/evenstock/stores.go"},
		"ledger/postgres":     {"cmd/evenstock/stores.go"},
		"adapters/square":     {"cmd/evenstock/platforms.go"},
		"adapters/shopify":    {"cmd/evenstock/platforms.go"},
		"adapters/brokers":    {"cmd/evenstock/broker.go", "cmd/evenstock/wire.go"},
		"adapters/kafka":      {"cmd/evenstock/broker.go", "adapters/brokers/brokers.go", "adapters/brokers/erase.go"},
		"adapters/embedkafka": {"cmd/evenstock/broker.go", "adapters/brokers/brokers.go", "adapters/brokers/erase.go"},
	},
}

// houseRules are what judgeHouse judges by.
type houseRules struct {
	mayImport map[string][]string
	// onlyIn has, for a package, the files that may import it: the one that chooses it first.
	onlyIn map[string][]string
}

// projectPackage is a package of the project, without its tests.
type projectPackage struct {
	// doc is the first sentence of its manual.
	doc string
	// files have what each of them imports of the project.
	files map[string][]string
}

// TestArrowsPointOneWay judges the project as it is.
func TestArrowsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, complaint := range judgeHouse(projectPackages(t), house) {
		t.Error(complaint)
	}
}

// judgeHouse says what is wrong with packages, by their folders.
func judgeHouse(packages map[string]projectPackage, rules houseRules) []string {
	var complaints []string
	used := map[string]map[string]bool{}
	for folder, p := range packages {
		if folder == "sync" {
			complaints = append(complaints, "no Go file may stand directly in sync/: it would shadow the standard library's package")
		}
		entry, known := rules.entryOf(folder)
		if !known {
			complaints = append(complaints, fmt.Sprintf("%s has no entry that says what it may import", folder))
			continue
		}
		if used[entry] == nil {
			used[entry] = map[string]bool{}
		}
		for file, imports := range p.files {
			for _, target := range imports {
				arrow, found := findArrow(rules.mayImport[entry], target)
				used[entry][arrow] = true
				if !found {
					complaints = append(complaints, fmt.Sprintf("%s must not import %s", folder, target))
				} else if only, chosen := rules.onlyIn[target]; chosen && !slices.Contains(only, file) && !strings.HasPrefix(folder, target+"/") {
					complaints = append(complaints, fmt.Sprintf("%s names %s, which is for %s to choose", file, target, only[0]))
				}
			}
		}
	}
	for entry, arrows := range rules.mayImport {
		if used[entry] == nil {
			complaints = append(complaints, fmt.Sprintf("the entry %s judges no package", entry))
			continue
		}
		for _, arrow := range arrows {
			if !used[entry][arrow] {
				complaints = append(complaints, fmt.Sprintf("%s may import %s and does not: the arrow goes", entry, arrow))
			}
		}
	}
	slices.Sort(complaints)
	return slices.Compact(complaints)
}

// entryOf is the entry that judges a package.
func (r houseRules) entryOf(folder string) (string, bool) {
	for ; folder != "."; folder = path.Dir(folder) {
		if _, ok := r.mayImport[folder]; ok {
			return folder, true
		}
	}
	return "", false
}

// findArrow is the first of the arrows that allows the target.
func findArrow(arrows []string, target string) (string, bool) {
	for _, arrow := range arrows {
		if root, below := strings.CutSuffix(arrow, "/..."); target == root || below && strings.HasPrefix(target, root+"/") {
			return arrow, true
		}
	}
	return "", false
}

// projectPackages reads the project's packages, for every system that they are written for.
func projectPackages(t *testing.T) map[string]projectPackage {
	t.Helper()
	root := filepath.Join("..", "..")
	packages := map[string]projectPackage{}
	must(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		folder := path.Dir(relative)
		p, seen := packages[folder]
		if !seen {
			p.files = map[string][]string{}
		}
		p.doc = cmp.Or(p.doc, new(doc.Package).Synopsis(file.Doc.Text()))
		p.files[relative] = nil
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if target, ours := strings.CutPrefix(imported, module); ours {
				p.files[relative] = append(p.files[relative], target)
			}
		}
		packages[folder] = p
		return nil
	}))
	if len(packages) < 10 {
		t.Fatalf("only these packages were found: %v", slices.Sorted(maps.Keys(packages)))
	}
	return packages
}
