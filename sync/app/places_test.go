package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// TestPlaces: a location that was added to the configuration or taken out of it is told by how many links do not follow.
func TestPlaces(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	places := func(change func(channels []app.Channel) []app.Channel) []app.Place {
		t.Helper()
		opts := b.Options()
		opts.Channels = change(opts.Channels)
		status, err := app.New(opts).Status(t.Context())
		require.NoError(t, err)
		return status.Places
	}
	same := func(channels []app.Channel) []app.Channel { return channels }
	added := func(channels []app.Channel) []app.Channel {
		channels[1].Locations = map[string]stock.Location{"77": "main", "78": "stall"}
		return channels
	}
	stalled := func(channels []app.Channel) []app.Channel {
		channels[1].Locations = map[string]stock.Location{"77": "stall"}
		return channels
	}
	require.Empty(t, places(same))
	require.Equal(t, []app.Place{{Channel: "web", ID: "78", Location: "stall", Missing: 1}}, places(added))
	require.Equal(t, []app.Place{{Channel: "web", ID: "77", Location: "main", Left: 1}, {Channel: "web", ID: "79", Location: "main", Missing: 1}},
		places(func(channels []app.Channel) []app.Channel {
			channels[1].Locations = map[string]stock.Location{"79": "main"}
			return channels
		}), "renumbered")
	require.Equal(t, []app.Place{{Channel: "till", ID: "L1", Location: "main", Left: 1}},
		places(func(channels []app.Channel) []app.Channel { return channels[1:] }), "a whole channel")

	require.Equal(t, []app.Place{{Channel: "web", ID: "77", Location: "stall", Moved: 1, From: "main"}}, places(stalled), "given another name")

	opts := b.Options()
	opts.Channels = added(opts.Channels)
	for _, dryRun := range []bool{true, false} {
		result, err := app.New(opts).ExtendLinks(t.Context(), app.ExtendRequest{DryRun: dryRun})
		require.NoError(t, err)
		require.Equal(t, app.LinkResult{Refs: 1, Items: 1, Before: 2}, result)
		require.Equal(t, dryRun, len(places(added)) == 1)
	}
	result, err := app.New(opts).ExtendLinks(t.Context(), app.ExtendRequest{})
	require.NoError(t, err)
	require.Equal(t, app.LinkResult{Before: 3}, result)

	stall := stock.Ref{Channel: "web", Item: apptest.WebTee.Item, Location: "78"}
	require.Empty(t, places(added), "linked there too")
	require.Equal(t, []app.Place{{Channel: "web", ID: "78", Location: "stall", Left: 1}}, places(same))
	for _, dryRun := range []bool{true, false} {
		unlinked, err := app.New(opts).Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: stall.Item, Location: "stall", DryRun: dryRun})
		require.NoError(t, err)
		require.Equal(t, app.LinkResult{Refs: 1}, unlinked, "it stays linked at main")
	}
	require.Empty(t, places(added), "unlinked there on purpose")
	result, err = app.New(opts).ExtendLinks(t.Context(), app.ExtendRequest{})
	require.NoError(t, err)
	require.Zero(t, result.Refs, "and it stays so")
	require.Empty(t, places(same))
}

// TestPlacesGivenAnotherID: where a location has another id at the channel, what is linked under the old one is unlinked by it, and the
// counter under the new one stays.
func TestPlacesGivenAnotherID(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	opts := b.Options()
	opts.Channels[1].Locations = map[string]stock.Location{"79": "main"}
	a := app.New(opts)
	_, err := a.ExtendLinks(t.Context(), app.ExtendRequest{})
	require.NoError(t, err)
	places, err := a.Places(t.Context())
	require.NoError(t, err)
	require.Equal(t, []app.Place{{Channel: "web", ID: "77", Location: "main", Left: 1}}, places)
	unlinked, err := a.Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: apptest.WebTee.Item, Location: "77"})
	require.NoError(t, err)
	require.Equal(t, app.LinkResult{Refs: 1}, unlinked)
	places, err = a.Places(t.Context())
	require.NoError(t, err)
	require.Empty(t, places)
}

// TestPlacesGivenAnotherName: what is advised when a location of a channel is given another of our names mends it: export, unlink, import.
func TestPlacesGivenAnotherName(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	opts := b.Options()
	opts.Channels[1].Locations = map[string]stock.Location{"77": "stall"}
	a := app.New(opts)
	links, err := a.Links(t.Context())
	require.NoError(t, err)
	var file []app.LinkRow
	for _, link := range links {
		file = append(file, link.LinkRow)
	}
	_, err = a.Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: apptest.WebTee.Item})
	require.NoError(t, err)
	result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: file})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	require.Equal(t, 1, result.Refs)
	places, err := a.Places(t.Context())
	require.NoError(t, err)
	require.Empty(t, places)
	links, err = a.Links(t.Context())
	require.NoError(t, err)
	require.Equal(t, stock.Location("stall"), links[1].Locations[0].Ours)
}
