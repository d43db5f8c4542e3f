package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger/registry"
)

//go:embed registry/*.sql
var registryMigrations embed.FS

// registryName is the registry's name in the data folder.
const registryName = "registry.db"

// migrateAgain is how often a migration that failed is tried again: another process may have made the same one meanwhile.
const migrateAgain = 2

// RegistryFile is the path of the registry in a data folder.
func RegistryFile(folder string) string { return filepath.Join(folder, registryName) }

const (
	sqlMerchants = `SELECT merchant, state, since, by, settings FROM merchants ORDER BY merchant`
	sqlChannels  = `SELECT merchant, name, platform, settings FROM merchant_channels ORDER BY merchant, place`
	sqlAdd       = `INSERT INTO merchants (merchant, state, since, by, settings) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	sqlAddPlace  = `INSERT INTO merchant_channels (merchant, place, name, platform, settings) VALUES (?, ?, ?, ?, ?)`
	sqlSetState  = `INSERT INTO merchants (merchant, state, since, by, settings) VALUES (?, ?, ?, ?, '')
		ON CONFLICT DO UPDATE SET state = excluded.state, since = excluded.since, by = excluded.by
		WHERE merchants.state <> 3 /* erasing */ OR excluded.state = 3 /* erasing */`
	sqlRemove = `DELETE FROM merchants WHERE merchant = ?`
)

// Registry keeps the merchants of a data folder in a file of its own, which is made when there is something to keep. What is removed is
// overwritten. It is safe for concurrent use, by several processes too.
type Registry struct {
	folder string

	mu sync.Mutex
	db *sql.DB
}

var _ registry.Store = (*Registry)(nil)

// NewRegistry returns the registry of a data folder. It opens nothing yet.
func NewRegistry(folder string) *Registry { return &Registry{folder: folder} }

// open returns the file, made if it is not there and make says so; nil: there is none.
func (r *Registry) open(ctx context.Context, make bool) (*sql.DB, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.db != nil {
		return r.db, nil
	}
	path, err := filepath.Abs(RegistryFile(r.folder))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if !make {
			return nil, nil
		}
		if err := os.MkdirAll(r.folder, 0o700); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", source(path, "rwc", readerCacheKiB, "secure_delete(1)")+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	err = migrateRegistry(ctx, db)
	for again := 0; err != nil && again < migrateAgain; again++ {
		err = migrateRegistry(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening registry %s: %w", path, err), db.Close())
	}
	r.db = db
	return db, nil
}

func migrateRegistry(ctx context.Context, db *sql.DB) error {
	provider, behind, err := migrator(ctx, db, registryMigrations, "registry")
	if err != nil || !behind {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Merchants is registry.Store's.
func (r *Registry) Merchants(ctx context.Context) (merchants []registry.Merchant, err error) {
	db, err := r.open(ctx, false)
	if err != nil || db == nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("listing merchants: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	places := map[string]int{}
	err = rowsOf(ctx, tx, sqlMerchants, func(rows *sql.Rows) error {
		var m registry.Merchant
		var since int64
		if err := rows.Scan(&m.Name, &m.State, &since, &m.By, &m.Settings); err != nil {
			return err
		}
		m.Since = time.Unix(0, since).UTC()
		places[m.Name] = len(merchants)
		merchants = append(merchants, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing merchants: %w", err)
	}
	err = rowsOf(ctx, tx, sqlChannels, func(rows *sql.Rows) error {
		var of string
		var c registry.Channel
		if err := rows.Scan(&of, &c.Name, &c.Platform, &c.Settings); err != nil {
			return err
		}
		m := &merchants[places[of]]
		m.Channels = append(m.Channels, c)
		return nil
	})
	return merchants, err
}

func rowsOf(ctx context.Context, tx *sql.Tx, text string, scan func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	return drain(rows, scan)
}

// AddMerchant is registry.Store's.
func (r *Registry) AddMerchant(ctx context.Context, m registry.Merchant) error {
	err := r.writing(ctx, func(tx *sql.Tx) error {
		added, err := tx.ExecContext(ctx, sqlAdd, m.Name, m.State, m.Since.UnixNano(), m.By, m.Settings)
		if err != nil {
			return err
		}
		if n, err := added.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, registry.ErrExists)
		}
		for i, c := range m.Channels {
			if _, err := tx.ExecContext(ctx, sqlAddPlace, m.Name, i, c.Name, c.Platform, c.Settings); err != nil {
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
	err := r.writing(ctx, func(tx *sql.Tx) error {
		set, err := tx.ExecContext(ctx, sqlSetState, name, state, at.UnixNano(), by)
		if err != nil {
			return err
		}
		if n, err := set.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, registry.ErrErasing)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting that merchant %s is %s: %w", name, state, err)
	}
	return nil
}

// RemoveMerchant is registry.Store's. Nothing of the merchant is left in the file, nor in its log.
func (r *Registry) RemoveMerchant(ctx context.Context, name string) error {
	db, err := r.open(ctx, false)
	if err != nil || db == nil {
		return err
	}
	err = r.writing(ctx, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, sqlRemove, name); return err })
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return fmt.Errorf("forgetting merchant %s: %w", name, err)
	}
	return nil
}

// writing runs work in a transaction that is the only one that writes, made so by the driver's name of the file.
func (r *Registry) writing(ctx context.Context, work func(tx *sql.Tx) error) error {
	db, err := r.open(ctx, true)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Close is registry.Store's.
func (r *Registry) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.db == nil {
		return nil
	}
	db := r.db
	r.db = nil
	return db.Close()
}
