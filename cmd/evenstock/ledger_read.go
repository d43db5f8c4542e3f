package main

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
)

// openLedger opens the ledger for reading, beside whatever process writes it.
func (c *cli) openLedger(ctx context.Context) (ledger.Store, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return readStore(ctx, cfg)
}
