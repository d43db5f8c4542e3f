package sqlite_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestBesideAWriter writes from two stores at once, as serve and a command do, while a third verifies and queries: batches are
// seen whole, none is lost, and nobody is refused for being busy.
func TestBesideAWriter(t *testing.T) {
	t.Parallel()
	const batches = 60
	s := seeded(t)
	second := open(t, s.folder)
	reader, err := sqlite.Open(t.Context(), sqlite.Options{Folder: s.folder, ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, reader.Close()) }()
	var writers, watchers sync.WaitGroup
	done := make(chan struct{})
	watch := func(look func()) {
		watchers.Go(func() {
			for {
				look()
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	watch(func() {
		report, err := reader.Verify(t.Context(), nil)
		if err != nil || !report.Clean() {
			t.Errorf("verifying: %v, %v", err, report.Faults)
		}
	})
	watch(func() {
		ref, err := reader.Ref(t.Context(), till)
		whole := err == nil && (ref.State.Entries-3)%2 == 0
		if !whole {
			t.Errorf("reading: %v, %d entries", err, ref.State.Entries)
		}
	})
	for _, store := range []opened{s, second} {
		writers.Go(func() {
			for range batches {
				batch := ledger.Batch{At: noon}
				for i := range 2 {
					batch.Inputs = append(batch.Inputs, ledgertest.Read(till, stock.Quantity(i)*stock.Unit, noon.Add(time.Hour)))
				}
				if _, err := store.Apply(t.Context(), ledgertest.Step, batch); err != nil {
					t.Errorf("applying: %v", err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	watchers.Wait()
	ref, err := s.Ref(t.Context(), till)
	require.NoError(t, err)
	require.EqualValues(t, 3+2*2*batches, ref.State.Entries)
	require.Equal(t, stock.Unit, ref.Level)
}
