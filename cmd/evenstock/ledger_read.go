package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// openLedger opens the ledger for reading, beside whatever process writes it.
func (c *cli) openLedger(ctx context.Context) (*sqlite.Store, error) {
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	if err := ledgerExists(cfg); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, sqlite.Options{Path: ledgerPath(cfg), ReadOnly: true})
}

// errNoLedger: nothing was ever linked or served in this data folder.
var errNoLedger = errors.New("there is no ledger yet")

// ledgerExists keeps commands that only look from making a data folder.
func ledgerExists(cfg *config.Config) error {
	_, err := os.Stat(ledgerPath(cfg))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in %s: it begins with evenstock link import or evenstock serve", errNoLedger, cfg.Data)
	}
	if err != nil {
		return fmt.Errorf("looking for the ledger: %w", err)
	}
	return nil
}

// everyRef hands all refs of a filter to visit, page by page.
func everyRef(ctx context.Context, store *sqlite.Store, filter ledger.RefFilter, visit func(ledger.DueRef) error) error {
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
func everyItem(ctx context.Context, store *sqlite.Store, visit func(stock.Item)) error {
	after := ""
	for {
		page, err := store.Items(ctx, after, ledger.MaxPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, item := range page {
			visit(item)
		}
		after = string(page[len(page)-1].ID)
	}
}
