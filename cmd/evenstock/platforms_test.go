package main

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/config"
)

// TestEveryPlatformHasItsRows ties the table of adapters to the configuration's, and to the file that may name a vendor.
func TestEveryPlatformHasItsRows(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, config.Platforms(), slices.Collect(maps.Keys(platforms)))
	for name, row := range platforms {
		require.Equal(t, name, row.traits.Platform)
		require.Equal(t, []string{"cmd/evenstock/platforms.go"}, house.onlyIn["adapters/"+name])
	}
}

// TestAPlatformIsOneRow opens a channel on a platform that nobody sells on.
func TestAPlatformIsOneRow(t *testing.T) {
	t.Parallel()
	type stall struct{ adapter }
	var got platformOptions
	known := platformTable{"bazaar": {open: func(o platformOptions) (adapter, error) {
		got = o
		return stall{}, nil
	}}}
	env := map[string]string{"EVENSTOCK_CHANNELS_STALL_TOKEN": "token", "EVENSTOCK_CHANNELS_STALL_WEBHOOK_SECRET": "secret"}
	c := config.Channel{Name: "stall", Platform: "bazaar", APIURL: "https://mugs.bazaar.example", Locations: map[string]string{"B-2": "side", "B-1": "main"}}
	keys, err := c.Keys(func(name string) string { return env[name] }, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	opened, err := known.open(c, keys, slog.New(slog.DiscardHandler), time.Now)
	require.NoError(t, err)
	require.Equal(t, stall{}, opened)
	require.EqualValues(t, "stall", got.channel)
	require.Equal(t, []string{"token", "https://mugs.bazaar.example"}, []string{got.token(), got.url})
	require.Equal(t, []string{"secret"}, got.webhookSecrets())
	require.Equal(t, []string{"B-1", "B-2"}, got.locations)

	_, err = platforms.open(c, keys, slog.New(slog.DiscardHandler), time.Now)
	require.ErrorContains(t, err, `no platform is called "bazaar"`)
}

// TestReadmeSaysWhatPlatformsNeed keeps the README at what the adapters say of topics and scopes.
func TestReadmeSaysWhatPlatformsNeed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for name, row := range platforms {
		opened, err := row.open(platformOptions{channel: "any", url: "https://platform.example", token: func() string { return "token" }})
		require.NoError(t, err)
		require.NotEmpty(t, opened.Topics())
		require.NotEmpty(t, opened.Scopes())
		for _, word := range slices.Concat(opened.Topics(), opened.Scopes()) {
			require.Contains(t, string(readme), "`"+word+"`", name)
		}
	}
}
