package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/evenstock/evenstock/"

// mayImport is the house: what each package of the project may import of the project. A package is judged by the entry that
// names it or the nearest folder above it. "x/..." is x and everything below it.
var mayImport = map[string][]string{
	"cmd":                      {"adapters/...", "cmd/evenstock/...", "config", "ledger/...", "sync/..."},
	"cmd/evenstock/demo":       {"adapters/api/client", "adapters/sandbox/...", "config", "ledger", "ledger/stock", "sync/app"},
	"config":                   {},
	"ledger":                   {"ledger/stock"},
	"ledger/stock":             {},
	"ledger/explain":           {"ledger", "ledger/stock"},
	"ledger/sqlite":            {"ledger", "ledger/stock"},
	"ledger/ledgertest":        {"ledger", "ledger/stock"},
	"sync/stream":              {"ledger", "ledger/stock"},
	"sync/reconcile":           {"sync/stream", "ledger", "ledger/stock"},
	"sync/reconcile/simulator": {"sync/reconcile", "ledger", "ledger/stock", "ledger/ledgertest"},
	"sync/converge":            {"sync/stream", "sync/reconcile", "ledger", "ledger/stock"},
	"sync/sweep":               {"sync/stream", "sync/reconcile", "ledger", "ledger/stock"},
	"sync/health":              {"ledger", "ledger/stock"},
	"sync/merchant":            {"sync/stream", "sync/converge", "sync/sweep", "ledger", "ledger/stock"},
	"sync/app":                 {"sync/reconcile", "sync/stream", "sync/sweep", "ledger", "ledger/explain", "ledger/stock"},
	"adapters":                 {"ledger/stock"},
	// Requests and answers are the application's; it says times of the past, runs and findings in the ledger's types.
	"adapters/api":        {"sync/app", "ledger", "ledger/explain", "ledger/stock"},
	"adapters/api/client": {"sync/app", "ledger", "ledger/explain", "ledger/stock"},
	"adapters/sandbox":    {"ledger/stock", "adapters/sandbox/..."},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestArrowsPointOneWay(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	decoder, seen := json.NewDecoder(strings.NewReader(string(out))), 0
	for {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(p.ImportPath, module)
		if name == "sync" {
			t.Errorf("there must be no Go file directly in sync/: it would shadow the standard library's package")
		}
		for _, imported := range p.Imports {
			target, ours := strings.CutPrefix(imported, module)
			if ours && !allowed(name, target) {
				t.Errorf("%s must not import %s", name, target)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages were judged", seen)
	}
}

func allowed(name, target string) bool {
	for folder := name; folder != "."; folder = path.Dir(folder) {
		list, ok := mayImport[folder]
		if !ok {
			continue
		}
		for _, pattern := range list {
			if root, below := strings.CutSuffix(pattern, "/..."); target == root || below && strings.HasPrefix(target, root+"/") {
				return true
			}
		}
		return false
	}
	return false
}
