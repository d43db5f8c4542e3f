package ledgertest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func numbersWithoutGaps(t *testing.T, s ledger.Store) {
	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	receipt := apply(t, s, clock(5), Read(till, 7*stock.Unit, clock(4)))
	require.EqualValues(t, 5, receipt.LastSeq)
	require.Len(t, receipt.Entries, 1)
	require.Equal(t, clock(5), receipt.Entries[0].RecordedAt)
	entries, err := s.Entries(t.Context(), ledger.EntryFilter{})
	require.NoError(t, err)
	for i, e := range entries {
		require.EqualValues(t, i+1, e.Seq)
	}
	require.Len(t, entries, 5)
	sumsZero(t, s, "mug")
	clean(t, s)
}

func keyIsUniqueForEver(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	apply(t, s, clock(1), Sell(till, "A1", stock.Unit, clock(1)))
	for name, scripts := range map[string][]Script{
		"later batch": {Sell(till, "A1", 2*stock.Unit, clock(1))},
		"same batch":  {Sell(till, "A2", stock.Unit, clock(1)), Sell(till, "A2", 2*stock.Unit, clock(1))},
	} {
		_, err := s.Apply(t.Context(), Step, batchOf(clock(2), scripts...))
		require.ErrorIs(t, err, ledger.ErrKeyReused, name)
	}
	_, err := s.Apply(t.Context(), Step, batchOf(clock(2), Sell(till, "A1", stock.Unit, clock(1))))
	require.Error(t, err, "a step that repeats an entry is wrong")
	require.NotErrorIs(t, err, ledger.ErrKeyReused)
	require.EqualValues(t, 3, clean(t, s).Entries)
}

func refusesWhatIsNotBalanced(t *testing.T, s ledger.Store) {
	mug := ledger.AvailableOn(shelf("mug"))
	good := ledger.Entry{
		Key: "k", Kind: ledger.KindCorrection, Shelf: shelf("mug"),
		Postings: []ledger.Posting{{From: ledger.Account{Item: "mug", Kind: ledger.Shrinkage}, To: mug, Quantity: 1}},
	}
	for name, spoil := range map[string]func(e *ledger.Entry){
		"no key":              func(e *ledger.Entry) { e.Key = "" },
		"no kind":             func(e *ledger.Entry) { e.Kind = 0 },
		"unknown kind":        func(e *ledger.Entry) { e.Kind = ledger.KindCorrection + 1 },
		"no item":             func(e *ledger.Entry) { e.Shelf.Item = "" },
		"zero quantity":       func(e *ledger.Entry) { e.Postings[0].Quantity = 0 },
		"negative quantity":   func(e *ledger.Entry) { e.Postings[0].Quantity = -1 },
		"one account":         func(e *ledger.Entry) { e.Postings[0].From = mug },
		"other item":          func(e *ledger.Entry) { e.Postings[0].From.Item = "cup" },
		"ref without channel": func(e *ledger.Entry) { e.Ref.Item = "v1" },
	} {
		e := good
		e.Postings = slices.Clone(good.Postings)
		spoil(&e)
		_, err := s.Apply(t.Context(), Step, batchOf(clock(0), Do(ledger.Scope{}, ledger.Changes{Entries: []ledger.Entry{e}})))
		require.ErrorIs(t, err, ledger.ErrUnbalanced, name)
	}
	e := good
	e.OccurredAt = time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)
	_, err := s.Apply(t.Context(), Step, batchOf(clock(0), Do(ledger.Scope{}, ledger.Changes{Entries: []ledger.Entry{e}})))
	require.ErrorIs(t, err, ledger.ErrTime)
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{Entries: []ledger.Entry{good}}))
}

