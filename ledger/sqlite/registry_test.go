package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/registry/registrytest"
	"github.com/evenstock/evenstock/ledger/sqlite"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	registrytest.Run(t, func(t *testing.T) (registry.Store, func() registry.Store) {
		folder := filepath.Join(t.TempDir(), "data")
		open := func() registry.Store {
			r := sqlite.NewRegistry(folder)
			t.Cleanup(func() { require.NoError(t, r.Close()) })
			return r
		}
		return open(), open
	})
}

// Looking makes no file.
func TestRegistryIsMadeWhenThereIsSomethingToKeep(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := sqlite.NewRegistry(folder)
	_, err := r.Merchants(t.Context())
	require.NoError(t, err)
	require.NoError(t, r.RemoveMerchant(t.Context(), "bakery"))
	require.NoFileExists(t, sqlite.RegistryFile(folder))
	require.NoError(t, r.SetState(t.Context(), "bakery", registry.Paused, "ann", time.Unix(1, 0)))
	require.FileExists(t, sqlite.RegistryFile(folder))
	require.NoError(t, r.Close())
}

// What was removed does not lie about in the files either.
func TestRegistryOverwritesWhatIsRemoved(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := sqlite.NewRegistry(folder)
	require.NoError(t, r.AddMerchant(t.Context(), registry.Merchant{Name: "florist", State: registry.Working, Settings: "REMAINS"}))
	require.NoError(t, r.AddMerchant(t.Context(), registry.Merchant{Name: "bakery", State: registry.Working, Settings: "CANARY-1",
		Channels: []registry.Channel{{Name: "till", Platform: "square", Settings: "CANARY-2"}}}))
	found := func(text string) (count int) {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		require.NoError(t, err)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			count += bytes.Count(content, []byte(text))
		}
		return count
	}
	require.Positive(t, found("CANARY-1"))
	require.Positive(t, found("CANARY-2"))
	require.NoError(t, r.RemoveMerchant(t.Context(), "bakery"))
	require.Zero(t, found("CANARY"))
	require.Zero(t, found("bakery"))
	require.Positive(t, found("REMAINS"))
	require.NoError(t, r.Close())
}
