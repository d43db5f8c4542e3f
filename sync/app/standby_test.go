package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
)

// writing is a ledger that must not be written.
type writing struct{ ledger.Store }

// Whoever asks a process that stands by to change something is told where that is done, and the ledger is not touched.
func TestStandbyChangesNothing(t *testing.T) {
	t.Parallel()
	store := app.New(app.Options{StandsBy: true, Ledger: writing{}}).Ledger // a call that got through would panic
	for name, write := range map[string]func() error{
		"apply": func() error {
			_, err := store.Apply(t.Context(), nil, ledger.Batch{})
			return err
		},
		"items":    func() error { return store.SaveItems(t.Context(), nil) },
		"labels":   func() error { return store.SaveLabels(t.Context(), nil) },
		"run":      func() error { return store.SaveRun(t.Context(), ledger.Run{}) },
		"findings": func() error { return store.SaveFindings(t.Context(), nil) },
		"rebuild":  func() error { return store.Rebuild(t.Context()) },
	} {
		var refused *app.Error
		require.ErrorAs(t, write(), &refused, name)
		require.Equal(t, app.Busy, refused.Kind, name)
		require.Contains(t, refused.What, "give the command beside that one", name)
	}
}
