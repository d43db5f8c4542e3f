package ledgertest

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// EveryField is a ref and its work with every field set. A field that a store has no column for would be lost silently: the verification
// compares columns.
func EveryField(t *testing.T) ledger.Ref {
	t.Helper()
	ref := stock.Ref{Channel: "till", Item: "v1", Location: "L1"}
	at := time.Date(2026, 3, 14, 12, 0, 0, 5, time.UTC)
	mark := ledger.RecountMark{Key: "r", Counted: 3, OccurredAt: at, ChannelTime: at}
	full := ledger.Ref{
		State: ledger.RefState{
			Ref: ref, Shelf: stock.Shelf{Item: "mug", Location: "main"}, SoldAs: "v", Status: ledger.Live, Expected: -7, Version: at, Contains: at.Add(1),
			Entries: 4, Unconfirmed: []ledger.PushMark{{Call: "c", Row: 1, Delta: 2, Phase: ledger.Answered, OccurredAt: at, AnsweredAt: at}},
			Recount: &mark, Contained: &mark, SoldOut: at.Add(2), Joining: &ledger.Joining{Since: at, Counted: 3, Others: -2}, Reason: "NOT_FOUND",
			Settled: []ledger.Settlement{{Key: "correction/1", Cause: stock.Shrinkage, Quantity: -2, Left: -1, Version: at}},
		},
		Work: ledger.Work{
			Ref: ref, Seq: 1, Read: 2, ReadDue: at.Add(2), ReadUntil: at.Add(3), ReadReason: "why", Push: true, PushDue: at.Add(4), Refusals: 5,
			InFlight: "c", Delivered: 6, Older: 7, FeedFrom: at.Add(8), ZeroUnconfirmed: &ledger.Unconfirmed{Seq: 1, Since: at}, RaiseUnconfirmed: &ledger.Unconfirmed{Seq: 2, Since: at},
			Raises: []ledger.Raise{{Quantity: 9, At: at}}, Baseline: &ledger.BaselineWish{Authority: true}, Unlink: true,
			Uncaused: []ledger.Uncaused{{Quantity: -3, At: at, Pushed: true}}, Before: ledger.LevelMark{Level: -2, At: at},
			Falls: []ledger.Raise{{Quantity: 2, At: at, Moved: true}}, Hidden: true,
			Program: &ledger.ProgramWatch{Name: "an app", Shown: []ledger.ShownMark{{Quantity: 3, At: at}}, Changes: []ledger.CounterChange{{Quantity: 1, To: 3, At: at, Repeated: true, Reference: "evenstock:a:0"}},
				Pushes: []ledger.RecentPush{{Quantity: 1, At: at}}, Told: []ledger.CounterChange{{Quantity: -1, At: at}}},
		},
	}
	for _, value := range []any{full.State, full.Work} {
		fields := reflect.ValueOf(value)
		for i := range fields.NumField() {
			require.False(t, fields.Field(i).IsZero(), "set %T.%s above, and give it a column", value, fields.Type().Field(i).Name)
		}
	}
	return full
}
