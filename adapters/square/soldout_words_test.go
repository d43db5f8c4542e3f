package square

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestSoldOutAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		location string
		soldOut  bool
		until    string
		want     stock.SoldOut
	}{
		"marked":              {"L1", true, "", stock.IsSoldOut},
		"not marked":          {"L1", false, "", stock.IsNotSoldOut},
		"elsewhere":           {"L2", true, "", stock.IsNotSoldOut},
		"until tomorrow":      {"L1", true, "2026-11-24T00:00:00Z", stock.IsSoldOut},
		"until a moment ago":  {"L1", true, "2026-11-23T12:00:00Z", stock.IsNotSoldOut},
		"until who knows":     {"L1", true, "soon", stock.IsSoldOut},
		"not, until tomorrow": {"L1", false, "2026-11-24T00:00:00Z", stock.IsNotSoldOut},
	} {
		said := override{Location: c.location, SoldOut: c.soldOut, SoldOutUntil: c.until}
		require.Equal(t, c.want, soldOutAt(&variation{Overrides: []override{said}}, "L1", now), name)
	}
	require.Empty(t, soldOutAt(nil, "L1", now))
}
