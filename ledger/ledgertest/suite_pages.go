package ledgertest

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// allPages requires that what the All functions page through is what one page would hold, wherever the pages end.
func allPages(t *testing.T, s ledger.Store) {
	const count = 6
	for i := range count {
		name := fmt.Sprintf("v%d", i)
		live(t, s, stock.ItemID(name), stock.Unit, ref("till", name), ref("web", name))
	}
	ctx := t.Context()
	refs, err := s.Refs(ctx, ledger.RefFilter{Channel: "till"})
	require.NoError(t, err)
	shelves, err := s.Shelves(ctx, ledger.ShelfFilter{})
	require.NoError(t, err)
	entries, err := s.Entries(ctx, ledger.EntryFilter{Ref: ref("till", "v3")})
	require.NoError(t, err)
	require.Equal(t, []int{count, count, 2}, []int{len(refs), len(shelves), len(entries)})
	for limit := range count + 2 {
		sameSequence(t, refs, ledger.AllRefs(ctx, s, ledger.RefFilter{Channel: "till", Limit: limit}))
		sameSequence(t, shelves, ledger.AllShelves(ctx, s, ledger.ShelfFilter{Limit: limit}))
		sameSequence(t, entries, ledger.AllEntries(ctx, s, ledger.EntryFilter{Ref: ref("till", "v3"), Limit: limit}))
	}
	sameSequence(t, refs[2:], ledger.AllRefs(ctx, s, ledger.RefFilter{Channel: "till", After: refs[1].State.Ref, Limit: 2}))
	sameSequence(t, nil, ledger.AllRefs(ctx, s, ledger.RefFilter{Channel: "nobody"}))

	var items []stock.Item
	for i := range 2*ledger.MaxPage + 1 {
		items = append(items, stock.Item{ID: stock.ItemID(fmt.Sprintf("i%06d", i))})
	}
	sameSequence(t, nil, ledger.AllItems(ctx, s))
	for _, kept := range []int{ledger.MaxPage, 2*ledger.MaxPage + 1} {
		require.NoError(t, s.SaveItems(ctx, items[:kept]))
		sameSequence(t, items[:kept], ledger.AllItems(ctx, s))
	}

	ended, end := context.WithCancel(ctx)
	defer end()
	told := 0
	for _, err := range ledger.AllRefs(ended, s, ledger.RefFilter{Limit: 2}) {
		if told++; told == 2 {
			end()
		}
		require.Equal(t, told > 2, err != nil, "the error of the second page, once")
	}
	require.Equal(t, 3, told)
}

// sameSequence reads a sequence whole, in part, and whole again.
func sameSequence[T any](t *testing.T, want []T, sequence iter.Seq2[T, error]) {
	t.Helper()
	for _, most := range []int{len(want) + 1, 1, len(want) + 1} {
		var got []T
		for row, err := range sequence {
			require.NoError(t, err)
			if got = append(got, row); len(got) == most {
				break
			}
		}
		require.Equal(t, want[:min(most, len(want))], got)
	}
}
