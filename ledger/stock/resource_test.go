package stock

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOrderResource(t *testing.T) {
	t.Parallel()
	id, isOrder := OrderOfResource(OrderResource("900"))
	require.True(t, isOrder)
	require.Equal(t, "900", id)
	for _, other := range []string{"", "order/", "refund/900", "900", CatalogResource} {
		_, isOrder := OrderOfResource(other)
		require.False(t, isOrder, other)
	}
}
