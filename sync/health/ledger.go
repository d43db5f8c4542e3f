package health

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
)

// Ledger looks at an open ledger: whether it answers, and what waits for a person.
func Ledger(store ledger.Status) Probe {
	return func(ctx context.Context) (list Checks) {
		summary, err := store.Summary(ctx)
		if err != nil {
			list.Fail(CodeLedger, err.Error(), RemedyVerify)
			return list
		}
		if n := summary.Refs[ledger.SetAside]; n > 0 {
			list.Warn(CodeSetAside, fmt.Sprintf("%d counters are set aside: nobody knows whether a push was applied", n), RemedyPushes)
		}
		if n := summary.Refs[ledger.WaitsToJoin]; n > 0 {
			list.Warn(CodeWaiting, fmt.Sprintf("%d counters wait to join their shelves: they show another number, and nothing is pushed to them", n), RemedyJoin)
		}
		if n := summary.Refs[ledger.Gone]; n > 0 {
			list.Warn(CodeGone, fmt.Sprintf("%d linked counters are gone: the platform does not know their items any more", n), RemedyGone)
		}
		list.OK(CodeLedger, "schema is current: %d entries, %d shelves", summary.Entries, summary.Shelves)
		return list
	}
}
