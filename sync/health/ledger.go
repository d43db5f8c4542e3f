package health

import (
	"context"
	"errors"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Unreadable tells of a ledger that does not open, and what can be done: where it is in a database, that may be away.
func Unreadable(err error, inDatabase bool) (list Checks) {
	remedy := RemedyRestore
	switch {
	case errors.Is(err, ledger.ErrNewer):
		remedy = RemedyUpgrade
	case errors.Is(err, ledger.ErrOlder):
		remedy = RemedyMigrate
	case inDatabase:
		remedy = RemedyDatabase
	}
	list.Fail(CodeLedger, err.Error(), remedy)
	return list
}

// Ledger looks at an open ledger: whether it answers, and what waits for a person.
func Ledger(store ledger.Status) Probe {
	return func(ctx context.Context) (list Checks) {
		summary, err := store.Summary(ctx)
		if err != nil {
			list.Fail(CodeLedger, err.Error(), RemedyVerify)
			return list
		}
		if n := summary.Refs[ledger.SetAside]; n > 0 {
			list.Warn(CodeSetAside, stock.Plural(n, "counter")+" set aside: nobody knows whether a push was applied", RemedyPushes)
		}
		if n := summary.Refs[ledger.WaitsToJoin]; n > 0 {
			list.Warn(CodeWaiting, stock.Plural(n, "counter")+" waiting to join an open shelf: another number is shown, or their location is not configured; nothing is pushed", RemedyJoin)
		}
		if n := summary.Refs[ledger.Gone]; n > 0 {
			list.Warn(CodeGone, stock.Plural(n, "linked counter")+" gone: the platform does not know the item any more", RemedyGone)
		}
		list.OK(CodeLedger, "schema is current: %s, %s", stock.Plural(summary.Entries, "entry"), stock.Plural(summary.Shelves, "shelf"))
		return list
	}
}
