package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// TestUnlinkSaysWhatItDrops: whoever unlinks what they are still asked about is told what the question was about and what to do, by a dry
// run as well, and it stays among the findings.
func TestUnlinkSaysWhatItDrops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		story func(b *apptest.Book)
		ref   stock.Ref
		says  []string
	}{
		"waits to join, and sold one": {(*apptest.Book).Waits, apptest.WebTee, []string{
			"others did -1 to it while it waited, and no level has that: if these were goods of this shelf, change a count that stays linked by -1"}},
		"typed in twice": {(*apptest.Book).TypedTwice, apptest.WebTee, []string{
			"+10 at web was still to be said to have happened once or twice, and stands in the level of 28 twice: if it happened once, change a count that stays linked by -10"}},
		"the other of the two": {(*apptest.Book).TypedTwice, apptest.TillTee, []string{
			"+10 at web was still to be said to have happened once or twice, and stands in the level of 28 twice: if it happened once, change a count that stays linked by -10"}},
		"another program": {(*apptest.Book).OtherProgram, apptest.WebTee, []string{
			"whether another program was right to write +2 to web was still to be said, and it stands in the level of 8: if it was wrong, change a count that stays linked by -2"}},
		"nothing is open": {(*apptest.Book).Sell, apptest.WebTee, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			c.story(b)
			a := app.New(b.Options())
			for _, dryRun := range []bool{true, false} {
				result, err := a.Unlink(t.Context(), app.UnlinkRequest{Channel: c.ref.Channel, Item: c.ref.Item, DryRun: dryRun})
				require.NoError(t, err)
				require.Equal(t, 1, result.Refs)
				var said []string
				for _, dropped := range result.Dropped {
					require.Equal(t, "TEE-M", dropped.SKU)
					said = append(said, dropped.Action)
				}
				require.Equal(t, c.says, said)
				findings, err := b.Store.Findings(t.Context(), ledger.FindingFilter{Class: reconcile.ClassDropped})
				require.NoError(t, err)
				require.Len(t, findings, map[bool]int{false: len(c.says)}[dryRun])
			}
		})
	}
}
