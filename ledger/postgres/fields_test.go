package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/record"
)

// EveryFieldHasAColumn stores a ref and its work with every field set, without entries that they would follow from.
func EveryFieldHasAColumn(t *testing.T, s *Store) {
	t.Helper()
	want := ledgertest.EveryField(t)
	require.NoError(t, s.writing(t.Context(), func(ctx context.Context, tx *transaction) error {
		if err := tx.send(ctx, tx.begin()); err != nil {
			return err
		}
		state, err := record.RefValues(want.State)
		require.NoError(t, err)
		work, err := record.WorkValues(want.Work)
		require.NoError(t, err)
		q := &pgx.Batch{}
		tx.write(q, sqlSetRefs, [][]any{state})
		tx.write(q, sqlSetWork, [][]any{work})
		return tx.commit(ctx, q, tx.lastSeq)
	}))
	got, err := s.Ref(t.Context(), want.State.Ref)
	require.NoError(t, err)
	require.Equal(t, want, got.Ref)
}

// EntryColumns are entries and their postings as arrays.
func EntryColumns(entries []ledger.Entry) (added, postings []any, err error) {
	var rows, moves [][]any
	for _, e := range entries {
		values, err := record.EntryValues(e)
		if err != nil {
			return nil, nil, err
		}
		rows, moves = append(rows, values), append(moves, postingValues(e)...)
	}
	return columns(rows), columns(moves), nil
}
