package square

import (
	"slices"
	"sync"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

// trackedMax bounds how many refs are remembered.
const trackedMax = 100_000

// tracked remembers which refs the catalog said are counted. It is asked again only when something hints at it: no row, a refusal, a
// change that the catalog lists. A seller rarely switches that off, and a busy channel should not ask before its readings.
type tracked struct {
	mu    sync.Mutex
	known map[stock.Ref]struct{}
}

// doubted lists the items that the catalog must be asked about: those of refs that have no row, or that it did not say yet are counted.
func (t *tracked) doubted(set refSet, rows map[stock.Ref]stock.Reading) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var items []string
	for _, ref := range set.refs {
		_, has := rows[ref]
		if _, known := t.known[ref]; !has || !known {
			items = append(items, ref.Item)
		}
	}
	return sorted(items)
}

// forget has the catalog asked again about the items of a call's rows that were refused; none is named: of all.
func (t *tracked) forget(call *sdk.BatchChangeInventoryRequest, rows []int) {
	refused := map[string]bool{}
	for i, change := range call.Changes {
		if len(rows) == 0 || slices.Contains(rows, i) {
			refused[value(change.GetAdjustment().GetCatalogObjectID())] = true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for ref := range t.known {
		if refused[ref.Item] {
			delete(t.known, ref)
		}
	}
}

// doubt has the catalog asked again about refs that it says are not counted: a row that stayed must not speak for it at the next read.
func (t *tracked) doubt(refs []stock.Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, ref := range refs {
		delete(t.known, ref)
	}
}

func (t *tracked) note(refs []stock.Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known)+len(refs) > trackedMax {
		t.known = make(map[stock.Ref]struct{}, len(refs))
	}
	for _, ref := range refs {
		t.known[ref] = struct{}{}
	}
}
