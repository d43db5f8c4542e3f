package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// BenchmarkDue asks for the next hundred pushes and reads while so many are due, and so many more are not due yet.
func BenchmarkDue(b *testing.B) {
	for _, waiting := range []struct{ due, later int }{{100, 0}, {10_000, 0}, {100_000, 0}, {100, 100_000}} {
		b.Run(fmt.Sprintf("due=%d/later=%d", waiting.due, waiting.later), func(b *testing.B) {
			s := wishful(b, waiting.due, waiting.later)
			b.Run("pushes", func(b *testing.B) {
				for b.Loop() {
					pushes, err := s.DuePushes(b.Context(), "till", noon, ledger.DuePush{}, 100)
					require.NoError(b, err)
					require.Len(b, pushes, 100)
				}
			})
			b.Run("reads", func(b *testing.B) {
				for b.Loop() {
					reads, err := s.DueReads(b.Context(), "till", noon, 100)
					require.NoError(b, err)
					require.Len(b, reads, 100)
				}
			})
		})
	}
}

// wishful is a ledger of whose refs as many are to be read and pushed now, and as many later.
func wishful(b *testing.B, due, later int) *sqlite.Store {
	s, err := sqlite.Open(b.Context(), sqlite.Options{Folder: b.TempDir()})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	const together = 10_000
	for first := 0; first < due+later; first += together {
		links, counts := ledger.Batch{At: noon}, ledger.Batch{At: noon}
		var scope ledger.Scope
		var wishes ledger.Changes
		for n := first; n < min(first+together, due+later); n++ {
			ref := ledgertest.LoadRef("till", n)
			place := stock.Shelf{Item: stock.ItemID(fmt.Sprintf("itm_%07d", n)), Location: "main"}
			links.Inputs = append(links.Inputs, ledgertest.Link(ref, place, ""))
			counts.Inputs = append(counts.Inputs, ledgertest.Baseline(ref, stock.Units(int64(n%97)), noon))
			scope.Refs = append(scope.Refs, ref)
			work := ledger.Work{Ref: ref, Read: 1, ReadDue: noon, Push: true, PushDue: noon}
			if n%((due+later)/due) != 0 {
				work.ReadDue, work.PushDue = noon.Add(time.Minute), noon.Add(time.Minute)
			}
			wishes.Work = append(wishes.Work, work)
		}
		wanted := ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Do(scope, wishes)}}
		for _, batch := range []ledger.Batch{links, counts, wanted} {
			_, err := s.Apply(b.Context(), ledgertest.Step, batch)
			require.NoError(b, err)
		}
	}
	return s
}
