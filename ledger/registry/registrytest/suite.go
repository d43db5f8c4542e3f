// Package registrytest is the contract of registry.Store as tests: every store passes it.
package registrytest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/registry"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 123456789, time.UTC)

// Run tests stores, of which open returns a new one with nothing in it. reopen opens what a store that open returned stands on once more,
// as another process does.
func Run(t *testing.T, open func(t *testing.T) (store registry.Store, reopen func() registry.Store)) {
	for name, test := range map[string]func(t *testing.T, store registry.Store, reopen func() registry.Store){
		"empty": empty, "keeps what it is told": keeps, "names are taken once": taken, "states": states, "an erasure is not taken back": erasing,
		"forgets": forgets, "texts are kept as they are": texts, "one of many adds": race,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, reopen := open(t)
			test(t, store, reopen)
		})
	}
}

func bakery() registry.Merchant {
	return registry.Merchant{Name: "bakery", State: registry.Working, Since: noon, By: "ann", Settings: `{"locations":["main"]}`,
		Channels: []registry.Channel{{Name: "web", Platform: "shopify", Settings: `{"name":"web"}`}, {Name: "till", Platform: "square", Settings: `{"name":"till"}`}}}
}

func list(t *testing.T, store registry.Store) []registry.Merchant {
	t.Helper()
	merchants, err := store.Merchants(t.Context())
	require.NoError(t, err)
	return merchants
}

func empty(t *testing.T, store registry.Store, reopen func() registry.Store) {
	require.Empty(t, list(t, store))
	require.NoError(t, store.RemoveMerchant(t.Context(), "nobody"))
	require.Empty(t, list(t, reopen()))
}

func keeps(t *testing.T, store registry.Store, reopen func() registry.Store) {
	want := bakery()
	require.NoError(t, store.AddMerchant(t.Context(), want))
	other := registry.Merchant{Name: "a-florist", State: registry.Paused, Since: noon.Add(time.Nanosecond), By: "bob", Settings: "{}"}
	require.NoError(t, store.AddMerchant(t.Context(), other))
	require.Equal(t, []registry.Merchant{other, want}, list(t, store), "by name, channels in their order")
	require.Equal(t, []registry.Merchant{other, want}, list(t, reopen()))
}

func taken(t *testing.T, store registry.Store, _ func() registry.Store) {
	require.NoError(t, store.AddMerchant(t.Context(), bakery()))
	again := bakery()
	again.Settings, again.Channels = "other", nil
	require.ErrorIs(t, store.AddMerchant(t.Context(), again), registry.ErrExists)
	require.Equal(t, []registry.Merchant{bakery()}, list(t, store))
	require.NoError(t, store.SetState(t.Context(), "declared", registry.Paused, "ann", noon))
	require.ErrorIs(t, store.AddMerchant(t.Context(), registry.Merchant{Name: "declared", State: registry.Working, Settings: "x"}), registry.ErrExists)
}

func states(t *testing.T, store registry.Store, reopen func() registry.Store) {
	require.NoError(t, store.AddMerchant(t.Context(), bakery()))
	want := bakery()
	want.State, want.By, want.Since = registry.Paused, "bob", noon.Add(time.Hour)
	require.NoError(t, store.SetState(t.Context(), "bakery", registry.Paused, "bob", noon.Add(time.Hour)))
	require.Equal(t, []registry.Merchant{want}, list(t, store), "settings and channels stay")
	require.NoError(t, store.SetState(t.Context(), "bakery", registry.Working, "bob", noon.Add(2*time.Hour)))
	require.Equal(t, registry.Working, list(t, reopen())[0].State)
	require.NoError(t, store.SetState(t.Context(), "declared", registry.Paused, "ann", noon))
	require.Equal(t, registry.Merchant{Name: "declared", State: registry.Paused, Since: noon, By: "ann"}, list(t, store)[1])
}

func erasing(t *testing.T, store registry.Store, _ func() registry.Store) {
	require.NoError(t, store.AddMerchant(t.Context(), bakery()))
	require.NoError(t, store.SetState(t.Context(), "bakery", registry.Erasing, "ann", noon))
	require.ErrorIs(t, store.SetState(t.Context(), "bakery", registry.Working, "bob", noon), registry.ErrErasing)
	require.ErrorIs(t, store.SetState(t.Context(), "bakery", registry.Paused, "bob", noon), registry.ErrErasing)
	require.NoError(t, store.SetState(t.Context(), "bakery", registry.Erasing, "carol", noon.Add(time.Hour)), "who goes on says it again")
	require.Equal(t, registry.Erasing, list(t, store)[0].State)
}

func forgets(t *testing.T, store registry.Store, reopen func() registry.Store) {
	other := bakery()
	other.Name = "florist"
	require.NoError(t, store.AddMerchant(t.Context(), bakery()))
	require.NoError(t, store.AddMerchant(t.Context(), other))
	require.NoError(t, store.RemoveMerchant(t.Context(), "bakery"))
	require.Equal(t, []registry.Merchant{other}, list(t, reopen()), "another's channels stay")
	require.NoError(t, store.AddMerchant(t.Context(), bakery()), "the name is free")
}

func texts(t *testing.T, store registry.Store, _ func() registry.Store) {
	m := bakery()
	m.Name, m.By, m.Settings = "0-9", "Ö'Neil \" % _ \\", `{"a":"ü 'x' \" $1 ? \\u0000"}`
	m.Channels[0].Settings = m.Settings
	require.NoError(t, store.AddMerchant(t.Context(), m))
	require.Equal(t, []registry.Merchant{m}, list(t, store))
}

// race has many add one merchant, through two ways to the store.
func race(t *testing.T, store registry.Store, reopen func() registry.Store) {
	other, errs := reopen(), make([]error, 12)
	var group sync.WaitGroup
	for i := range errs {
		m, to := bakery(), store
		m.By = fmt.Sprint(i)
		if i%2 == 1 {
			to = other
		}
		group.Go(func() { errs[i] = to.AddMerchant(t.Context(), m) })
	}
	group.Wait()
	added := ""
	for i, err := range errs {
		if err == nil {
			require.Empty(t, added, "two have added it")
			added = fmt.Sprint(i)
			continue
		}
		require.ErrorIs(t, errors.Join(err), registry.ErrExists)
	}
	require.Equal(t, added, list(t, store)[0].By)
	require.Len(t, list(t, store)[0].Channels, 2)
}
