package fleet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/fleet/fleettest"
)

var ann = app.Actor{Name: "ann"}

// started starts a world's fleet within a bubble, and closes it when the test ends.
func started(t *testing.T, w *fleettest.World) *fleettest.World {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); require.NoError(t, w.Fleet.Close()) })
	require.NoError(t, w.Fleet.Start(ctx))
	return w
}

// states are what the list says of merchants.
func states(t *testing.T, w *fleettest.World) map[string]string {
	t.Helper()
	list, err := w.Fleet.List(t.Context())
	require.NoError(t, err)
	all := map[string]string{}
	for _, m := range list {
		all[m.Name] = m.State
	}
	return all
}

func kindOf(t *testing.T, err error) app.Kind {
	t.Helper()
	var typed *app.Error
	require.ErrorAs(t, err, &typed)
	return typed.Kind
}

func TestMerchantsAreApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := fleettest.New(false, "bakery", "florist", "grocer")
		w.Broken = []string{"grocer"}
		started(t, w)
		require.Equal(t, map[string]string{"bakery": "working", "florist": "working", "grocer": "failed"}, states(t, w))
		w.Member("bakery").Fail(errors.New("the schedule cannot be read"))
		synctest.Wait()
		require.Equal(t, map[string]string{"bakery": "failed", "florist": "working", "grocer": "failed"}, states(t, w))
		require.True(t, w.Member("bakery").Closed)
		require.False(t, w.Member("florist").Closed)
		w.Broken = nil
		for _, name := range []string{"bakery", "grocer"} {
			m, err := w.Fleet.Resume(t.Context(), ann, fleet.Named{Name: name})
			require.NoError(t, err)
			require.Equal(t, "working", m.State)
			require.Empty(t, m.Error)
		}
	})
}

func TestOneShopsFailureIsTheProcesss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := fleettest.New(true, "default")
		w.Broken = []string{"default"}
		require.ErrorIs(t, w.Fleet.Start(t.Context()), fleettest.ErrBroken)
		w.Broken = nil
		started(t, w)
		cause := errors.New("the schedule cannot be read")
		w.Member("default").Fail(cause)
		require.ErrorIs(t, w.Fleet.Wait(t.Context()), cause)

		// One that was added beside it is not.
		_, err := w.Fleet.Add(t.Context(), ann, fleet.AddRequest{Name: "bakery", Settings: "{}"})
		require.NoError(t, err)
		w.Member("bakery").Fail(cause)
		synctest.Wait()
		require.Equal(t, "failed", states(t, w)["bakery"])
	})
}

func TestAPauseHoldsOverARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := started(t, fleettest.New(false, "bakery", "florist"))
		m, err := w.Fleet.Pause(t.Context(), ann, fleet.Named{Name: "bakery"})
		require.NoError(t, err)
		require.Equal(t, fleet.Merchant{Name: "bakery", State: "paused", Since: fleettest.Now, By: "ann", Declared: true}, m)
		require.True(t, w.Member("bakery").Paused)
		require.False(t, w.Member("florist").Paused)
		require.NoError(t, w.Fleet.Close())
		started(t, w)
		require.True(t, w.Member("bakery").Paused, "it was opened paused")
		_, err = w.Fleet.Resume(t.Context(), ann, fleet.Named{Name: "bakery"})
		require.NoError(t, err)
		require.False(t, w.Member("bakery").Paused)
		_, err = w.Fleet.Pause(t.Context(), ann, fleet.Named{Name: "baker"})
		require.Equal(t, app.NotFound, kindOf(t, err))
	})
}

