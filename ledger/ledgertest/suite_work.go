package ledgertest

import (
	"fmt"
	"math/rand/v2"
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

func dueReads(t *testing.T, s ledger.Store, channel stock.Channel, now time.Time, limit int) []string {
	t.Helper()
	refs, err := s.DueReads(t.Context(), channel, now, limit)
	require.NoError(t, err)
	var items []string
	for _, r := range refs {
		items = append(items, r.State.Ref.Item)
	}
	return items
}

// duePushes pages through all due pushes.
func duePushes(t *testing.T, s ledger.Store, channel stock.Channel, now time.Time, limit int) []string {
	t.Helper()
	var items []string
	var after ledger.DuePush
	for {
		pushes, err := s.DuePushes(t.Context(), channel, now, after, limit)
		require.NoError(t, err)
		if len(pushes) == 0 {
			return items
		}
		require.LessOrEqual(t, len(pushes), limit)
		for _, push := range pushes {
			items = append(items, push.Ref.Item)
		}
		after = pushes[len(pushes)-1]
	}
}

func dueOrder(t *testing.T, s ledger.Store) {
	var reads, pushes []ledger.Work
	for item, c := range map[string]struct {
		level stock.Quantity
		due   time.Time
	}{
		"a": {50, clock(1)}, "b": {-3, clock(3)}, "c": {0, time.Time{}}, "d": {3, clock(2)}, "e": {3, clock(2)}, "f": {1, clock(99)}, "g": {-50, clock(1)},
	} {
		live(t, s, stock.ItemID(item), c.level*stock.Unit, ref("till", item))
		reads = append(reads, ledger.Work{Ref: ref("till", item), Read: 1, ReadDue: c.due})
		pushes = append(pushes, ledger.Work{Ref: ref("till", item), Push: true, PushDue: c.due})
	}
	live(t, s, "idle", 0, ref("till", "idle"))
	live(t, s, "other", 0, ref("web", "a"))
	idle := []ledger.Work{{Ref: ref("till", "idle"), Seq: 7}, {Ref: ref("web", "a"), Read: 1, Push: true}}
	wish(t, s, append(reads, idle...)...)
	require.Equal(t, []string{"c", "d", "e", "b", "a", "g"}, dueReads(t, s, "till", clock(10), 0), "near zero first, then longest due, then by ref")
	require.Equal(t, []string{"c", "d"}, dueReads(t, s, "till", clock(10), 2))
	require.Equal(t, []string{"c", "f", "d", "e", "b", "a", "g"}, dueReads(t, s, "till", clock(99), 0))
	require.Equal(t, []string{"c"}, dueReads(t, s, "till", clock(0), 0))
	require.Empty(t, dueReads(t, s, "nobody", clock(10), 0))
	require.Empty(t, duePushes(t, s, "till", clock(10), 9), "what is to be read is not pushed")
	refs, err := s.DueReads(t.Context(), "till", clock(10), 0)
	require.NoError(t, err)
	require.Equal(t, -3*stock.Unit, refs[3].Level)
	require.True(t, refs[3].Opened)
	require.Equal(t, clock(3), refs[3].Work.ReadDue)

	wish(t, s, append(pushes, idle...)...)
	for limit := 1; limit <= 8; limit++ {
		require.Equal(t, []string{"c", "d", "e", "b", "a", "g"}, duePushes(t, s, "till", clock(10), limit), "pages of %d", limit)
	}
	require.Equal(t, []string{"c", "f", "d", "e", "b", "a", "g"}, duePushes(t, s, "till", clock(99), 3))
	require.Equal(t, []string{"c"}, duePushes(t, s, "till", clock(0), 3))
	require.Empty(t, duePushes(t, s, "nobody", clock(10), 3))
	require.Empty(t, dueReads(t, s, "till", clock(99), 0), "what is to be pushed is not read")
	page, err := s.DuePushes(t.Context(), "till", clock(10), ledger.DuePush{}, 4)
	require.NoError(t, err)
	require.Equal(t, ledger.DuePush{Ref: ref("till", "b"), Level: -3 * stock.Unit, Due: clock(3)}, page[3])
}

// dueOrderFollowsLevels has levels change, and refs be tied to other shelves, while wishes wait of which nothing else is written.
func dueOrderFollowsLevels(t *testing.T, s ledger.Store) {
	var work []ledger.Work
	for item, level := range map[string]stock.Quantity{"a": 10, "b": 20, "c": 30} {
		live(t, s, stock.ItemID(item), level*stock.Unit, ref("till", item), ref("web", item))
		work = append(work, ledger.Work{Ref: ref("web", item), Read: 1, Push: true})
	}
	live(t, s, "empty", 0, ref("till", "empty"))
	wish(t, s, work...)
	due := func(want ...string) {
		t.Helper()
		require.Equal(t, want, dueReads(t, s, "web", clock(9), 0), "reads")
		require.Equal(t, want, duePushes(t, s, "web", clock(9), 2), "pushes")
	}
	moved := func(item string, by stock.Quantity) Script {
		return decideEntry(ref("till", item), func(r ledger.Ref, _ *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindReading, ExpectedDelta: by,
				Postings: ledger.Post(ledger.UnexplainedBy(r.State.Shelf.Item, r.State.Ref), ledger.AvailableOn(r.State.Shelf), by)}
		})
	}
	due("a", "b", "c")
	apply(t, s, clock(1), moved("a", 30*stock.Unit))
	due("b", "c", "a")
	apply(t, s, clock(2), moved("c", -35*stock.Unit))
	due("c", "b", "a")
	apply(t, s, clock(3), moved("b", -20*stock.Unit), moved("b", 50*stock.Unit))
	due("c", "a", "b")
	apply(t, s, clock(5), Link(ref("web", "b"), shelf("empty"), ""), Baseline(ref("web", "b"), 0, clock(5)))
	due("b", "c", "a")
	apply(t, s, clock(6), moved("empty", 45*stock.Unit))
	due("c", "a", "b")
	apply(t, s, clock(7), moved("empty", -45*stock.Unit))
	due("b", "c", "a")
	require.NoError(t, s.Rebuild(t.Context()))
	due("b", "c", "a")
}

