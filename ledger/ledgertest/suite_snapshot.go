package ledgertest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func snapshotShowsSiblings(t *testing.T, s ledger.Store) {
	till, web, cup, left, moved := ref("till", "v1"), ref("web", "i1"), ref("till", "v2"), ref("web", "i9"), ref("web", "i8")
	live(t, s, "mug", 8*stock.Unit, till, web, left, moved)
	live(t, s, "cup", stock.Unit, cup)
	unlink := decideEntry(left, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
		return ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Unlinked}
	})
	apply(t, s, clock(1), unlink, Link(moved, shelf("cup"), "sold-i8"), Read(till, 7*stock.Unit, clock(1)))

	seen := look(t, s, clock(2), ledger.Scope{Refs: []stock.Ref{till, ref("till", "stranger")}})
	require.Equal(t, []stock.Ref{till, web}, sortedRefs(seen), "unlinked refs are on no shelf, relinked ones on another")
	require.Equal(t, map[stock.Shelf]ledger.ShelfState{shelf("mug"): {Shelf: shelf("mug"), Level: 7 * stock.Unit, Opened: true}}, seen.Shelves)
	require.Equal(t, stock.Unit, seen.Refs[till].Unexplained, "a unit left without a cause")
	require.True(t, seen.Refs[web].Work.Push)
	require.Equal(t, web, seen.Refs[web].Work.Ref)
	require.EqualValues(t, 13, seen.LastSeq)

	seen = look(t, s, clock(2), ledger.Scope{Refs: []stock.Ref{left}})
	require.Equal(t, []stock.Ref{till, web, left}, sortedRefs(seen), "a touched unlinked ref is shown itself")
	require.Equal(t, ledger.Unlinked, seen.Refs[left].State.Status)

	seen = look(t, s, clock(2), ledger.Scope{Shelves: []stock.Shelf{shelf("cup"), shelf("new")}})
	require.Equal(t, []stock.Ref{cup, moved}, sortedRefs(seen))
	require.Equal(t, ledger.ShelfState{Shelf: shelf("new")}, seen.Shelves[shelf("new")])
}

func sortedRefs(s ledger.Snapshot) []stock.Ref {
	return slices.SortedFunc(maps.Keys(s.Refs), stock.Ref.Compare)
}

func snapshotFollowsScope(t *testing.T, s ledger.Store) {
	till, web, far := ref("till", "v1"), ref("web", "i1"), stock.Ref{Channel: "web", Item: "i1", Location: "L2"}
	live(t, s, "mug", 8*stock.Unit, till, web)
	apply(t, s, clock(1), Link(far, stock.Shelf{Item: "mug", Location: "far"}, "sold-i1"), Sell(till, "A1", stock.Unit, clock(1)))
	counter := ledger.CounterKey{Channel: "web", Order: "900", Line: "1"}
	restock := ledger.CounterKey{Channel: "web", Order: "900", Line: "1", Restocked: true, Location: "L1"}
	waiting := ledger.Waiting{Counter: counter, Quantity: stock.Unit, Reason: "not routed", Since: clock(1)}
	call := ledger.Call{
		Key: "c1", Channel: "till", State: ledger.CallOpen, Body: []byte(`{"a": 1}`), CreatedAt: clock(1),
		Rows: []ledger.CallRow{{PushRow: stock.PushRow{Ref: till, Delta: -stock.Unit, Reference: "evenstock:c1:0"}, Level: 7 * stock.Unit, Through: 5}},
	}
	apply(t, s, clock(1), Do(ledger.Scope{}, ledger.Changes{
		Counters: map[ledger.CounterKey]stock.Quantity{counter: 2, restock: 1, {Channel: "web", Order: "901", Line: "1"}: 5},
		Waiting:  []ledger.Waiting{waiting}, Calls: []ledger.Call{call},
	}))

	seen := look(t, s, clock(2), ledger.Scope{Orders: []ledger.OrderID{{Channel: "web", Order: "900"}, {Channel: "till", Order: "900"}}})
	require.Equal(t, map[ledger.CounterKey]stock.Quantity{counter: 2, restock: 1}, seen.Counters)
	require.Equal(t, map[ledger.CounterKey]ledger.Waiting{counter: waiting}, seen.Waiting)
	require.Empty(t, seen.Refs)

	seen = look(t, s, clock(2), ledger.Scope{Keys: []string{"till:A1", "till:A2"}})
	require.Equal(t, map[string]string{"till:A1": ledger.Fingerprint(till.String(), stock.Unit.String())}, seen.Keys)

	edit := func(n int, to stock.Quantity) Script {
		return decideEntry(till, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Key: ledger.EditKey("till:A1", n), Fingerprint: fmt.Sprint(n), Kind: ledger.KindMovement,
				Postings: ledger.Post(ledger.Account{Item: "mug", Kind: ledger.Sold, Name: "till"}, ledger.UnexplainedBy("mug", till), to)}
		})
	}
	apply(t, s, clock(1), edit(1, stock.Unit), edit(2, 0), Sell(till, "A1/other", stock.Unit, clock(1)), Sell(till, "A10", stock.Unit, clock(1)))
	require.Empty(t, seen.Booked["till:A2"])
	seen = look(t, s, clock(2), ledger.Scope{Keys: []string{"till:A1", "till:A2", "till:A10"}})
	entries, err := s.Entries(t.Context(), ledger.EntryFilter{Ref: till})
	require.NoError(t, err)
	booked := map[string][]ledger.Entry{}
	for _, e := range entries {
		if key := ledger.KeyOfEdit(e.Key); e.Kind == ledger.KindMovement && key != "till:A1/other" {
			booked[key] = append(booked[key], e)
		}
	}
	require.Len(t, booked["till:A1"], 3)
	same(t, booked, seen.Booked, "a movement comes with what corrected it")

	sold := ledger.SoldAs{Channel: "web", Item: "sold-i1"}
	seen = look(t, s, clock(2), ledger.Scope{SoldAs: []ledger.SoldAs{sold, {Channel: "till", Item: "sold-i1"}}})
	require.Equal(t, map[ledger.SoldAs][]stock.Ref{sold: {web, far}}, seen.SoldAs)
	require.Equal(t, []stock.Ref{till, web, far}, sortedRefs(seen), "refs of order lines come with their siblings")

	seen = look(t, s, clock(2), ledger.Scope{Calls: []string{"c1", "c2"}})
	same(t, map[string]ledger.Call{"c1": call}, seen.Calls, "calls")
	require.Equal(t, []stock.Ref{till, web, far}, sortedRefs(seen), "the refs of a call's rows are what an answer concerns, and their item's")
	require.Contains(t, seen.Shelves, stock.Shelf{Item: "mug", Location: "far"})
	wish(t, s, ledger.Work{Ref: web, InFlight: "c1"})
	seen = look(t, s, clock(2), ledger.Scope{Refs: []stock.Ref{till}})
	same(t, map[string]ledger.Call{"c1": call}, seen.Calls, "the calls in flight for refs of the snapshot")
}

