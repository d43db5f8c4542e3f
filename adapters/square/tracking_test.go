package square

import (
	"fmt"
	"testing"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// The catalog is asked about a ref until it has said that Square counts it, and about one without a row always.
func TestTrackedIsAskedWhenSomethingHintsAtIt(t *testing.T) {
	t.Parallel()
	mug, cup := ref("MUG", "L"), ref("CUP", "L")
	set := refSet{refs: []stock.Ref{mug, cup}}
	rows := map[stock.Ref]stock.Reading{mug: {Ref: mug}}
	var known tracked
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, rows))
	known.note([]stock.Ref{mug})
	require.Equal(t, []string{"CUP"}, known.doubted(set, rows))
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, nil), "a row that is gone")
	known.doubt([]stock.Ref{mug})
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, rows), "the catalog listed that it changed")
	known.note([]stock.Ref{mug, cup})
	call := &sdk.BatchChangeInventoryRequest{}
	for _, item := range []string{"MUG", "CUP"} {
		call.Changes = append(call.Changes, &sdk.InventoryChange{Adjustment: &sdk.InventoryAdjustment{CatalogObjectID: sdk.String(item)}})
	}
	rows[cup] = stock.Reading{Ref: cup}
	known.forget(call, []int{1})
	require.Equal(t, []string{"CUP"}, known.doubted(set, rows), "a row that was refused")
	known.forget(call, nil)
	require.Equal(t, []string{"CUP", "MUG"}, known.doubted(set, rows), "refused without a word on the rows")

	for i := range 2 * trackedMax {
		known.note([]stock.Ref{ref(fmt.Sprint(i), "L")})
	}
	require.LessOrEqual(t, len(known.known), trackedMax)
}
