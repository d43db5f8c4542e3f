package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

func TestTargetIsTheLevelAsThePlatformTakesIt(t *testing.T) {
	t.Parallel()
	whole, fine := stock.Traits{Step: stock.Unit}, stock.Traits{Step: 1}
	for _, c := range []struct {
		level, want string
		traits      stock.Traits
	}{
		{"7", "7", whole},
		{"2.5", "2", whole},
		{"0.5", "0", whole},
		{"-0.5", "-1", whole},
		{"-3", "-3", whole},
		{"2.5", "2.5", fine},
		{"-2.5", "-2.5", fine},
	} {
		level, err := stock.ParseQuantity(c.level)
		require.NoError(t, err)
		target := reconcile.Target(level, c.traits)
		require.Equal(t, c.want, target.String(), "level %s, step %s", c.level, c.traits.Step)
		require.True(t, reconcile.Even(target, level, c.traits))
		require.False(t, reconcile.Even(target+c.traits.Step, level, c.traits))
	}
}
