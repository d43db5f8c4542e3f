package sqlite

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/record"
)

// TestEveryFieldHasAColumn stores a ref and its work with every field set. A field that no column holds would be lost silently:
// the verification compares columns.
func TestEveryFieldHasAColumn(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Folder: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	want := ledgertest.EveryField(t)
	ref := want.State.Ref
	key := []any{string(ref.Channel), ref.Item, ref.Location}
	write := func(stmt func(w *writer) *sql.Stmt, values ...any) {
		t.Helper()
		require.NoError(t, s.writing(t.Context(), func(ctx context.Context, w *writer) error {
			_, err := stmt(w).ExecContext(ctx, values...)
			return err
		}))
	}
	stored := func() ledger.Ref {
		got, err := s.Ref(t.Context(), ref)
		require.NoError(t, err)
		return got.Ref
	}
	values, err := record.WorkValues(want.Work)
	require.NoError(t, err)
	state, err := record.RefValues(want.State)
	require.NoError(t, err)
	write(func(w *writer) *sql.Stmt { return w.setWork }, append(values, 0)...)
	write(func(w *writer) *sql.Stmt { return w.setRef }, state...)
	require.Equal(t, want, stored())

	relinked := want.State
	relinked.Shelf.Item = ""
	state, err = record.RefValues(relinked)
	require.NoError(t, err)
	write(func(w *writer) *sql.Stmt { return w.moveRef }, state...)
	require.Equal(t, want, stored(), "moveRef changes all but the link")

	work, err := record.WorkOf(want.Work)
	require.NoError(t, err)
	nothing := record.Work{}
	require.False(t, work.FoundAs(&nothing))
	write(func(w *writer) *sql.Stmt { return w.moveWork }, append(key, nothing.Remembered()...)...)
	found := ledger.Work{
		Ref: ref, ReadDue: want.Work.ReadDue, Push: true, PushDue: want.Work.PushDue, Baseline: want.Work.Baseline, Uncaused: want.Work.Uncaused,
	}
	require.Equal(t, found, stored().Work, "moveWork changes all but what work is found by")
	write(func(w *writer) *sql.Stmt { return w.moveUrgentWork }, append(append(key, work.Remembered()...), 7)...)
	require.Equal(t, want, stored())
}
