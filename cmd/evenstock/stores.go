package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
)

// This file alone knows which store keeps the ledger. Standalone has one merchant, whose folder is the data folder.

// openStore opens the ledger to write, and makes it where there is none; the caller owns the data folder.
func openStore(ctx context.Context, cfg *config.Config, logger *slog.Logger) (ledger.Store, error) {
	return asStore(sqlite.Open(ctx, sqlite.Options{Folder: cfg.Data, Logger: logger}))
}

// readStore opens the ledger for reading, beside whatever process writes it.
func readStore(ctx context.Context, cfg *config.Config) (ledger.Store, error) {
	if err := ledgerExists(cfg); err != nil {
		return nil, err
	}
	return asStore(sqlite.Open(ctx, sqlite.Options{Folder: cfg.Data, ReadOnly: true}))
}

// asStore keeps a store that could not be opened from becoming an interface that is not nil.
func asStore(store *sqlite.Store, err error) (ledger.Store, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

// errNoLedger: nothing was ever linked or served in this data folder.
var errNoLedger = errors.New("there is no ledger yet")

// ledgerExists keeps commands that only look from making a data folder.
func ledgerExists(cfg *config.Config) error {
	_, err := os.Stat(sqlite.File(cfg.Data))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w in %s", errNoLedger, cfg.Data)
	}
	if err != nil {
		return fmt.Errorf("looking for the ledger: %w", err)
	}
	return nil
}
