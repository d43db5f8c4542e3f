package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Each counter gets what was told of it, and a counter that nothing was told of is an error.
func TestFill(t *testing.T) {
	t.Parallel()
	till, web := stock.Ref{Channel: "till", Item: "a", Location: "l"}, stock.Ref{Channel: "web", Item: "b", Location: "m"}
	items := []judge.Item{{SKU: "TEE", Refs: []judge.Ref{{Channel: "till", Item: "a", Location: "l"}, {Channel: "web", Item: "b", Location: "m"}}}}
	counters := []Counter{{Ref: web, Level: 5, Opened: true, Target: 4, Unexplained: -2}, {Ref: till, Level: 5, Opened: true, Target: 5}}
	require.NoError(t, Fill(items, counters))
	require.Equal(t, []judge.Item{{SKU: "TEE", Level: 5, Opened: true, Refs: []judge.Ref{
		{Channel: "till", Item: "a", Location: "l", Target: 5}, {Channel: "web", Item: "b", Location: "m", Target: 4, Unexplained: -2}}}}, items)
	require.ErrorContains(t, Fill(items, counters[:1]), "TEE is not linked on till")
}
