package ledgertest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Reopener is a store under test that can be closed and opened again.
type Reopener interface {
	Reopen(t *testing.T) ledger.Store
}

// Tamperer is a store under test whose caches can be falsified behind its back. Cache is "balances", "refs" or "shelves".
type Tamperer interface {
	Tamper(t *testing.T, cache string)
}

// Run drives stores that open gives, each empty and its own, through the promises of package ledger. open closes the store
// when its test ends.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s ledger.Store)
	}{
		{"NumbersWithoutGaps", numbersWithoutGaps},
		{"KeyIsUniqueForEver", keyIsUniqueForEver},
		{"RefusesWhatIsNotBalanced", refusesWhatIsNotBalanced},
		{"BatchIsAtomic", batchIsAtomic},
		{"InputErrorPassesUnchanged", inputErrorPasses},
		{"DecidesByItsStep", decidesByItsStep},
		{"OffsetMovesOnce", offsetMovesOnce},
		{"OverflowIsRefused", overflowIsRefused},
		{"SnapshotShowsSiblings", snapshotShowsSiblings},
		{"SnapshotFollowsScope", snapshotFollowsScope},
		{"SnapshotShowsBrakes", snapshotShowsBrakes},
		{"SnapshotIsACopy", snapshotIsACopy},
		{"CountersNeverFall", countersNeverFall},
		{"WantedChannels", wantedChannels},
		{"DueOrder", dueOrder},
		{"DueOrderFollowsLevels", dueOrderFollowsLevels},
		{"ManyDue", manyDue},
		{"DueByStatus", dueByStatus},
		{"Baselines", baselines},
		{"WorkAtImpossibleTimes", workAtImpossibleTimes},
		{"NextDue", nextDue},
		{"Uncaused", uncaused},
		{"BothClocks", bothClocks},
		{"EntriesReadBack", entriesReadBack},
		{"RefsAndShelvesPage", refsAndShelvesPage},
		{"AllPages", allPages},
		{"Calls", callsQueries},
		{"Intentions", intentionsQueries},
		{"Items", itemsQueries},
		{"Labels", labels},
		{"RunsAndFindings", runsAndFindings},
		{"Summary", summary},
		{"VerifyFindsTampering", verifyFindsTampering},
		{"ConcurrentBatches", concurrentBatches},
		{"SurvivesReopen", survivesReopen},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
	t.Run("AgreesWithModel", func(t *testing.T) {
		t.Parallel()
		agreesWithModel(t, open)
	})
}

// clock is a time on the day the suite plays.
func clock(seconds int) time.Time {
	return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func ref(channel stock.Channel, item string) stock.Ref {
	return stock.Ref{Channel: channel, Item: item, Location: "L1"}
}

func shelf(item stock.ItemID) stock.Shelf { return stock.Shelf{Item: item, Location: "main"} }

// apply applies scripts at a time and fails the test on an error.
func apply(t *testing.T, s ledger.Applier, at time.Time, scripts ...Script) ledger.Receipt {
	t.Helper()
	receipt, err := s.Apply(t.Context(), Step, batchOf(at, scripts...))
	require.NoError(t, err)
	return receipt
}

func batchOf(at time.Time, scripts ...Script) ledger.Batch {
	batch := ledger.Batch{At: at}
	for _, script := range scripts {
		batch.Inputs = append(batch.Inputs, script)
	}
	return batch
}

// live links refs of an item and makes them live at a count.
func live(t *testing.T, s ledger.Store, item stock.ItemID, count stock.Quantity, refs ...stock.Ref) {
	t.Helper()
	for _, r := range refs {
		apply(t, s, clock(0), Link(r, shelf(item), "sold-"+r.Item), Baseline(r, count, clock(0)))
	}
}

// look returns the snapshot that a scope gives.
func look(t *testing.T, s ledger.Store, at time.Time, scope ledger.Scope) ledger.Snapshot {
	t.Helper()
	var seen ledger.Snapshot
	apply(t, s, at, Look(scope, func(snapshot *ledger.Snapshot) { seen = *snapshot }))
	return seen
}

// same compares values by their JSON, in which equal times and quantities look equal.
func same(t require.TestingT, want, got any, what string) {
	w, err := json.Marshal(want)
	require.NoError(t, err)
	g, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(w), string(g), what)
}

func clean(t *testing.T, s ledger.Store) ledger.VerifyReport {
	t.Helper()
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
	return report
}

// sumsZero requires that all accounts of the item come to zero.
func sumsZero(t *testing.T, s ledger.Store, item stock.ItemID) {
	t.Helper()
	balances, err := s.Balances(t.Context(), item, ledger.AsOf{})
	require.NoError(t, err)
	var sum stock.Quantity
	for _, quantity := range balances {
		sum += quantity
	}
	require.Zero(t, sum)
}