// manyDue has more wishes than a store may sort, some of them for later, in the order of the model.
func manyDue(t *testing.T, s ledger.Store) {
	random, model := rand.New(rand.NewPCG(3, 4)), NewModel()
	var links []Script
	var work []ledger.Work
	for n := range 700 {
		r := ref("till", fmt.Sprintf("v%d", n))
		links = append(links, Link(r, shelf(stock.ItemID(r.Item)), ""), Baseline(r, stock.Units(random.Int64N(60)-30), clock(0)))
		work = append(work, ledger.Work{Ref: r, Read: 1, ReadDue: clock(random.IntN(12)), Push: true, PushDue: clock(random.IntN(12))})
	}
	for _, store := range []interface {
		ledger.Applier
		ledger.Worklist
	}{s, model} {
		apply(t, store, clock(0), links...)
		var scope ledger.Scope
		for _, w := range work {
			scope.Refs = append(scope.Refs, w.Ref)
		}
		apply(t, store, clock(0), Do(scope, ledger.Changes{Work: work}))
	}
	for _, now := range []int{0, 4, 8, 20} {
		want, err := model.DueReads(t.Context(), "till", clock(now), 0)
		require.NoError(t, err)
		got, err := s.DueReads(t.Context(), "till", clock(now), 0)
		require.NoError(t, err)
		same(t, want, got, "reads")
		var after ledger.DuePush
		for {
			want, err := model.DuePushes(t.Context(), "till", clock(now), after, 90)
			require.NoError(t, err)
			got, err := s.DuePushes(t.Context(), "till", clock(now), after, 90)
			require.NoError(t, err)
			same(t, want, got, "pushes")
			if len(got) == 0 {
				break
			}
			after = got[len(got)-1]
		}
	}
}

func dueBaselines(t *testing.T, s ledger.Store, now time.Time, limit int) []string {
	t.Helper()
	refs, err := s.DueBaselines(t.Context(), "till", now, limit)
	require.NoError(t, err)
	var items []string
	for _, r := range refs {
		items = append(items, r.State.Ref.Item)
	}
	return items
}

// baselines are found and counted apart from what else is to be read.
func baselines(t *testing.T, s ledger.Store) {
	var work []ledger.Work
	for item, due := range map[string]int{"a": 3, "b": 1, "c": 1, "d": 9, "later": 50} {
		apply(t, s, clock(0), Link(ref("till", item), shelf(stock.ItemID(item)), ""))
		work = append(work, ledger.Work{Ref: ref("till", item), Read: 1, ReadDue: clock(due), Baseline: &ledger.BaselineWish{Missing: item == "d"}})
	}
	apply(t, s, clock(0), Link(ref("till", "last"), shelf("last"), ""), Link(ref("web", "a"), shelf("a"), ""))
	begun := func(channel stock.Channel) bool {
		begun, err := s.BaselinesBegun(t.Context(), channel)
		require.NoError(t, err)
		return begun
	}
	require.False(t, begun("till"))
	live(t, s, "live", 7*stock.Unit, ref("till", "live"))
	require.True(t, begun("till"))
	require.False(t, begun("web"))
	live(t, s, "pushed", stock.Unit, ref("web", "pushed"))
	wish(t, s, append(work, ledger.Work{Ref: ref("till", "last"), Baseline: &ledger.BaselineWish{Authority: true}},
		ledger.Work{Ref: ref("web", "a"), Read: 1, Baseline: &ledger.BaselineWish{}}, ledger.Work{Ref: ref("till", "live"), Read: 1},
		ledger.Work{Ref: ref("web", "pushed"), Push: true})...)
	require.Equal(t, []string{"b", "c", "a", "d"}, dueBaselines(t, s, clock(10), 0), "longest due, then by ref; one that is not to be read yet is not due")
	require.Equal(t, []string{"b", "c"}, dueBaselines(t, s, clock(10), 2))
	require.Empty(t, dueBaselines(t, s, clock(0), 0))
	require.Equal(t, []string{"live"}, dueReads(t, s, "till", clock(99), 0))
	next, err := s.NextDue(t.Context(), "till", clock(9))
	require.NoError(t, err)
	require.Equal(t, clock(50), next)
	progress, err := s.BaselineProgress(t.Context())
	require.NoError(t, err)
	require.Equal(t, ledger.BaselineProgress{Waiting: 6, Missing: 1, PushesLeft: 1}, progress)
}

