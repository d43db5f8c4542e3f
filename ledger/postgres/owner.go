package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger"
)

const (
	// sqlOwn takes the merchant's lock for the session. A session whose machine is gone ends within a minute.
	sqlOwn = `SELECT pg_try_advisory_lock(hashtextextended('evenstock/owner/' || $1, 0)),
		set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '15', false), set_config('tcp_keepalives_count', '3', false)`
	// sqlEnd ends a lost session of ours that the server has not given up yet, if it is what has the lock.
	sqlEnd = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = $2
		AND (classid::bigint << 32) | objid::bigint = hashtextextended('evenstock/owner/' || $1, 0)`
	// ownAgain is how long is waited between two tries to own a merchant again, giveUp how long the end of the session may take.
	ownAgain = time.Second
	giveUp   = 5 * time.Second
)

// Owner is who works on a merchant: the one process of all that do on the database. A lock of a session of its own says so; the session
// must go to the server itself, for a pooler in between would hand it on.
type Owner struct {
	pool     *pgxpool.Pool
	merchant string
	logger   *slog.Logger
	conn     *pgx.Conn
}

// Own makes this process the owner of a merchant, or fails with ledger.ErrOwned.
func Own(ctx context.Context, pool *pgxpool.Pool, merchant string, logger *slog.Logger) (*Owner, error) {
	o := &Owner{pool: pool, merchant: merchant, logger: logger}
	if err := retrying(ctx, func() error { return o.take(ctx, 0) }); err != nil {
		return nil, fmt.Errorf("owning the ledger of %s: %w", merchant, err)
	}
	return o, nil
}

// errEnding: the lock is that of the lost session, which the server ends now.
var errEnding = errors.New("the lost session has not ended yet")

// take takes the lock. lost is the lost session, of which nothing is known but its number; 0: there was none.
func (o *Owner) take(ctx context.Context, lost uint32) error {
	conn, err := pgx.ConnectConfig(ctx, o.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	owned, ended := false, pgconn.CommandTag{}
	if err = conn.QueryRow(ctx, sqlOwn, o.merchant).Scan(&owned, nil, nil, nil); err == nil && !owned {
		err = ledger.ErrOwned
		if ended, _ = conn.Exec(ctx, sqlEnd, o.merchant, int64(lost)); ended.RowsAffected() > 0 {
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

// again takes the lock as soon as the database answers.
func (o *Owner) again(ctx context.Context, lost uint32) error {
	for {
		err := o.take(ctx, lost)
		switch {
		case err == nil:
			o.logger.Info("the ledger is owned again")
			return nil
		case errors.Is(err, ledger.ErrOwned):
			return fmt.Errorf("owning the ledger of %s again: %w", o.merchant, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(ownAgain):
		}
	}
}

// Close gives the merchant up. Keep has returned.
func (o *Owner) Close() error { return closeConn(context.Background(), o.conn) }

func closeConn(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
	defer cancel()
	return conn.Close(ctx)
}
