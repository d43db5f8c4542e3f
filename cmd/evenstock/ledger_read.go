package main

import (
	"context"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// openLedger opens the ledger for reading, beside whatever process writes it.
func (c *cli) openLedger(ctx context.Context) (ledger.Store, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return readStore(ctx, cfg)
}

// everyRef hands all refs of a filter to visit, page by page.
func everyRef(ctx context.Context, store ledger.Store, filter ledger.RefFilter, visit func(ledger.DueRef) error) error {
	for {
		refs, err := store.Refs(ctx, filter)
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, ref := range refs {
			if err := visit(ref); err != nil {
				return err
			}
		}
		filter.After = refs[len(refs)-1].State.Ref
	}
}

// everyItem hands out all items.
func everyItem(ctx context.Context, store ledger.Store, visit func(stock.Item)) error {
	after := stock.ItemID("")
	for {
		page, err := store.Items(ctx, after, ledger.MaxPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, item := range page {
			visit(item)
		}
		after = page[len(page)-1].ID
	}
}
