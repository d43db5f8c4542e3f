package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// R6: a recount absorbs what occurred before it and was received after it. facts: Square orders changes by occurred_at.
func TestWeigh(t *testing.T) {
	t.Parallel()
	occurred, received := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
	row := stock.Movement{OccurredAt: occurred, ChannelTime: received}
	for _, c := range []struct {
		name string
		// occurred and received place the recount relative to the row: -1 before, 0 at the same time, 1 after it.
		occurred, received int
		want               effect
	}{
		{"counted before, received before: what we did comes on top", -1, -1, effective},
		{"counted before, received together", -1, 0, effective},
		{"counted before, received after", -1, 1, effective},
		{"counted at the same time, received before: nobody knows", 0, -1, tied},
		{"counted and received at the same time: nobody knows", 0, 0, tied},
		{"counted at the same time, received after: the count came later anyway", 0, 1, effective},
		{"counted after, received before: absorbed", 1, -1, absorbed},
		{"counted after, received together: nobody knows which came first", 1, 0, tied},
		{"counted after, received after: the count saw what we did", 1, 1, effective},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, by := range []time.Duration{1, time.Millisecond, time.Second, 72 * time.Hour} {
				mark := ledger.RecountMark{OccurredAt: occurred.Add(time.Duration(c.occurred) * by), ChannelTime: received.Add(time.Duration(c.received) * by)}
				require.Equal(t, c.want, weigh(row, mark), "apart by %s", by)
			}
		})
	}
}

func TestFeedSince(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	push := func(seconds int) ledger.PushMark {
		return ledger.PushMark{OccurredAt: noon.Add(time.Duration(seconds) * time.Second)}
	}
	for name, c := range map[string]struct {
		from   time.Time
		pushes []ledger.PushMark
		want   time.Time
	}{
		"nothing was ever read":       {time.Time{}, nil, time.Time{}},
		"history read before":         {noon, nil, noon},
		"a push older than that":      {noon, []ledger.PushMark{push(5), push(-7)}, noon.Add(-8 * time.Second)},
		"a push younger than that":    {noon, []ledger.PushMark{push(5)}, noon},
		"a push, nothing read before": {time.Time{}, []ledger.PushMark{push(5), push(4)}, noon.Add(3 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := FeedSince(ledger.Ref{State: ledger.RefState{Unconfirmed: c.pushes}, Work: ledger.Work{FeedFrom: c.from}})
			require.Equal(t, c.want, got)
		})
	}
}
