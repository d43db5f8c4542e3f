package stock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestPlural(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0 items", stock.Plural(0, "item"))
	require.Equal(t, "1 shelf", stock.Plural(int64(1), "shelf"))
	require.Equal(t, "2 shelves", stock.Plural(2, "shelf"))
	require.Equal(t, "3 entries", stock.Plural(3, "entry"))
}