// batchIsAtomic fails batches late and early and requires that nothing of them is there.
func batchIsAtomic(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	before := fingerprint(t, s)
	boom := errors.New("boom")
	fails := Script{Decide: func(*ledger.Snapshot, time.Time) (ledger.Changes, error) { return ledger.Changes{}, boom }}
	full := Do(ledger.Scope{}, ledger.Changes{
		Counters:  map[ledger.CounterKey]stock.Quantity{{Channel: "web", Order: "1", Line: "1"}: 1},
		Calls:     []ledger.Call{{Key: "c1", Channel: "web", State: ledger.CallOpen}},
		Resources: []ledger.ResourceWish{{Channel: "web", Resource: "order/1", Due: clock(1)}},
	})
	stranger := Do(ledger.Scope{}, ledger.Changes{Work: []ledger.Work{{Ref: ref("web", "nobody"), Read: 1}}})
	for name, scripts := range map[string][]Script{
		"the step fails":         {Read(till, 5*stock.Unit, clock(1)), full, fails},
		"a later entry fails":    {full, Read(till, 5*stock.Unit, clock(1)), Sell(till, "A", 1, clock(1)), Sell(till, "A", 2, clock(1))},
		"work of an unknown ref": {full, Read(till, 5*stock.Unit, clock(1)), stranger},
	} {
		batch := batchOf(clock(2), scripts...)
		batch.Cursor = &ledger.Cursor{Topic: "events", From: 0, Next: 9}
		batch.Marks = map[string]string{"full": "page 2"}
		_, err := s.Apply(t.Context(), Step, batch)
		require.Error(t, err, name)
		same(t, before, fingerprint(t, s), name)
	}
	_, err := s.Apply(t.Context(), Step, batchOf(clock(2), fails))
	require.ErrorIs(t, err, boom)
	clean(t, s)
}

// fingerprint is what a failed batch must not change.
func fingerprint(t *testing.T, s ledger.Store) []any {
	t.Helper()
	var all []any
	add := func(value any, err error) {
		require.NoError(t, err)
		all = append(all, value)
	}
	ctx := t.Context()
	entries, err := s.Entries(ctx, ledger.EntryFilter{})
	add(entries, err)
	refs, err := s.Refs(ctx, ledger.RefFilter{})
	add(refs, err)
	calls, err := s.Calls(ctx, ledger.CallFilter{})
	add(calls, err)
	wishes, err := s.DueResources(ctx, "web", clock(1_000_000), 0)
	add(wishes, err)
	tallies, err := s.Tallies(ctx)
	add(tallies, err)
	offsets, err := s.Cursors(ctx, "events")
	add(offsets, err)
	mark, err := s.Mark(ctx, "full")
	add(mark, err)
	return all
}

func offsetMovesOnce(t *testing.T, s ledger.Store) {
	move := func(partition int, from, next int64) error {
		_, err := s.Apply(t.Context(), nil, ledger.Batch{At: clock(0), Cursor: &ledger.Cursor{Topic: "events", Partition: partition, From: from, Next: next}})
		return err
	}
	require.NoError(t, move(0, 100, 110), "the first batch may begin anywhere")
	require.ErrorIs(t, move(0, 100, 110), ledger.ErrCursorMoved)
	require.ErrorIs(t, move(0, 109, 120), ledger.ErrCursorMoved)
	require.ErrorIs(t, move(0, 111, 120), ledger.ErrCursorMoved)
	require.ErrorIs(t, move(0, 110, 109), ledger.ErrCursorMoved, "backwards")
	require.NoError(t, move(0, 110, 120))
	require.NoError(t, move(3, 0, 1))
	offsets, err := s.Cursors(t.Context(), "events")
	require.NoError(t, err)
	require.Equal(t, map[int]int64{0: 120, 3: 1}, offsets)
	offsets, err = s.Cursors(t.Context(), "others")
	require.NoError(t, err)
	require.Empty(t, offsets)
}

func overflowIsRefused(t *testing.T, s ledger.Store) {
	opening := ledger.Account{Item: "mug", Kind: ledger.Opening}
	fill := func(key string, quantity stock.Quantity) error {
		e := ledger.Entry{Key: key, Kind: ledger.KindCorrection, Shelf: shelf("mug"), Postings: ledger.Post(opening, ledger.AvailableOn(shelf("mug")), quantity)}
		_, err := s.Apply(t.Context(), Step, batchOf(clock(0), Do(ledger.Scope{}, ledger.Changes{Entries: []ledger.Entry{e}})))
		return err
	}
	require.NoError(t, fill("a", math.MaxInt64))
	require.ErrorIs(t, fill("b", 1), ledger.ErrOverflow)
	require.NoError(t, fill("c", -math.MaxInt64))
	require.NoError(t, fill("d", -math.MaxInt64))
	require.ErrorIs(t, fill("e", -1), ledger.ErrOverflow, "every balance has a magnitude")
	till := ref("till", "v1")
	apply(t, s, clock(0), Link(till, shelf("cup"), ""), Baseline(till, math.MaxInt64, clock(0)))
	push := func(delta stock.Quantity) Script {
		return decideEntry(till, func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
			return ledger.Entry{Kind: ledger.KindPush, ExpectedDelta: delta, Push: &ledger.PushMark{Call: "c", Delta: delta, Phase: ledger.Answered}}
		})
	}
	_, err := s.Apply(t.Context(), Step, batchOf(clock(1), push(1)))
	require.ErrorIs(t, err, ledger.ErrOverflow)
	clean(t, s)
}

