package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger"
)

// Ledger is a Store with what it stands on: connections of its own, and unless it is only read the ownership of its merchant.
type Ledger struct {
	*Store
	owner  *Owner
	logger *slog.Logger
}

// Work opens a merchant's ledger at a URL to write, as Open, and as the one process that does (Own).
func Work(ctx context.Context, address, merchant string, logger *slog.Logger) (*Ledger, error) {
	pool, err := NewPool(ctx, address)
	if err != nil {
		return nil, err
	}
	store, err := Open(ctx, pool, merchant)
	if err != nil {
		pool.Close()
		return nil, err
	}
	owner, err := Own(ctx, store, logger)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Ledger{store, owner, logger}, nil
}

// Look opens a merchant's ledger at a URL to read, as OpenToRead.
func Look(ctx context.Context, address, merchant string) (*Ledger, error) {
	pool, err := NewPool(ctx, address)
	if err != nil {
		return nil, err
	}
	store, err := OpenToRead(ctx, pool, merchant)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Ledger{Store: store}, nil
}

// Keep is Owner.Keep, for a ledger that is worked on.
func (l *Ledger) Keep(ctx context.Context) error { return l.owner.Keep(ctx) }

// Close waits for what is being read and written, and gives everything up.
func (l *Ledger) Close() error {
	err := errors.Join(l.Store.Close(), l.Leave())
	l.pool.Close()
	return err
}

// SchemaAt is SchemaOf at a URL.
func SchemaAt(ctx context.Context, address string) (ledger.Schema, error) {
	pool, err := NewPool(ctx, address)
	if err != nil {
		return ledger.Schema{}, err
	}
	defer pool.Close()
	return SchemaOf(ctx, pool)
}

// MigrateAt migrates as the login of one URL, for the program that logs in by another (Migrate, Admit).
func MigrateAt(ctx context.Context, owner, program string, logger *slog.Logger) error {
	owners, err := NewPool(ctx, owner)
	if err != nil {
		return err
	}
	defer owners.Close()
	programs, err := NewPool(ctx, program)
	if err != nil {
		return err
	}
	defer programs.Close()
	if err := Migrate(ctx, owners, logger); err != nil {
		return err
	}
	return Admit(ctx, owners, programs)
}

// connectTime is how long a connection may take to be made, unless the URL says so.
const connectTime = 5 * time.Second

// NewPool makes the connections to the database that a URL names; the first is opened when it is needed. No error repeats the URL, which
// holds a password.
func NewPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	var fault *pgconn.ParseConfigError
	switch {
	case errors.As(err, &fault):
		return nil, errors.New("the URL of the database cannot be used: look at its port and its options")
	case err != nil:
		return nil, fmt.Errorf("the URL of the database cannot be used: %w", err)
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "evenstock"
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTime
	}
	return pgxpool.NewWithConfig(ctx, config)
}
