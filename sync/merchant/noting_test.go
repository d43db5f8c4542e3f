package merchant

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// failing is a ledger that does not take everything in.
type failing struct {
	Ledger
	err error
}

func (f failing) Apply(context.Context, ledger.Step, ledger.Batch) (ledger.Receipt, error) {
	return ledger.Receipt{}, f.err
}

// An order is known to be told when the ledger has it, and not before.
func TestNotingOrders(t *testing.T) {
	t.Parallel()
	updated := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	id := ledger.OrderID{Channel: "web", Order: "900"}
	order := stock.Order{Channel: id.Channel, ID: id.Order, UpdatedAt: updated}
	batch := ledger.Batch{Inputs: []ledger.Input{ledger.WantRead{}, ledger.Delivered{Event: stock.Event{Order: &order}}}}
	told, full := sweep.NewTold(), errors.New("disk full")
	_, err := noting{failing{err: full}, told}.Apply(t.Context(), nil, batch)
	require.ErrorIs(t, err, full)
	require.False(t, told.Knows(id, updated))
	_, err = noting{failing{}, told}.Apply(t.Context(), nil, batch)
	require.NoError(t, err)
	require.True(t, told.Knows(id, updated))
}
