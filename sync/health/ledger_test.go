package health

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// summarized is a ledger with these figures.
type summarized struct {
	ledger.Status
	summary ledger.Summary
	err     error
}

func (s summarized) Summary(context.Context) (ledger.Summary, error) { return s.summary, s.err }

func TestLedger(t *testing.T) {
	t.Parallel()
	well := Check{Code: CodeLedger, Result: OK, Detail: "schema is current: 54 entries, 2 shelves"}
	tests := []struct {
		name  string
		store summarized
		want  Checks
	}{
		{"well", summarized{summary: ledger.Summary{Entries: 54, Shelves: 2, Refs: map[ledger.RefStatus]int64{ledger.Live: 4}}}, Checks{well}},
		{"a person is waited for", summarized{summary: ledger.Summary{Entries: 54, Shelves: 2, Refs: map[ledger.RefStatus]int64{ledger.SetAside: 3}}}, Checks{
			{Code: CodeSetAside, Result: Warn, Detail: "3 counters set aside: nobody knows whether a push was applied", Remedy: RemedyPushes}, well}},
		{"no answer", summarized{err: errors.New("disk I/O error")}, Checks{{Code: CodeLedger, Result: Fail, Detail: "disk I/O error", Remedy: RemedyVerify}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, Ledger(test.store)(t.Context()))
		})
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err        error
		inDatabase bool
		want       Remedy
	}{
		{ledger.ErrNewer, false, RemedyUpgrade}, {ledger.ErrNewer, true, RemedyUpgrade}, {ledger.ErrOlder, false, RemedyMigrate}, {ledger.ErrOlder, true, RemedyMigrate},
		{errors.New("file is not a database"), false, RemedyRestore}, {errors.New("connection refused"), true, RemedyDatabase},
	} {
		require.Equal(t, Checks{{Code: CodeLedger, Result: Fail, Detail: test.err.Error(), Remedy: test.want}}, Unreadable(test.err, test.inDatabase))
	}
}
