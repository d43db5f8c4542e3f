package main

import (
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/config"
)

// TestEveryPlatformHasItsRows ties the table of adapters to the configuration's.
func TestEveryPlatformHasItsRows(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, config.Platforms(), slices.Collect(maps.Keys(platforms)))
	for name, row := range platforms {
		require.Equal(t, name, row.traits.Platform)
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
	opened, err := known.open(c, func(name string) string { return env[name] }, slog.New(slog.DiscardHandler), time.Now)
	require.NoError(t, err)
	require.Equal(t, stall{}, opened)
	require.EqualValues(t, "stall", got.channel)
	require.Equal(t, []string{"token", "https://mugs.bazaar.example"}, []string{got.token, got.url})
	require.Equal(t, []string{"secret"}, got.webhookSecrets)
	require.Equal(t, []string{"B-1", "B-2"}, got.locations)

	_, err = platforms.open(c, func(name string) string { return env[name] }, slog.New(slog.DiscardHandler), time.Now)
	require.ErrorContains(t, err, `no platform is called "bazaar"`)
}

// TestVendorsAreNamedInOneFile looks for adapters of platforms in the imports of this package.
func TestVendorsAreNamedInOneFile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var naming []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range parsed.Imports {
			for name := range platforms {
				if imported.Path.Value == `"`+module+"adapters/"+name+`"` {
					naming = append(naming, file)
				}
			}
		}
	}
	require.Equal(t, []string{"platforms.go", "platforms.go"}, naming)
}

// TestReadmeSaysWhatPlatformsNeed keeps the README at what the adapters say of topics and scopes.
func TestReadmeSaysWhatPlatformsNeed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for name, row := range platforms {
		opened, err := row.open(platformOptions{channel: "any", url: "https://platform.example", token: "token"})
		require.NoError(t, err)
		require.NotEmpty(t, opened.Topics())
		require.NotEmpty(t, opened.Scopes())
		for _, word := range slices.Concat(opened.Topics(), opened.Scopes()) {
			require.Contains(t, string(readme), "`"+word+"`", name)
		}
	}
}
