package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// wish writes the work of refs.
func wish(t *testing.T, s ledger.Store, work ...ledger.Work) {
	t.Helper()
	var scope ledger.Scope
	for _, w := range work {
		scope.Refs = append(scope.Refs, w.Ref)
	}
	apply(t, s, clock(0), Do(scope, ledger.Changes{Work: work}))
}

func dueItems(t *testing.T, s Store, channel stock.Channel, now time.Time, limit int) []string {
	t.Helper()
	refs, err := s.DueRefs(t.Context(), channel, now, limit)
	require.NoError(t, err)
	var items []string
	for _, r := range refs {
		items = append(items, r.State.Ref.Item)
	}
	return items
}

func dueOrder(t *testing.T, s Store) {
	for item, level := range map[string]stock.Quantity{"a": 50, "b": -3, "c": 0, "d": 3, "e": 3, "f": 1, "g": 2} {
		live(t, s, stock.ItemID(item), level*stock.Unit, ref("till", item))
	}
	live(t, s, "other", 0, ref("web", "a"))
	wish(t, s,
		ledger.Work{Ref: ref("till", "a"), Read: 1, ReadDue: clock(1)},
		ledger.Work{Ref: ref("till", "b"), Read: 1, ReadDue: clock(9), Push: true, PushDue: clock(3)},
		ledger.Work{Ref: ref("till", "c"), Push: true},
		ledger.Work{Ref: ref("till", "d"), Read: 1, ReadDue: clock(2)},
		ledger.Work{Ref: ref("till", "e"), Read: 1, ReadDue: clock(2)},
		ledger.Work{Ref: ref("till", "f"), Read: 1, ReadDue: clock(99)},
		ledger.Work{Ref: ref("till", "g"), Seq: 7},
		ledger.Work{Ref: ref("web", "a"), Read: 1},
	)
	require.Equal(t, []string{"c", "d", "e", "b", "a"}, dueItems(t, s, "till", clock(10), 0), "near zero first, then longest due, then by ref")
	require.Equal(t, []string{"c", "d"}, dueItems(t, s, "till", clock(10), 2))
	require.Equal(t, []string{"c", "f", "d", "e", "b", "a"}, dueItems(t, s, "till", clock(99), 0))
	require.Equal(t, []string{"c"}, dueItems(t, s, "till", clock(0), 0))
	require.Empty(t, dueItems(t, s, "nobody", clock(10), 0))
	refs, err := s.DueRefs(t.Context(), "till", clock(10), 0)
	require.NoError(t, err)
	require.Equal(t, -3*stock.Unit, refs[3].Level)
	require.True(t, refs[3].Opened)
	require.Equal(t, clock(3), refs[3].Work.PushDue)
}

func dueByStatus(t *testing.T, s Store) {
	status := func(r stock.Ref, status ledger.RefStatus) {
		apply(t, s, clock(0), decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindReading, Status: status}
		}))
	}
	for _, c := range []struct {
		name       string
		status     ledger.RefStatus
		work       ledger.Work
		unopened   bool
		read, push bool
	}{
		{name: "live", status: ledger.Live, read: true, push: true},
		{name: "live on a shelf without opening", status: ledger.Live, unopened: true, read: true},
		{name: "unreadable", status: ledger.Unreadable, read: true},
		{name: "untracked", status: ledger.Untracked, read: true},
		{name: "set aside", status: ledger.SetAside},
		{name: "unlinked", status: ledger.Unlinked},
		{name: "linked", status: ledger.Linked},
		{name: "linked, baseline wanted", status: ledger.Linked, work: ledger.Work{Baseline: &ledger.BaselineWish{}}, read: true},
		{name: "in flight", status: ledger.Live, work: ledger.Work{InFlight: "c1"}},
	} {
		r := ref("till", c.name)
		apply(t, s, clock(0), Link(r, shelf(stock.ItemID(c.name)), ""))
		if !c.unopened {
			apply(t, s, clock(0), Baseline(r, stock.Unit, clock(0)))
		}
		status(r, c.status)
		c.work.Ref = r
		c.work.Read, c.work.ReadDue = 1, clock(1)
		wish(t, s, c.work)
		require.Equal(t, c.read, len(dueItems(t, s, "till", clock(5), 0)) == 1, "%s: read", c.name)
		c.work.Read, c.work.Push, c.work.PushDue = 0, true, clock(1)
		wish(t, s, c.work)
		require.Equal(t, c.push, len(dueItems(t, s, "till", clock(5), 0)) == 1, "%s: push", c.name)
		wish(t, s, ledger.Work{Ref: r})
	}
}

