package merchant

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/sweep"
)

// noting is the ledger of all parts, which notes the orders that it took in, whoever told them, so that no sweep reads them again.
type noting struct {
	Ledger
	told *sweep.Told
}

// Apply is the ledger's.
func (n noting) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	receipt, err := n.Ledger.Apply(ctx, step, batch)
	if err == nil {
		n.told.Note(batch.Inputs)
	}
	return receipt, err
}
