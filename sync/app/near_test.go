package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// TestNear expects what a person may have meant, the likeliest first, and nothing far-fetched.
func TestNear(t *testing.T) {
	t.Parallel()
	names := []string{"TEE-BLK-M", "TEE-BLK-S", "TEE-WHT-M", "MUG", "web", "till", "00417", "Straße-1"}
	for asked, want := range map[string][]string{
		"tee-blk-m":  {"TEE-BLK-M"},
		"TEE-BKL-M":  {"TEE-BLK-M"},
		"TEE BLK-M":  {"TEE-BLK-M", "TEE-BLK-S"},
		"TEE-BLK -M": {"TEE-BLK-M"},
		"blk":        {"TEE-BLK-M", "TEE-BLK-S"},
		"wbe":        nil,
		"weeb":       {"web"},
		"tll":        {"till"},
		"Till":       {"till"},
		"mugg":       {"MUG"},
		"0417":       {"00417"},
		"strasse-1":  {"Straße-1"},
		"candle-fig": nil,
		"":           nil,
		"  ":         nil,
	} {
		require.Equal(t, want, app.Near(asked, names), asked)
	}
	many := make([]string, 40)
	for i := range many {
		many[i] = "SKU-" + string(rune('a'+i%26))
	}
	require.Len(t, app.Near("SKU-", many), 5)
}
