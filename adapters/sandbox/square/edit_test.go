package square_test

import (
	"fmt"
	"testing"
	"time"

	sdk "github.com/square/square-go-sdk"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// An edited row keeps its id and its times, and the count follows by the difference, unless a later recount holds it.
func TestSquareEditsRows(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		t.Run(fmt.Sprintf("edits are hidden: %t", hidden), func(t *testing.T) {
			t.Parallel()
			till, box := webhookShop(t, square.Options{HideEdits: hidden})
			item := till.AddVariation("NEW", "New", true)
			edit := func(id, quantity string) square.Change {
				t.Helper()
				var done square.Change
				require.Equal(t, 200, till.control(t, "POST", "/sandbox/edit", fmt.Sprintf(`{"id":%q,"quantity":%q}`, id, quantity), &done))
				require.Equal(t, id, done.ID)
				return done
			}
			_, err := till.Recount(item, stock.Units(10), time.Time{})
			require.NoError(t, err)
			received, err := till.Receive(item, stock.Units(4))
			require.NoError(t, err)
			till.clock.Advance(time.Hour)
			asked := till.clock.Now().Add(-time.Minute)
			idle(t, till.Shop)
			told := len(box.all())
			require.Equal(t, "-2.5", edit(received.ID, "1.5").Delta.String())
			require.Equal(t, "10", edit(received.ID, "0").Count.String())
			require.Equal(t, "0", edit(received.ID, "0").Delta.String())
			idle(t, till.Shop)
			require.Len(t, box.all(), told+2, "each change of the count is told")
			rows := till.feed(t, sdk.BatchRetrieveInventoryChangesRequest{UpdatedAfter: sdk.String(asked.Format(time.RFC3339))})
			require.Equal(t, hidden, len(rows) == 0)
			for _, row := range rows {
				require.Equal(t, "0", *row.Adjustment.Quantity)
			}
			_, err = till.Recount(item, stock.Units(7), time.Time{})
			require.NoError(t, err)
			done := edit(received.ID, "3")
			require.True(t, done.Absorbed)
			require.Equal(t, "0 7", done.Delta.String()+" "+done.Count.String())
			sold, err := till.Sell(item, stock.Unit)
			require.NoError(t, err)
			_, err = till.Edit(sold.ID, 0)
			require.ErrorIs(t, err, square.ErrAction)
			_, err = till.Edit("nobody", 0)
			require.ErrorIs(t, err, square.ErrUnknown)
		})
	}
}