func nextDue(t *testing.T, s Store) {
	next := func(after int) time.Time {
		due, err := s.NextDue(t.Context(), "till", clock(after))
		require.NoError(t, err)
		return due
	}
	require.True(t, next(0).IsZero())
	a, b := ref("till", "a"), ref("till", "b")
	live(t, s, "a", stock.Unit, a)
	live(t, s, "b", stock.Unit, b)
	wish(t, s, ledger.Work{Ref: a, Read: 1, ReadDue: clock(10), Push: true, PushDue: clock(40)},
		ledger.Work{Ref: b, InFlight: "c", Read: 1, ReadDue: clock(1)})
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{
		Calls: []ledger.Call{
			{Key: "c", Channel: "till", State: ledger.CallOpen, Due: clock(20)}, {Key: "d", Channel: "till", State: ledger.CallApplied, Due: clock(15)},
			{Key: "e", Channel: "web", State: ledger.CallOpen, Due: clock(15)},
		},
		Resources: []ledger.ResourceWish{{Channel: "till", Resource: "order/1", Due: clock(30)}, {Channel: "web", Resource: "order/1", Due: clock(5)}},
	}))
	for after, want := range map[int]int{0: 10, 9: 10, 10: 20, 20: 30, 30: 40} {
		require.Equal(t, clock(want), next(after), "after %d s", after)
	}
	require.True(t, next(40).IsZero())
}

func pushLoad(t *testing.T, s Store) {
	a, b, far := ref("till", "a"), ref("till", "b"), stock.Ref{Channel: "till", Item: "a", Location: "L2"}
	live(t, s, "a", 10*stock.Unit, a, ref("web", "a"))
	live(t, s, "b", -4*stock.Unit, b)
	apply(t, s, clock(0), Link(far, shelf("a"), ""), Baseline(far, 7*stock.Unit, clock(0)), Link(ref("till", "c"), shelf("c"), ""))
	apply(t, s, clock(1), Read(ref("web", "a"), 13*stock.Unit, clock(1)))
	load, err := s.WantedPushes(t.Context(), "till")
	require.NoError(t, err)
	require.Equal(t, ledger.PushLoad{Shelves: 1, Units: (3 + 6) * stock.Unit, Level: (13 + 13 + 4) * stock.Unit}, load)
	load, err = s.WantedPushes(t.Context(), "nobody")
	require.NoError(t, err)
	require.Zero(t, load)
}

