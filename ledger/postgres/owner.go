package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
)

const (
	// sqlOwn takes the merchant's lock for the session. A session whose machine is gone ends within a minute, where nobody waits for it.
	sqlOwn = `SELECT pg_try_advisory_lock(hashtextextended('evenstock/owner/' || $1, 0)),
		set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '15', false), set_config('tcp_keepalives_count', '3', false)`
	// sqlEnd ends the session that has the lock where it is a lost one of ours that the server has not given up yet, or one that has said
	// nothing for too long: whoever is at its other end was stopped, or is cut off. Both clocks are the server's.
	sqlEnd = `SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('evenstock/owner/' || $1, 0) AND a.usename = current_user
			AND (a.pid = $2 OR a.state = 'idle' AND a.state_change < clock_timestamp() - make_interval(secs => $3))`
	sqlAlive = `SELECT 1`
	// sqlClear ends the sessions that a session waits for.
	sqlClear = `SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids($1)) pid`
	// sqlLeave gives the lock up and tells those who wait for one.
	sqlLeave    = `SELECT pg_advisory_unlock(hashtextextended('evenstock/owner/' || $1, 0)), pg_notify('evenstock_owner', '')`
	sqlListen   = `LISTEN evenstock_owner`
	sqlNewOwner = `UPDATE heads SET owner = owner + 1 WHERE merchant = $1 RETURNING owner`
	sqlOwner    = `SELECT owner FROM heads WHERE merchant = $1`

	// beatEvery is how long the owner's session says nothing, silence how long it may before another one takes its place.
	beatEvery, silence = time.Second, 5 * time.Second
	// clearEvery is how long a new owner waits for the head before who has it is ended.
	clearEvery = time.Second
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

	// stop ends hold, which then closes ended; err is why it ended by itself.
	stop  context.CancelFunc
	ended chan struct{}
	err   error
}

// Own makes this process the owner of a store's ledger, or fails with ledger.ErrOwned.
func Own(ctx context.Context, store *Store, logger *slog.Logger) (*Owner, error) {
	o := &Owner{store: store, logger: logger}
	err := retrying(ctx, func() error { return o.take(ctx, 0) })
	if err == nil {
		err = o.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("owning the ledger of %s: %w", store.merchant, err), o.Close())
	}
	return o, nil
}

// begin holds the lock from now on, and numbers the owner. That may take a while, for a former one may have been stopped with the head locked.
func (o *Owner) begin(ctx context.Context) error {
	holding, stop := context.WithCancel(context.WithoutCancel(ctx))
	o.stop, o.ended = stop, make(chan struct{})
	go func() {
		defer close(o.ended)
		o.err = o.hold(holding)
	}()
	return o.number(ctx)
}

// number counts that the ledger was owned anew, and has the store write under that number. A number that nobody heard of is no harm.
func (o *Owner) number(ctx context.Context) error {
	var owned int64
	err := retrying(ctx, func() error {
		conn, err := o.store.acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		numbered := make(chan struct{})
		var clearing sync.WaitGroup
		clearing.Go(func() { o.clear(ctx, conn.Conn().PgConn().PID(), numbered) })
		defer clearing.Wait()
		defer close(numbered)
		b := o.store.fenced()
		b.Queue(sqlNewOwner, o.store.merchant).QueryRow(func(row pgx.Row) error { return row.Scan(&owned) })
		return conn.SendBatch(ctx, b).Close()
	})
	if err == nil {
		o.store.owned.Store(owned)
	}
	return err
}

// clear ends the sessions that keep a session of this owner from the head for long, until done: a former owner that was stopped has locked it,
// or stands in the queue for it, and whatever it was about to write would be refused.
func (o *Owner) clear(ctx context.Context, waiting uint32, done <-chan struct{}) {
	ticker := time.NewTicker(clearEvery)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if _, err := o.store.pool.Exec(ctx, sqlClear, int64(waiting)); err != nil {
				o.logger.Warn("what a former owner left locked could not be freed", "error", err)
			}
		}
	}
}

// mayWrite refuses who owned the ledger before another one did, and who only stands by.
func (s *Store) mayWrite(owner int64) error {
	if owned := s.owned.Load(); owned != 0 && owned != owner {
		return ledger.ErrOwned
	}
	return nil
}

// errEnding: the lock is that of a session which the server ends now.
var errEnding = errors.New("the session that owned the ledger has not ended yet")

// take takes the lock. lost is the lost session, of which nothing is known but its number; 0: there was none.
func (o *Owner) take(ctx context.Context, lost uint32) error {
	conn, err := o.connect(ctx)
	if err != nil {
		return err
	}
	if err := o.try(ctx, conn, lost); err != nil {
		return errors.Join(err, closeConn(ctx, conn))
	}
	return nil
}

func (o *Owner) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, o.store.pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return conn, nil
}

// try takes the lock for a session, which is the owner's then.
func (o *Owner) try(ctx context.Context, conn *pgx.Conn, lost uint32) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	owned := false
	if err := conn.QueryRow(ctx, sqlOwn, o.store.merchant).Scan(&owned, nil, nil, nil); err != nil {
		return err
	}
	if owned {
		o.conn = conn
		return nil
	}
	ended, err := conn.Exec(ctx, sqlEnd, o.store.merchant, int64(lost), silence.Seconds())
	switch {
	case err != nil && conn.IsClosed():
		return err
	case err == nil && ended.RowsAffected() > 0:
		return errEnding
	}
	return ledger.ErrOwned
}

// Keep returns when ctx ends, or with ledger.ErrOwned when the session was lost and another process has become the owner.
func (o *Owner) Keep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-o.ended:
		return o.err
	}
}

// hold says again and again that this process is alive, until ctx ends or another process has become the owner. While the database is away
// it goes on trying to be the owner again.
func (o *Owner) hold(ctx context.Context) error {
	for {
		err := o.beat(ctx)
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

// beat lets the session rest, and asks it something.
func (o *Owner) beat(ctx context.Context) error {
	if err := rest(ctx, o.conn, beatEvery); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	_, err := o.conn.Exec(asking, sqlAlive)
	return err
}

// rest returns when the time is over or the session is notified; its end is an error.
func rest(ctx context.Context, conn *pgx.Conn, wait time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	_, err := conn.WaitForNotification(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil && !conn.IsClosed() {
		return nil
	}
	return err
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
		return errors.Join(err, o.leave(ctx))
	}
	return nil
}

// Close gives the ledger up, and tells those who stand by.
func (o *Owner) Close() error {
	if o.stop != nil {
		o.stop()
		<-o.ended
	}
	return o.leave(context.Background())
}

// leave ends the session. Where it is lost, so is the lock.
func (o *Owner) leave(ctx context.Context) error {
	if o.conn == nil || o.conn.IsClosed() {
		return nil
	}
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
	defer cancel()
	if _, err := o.conn.Exec(leaving, sqlLeave, o.store.merchant); err != nil {
		o.logger.Warn("those who stand by could not be told that the ledger is free", "error", err)
	}
	return closeConn(ctx, o.conn)
}

func closeConn(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
	defer cancel()
	return conn.Close(ctx)
}
