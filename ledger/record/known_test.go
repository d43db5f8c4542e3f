package record

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// itemOf is an item with one ref, which is named like it.
func itemOf(t *testing.T, id string) (stock.Ref, *Item) {
	t.Helper()
	ref := stock.Ref{Channel: "till", Item: id, Location: "L1"}
	row, err := RefOf(ledger.RefState{Ref: ref, Shelf: stock.Shelf{Item: stock.ItemID(id), Location: "main"}, Status: ledger.Live})
	require.NoError(t, err)
	return ref, &Item{ID: stock.ItemID(id), Refs: []*KnownRef{{Ref: row}}}
}

// However much is touched, only what was touched last is remembered.
func TestKnownIsBounded(t *testing.T) {
	t.Parallel()
	var known Known
	for n := range 3 * knownRefs {
		known.Age(noon)
		_, item := itemOf(t, fmt.Sprint(n))
		known.Keep(item)
		require.LessOrEqual(t, len(known.young.of)+len(known.old.of), 2*knownRefs)
	}
	last, _ := itemOf(t, fmt.Sprint(3*knownRefs-1))
	_, found := known.Of(last)
	require.True(t, found)
	first, _ := itemOf(t, "0")
	_, found = known.Of(first)
	require.False(t, found)
}

func TestKnownIsForgottenInTime(t *testing.T) {
	t.Parallel()
	var known Known
	known.Age(noon)
	touched, item := itemOf(t, "touched")
	known.Keep(item)
	left, item := itemOf(t, "left")
	known.Keep(item)
	known.Age(noon.Add(knownFor + 1))
	_, found := known.Of(touched)
	require.True(t, found)
	known.Age(noon.Add(2*knownFor + 2))
	_, found = known.Of(touched)
	require.True(t, found, "it was touched since")
	_, found = known.Of(left)
	require.False(t, found)
}

func TestKnownDropsBothAges(t *testing.T) {
	t.Parallel()
	var known Known
	known.Age(noon)
	ref, item := itemOf(t, "mug")
	known.Keep(item)
	known.Age(noon.Add(knownFor + 1))
	_, found := known.Item("mug")
	require.True(t, found, "it is of both ages now")
	known.Drop("mug")
	_, found = known.Item("mug")
	require.False(t, found)
	_, found = known.Of(ref)
	require.False(t, found)
	known.Drop("mug")
	known.Forget()
}