func TestAdd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := started(t, fleettest.New(false, "bakery"))
		add := func(request fleet.AddRequest) app.Kind {
			_, err := w.Fleet.Add(t.Context(), ann, request)
			return kindOf(t, err)
		}
		require.Equal(t, app.Conflict, add(fleet.AddRequest{Name: "bakery"}), "it runs")
		require.Equal(t, app.Conflict, add(fleet.AddRequest{Name: "bakery", Settings: "{}"}), "the file has it")
		require.Equal(t, app.NotFound, add(fleet.AddRequest{Name: "florist"}), "the file has it not")
		w.Refuses = errors.New("is the login of merchant bakery too")
		require.Equal(t, app.Invalid, add(fleet.AddRequest{Name: "florist", Settings: "{}"}))
		w.Refuses = nil
		stored, err := w.Registry.Merchants(t.Context())
		require.NoError(t, err)
		require.Empty(t, stored, "nothing of what was refused is kept")
		added, err := w.Fleet.Add(t.Context(), ann, fleet.AddRequest{Name: "florist", Settings: "{}", Channels: []fleet.Channel{{Name: "till"}}})
		require.NoError(t, err)
		require.Equal(t, fleet.Merchant{Name: "florist", State: "working", Since: fleettest.Now, By: "ann"}, added)
		require.Equal(t, app.Conflict, add(fleet.AddRequest{Name: "florist", Settings: "{}"}))
		w.Declared = append(w.Declared, "grocer")
		require.Equal(t, "not running", states(t, w)["grocer"], "declared since the start")
		_, err = w.Fleet.Add(t.Context(), ann, fleet.AddRequest{Name: "grocer"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"bakery": "working", "florist": "working", "grocer": "working"}, states(t, w))
	})
}

func TestErase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := started(t, fleettest.New(false, "bakery", "florist"))
		erase := func(name, confirm string) (fleet.Erased, error) {
			return w.Fleet.Erase(t.Context(), ann, fleet.EraseRequest{Name: name, Confirm: confirm})
		}
		_, err := erase("bakery", "florist")
		require.Equal(t, app.Invalid, kindOf(t, err))
		_, err = erase("bakery", "bakery")
		require.Equal(t, app.Refused, kindOf(t, err), "the next start would begin it anew")
		_, err = erase("nobody", "nobody")
		require.Equal(t, app.NotFound, kindOf(t, err))
		require.Empty(t, w.Erased)
		require.False(t, w.Member("bakery").Closed)

		w.Declared = []string{"florist"}
		erased, err := erase("bakery", "bakery")
		require.NoError(t, err)
		require.Equal(t, fleet.Erased{Name: "bakery", Searched: []fleet.Place{{Where: "files", Looked: 12}}}, erased)
		require.True(t, w.Member("bakery").Closed, "before anything of it goes")
		require.Equal(t, []string{"bakery"}, w.Erased)
		require.Equal(t, map[string]string{"florist": "working"}, states(t, w))
		stored, err := w.Registry.Merchants(t.Context())
		require.NoError(t, err)
		require.Empty(t, stored)

		w.Left, w.Declared = 1, nil
		_, err = erase("florist", "florist")
		require.Equal(t, app.Damaged, kindOf(t, err), "something is left of it")
	})
}

// An erasure that a crash cut short is not taken back, and the next start ends it.
func TestErasingGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := fleettest.New(false, "florist")
		require.NoError(t, w.Registry.AddMerchant(t.Context(), registry.Merchant{Name: "bakery", State: registry.Erasing, Settings: "{}"}))
		started(t, w)
		synctest.Wait()
		require.Nil(t, w.Member("bakery"), "it is not opened")
		require.Equal(t, []string{"bakery"}, w.Erased)
		require.Equal(t, map[string]string{"florist": "working"}, states(t, w))
	})
}

func TestSearchFiles(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	own := filepath.Join(data, "merchants", "bakery")
	require.NoError(t, os.MkdirAll(own, 0o700))
	for name, text := range map[string]string{"merchants/bakery/ledger.db": "x", "registry.db": "... 0123456789abcdef ...", "other": "florist"} {
		require.NoError(t, os.WriteFile(filepath.Join(data, name), []byte(text), 0o600))
	}
	place, err := fleet.SearchFiles(data, own, []string{"0123456789abcdef"})
	require.NoError(t, err)
	require.Equal(t, fleet.Place{Where: "files", Looked: 3, Found: 2}, place, "its folder, and another file that names it")
	require.NoError(t, os.RemoveAll(own))
	place, err = fleet.SearchFiles(data, own, []string{"no such text"})
	require.NoError(t, err)
	require.Equal(t, fleet.Place{Where: "files", Looked: 2}, place)
}
