package ledgertest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// canonical is a snapshot as text in which equal snapshots are equal.
func canonical(s *ledger.Snapshot) string {
	var b strings.Builder
	for _, ref := range slices.SortedFunc(maps.Keys(s.Refs), stock.Ref.Compare) {
		line(&b, s.Refs[ref])
	}
	for _, shelf := range slices.SortedFunc(maps.Keys(s.Shelves), stock.Shelf.Compare) {
		line(&b, s.Shelves[shelf])
	}
	lines := []string{fmt.Sprint(s.Keys, s.SoldAs, s.Counters, s.LastSeq)}
	for _, w := range s.Waiting {
		lines = append(lines, fmt.Sprint(w))
	}
	slices.Sort(lines[1:])
	line(&b, lines)
	line(&b, s.Calls)
	line(&b, s.Brakes)
	return b.String()
}

func line(b *strings.Builder, value any) {
	text, err := json.Marshal(value)
	fmt.Fprintln(b, string(text), err)
}

// worker is what both the store and the model offer to a channel's worker.
type worker interface {
	ledger.Worklist
	ledger.Baselines
	ledger.Positions
	Refs(ctx context.Context, filter ledger.RefFilter) ([]ledger.DueRef, error)
	UnitsBefore(ctx context.Context, channel stock.Channel, since time.Time) (ledger.PushLoad, error)
	StoredBrakes(ctx context.Context) ([]ledger.Brake, error)
}

func compareWork(rt *rapid.T, store ledger.Store, model *Model, now time.Time) {
	var texts [2]string
	for i, w := range []worker{store, model} {
		var b strings.Builder
		show := func(value any, err error) { line(&b, []any{value, err}) }
		for _, channel := range []stock.Channel{"till", "web"} {
			for _, at := range []time.Time{now.Add(-15 * time.Second), now.Add(time.Minute)} {
				reads, err := w.DueReads(rt.Context(), channel, at, 3)
				show(reads, err)
				baselines, err := w.DueBaselines(rt.Context(), channel, at, 3)
				show(baselines, err)
				pushes, err := w.DuePushes(rt.Context(), channel, at, ledger.DuePush{}, 2)
				show(pushes, err)
				if len(pushes) == 2 {
					pushes, err = w.DuePushes(rt.Context(), channel, at, pushes[1], 0)
					show(pushes, err)
				}
				next, err := w.NextDue(rt.Context(), channel, at)
				show(next, err)
				wishes, err := w.DueResources(rt.Context(), channel, at, 0)
				show(len(wishes), err)
			}
			begun, err := w.BaselinesBegun(rt.Context(), channel)
			show(begun, err)
			calls, err := w.OpenCalls(rt.Context(), channel)
			show(len(calls), err)
			uncaused, err := w.Uncaused(rt.Context(), channel, now.Add(-5*time.Second))
			show(uncaused, err)
			units, err := w.UnitsBefore(rt.Context(), channel, now.Add(-5*time.Second))
			show(units, err)
		}
		progress, err := w.BaselineProgress(rt.Context())
		show(progress, err)
		refs, err := w.Refs(rt.Context(), ledger.RefFilter{})
		show(refs, err)
		brakes, err := w.StoredBrakes(rt.Context())
		show(len(brakes), err)
		offsets, err := w.Cursors(rt.Context(), "events")
		show(offsets, err)
		mark, err := w.Mark(rt.Context(), "full")
		show(mark, err)
		texts[i] = b.String()
	}
	require.Equal(rt, texts[1], texts[0])
}

func compareLedgers(rt *rapid.T, store ledger.Store, model *Model) {
	entries, err := store.Entries(rt.Context(), ledger.EntryFilter{})
	require.NoError(rt, err)
	same(rt, append([]ledger.Entry{}, model.Entries()...), append([]ledger.Entry{}, entries...), "entries")
	for _, item := range []stock.ItemID{"mug", "cup"} {
		balances, err := store.Balances(rt.Context(), item, ledger.AsOf{})
		require.NoError(rt, err)
		want := model.Balances(item)
		require.Equal(rt, len(want), len(balances))
		for account, quantity := range want {
			require.Equal(rt, quantity, balances[account], account)
		}
		asOf, err := store.Balances(rt.Context(), item, ledger.AsOf{Occurred: clock(1_000_000)})
		require.NoError(rt, err)
		require.Equal(rt, balances, asOf, "summed from postings")
	}
	report, err := store.Verify(rt.Context(), nil)
	require.NoError(rt, err)
	require.Empty(rt, report.Faults)
	before, err := store.Refs(rt.Context(), ledger.RefFilter{})
	require.NoError(rt, err)
	require.NoError(rt, store.Rebuild(rt.Context()))
	after, err := store.Refs(rt.Context(), ledger.RefFilter{})
	require.NoError(rt, err)
	same(rt, before, after, "rebuilt")
	report, err = store.Verify(rt.Context(), nil)
	require.NoError(rt, err)
	require.Empty(rt, report.Faults)
}
