package sqlite

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
)

// plantStale names the variable that has TestTurns keep its stores from noticing each other.
const plantStale = "EVENSTOCK_TEST_PLANT_STALE"

// turns is a ledger that two stores write in turns, so that each finds what it remembers written by the other.
type turns struct {
	*Store
	mu     sync.Mutex
	stores []*Store
	next   int
	blind  bool
}

func (s *turns) Apply(ctx context.Context, step ledger.Step, in ledger.Batch) (ledger.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	store := s.stores[s.next%len(s.stores)]
	if s.blind {
		if err := store.writer.dataVersion.QueryRowContext(ctx).Scan(&store.writer.version); err != nil {
			return ledger.Receipt{}, err
		}
	}
	return store.Apply(ctx, step, in)
}

// TestTurns drives the suite through two stores of one file.
func TestTurns(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		folder := t.TempDir()
		var stores []*Store
		for range 2 {
			s, err := Open(t.Context(), Options{Folder: folder})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			stores = append(stores, s)
		}
		return &turns{Store: stores[0], stores: stores, blind: os.Getenv(plantStale) != ""}
	})
}

// TestSuiteFindsWhatIsStale has TestTurns trust what it remembers whoever has written since: the suite's model must tell.
func TestSuiteFindsWhatIsStale(t *testing.T) {
	t.Parallel()
	for _, run := range []string{"AgreesWithModel", "SnapshotShowsSiblings"} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTurns$/^"+run+"$", "-rapid.shrinktime", "1s", "-rapid.nofailfile")
		child.Env = append(os.Environ(), plantStale+"=1")
		out, err := child.CombinedOutput()
		var failed *exec.ExitError
		require.ErrorAs(t, err, &failed, "%s: %s", run, out)
		require.Contains(t, string(out), "--- FAIL: TestTurns/"+run)
	}
}
