package explain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func TestOversoldBy(t *testing.T) {
	t.Parallel()
	cause := func(entry int64, kind ledger.AccountKind, units int64) Cause {
		return Cause{Entry: entry, Cause: kind.String(), Quantity: stock.Units(units)}
	}
	opening := cause(1, ledger.Opening, 3)
	tests := []struct {
		name   string
		level  int64
		causes []Cause
		want   []int64
	}{
		{"the last sale alone", -1, []Cause{opening, cause(2, ledger.Sold, -2), cause(3, ledger.Sold, -2)}, []int64{3}},
		{"as many as it takes, youngest first", -3, []Cause{opening, cause(2, ledger.Sold, -4), cause(3, ledger.Sold, -2)}, []int64{3, 2}},
		{"only sales", -1, []Cause{opening, cause(2, ledger.Sold, -2), cause(3, ledger.Shrinkage, -2)}, []int64{2}},
		{"a sale taken back sold nothing", -1, []Cause{opening, cause(2, ledger.Sold, -5), cause(3, ledger.Sold, 1)}, []int64{2}},
		{"no sale is known", -2, []Cause{opening}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			oversold := OversoldBy(stock.Units(test.level), test.causes)
			require.Equal(t, stock.Units(-test.level), oversold.Units)
			var got []int64
			for _, sale := range oversold.Sales {
				got = append(got, sale.Entry)
			}
			require.Equal(t, test.want, got)
		})
	}
	require.Nil(t, OversoldBy(0, []Cause{opening}), "sold out is not oversold")
}
