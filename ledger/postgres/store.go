package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
)

// Store is one merchant's ledger in a Postgres database. It is safe for concurrent use.
type Store struct {
	record.Reader

	pool     *pgxpool.Pool
	merchant string
	readOnly bool
	// patience is how long a question, and what a batch reads, may take in all.
	patience time.Duration

	// owned is the number that heads has while this store's process owns the ledger; 0: nobody asked for it, standsBy: it
	// waits to.
	owned atomic.Int64

	// inUse is held to read by whatever uses the pool, and to write by Close.
	inUse  sync.RWMutex
	closed bool
}

var _ ledger.Store = (*Store)(nil)

// patience is long for a database that answers. One whose machine or network is gone says nothing, and nobody would come back from it.
const patience = 30 * time.Second

var errClosed = errors.New("the ledger is closed")

const (
	sqlNewHead = `INSERT INTO heads (merchant) VALUES ($1) ON CONFLICT DO NOTHING`
	sqlHead    = `SELECT EXISTS (SELECT FROM heads WHERE merchant = $1)`
)

// Open opens a merchant's ledger, and begins it where there is none. The schema must be as this program knows it (Migrate). The pool stays
// the caller's; its connections log in as a member of evenstock_app that does not own the tables.
func Open(ctx context.Context, pool *pgxpool.Pool, merchant string) (*Store, error) {
	s, err := open(ctx, pool, merchant)
	if err != nil {
		return nil, err
	}
	err = retrying(ctx, func() error {
		b := s.fenced()
		b.Queue(sqlNewHead, merchant)
		return pool.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("opening the ledger of %s: %w", merchant, err)
	}
	return s, nil
}

// OpenToRead opens a merchant's ledger for queries and Verify, beside whoever writes it; ledger.ErrNotFound where there is none.
func OpenToRead(ctx context.Context, pool *pgxpool.Pool, merchant string) (*Store, error) {
	s, err := open(ctx, pool, merchant)
	if err != nil {
		return nil, err
	}
	s.readOnly = true
	begun := false
	err = s.query(ctx, sqlHead, func(row record.Scanner) error { return row.Scan(&begun) })
	if err == nil && !begun {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("opening the ledger of %s: %w", merchant, err)
	}
	return s, nil
}

// open compares the schema and the login with what is needed.
func open(ctx context.Context, pool *pgxpool.Pool, merchant string) (*Store, error) {
	s := &Store{pool: pool, merchant: merchant, patience: patience}
	s.Reader = record.NewReader(s.query, reading)
	if err := ready(ctx, pool); err != nil {
		return nil, fmt.Errorf("opening the ledger of %s: %w", merchant, err)
	}
	return s, nil
}

// ready says why this program cannot work on the database as this login.
func ready(ctx context.Context, pool *pgxpool.Pool) error {
	schema, err := SchemaOf(ctx, pool)
	if isDenied(err) {
		return errors.Join(checkLogin(ctx, pool), err)
	}
	if err != nil {
		return err
	}
	if err := schema.Check(); err != nil {
		return err
	}
	return checkLogin(ctx, pool)
}

// Close waits for what is being read and written, and gives the store up. The pool stays open.
func (s *Store) Close() error {
	s.inUse.Lock()
	defer s.inUse.Unlock()
	s.closed = true
	return nil
}

// use keeps the store open until done is called.
func (s *Store) use() (done func(), err error) {
	s.inUse.RLock()
	if s.closed {
		s.inUse.RUnlock()
		return nil, errClosed
	}
	return s.inUse.RUnlock, nil
}

// sqlFence names the merchant whose rows the rest of the transaction may see. A session that falls silent inside a transaction, because its
// machine is gone, gives its lock back. No merchant's query is of a whole table, though one that was empty when the plan was made looks like it;
// and none takes as long as it would to compile it.
const sqlFence = `SELECT set_config('evenstock.merchant', $1, true), set_config('idle_in_transaction_session_timeout', '10s', true),
	set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`

// fenced begins a batch of statements that see the merchant's rows only.
func (s *Store) fenced() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(sqlFence, s.merchant)
	return b
}

// query runs a query, whose first argument is the merchant, and calls scan for each row. A query that fails with its connection runs again.
func (s *Store) query(ctx context.Context, text string, scan func(row record.Scanner) error, args ...any) error {
	done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	// What one try has scanned would be there twice after the next, so a query runs again only before its first row.
	text, scanned := numbered(text), false
	var failed error
	err = retrying(ctx, func() error {
		b := s.fenced()
		b.Queue(text, append([]any{s.merchant}, args...)...).Query(func(rows pgx.Rows) error {
			return drain(rows, func(rows pgx.Rows) error { scanned = true; return scan(rows) })
		})
		if err := s.pool.SendBatch(ctx, b).Close(); err != nil && scanned {
			failed = err
		} else if err != nil {
			return err
		}
		return nil
	})
	return errors.Join(err, failed)
}

// numbered gives each ? in a text the number of its argument, the first of which is behind the merchant.
func numbered(text string) string {
	var b strings.Builder
	for n := 2; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		fmt.Fprintf(&b, "$%d", n)
		text = after
	}
}

// drain calls scan for each row.
func drain(rows pgx.Rows, scan func(rows pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
