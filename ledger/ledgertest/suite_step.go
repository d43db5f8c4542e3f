package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// decidesByItsStep requires that each batch is decided by the step it comes with, and that only one without inputs needs none.
func decidesByItsStep(t *testing.T, s ledger.Store) {
	apply := func(step ledger.Step, batch ledger.Batch) error {
		_, err := s.Apply(t.Context(), step, batch)
		return err
	}
	batch := batchOf(clock(0), Do(ledger.Scope{}, ledger.Changes{}))
	batch.Marks = map[string]string{"full": "page 1"}
	require.ErrorIs(t, apply(nil, batch), ledger.ErrNoStep)
	mark, err := s.Mark(t.Context(), "full")
	require.NoError(t, err)
	require.Empty(t, mark, "nothing is written")

	never := func(*ledger.Snapshot, time.Time, []ledger.Input) (ledger.Changes, error) {
		return ledger.Changes{}, errors.New("nothing is to be decided")
	}
	for page, step := range map[string]ledger.Step{"2": nil, "3": never} {
		require.NoError(t, apply(step, ledger.Batch{At: clock(0), Marks: map[string]string{"full": page}}))
		mark, err := s.Mark(t.Context(), "full")
		require.NoError(t, err)
		require.Equal(t, page, mark)
	}
	silent := func(*ledger.Snapshot, time.Time, []ledger.Input) (ledger.Changes, error) {
		return ledger.Changes{}, nil
	}
	require.ErrorContains(t, apply(silent, batch), "0 dispositions for 1 inputs")
	require.NoError(t, apply(Step, batch))
}

func inputErrorPasses(t *testing.T, s ledger.Store) {
	poison := &ledger.InputError{Index: 1, Err: ledger.ErrKeyReused}
	refuse := Script{Decide: func(*ledger.Snapshot, time.Time) (ledger.Changes, error) { return ledger.Changes{}, poison }}
	_, err := s.Apply(t.Context(), Step, batchOf(clock(0), refuse))
	require.Same(t, error(poison), err)
	clean(t, s)
}