func snapshotShowsBrakes(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	brakes := []ledger.Brake{
		{ID: "mass", Kind: ledger.MassChange, Channel: "web", Since: clock(1)},
		{ID: "twice", Kind: ledger.TypedTwice, Shelf: shelf("mug"), Ref: till, Quantity: stock.Unit, Since: clock(1), Evidence: stock.Evidence{"a": "b"}},
		{ID: "over", Kind: ledger.MassChange, Channel: "web", Since: clock(1), ReleasedAt: clock(2), ReleasedBy: "me"},
		{ID: "passing", Kind: ledger.MassChange, Channel: "web", Since: clock(1), ReleasedAt: clock(2), PassUntil: clock(10)},
	}
	apply(t, s, clock(1), Do(ledger.Scope{}, ledger.Changes{Brakes: brakes}))
	for _, c := range []struct {
		what  string
		at    int
		scope ledger.Scope
		want  []string
	}{
		{"nothing touched", 3, ledger.Scope{}, nil},
		{"channel", 3, ledger.Scope{Channels: []stock.Channel{"web"}}, []string{"mass", "passing"}},
		{"channel, later", 10, ledger.Scope{Channels: []stock.Channel{"web"}}, []string{"mass"}},
		{"other channel", 3, ledger.Scope{Channels: []stock.Channel{"till"}}, nil},
		{"ref, by its shelf", 3, ledger.Scope{Refs: []stock.Ref{till}}, []string{"twice"}},
		{"by id", 3, ledger.Scope{Brakes: []string{"over", "none"}}, []string{"over"}},
	} {
		seen := look(t, s, clock(c.at), c.scope)
		require.Equal(t, c.want, slices.Sorted(maps.Keys(seen.Brakes)), c.what)
	}
	seen := look(t, s, clock(3), ledger.Scope{Brakes: []string{"twice"}})
	require.Equal(t, []stock.Ref{till}, sortedRefs(seen), "a correction concerns the brake's ref")
	same(t, brakes[1], seen.Brakes["twice"], "brake")
	stored, err := s.StoredBrakes(t.Context())
	require.NoError(t, err)
	require.Len(t, stored, 4)
}

// snapshotIsACopy changes everything a snapshot shows, in place, and fails the batch.
func snapshotIsACopy(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	work := ledger.Work{
		Ref: till, Seq: 1, Raises: []ledger.Raise{{Quantity: 1, At: clock(0)}}, ZeroUnconfirmed: &ledger.Unconfirmed{Seq: 1}, RaiseUnconfirmed: &ledger.Unconfirmed{Seq: 1},
		Baseline: &ledger.BaselineWish{Candidate: &ledger.Candidate{Quantity: 1}},
	}
	call := ledger.Call{Key: "c", Channel: "till", State: ledger.CallOpen, Body: []byte("x"), Rows: []ledger.CallRow{{Through: 1}}}
	apply(t, s, clock(1), Do(ledger.Scope{Refs: []stock.Ref{till}}, ledger.Changes{Work: []ledger.Work{work}, Calls: []ledger.Call{call}}))
	scope := ledger.Scope{Refs: []stock.Ref{till}, Calls: []string{"c"}}
	before := look(t, s, clock(2), scope)
	wreck := Script{Scope: scope, Decide: func(seen *ledger.Snapshot, _ time.Time) (ledger.Changes, error) {
		w := seen.Refs[till].Work
		w.Raises[0].Quantity, w.ZeroUnconfirmed.Seq, w.RaiseUnconfirmed.Seq, w.Baseline.Candidate.Quantity = 9, 9, 9, 9
		c := seen.Calls["c"]
		c.Body[0], c.Rows[0].Through = 'y', 9
		clear(seen.Refs)
		clear(seen.Shelves)
		return ledger.Changes{}, errors.New("wrecked")
	}}
	_, err := s.Apply(t.Context(), Step, batchOf(clock(2), wreck))
	require.Error(t, err)
	after := look(t, s, clock(2), scope)
	same(t, work, after.Refs[till].Work, "work")
	same(t, call, after.Calls["c"], "call")
	require.Equal(t, before.Shelves, after.Shelves)
}
