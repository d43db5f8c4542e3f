package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A cause that is taught after a row was booked makes no correction of it; what the platform itself says otherwise does.
func TestOurWordForACauseIsNoContent(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	booked := sold("A1", 2, at(1))
	booked.Cause, booked.Said = stock.Moved, "IN_STOCK>ON_LOAN"
	require.Equal(t, ledger.Done, s.deliver(booked).Ending)
	taught := booked
	taught.Cause = stock.Shrinkage
	require.Equal(t, ledger.Duplicate, s.deliver(taught).Ending)
	otherwise := booked
	otherwise.Said = "IN_STOCK>WASTE"
	s.wait(120)
	require.Equal(t, "corrected by the channel", s.one(listed(otherwise, s.now)).Reason)
}

// fingerprintsBefore makes the engine book movements as it did when their fingerprints held our word for the cause.
func fingerprintsBefore(step ledger.Step) ledger.Step {
	words := map[ledger.AccountKind]string{ledger.Sold: "sold", ledger.Returned: "returned", ledger.Received: "received", ledger.Shrinkage: "wasted", ledger.Moved: "moved"}
	return func(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		changes, err := step(snapshot, at, inputs)
		for i, e := range changes.Entries {
			if e.Kind != ledger.KindMovement || len(e.Postings) == 0 {
				continue
			}
			posting := e.Postings[0]
			cause, quantity := posting.From.Kind, posting.Quantity
			if cause == ledger.Unexplained {
				cause, quantity = posting.To.Kind, -quantity
			}
			changes.Entries[i].Fingerprint = ledger.Fingerprint(e.Ref.String(), quantity.String(), words[cause])
		}
		return changes, err
	}
}

// A ledger that was kept under the fingerprints of before goes on without a migration.
func TestFingerprintsOfBefore(t *testing.T) {
	t.Parallel()
	now, engine := at(0), newEngine(t, configured())
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	apply := func(step ledger.Step, inputs ...ledger.Input) ([]ledger.Disposition, error) {
		now = now.Add(time.Second)
		receipt, err := store.Apply(t.Context(), step, ledger.Batch{At: now, Inputs: inputs})
		return receipt.Dispositions, err
	}
	read := func(ref stock.Ref, units int64) {
		due, err := store.Ref(t.Context(), ref)
		require.NoError(t, err)
		now = now.Add(5 * time.Second)
		_, err = apply(engine.Step, ledger.OwnRead{Reading: reading(ref, units, at(-120)), Mark: due.Work.Seq, ReadAt: now})
		require.NoError(t, err)
	}
	require.NoError(t, store.SaveItems(t.Context(), []stock.Item{{ID: mug.Item, SKU: "MUG"}}))
	for _, ref := range []stock.Ref{tillMug, webMug} {
		_, err := apply(engine.Step, ledger.LinkRef{Ref: ref, Shelf: mug, SoldAs: soldAs(ref)}, ledger.WantBaseline{Ref: ref, Authority: ref == tillMug})
		require.NoError(t, err)
	}
	read(webMug, 8)
	read(webMug, 8)
	read(tillMug, 8)

	lent := sold("A2", 3, at(90))
	lent.Cause, lent.Said = stock.Moved, "IN_STOCK>ON_LOAN"
	facts := []ledger.Input{delivered(sold("A1", 2, at(90))), delivered(lent),
		delivered(webOrder(at(90), line("1", 2, restock("R1", 1, "return", at(90)))))}
	dispositions, err := apply(fingerprintsBefore(engine.Step), facts...)
	require.NoError(t, err)
	for _, d := range dispositions {
		require.Equal(t, "explained", d.Reason)
	}

	taught := lent
	taught.Cause = stock.Shrinkage
	replay := append(facts, delivered(taught))
	dispositions, err = apply(engine.Step, replay...)
	require.NoError(t, err)
	require.Len(t, dispositions, len(replay))
	for i, d := range dispositions {
		require.Equal(t, ledger.Duplicate, d.Ending, "fact %d: %s", i, d.Reason)
	}
	now = now.Add(time.Minute)
	for _, fact := range []stock.Movement{sold("A1", 3, at(90)), sold("A1", -2, at(90)), sold("A1", 2, at(90))} { // it was booked under a fingerprint of before
		dispositions, err = apply(engine.Step, listed(fact, now), listed(fact, now))
		require.NoError(t, err)
		require.Equal(t, "corrected by the channel", dispositions[0].Reason)
		require.Equal(t, ledger.Duplicate, dispositions[1].Ending)
		now = now.Add(time.Minute)
	}
	next := sold("A3", 1, at(95))
	dispositions, err = apply(engine.Step, delivered(next), delivered(next))
	require.NoError(t, err)
	require.Equal(t, []ledger.Ending{ledger.Done, ledger.Duplicate}, []ledger.Ending{dispositions[0].Ending, dispositions[1].Ending})
	report, err := store.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
}