func countersNeverFall(t *testing.T, s ledger.Store) {
	key := ledger.CounterKey{Channel: "web", Order: "900", Line: "1"}
	for _, quantity := range []stock.Quantity{2, 5, 3} {
		apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{Counters: map[ledger.CounterKey]stock.Quantity{key: quantity}}))
	}
	seen := look(t, s, clock(1), ledger.Scope{Orders: []ledger.OrderID{{Channel: "web", Order: "900"}}})
	require.Equal(t, map[ledger.CounterKey]stock.Quantity{key: 5}, seen.Counters)
}

func wantedChannels(t *testing.T, s ledger.Store) {
	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	require.Empty(t, apply(t, s, clock(1), Look(ledger.Scope{}, func(*ledger.Snapshot) {})).Wanted)
	require.Equal(t, []stock.Channel{"till", "web"}, apply(t, s, clock(1), Read(till, 7*stock.Unit, clock(1))).Wanted)
	receipt := apply(t, s, clock(1), Do(ledger.Scope{}, ledger.Changes{
		Calls: []ledger.Call{{Key: "c", Channel: "b", State: ledger.CallOpen}}, Resources: []ledger.ResourceWish{{Channel: "a", Resource: "order/1", Due: clock(1)}},
	}))
	require.Equal(t, []stock.Channel{"a", "b"}, receipt.Wanted)
	require.Len(t, receipt.Calls, 1)
}

func concurrentBatches(t *testing.T, s ledger.Store) {
	const workers, rounds = 8, 20
	till := ref("till", "v1")
	live(t, s, "mug", 100*stock.Unit, till)
	var group sync.WaitGroup
	errs := make([]error, workers)
	for n := range workers {
		group.Go(func() {
			for i := range rounds {
				drop := decideEntry(till, func(r ledger.Ref, _ *ledger.Snapshot) ledger.Entry {
					return ledger.Entry{
						Kind: ledger.KindReading, OccurredAt: clock(i + 1), ExpectedDelta: -stock.Unit,
						Postings: ledger.Post(ledger.AvailableOn(shelf("mug")), ledger.UnexplainedBy("mug", till), stock.Unit),
					}
				})
				own := ref("till", fmt.Sprintf("w%d-%d", n, i))
				if _, err := s.Apply(t.Context(), Step, batchOf(clock(1), drop, Link(own, shelf(stock.ItemID(own.Item)), ""))); err != nil {
					errs[n] = err
					return
				}
				if _, err := s.DueReads(t.Context(), "till", clock(1), 10); err != nil {
					errs[n] = err
					return
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	r, err := s.Ref(t.Context(), till)
	require.NoError(t, err)
	require.Equal(t, (100-workers*rounds)*stock.Unit, r.State.Expected)
	require.Equal(t, r.State.Expected, r.Level)
	report := clean(t, s)
	require.EqualValues(t, 2+2*workers*rounds, report.Entries)
}

func survivesReopen(t *testing.T, s ledger.Store) {
	reopener, can := s.(Reopener)
	if !can {
		t.Skip("the store under test cannot be opened again: it does not implement Reopener")
	}
	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	batch := batchOf(clock(1), Read(till, 7*stock.Unit, clock(1)))
	batch.Cursor, batch.Marks = &ledger.Cursor{Topic: "events", From: 0, Next: 9}, map[string]string{"full": "page 2"}
	_, err := s.Apply(t.Context(), Step, batch)
	require.NoError(t, err)
	before := fingerprint(t, s)
	again := reopener.Reopen(t)
	same(t, before, fingerprint(t, again), "after reopening")
	apply(t, again, clock(2), Read(till, 6*stock.Unit, clock(2)))
	clean(t, again)
}

func verifyFindsTampering(t *testing.T, s ledger.Store) {
	tamperer, can := s.(Tamperer)
	if !can {
		t.Skip("the caches of the store under test cannot be falsified: it does not implement Tamperer")
	}
	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	apply(t, s, clock(1), Read(till, 7*stock.Unit, clock(1)), Sell(till, "A1", stock.Unit, clock(1)))
	before := fingerprint(t, s)
	for _, cache := range []string{"balances", "refs", "shelves"} {
		clean(t, s)
		tamperer.Tamper(t, cache)
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.False(t, report.Clean(), cache)
		require.NoError(t, s.Rebuild(t.Context()))
		clean(t, s)
		same(t, before, fingerprint(t, s), "healed "+cache)
	}
}
