package sqlite

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

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
	require.NoError(t, s.writing(t.Context(), func(ctx context.Context, w *writer) error {
		values, err := record.WorkValues(want.Work)
		require.NoError(t, err)
		_, err = w.setWork.ExecContext(ctx, append(values, 0)...)
		require.NoError(t, err)
		return putRef(ctx, w.setRef, want.State)
	}))
	got, err := s.Ref(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, want, got.Ref)
	relinked := want.State
	relinked.Shelf.Item = ""
	require.NoError(t, s.writing(t.Context(), func(ctx context.Context, w *writer) error { return putRef(ctx, w.moveRef, relinked) }))
	got, err = s.Ref(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, want, got.Ref, "moveRef changes all but the link")
}