func dueByStatus(t *testing.T, s ledger.Store) {
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
		{name: "waiting", status: ledger.WaitsToJoin, read: true},
		{name: "gone", status: ledger.Gone, read: true},
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
		due := len(dueReads(t, s, "till", clock(5), 0)) == 1
		if c.work.Baseline != nil {
			due = len(dueBaselines(t, s, clock(5), 0)) == 1
		}
		require.Equal(t, c.read, due, "%s: read", c.name)
		c.work.Read, c.work.Push, c.work.PushDue = 0, true, clock(1)
		wish(t, s, c.work)
		require.Equal(t, c.push, len(duePushes(t, s, "till", clock(5), 9)) == 1, "%s: push", c.name)
		wish(t, s, ledger.Work{Ref: r})
	}
}

// workAtImpossibleTimes has times that only a platform's nonsense can bring about: they hold nothing up.
func workAtImpossibleTimes(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	wish(t, s, ledger.Work{Ref: till, Read: 1, ReadDue: farPast, ReadUntil: time.Time{}.Add(3 * time.Second), FeedFrom: farFuture})
	refs, err := s.DueReads(t.Context(), "till", clock(0), 0)
	require.NoError(t, err)
	require.Len(t, refs, 1)
	work := refs[0].Work
	require.True(t, work.ReadUntil.Before(clock(0)) && !work.ReadUntil.IsZero())
	require.True(t, work.FeedFrom.After(clock(0)))
	require.NoError(t, ledger.CheckTime(work.FeedFrom))
	wish(t, s, work)
	again, err := s.Ref(t.Context(), till)
	require.NoError(t, err)
	same(t, work, again.Work, "what was read back is stored as it is")
}

func nextDue(t *testing.T, s ledger.Store) {
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

// uncaused has refs that follow a mass change: which of them count in a window, and how many units there were before it.
func uncaused(t *testing.T, s ledger.Store) {
	since, change := clock(100), func(after int) []ledger.Uncaused {
		return []ledger.Uncaused{{Quantity: -stock.Unit, At: clock(after), Pushed: true}}
	}
	var works []ledger.Work
	for item, work := range map[string]ledger.Work{
		"pushed before": {Uncaused: change(99)},
		"pushed since":  {Uncaused: change(100), Before: ledger.LevelMark{Level: -30 * stock.Unit, At: clock(100)}},
		"to be pushed":  {Uncaused: change(1), Push: true, Before: ledger.LevelMark{Level: 50 * stock.Unit, At: clock(99)}},
		"nothing known": {Push: true},
		"not opened":    {Uncaused: change(101)},
		"unreadable":    {Uncaused: change(101), Push: true},
		"untracked":     {Uncaused: change(101), Push: true},
	} {
		r := ref("till", item)
		if item == "not opened" {
			apply(t, s, clock(0), Link(r, shelf(stock.ItemID(item)), ""))
		} else {
			live(t, s, stock.ItemID(item), 4*stock.Unit, r)
		}
		if status := map[string]ledger.RefStatus{"unreadable": ledger.Unreadable, "untracked": ledger.Untracked}[item]; status != 0 {
			apply(t, s, clock(0), decideEntry(r, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
				return ledger.Entry{Kind: ledger.KindReading, Status: status}
			}))
		}
		work.Ref = r
		works = append(works, work)
	}
	wish(t, s, works...)
	refs, err := s.Uncaused(t.Context(), "till", since)
	require.NoError(t, err)
	require.Len(t, refs, 3)
	require.Equal(t, ref("till", "pushed since"), refs[0].State.Ref)
	require.Equal(t, ref("till", "to be pushed"), refs[1].State.Ref)
	require.Equal(t, ref("till", "unreadable"), refs[2].State.Ref, "what was pushed was pushed, although it cannot be read any more")
	same(t, change(1), refs[1].Work.Uncaused, "what is to be pushed counts however old it is")
	require.Equal(t, 4*stock.Unit, refs[1].Level)
	units, err := s.UnitsBefore(t.Context(), "till", since)
	require.NoError(t, err)
	require.Equal(t, ledger.PushLoad{Before: (4 + 30 + 4 + 4 + 4) * stock.Unit, Stocked: 5}, units, "of before the window, where a shelf changed in it")
	refs, err = s.Uncaused(t.Context(), "nobody", since)
	require.NoError(t, err)
	require.Empty(t, refs)
	units, err = s.UnitsBefore(t.Context(), "nobody", since)
	require.NoError(t, err)
	require.Zero(t, units)
}

func callsQueries(t *testing.T, s ledger.Store) {
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

func intentionsQueries(t *testing.T, s ledger.Store) {
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
