package converge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	load := func(shelves int, units, level int64) ledger.PushLoad {
		return ledger.PushLoad{Shelves: shelves, Units: stock.Units(units), Level: stock.Units(level)}
	}
	for _, c := range []struct {
		limits Limits
		load   ledger.PushLoad
		want   string
	}{
		{Limits{}, load(1_000_000, 1_000_000, 1), ""},
		{Limits{MaxShelves: 100}, load(100, 100, 1000), ""},
		{Limits{MaxShelves: 100}, load(101, 101, 1000), "101 shelves would change, the limit is 100"},
		{Limits{MaxPercent: 10}, load(20, 100, 1000), ""},
		{Limits{MaxPercent: 10}, load(20, 101, 1000), "101 of 1000 units would change, the limit is 10 %"},
		{Limits{MaxPercent: 10}, load(19, 1000, 1000), ""},
		{Limits{MaxPercent: 10}, load(20, 5, 0), "5 of 0 units would change, the limit is 10 %"},
		{Limits{MaxPercent: 100}, ledger.PushLoad{Shelves: 20, Units: 1<<63 - 1, Level: 1<<63 - 1}, ""},
	} {
		require.Equal(t, c.want, c.limits.exceeded(c.load), "%+v %+v", c.limits, c.load)
	}
}
