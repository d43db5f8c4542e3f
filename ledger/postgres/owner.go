package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
)

const (
	// sqlOwn takes the merchant's lock for the session. A session whose machine is gone ends within a minute.
	sqlOwn = `SELECT pg_try_advisory_lock(hashtextextended('evenstock/owner/' || $1, 0)),
		set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '15', false), set_config('tcp_keepalives_count', '3', false)`
	// sqlEnd ends a lost session of ours that the server has not given up yet, if it is what has the lock.
	sqlEnd = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $2
		AND (classid::bigint << 32) | objid::bigint = hashtextextended('evenstock/owner/' || $1, 0)`
	sqlNewOwner = `UPDATE heads SET owner = owner + 1 WHERE merchant = $1 RETURNING owner`
	sqlOwner    = `SELECT owner FROM heads WHERE merchant = $1`

	// ownAgain is how long is waited between two tries to own a merchant again, giveUp how long the end of the session may take.
	ownAgain = time.Second
	giveUp   = 5 * time.Second
)

// Owner is who works on a merchant's ledger: the one process of all that do on the database. A lock of a session of its own says so; the
// session must go to the server itself, for a pooler in between would hand it on. A number in heads, which each transaction of the store
// compares, keeps a process from writing that was the owner before.
type Owner struct {
	store  *Store
	logger *slog.Logger
	conn   *pgx.Conn
}

// Own makes this process the owner of a store's ledger, or fails with ledger.ErrOwned.
func Own(ctx context.Context, store *Store, logger *slog.Logger) (*Owner, error) {
	o := &Owner{store: store, logger: logger}
	err := retrying(ctx, func() error { return o.take(ctx, 0) })
	if err == nil {
		err = o.number(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("owning the ledger of %s: %w", store.merchant, err), o.Close())
	}
	return o, nil
}

// number counts that the ledger was owned anew, and has the store write under that number. A number that nobody heard of is no harm.
func (o *Owner) number(ctx context.Context) error {
	var owned int64
	err := retrying(ctx, func() error {
		b := o.store.fenced()
		b.Queue(sqlNewOwner, o.store.merchant).QueryRow(func(row pgx.Row) error { return row.Scan(&owned) })
		return o.store.pool.SendBatch(ctx, b).Close()
	})
	o.store.owned.Store(owned)
	return err
}

// mayWrite refuses who owned the ledger before another one did.
func (s *Store) mayWrite(owner int64) error {
	if owned := s.owned.Load(); owned != 0 && owned != owner {
		return ledger.ErrOwned
	}
	return nil
}

// errEnding: the lock is that of the lost session, which the server ends now.
var errEnding = errors.New("the lost session has not ended yet")

// take takes the lock. lost is the lost session, of which nothing is known but its number; 0: there was none.
func (o *Owner) take(ctx context.Context, lost uint32) error {
	conn, err := pgx.ConnectConfig(ctx, o.store.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	owned, ended := false, pgconn.CommandTag{}
	if err = conn.QueryRow(ctx, sqlOwn, o.store.merchant).Scan(&owned, nil, nil, nil); err == nil && !owned {
		err = ledger.ErrOwned
		if ended, _ = conn.Exec(ctx, sqlEnd, o.store.merchant, int64(lost)); ended.RowsAffected() > 0 {
			err = errEnding
		}
	}
	if err != nil {
		return errors.Join(err, closeConn(ctx, conn))
	}
	o.conn = conn
	return nil
}

// Keep returns when ctx ends, or with ledger.ErrOwned when the session was lost and another process has become the owner. While the
// database is away it goes on trying to be the owner again.
func (o *Owner) Keep(ctx context.Context) error {
	for {
		// Nobody notifies this session: it is waited for its end.
		_, err := o.conn.WaitForNotification(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			continue
		}
		o.logger.Error("the session that owns the ledger is lost; owning it again", "error", err)
		lost := o.conn.PgConn().PID()
		_ = closeConn(ctx, o.conn)
		if err := o.again(ctx, lost); err != nil {
			return err
		}
	}
}

// again owns the ledger as soon as the database answers.
func (o *Owner) again(ctx context.Context, lost uint32) error {
	for {
		err := o.retake(ctx, lost)
		switch {
		case err == nil:
			o.logger.Info("the ledger is owned again")
			return nil
		case errors.Is(err, ledger.ErrOwned):
			return fmt.Errorf("owning the ledger of %s again: %w", o.store.merchant, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(ownAgain):
		}
	}
}

// retake takes the lock again. Where another one owned the ledger meanwhile, and be it no more, this one has had its time: what it holds in
// memory is of before.
func (o *Owner) retake(ctx context.Context, lost uint32) error {
	if err := o.take(ctx, lost); err != nil {
		return err
	}
	var owner int64
	err := o.store.query(ctx, sqlOwner, func(row record.Scanner) error { return row.Scan(&owner) })
	if err == nil {
		err = o.store.mayWrite(owner)
	}
	if err != nil {
		return errors.Join(err, o.Close())
	}
	return nil
}

// Close gives the ledger up. Keep has returned.
func (o *Owner) Close() error {
	if o.conn == nil {
		return nil
	}
	return closeConn(context.Background(), o.conn)
}

func closeConn(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
	defer cancel()
	return conn.Close(ctx)
}
