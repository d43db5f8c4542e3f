package stock_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestParseQuantity(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]stock.Quantity{
		"0": 0, "-0": 0, "7": 7 * stock.Unit, "007": 7 * stock.Unit, "-3": -3 * stock.Unit, "10.00000": 10 * stock.Unit, "2.5": 250_000,
		"-2.5": -250_000, "0.00001": 1, "-0.00001": -1, "1.230000000": 123_000,
		"92233720368547.75807": math.MaxInt64, "-92233720368547.75808": math.MinInt64,
	} {
		got, err := stock.ParseQuantity(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "-", ".", "1.", ".5", "-.5", "+1", "--1", "1e3", "1.0e1", "0x10", " 1", "1 ", "1,5", "1.2.3", "1.000001", "NaN", "Inf", "٣",
		"92233720368547.75808", "-92233720368547.75809", strings.Repeat("9", 400), "1.-5", "1.+5",
	} {
		_, err := stock.ParseQuantity(text)
		require.ErrorIs(t, err, stock.ErrQuantity, "%q", text)
	}
}

func TestQuantityError(t *testing.T) {
	t.Parallel()
	_, err := stock.ParseQuantity(strings.Repeat("a", 1000))
	require.Less(t, len(err.Error()), 100, "hostile text is cut")
}

func TestUnitsSaturate(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]stock.Quantity{
		0: 0, 7: 700_000, -7: -700_000, 92_233_720_368_547: 9_223_372_036_854_700_000, 92_233_720_368_548: math.MaxInt64,
		-92_233_720_368_548: math.MinInt64, math.MaxInt64: math.MaxInt64, math.MinInt64: math.MinInt64,
	} {
		require.Equal(t, want, stock.Units(n), n)
	}
}

func TestFloorTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ q, step, want stock.Quantity }{
		{250_000, stock.Unit, 200_000}, {-250_000, stock.Unit, -300_000}, {-300_000, stock.Unit, -300_000}, {0, stock.Unit, 0},
		{-1, stock.Unit, -stock.Unit}, {123_456, 1, 123_456}, {123_456, 0, 123_456}, {math.MaxInt64, stock.Unit, 9_223_372_036_854_700_000},
	} {
		require.Equal(t, c.want, c.q.FloorTo(c.step), "%s to %s", c.q, c.step)
	}
}

func TestQuantityText(t *testing.T) {
	t.Parallel()
	for q, want := range map[stock.Quantity]string{
		0: "0", 1: "0.00001", -1: "-0.00001", 250_000: "2.5", -250_000: "-2.5", 1_000_000: "10", math.MinInt64: "-92233720368547.75808",
	} {
		require.Equal(t, want, q.String())
	}
	text, err := json.Marshal(map[string]stock.Quantity{"q": -250_000})
	require.NoError(t, err)
	require.JSONEq(t, `{"q": "-2.5"}`, string(text), "quantities travel as text, never as floats")
	var back struct{ Q stock.Quantity }
	require.ErrorIs(t, json.Unmarshal([]byte(`{"q": "1e3"}`), &back), stock.ErrQuantity)
	require.Error(t, json.Unmarshal([]byte(`{"q": 2.5}`), &back), "a JSON number is refused")
}

func TestQuantityProperties(t *testing.T) {
	t.Parallel()
	any64 := rapid.Int64()
	t.Run("text and back", rapid.MakeCheck(func(t *rapid.T) {
		q := stock.Quantity(any64.Draw(t, "q"))
		back, err := stock.ParseQuantity(q.String())
		require.NoError(t, err)
		require.Equal(t, q, back)
	}))
	t.Run("parsing never panics and its text is canonical", rapid.MakeCheck(func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9.e+]{0,24}`).Draw(t, "text")
		if q, err := stock.ParseQuantity(text); err == nil {
			again, err := stock.ParseQuantity(q.String())
			require.NoError(t, err)
			require.Equal(t, q, again)
		}
	}))
	t.Run("plus fits exactly when the sum does", rapid.MakeCheck(func(t *rapid.T) {
		a, b := any64.Draw(t, "a"), any64.Draw(t, "b")
		exact := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		sum, fits := stock.Quantity(a).Plus(stock.Quantity(b))
		require.Equal(t, exact.IsInt64() && exact.Int64() != math.MinInt64, fits)
		if fits {
			require.Equal(t, exact.Int64(), int64(sum))
		}
	}))
	t.Run("floor is the greatest multiple not above", rapid.MakeCheck(func(t *rapid.T) {
		q := stock.Quantity(rapid.Int64Range(math.MinInt64/2, math.MaxInt64/2).Draw(t, "q"))
		step := stock.Quantity(rapid.Int64Range(2, 1_000_000).Draw(t, "step"))
		floor := q.FloorTo(step)
		require.Zero(t, floor%step)
		require.True(t, floor <= q && q-floor < step)
	}))
	t.Run("order is total", rapid.MakeCheck(func(t *rapid.T) {
		draw := func(name string) stock.Ref {
			one := rapid.SampledFrom([]string{"", "a", "b"})
			return stock.Ref{Channel: stock.Channel(one.Draw(t, name)), Item: one.Draw(t, name), Location: one.Draw(t, name)}
		}
		a, b := draw("a"), draw("b")
		require.Equal(t, a == b, a.Compare(b) == 0)
		require.Equal(t, a.Compare(b), -b.Compare(a))
	}))
}
