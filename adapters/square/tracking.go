package square

import (
	"sync"
	"time"

	sdk "github.com/square/square-go-sdk"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// trackedFor is how long the catalog's word is taken that Square goes on counting a ref. A seller rarely switches that off,
	// and a busy channel should not ask before every reading.
	trackedFor = time.Minute
	// trackedMax bounds how many refs are remembered.
	trackedMax = 10_000
)

// tracked remembers which refs the catalog lately said are counted.
type tracked struct {
	mu    sync.Mutex
	until map[stock.Ref]time.Time
}

// doubted lists the items that the catalog must be asked about: those of refs that have no row, or that it was not asked about
// for a while.
func (t *tracked) doubted(set refSet, rows map[stock.Ref]stock.Reading, now time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var items []string
	for _, ref := range set.refs {
		if _, has := rows[ref]; !has || !now.Before(t.until[ref]) {
			items = append(items, ref.Item)
		}
	}
	return sorted(items)
}

// forget has the catalog asked again about the items of a call's rows.
func (t *tracked) forget(call *sdk.BatchChangeInventoryRequest, rows []int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range rows {
		for ref := range t.until {
			if ref.Item == value(call.Changes[i].GetAdjustment().GetCatalogObjectID()) {
				delete(t.until, ref)
			}
		}
	}
}

// doubt has the catalog asked again about refs that it says are not counted: a row that stayed must not speak for it at the next read.
func (t *tracked) doubt(refs []stock.Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, ref := range refs {
		delete(t.until, ref)
	}
}

func (t *tracked) note(refs []stock.Ref, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil || len(t.until)+len(refs) > trackedMax {
		t.until = make(map[stock.Ref]time.Time, len(refs))
	}
	for _, ref := range refs {
		t.until[ref] = now.Add(trackedFor)
	}
}
