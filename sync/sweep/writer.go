package sweep

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// writer is another program that writes a channel's stock.
type writer struct{ kind, application string }

// writings is what a run saw of a writer.
type writings struct {
	changes int
	last    stock.Event
}

// noteWriter counts a change that another program made. A recent sweep counts only what the ledger did not know yet, so that each
// change is reported once. A full sweep counts all that it lists, or it would report next to nothing: reads of ours have explained
// most of it long before. Our own rows end as ignored and are never counted.
func (r *run) noteWriter(event stock.Event, ending ledger.Ending) {
	var evidence stock.Evidence
	switch {
	case event.Movement != nil:
		evidence = event.Movement.Evidence
	case event.Recount != nil:
		evidence = event.Recount.Evidence
	}
	seen := ending == ledger.Done || r.Kind == Full && ending == ledger.Duplicate
	if kind := evidence[stock.EvidenceWriter]; kind != "" && seen {
		name := writer{kind, evidence["application_id"]}
		was := r.writers[name]
		r.writers[name] = writings{was.changes + 1, event}
	}
}

// otherApps reports the programs that were noted, each once.
func (r *run) otherApps() {
	byName := func(a, b writer) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.application, b.application))
	}
	for _, name := range slices.SortedFunc(maps.Keys(r.writers), byName) {
		saw := r.writers[name]
		finding := ledger.Finding{Class: OtherApp, Action: "explained; make sure that only one tool keeps this stock even",
			Evidence: stock.Evidence{stock.EvidenceWriter: name.kind, "changes": fmt.Sprint(saw.changes)}}
		if name.kind == stock.UnknownEvenstock {
			finding.Action = "explained; stop the other installation, or, if this ledger was restored, do the baseline again"
		}
		if name.application != "" {
			finding.Evidence["application_id"] = name.application
		}
		if saw.last.Movement != nil {
			finding.Ref, finding.Evidence["last"] = saw.last.Movement.Ref, saw.last.Movement.Key
		} else {
			finding.Ref, finding.Evidence["last"] = saw.last.Recount.Ref, saw.last.Recount.Key
		}
		r.find(finding)
	}
}