func callsQueries(t *testing.T, s Store) {
	till := ref("till", "v1")
	live(t, s, "mug", stock.Unit, till)
	var calls []ledger.Call
	for i := range 5 {
		call := ledger.Call{Key: fmt.Sprintf("c%d", i), Channel: "till", State: ledger.CallOpen, Body: []byte{0, 1, 255}, CreatedAt: clock(i), Due: clock(i)}
		if i%2 == 0 {
			call.Rows = []ledger.CallRow{{PushRow: stock.PushRow{Ref: till, Delta: stock.Unit}, Level: stock.Unit, Through: 2}}
		}
		calls = append(calls, call)
	}
	apply(t, s, clock(9), Do(ledger.Scope{}, ledger.Changes{Calls: calls}))
	calls[2].State, calls[2].Reason = ledger.CallApplied, "ok"
	apply(t, s, clock(9), Do(ledger.Scope{}, ledger.Changes{Calls: calls[2:3]}))
	open, err := s.OpenCalls(t.Context(), "till")
	require.NoError(t, err)
	same(t, []ledger.Call{calls[0], calls[1], calls[3], calls[4]}, open, "oldest first")
	for what, c := range map[string]struct {
		filter ledger.CallFilter
		want   []ledger.Call
	}{
		"all, youngest first": {ledger.CallFilter{}, []ledger.Call{calls[4], calls[3], calls[2], calls[1], calls[0]}},
		"of a ref":            {ledger.CallFilter{Ref: till}, []ledger.Call{calls[4], calls[2], calls[0]}},
		"of a ref and state":  {ledger.CallFilter{Ref: till, State: ledger.CallApplied}, calls[2:3]},
		"limited":             {ledger.CallFilter{Limit: 1}, calls[4:]},
	} {
		got, err := s.Calls(t.Context(), c.filter)
		require.NoError(t, err)
		same(t, c.want, got, what)
	}
	call, err := s.Call(t.Context(), "c2")
	require.NoError(t, err)
	same(t, calls[2], call, "call")
	_, err = s.Call(t.Context(), "none")
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

func intentionsQueries(t *testing.T, s Store) {
	ctx := t.Context()
	key := func(order string) ledger.CounterKey {
		return ledger.CounterKey{Channel: "web", Order: order, Line: "1"}
	}
	young, old := ledger.Waiting{Counter: key("2"), Quantity: 2, Reason: "r", Since: clock(5)}, ledger.Waiting{Counter: key("1"), Quantity: 1, Reason: "r", Since: clock(4)}
	first, second := ledger.ResourceWish{Channel: "web", Resource: "order/2", Due: clock(1)}, ledger.ResourceWish{Channel: "web", Resource: "order/1", Due: clock(2)}
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{
		Waiting: []ledger.Waiting{young, old}, Resources: []ledger.ResourceWish{second, first},
		Unlinked: []ledger.UnlinkedItem{{Channel: "web", Item: "i1", LastSeen: clock(1)}, {Channel: "web", Item: "i2", LastSeen: clock(2)}, {Channel: "web", Item: "sold-i3", LastSeen: clock(3)}},
		Noted:    []ledger.Disposition{{Ending: ledger.Duplicate, Channel: "web", Reason: "again"}, {Ending: ledger.Duplicate, Channel: "web", Reason: "again"}},
	}))
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{Unlinked: []ledger.UnlinkedItem{{Channel: "web", Item: "i2", LastSeen: clock(0)}}}),
		Link(ref("web", "i3"), shelf("mug"), "sold-i3"))

	waiting, err := s.Waiting(ctx, 0)
	require.NoError(t, err)
	same(t, []ledger.Waiting{old, young}, waiting, "waiting")
	wishes, err := s.DueResources(ctx, "web", clock(2), 0)
	require.NoError(t, err)
	same(t, []ledger.ResourceWish{first, second}, wishes, "resources")
	wishes, err = s.DueResources(ctx, "web", clock(1), 0)
	require.NoError(t, err)
	require.Len(t, wishes, 1)
	items, err := s.Unlinked(ctx, 0)
	require.NoError(t, err)
	same(t, []ledger.UnlinkedItem{{Channel: "web", Item: "i2", LastSeen: clock(2)}, {Channel: "web", Item: "i1", LastSeen: clock(1)}}, items, "what was linked since is not unlinked")
	tallies, err := s.Tallies(ctx)
	require.NoError(t, err)
	require.Equal(t, []ledger.Tally{{Channel: "script", Ending: ledger.Done, Count: 3}, {Channel: "web", Ending: ledger.Duplicate, Reason: "again", Count: 2}}, tallies)

	old.Quantity, first.Due = 0, time.Time{}
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{Waiting: []ledger.Waiting{old}, Resources: []ledger.ResourceWish{first}}))
	waiting, err = s.Waiting(ctx, 0)
	require.NoError(t, err)
	same(t, []ledger.Waiting{young}, waiting, "a zero quantity removes")
	wishes, err = s.DueResources(ctx, "web", clock(9), 0)
	require.NoError(t, err)
	same(t, []ledger.ResourceWish{second}, wishes, "a zero due time removes")
}
