package square

import (
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestSoldOutAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		location string
		soldOut  *bool
		until    string
		want     stock.SoldOut
	}{
		"marked":              {"L1", sdk.Bool(true), "", stock.IsSoldOut},
		"not marked":          {"L1", sdk.Bool(false), "", stock.IsNotSoldOut},
		"nothing said":        {"L1", nil, "", stock.IsNotSoldOut},
		"elsewhere":           {"L2", sdk.Bool(true), "", stock.IsNotSoldOut},
		"until tomorrow":      {"L1", sdk.Bool(true), "2026-11-24T00:00:00Z", stock.IsSoldOut},
		"until a moment ago":  {"L1", sdk.Bool(true), "2026-11-23T12:00:00Z", stock.IsNotSoldOut},
		"until who knows":     {"L1", sdk.Bool(true), "soon", stock.IsSoldOut},
		"not, until tomorrow": {"L1", sdk.Bool(false), "2026-11-24T00:00:00Z", stock.IsNotSoldOut},
	} {
		override := &sdk.ItemVariationLocationOverrides{LocationID: sdk.String(c.location), SoldOut: c.soldOut}
		if c.until != "" {
			override.SoldOutValidUntil = sdk.String(c.until)
		}
		require.Equal(t, c.want, soldOutAt(&sdk.CatalogItemVariation{LocationOverrides: []*sdk.ItemVariationLocationOverrides{override}}, "L1", now), name)
	}
	require.Empty(t, soldOutAt(nil, "L1", now))
}
