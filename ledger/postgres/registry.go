package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger/registry"
)

const (
	// everybody is what a transaction names that is about all merchants: the registry's alone.
	everybody = "*"

	// One statement is of one moment.
	sqlMerchants = `SELECT m.merchant, m.state, m.since, m.by, m.settings, c.place IS NOT NULL, coalesce(c.name, ''), coalesce(c.platform, ''), coalesce(c.settings, '')
		FROM merchants m LEFT JOIN merchant_channels c USING (merchant) ORDER BY m.merchant, c.place`
	sqlAdd      = `INSERT INTO merchants (merchant, state, since, by, settings) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	sqlAddPlace = `INSERT INTO merchant_channels (merchant, place, name, platform, settings) VALUES ($1, $2, $3, $4, $5)`
	sqlSetState = `INSERT INTO merchants (merchant, state, since, by, settings) VALUES ($1, $2, $3, $4, '')
		ON CONFLICT (merchant) DO UPDATE SET state = excluded.state, since = excluded.since, by = excluded.by
		WHERE merchants.state <> 3 /* erasing */ OR excluded.state = 3 /* erasing */`
	sqlRemove = `DELETE FROM merchants WHERE merchant = $1`
)

// Registry keeps the merchants of a database. It is safe for concurrent use, by several processes too.
type Registry struct{ pool *pgxpool.Pool }

var _ registry.Store = (*Registry)(nil)

// OpenRegistry opens the registry of a database. The schema must be as this program knows it. Close closes the pool.
func OpenRegistry(ctx context.Context, pool *pgxpool.Pool) (*Registry, error) {
	if err := ready(ctx, pool); err != nil {
		return nil, fmt.Errorf("opening the registry: %w", err)
	}
	return &Registry{pool}, nil
}

// RegistryAt is OpenRegistry at a URL.
func RegistryAt(ctx context.Context, address string) (*Registry, error) {
	pool, err := NewPool(ctx, address)
	if err != nil {
		return nil, err
	}
	r, err := OpenRegistry(ctx, pool)
	if err != nil {
		pool.Close()
	}
	return r, err
}

// Merchants is registry.Store's.
func (r *Registry) Merchants(ctx context.Context) (merchants []registry.Merchant, err error) {
	err = retrying(ctx, func() error {
		merchants = nil
		return r.doing(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, sqlMerchants)
			if err != nil {
				return err
			}
			var m registry.Merchant
			var c registry.Channel
			var since int64
			var has bool
			_, err = pgx.ForEachRow(rows, []any{&m.Name, &m.State, &since, &m.By, &m.Settings, &has, &c.Name, &c.Platform, &c.Settings}, func() error {
				if last := len(merchants) - 1; last < 0 || merchants[last].Name != m.Name {
					m.Since = time.Unix(0, since).UTC()
					merchants = append(merchants, m)
				}
				if last := &merchants[len(merchants)-1]; has {
					last.Channels = append(last.Channels, c)
				}
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing merchants: %w", err)
	}
	return merchants, nil
}

// AddMerchant is registry.Store's. Where the answer to the commit was lost, the merchant may be there: who tries again is told so.
func (r *Registry) AddMerchant(ctx context.Context, m registry.Merchant) error {
	err := r.doing(ctx, func(tx pgx.Tx) error {
		added, err := tx.Exec(ctx, sqlAdd, m.Name, m.State, m.Since.UnixNano(), m.By, m.Settings)
		if err != nil {
			return err
		}
		if added.RowsAffected() == 0 {
			return registry.ErrExists
		}
		for i, c := range m.Channels {
			if _, err := tx.Exec(ctx, sqlAddPlace, m.Name, i, c.Name, c.Platform, c.Settings); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("adding merchant %s: %w", m.Name, err)
	}
	return nil
}

// SetState is registry.Store's.
func (r *Registry) SetState(ctx context.Context, name string, state registry.State, by string, at time.Time) error {
	err := retrying(ctx, func() error {
		return r.doing(ctx, func(tx pgx.Tx) error { return only(tx.Exec(ctx, sqlSetState, name, state, at.UnixNano(), by)) })
	})
	if err != nil {
		return fmt.Errorf("noting that merchant %s is %s: %w", name, state, err)
	}
	return nil
}

// only is what a statement says that changes nothing where an erasure would be taken back.
func only(tag pgconn.CommandTag, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return registry.ErrErasing
	}
	return err
}

// RemoveMerchant is registry.Store's.
func (r *Registry) RemoveMerchant(ctx context.Context, name string) error {
	err := retrying(ctx, func() error {
		return r.doing(ctx, func(tx pgx.Tx) error { _, err := tx.Exec(ctx, sqlRemove, name); return err })
	})
	if err != nil {
		return fmt.Errorf("forgetting merchant %s: %w", name, err)
	}
	return nil
}

// doing runs work in a transaction that sees all merchants.
func (r *Registry) doing(ctx context.Context, work func(tx pgx.Tx) error) error {
	tx, err := r.pool.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, sqlFence, everybody); err == nil {
		err = work(tx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	return tx.Commit(ctx)
}

// Close closes the connections.
func (r *Registry) Close() error {
	r.pool.Close()
	return nil
}
