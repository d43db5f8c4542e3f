package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/merchant"
)

// This file alone knows which store keeps the ledger: a SQLite file in the data folder, or in a cluster Postgres.

// openStore opens the ledger to write, and begins it where there is none; the caller owns the data folder. In terms it is written only while
// the office is held.
func openStore(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger, inTerms bool) (ledger.Store, error) {
	if !cfg.InCluster() {
		store, err := sqlite.Open(ctx, sqlite.Options{Folder: cfg.Data, Logger: logger})
		return asStore(cfg.Data, store, err)
	}
	if exists, err := sqlite.Exists(cfg.Data); err != nil {
		return nil, err
	} else if exists {
		return nil, fmt.Errorf("the ledger is to be in Postgres, but data folder %s holds one: name another folder with --data", cfg.Data)
	}
	address, err := cfg.DatabaseURL(env)
	if err != nil {
		return nil, err
	}
	open := postgres.Work
	if inTerms {
		open = postgres.Standby
	}
	store, err := open(ctx, address.Reveal(), cfg.Merchant, logger)
	return asStore("the database", store, err)
}

// readStore opens the ledger for reading, beside whatever process writes it.
func readStore(ctx context.Context, cfg *config.Config, env func(string) string) (ledger.Store, error) {
	if !cfg.InCluster() {
		store, err := sqlite.Open(ctx, sqlite.Options{Folder: cfg.Data, ReadOnly: true})
		return asStore(cfg.Data, store, err)
	}
	address, err := cfg.DatabaseURL(env)
	if err != nil {
		return nil, err
	}
	store, err := postgres.Look(ctx, address.Reveal(), cfg.Merchant)
	return asStore("the database", store, err)
}

// asStore keeps a store that could not be opened from becoming an interface that is not nil, and says what a person can do about it.
func asStore(place string, store ledger.Store, err error) (ledger.Store, error) {
	switch {
	case err == nil:
		return store, nil
	case errors.Is(err, ledger.ErrNotFound):
		err = fmt.Errorf("%w in %s", errNoLedger, place)
	case errors.Is(err, ledger.ErrOwned):
		err = fmt.Errorf("%w: give the command beside that one, with its data folder, or stop it", err)
	}
	return nil, err
}

// officeOf is the right to work on a ledger. On SQLite the data folder's lock is.
func officeOf(store ledger.Store) merchant.Office {
	if cluster, is := store.(*postgres.Ledger); is {
		return cluster
	}
	return merchant.Alone{}
}

// errNoLedger: nothing was ever linked or served in this data folder or database.
var errNoLedger = errors.New("there is no ledger yet")

// ledgerExists keeps commands that need one from beginning it.
func ledgerExists(ctx context.Context, cfg *config.Config, env func(string) string) error {
	store, err := readStore(ctx, cfg, env)
	if err != nil {
		return err
	}
	return store.Close()
}

// schemaOf says which version the ledger's schema has, and which this program knows.
func schemaOf(ctx context.Context, cfg *config.Config, env func(string) string) (ledger.Schema, error) {
	if !cfg.InCluster() {
		return sqlite.SchemaOf(ctx, cfg.Data)
	}
	address, err := cfg.DatabaseURL(env)
	if err != nil {
		return ledger.Schema{}, err
	}
	return postgres.SchemaAt(ctx, address.Reveal())
}

// migrateStore brings the ledger's schema up to date: a database's as who owns its tables, for the login that works on it.
func migrateStore(ctx context.Context, cfg *config.Config, env func(string) string, logger *slog.Logger) error {
	if !cfg.InCluster() {
		unlock, err := lockFolder(cfg.Data)
		if err != nil {
			return err
		}
		_, err = asStore(cfg.Data, nil, sqlite.Migrate(ctx, cfg.Data, logger))
		return errors.Join(err, unlock())
	}
	owner, err1 := cfg.DatabaseOwnerURL(env)
	program, err2 := cfg.DatabaseURL(env)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return postgres.MigrateAt(ctx, owner.Reveal(), program.Reveal(), logger)
}

// openRegistry opens where it is kept which merchants there are.
func openRegistry(ctx context.Context, cfg *config.Config, env func(string) string) (registry.Store, error) {
	if !cfg.InCluster() {
		return sqlite.NewRegistry(cfg.Data), nil
	}
	address, err := cfg.DatabaseURL(env)
	if err != nil {
		return nil, err
	}
	store, err := postgres.RegistryAt(ctx, address.Reveal())
	if err != nil {
		return nil, err
	}
	return store, nil
}

// ledgerOf says whether there is a ledger of a merchant.
func ledgerOf(ctx context.Context, cfg *config.Config, env func(string) string, merchant string) (bool, error) {
	store, err := readStore(ctx, cfg.Of(&config.Config{Merchant: merchant}), env)
	if errors.Is(err, errNoLedger) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, store.Close()
}

// officeTime is how long an erasure may take, with the wait for another process that works on the ledger.
const officeTime = 10 * time.Minute

// eraseStore removes a merchant's ledger, in Postgres as who owns the tables.
func eraseStore(ctx context.Context, cfg *config.Config, env func(string) string) error {
	if !cfg.InCluster() {
		return sqlite.Erase(cfg.Data)
	}
	owner, err := cfg.DatabaseOwnerURL(env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, officeTime)
	defer cancel()
	return postgres.EraseAt(ctx, owner.Reveal(), cfg.Merchant)
}

// searchStore looks for a merchant in a database; a SQLite ledger is a file.
func searchStore(ctx context.Context, cfg *config.Config, env func(string) string, marks []string) (place fleet.Place, looked bool, err error) {
	if !cfg.InCluster() {
		return place, false, nil
	}
	owner, err := cfg.DatabaseOwnerURL(env)
	if err != nil {
		return place, false, err
	}
	found, searched, err := postgres.SearchAt(ctx, owner.Reveal(), cfg.Merchant, marks)
	return fleet.Place{Where: "tables", Looked: searched, Found: len(found)}, true, err
}
