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
)

const (
	// standsBy is the number of a process that waits to own the ledger: no owner has it.
	standsBy = -1
	// lookEvery is how long who stands by waits between two looks, unless somebody who leaves tells it.
	lookEvery = 500 * time.Millisecond
)

// Standby opens a merchant's ledger at a URL to read it, and to write whenever this process owns it (Take).
func Standby(ctx context.Context, address, merchant string, logger *slog.Logger) (*Ledger, error) {
	pool, err := NewPool(ctx, address)
	if err != nil {
		return nil, err
	}
	store, err := Open(ctx, pool, merchant)
	if err != nil {
		pool.Close()
		return nil, err
	}
	store.owned.Store(standsBy)
	return &Ledger{Store: store, logger: logger}, nil
}

// Take returns when this process owns the ledger, or with the end of ctx. waiting is told once when another one does at first. While the database
// is away it goes on trying.
func (l *Ledger) Take(ctx context.Context, waiting func()) error {
	o, waiting := &Owner{store: l.Store, logger: l.logger}, sync.OnceFunc(waiting)
	for {
		err := o.stand(ctx, waiting)
		if err == nil {
			if err = o.begin(ctx); err == nil {
				l.owner = o
				return nil
			}
			err = errors.Join(err, o.Close())
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		waiting()
		l.logger.Warn("waiting to own the ledger; trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(ownAgain):
		}
	}
}

// stand waits in one session until it has the lock.
func (o *Owner) stand(ctx context.Context, waiting func()) (err error) {
	conn, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeConn(ctx, conn))
		}
	}()
	if err := listen(ctx, conn); err != nil {
		return err
	}
	for {
		err := o.try(ctx, conn, 0)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ledger.ErrOwned):
			waiting()
		case errors.Is(err, errEnding):
			o.logger.Warn("the process that works on the ledger has said nothing for too long: taking its place")
		default:
			return err
		}
		if err := rest(ctx, conn, lookEvery); err != nil {
			return err
		}
	}
}

func listen(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	if _, err := conn.Exec(ctx, sqlListen); err != nil {
		return fmt.Errorf("listening for owners that leave: %w", err)
	}
	return nil
}

// Leave gives the ledger up, so that another process may take it at once. Nothing of this one writes any more, for it has ended.
func (l *Ledger) Leave() error {
	if l.owner == nil {
		return nil
	}
	l.owned.Store(standsBy)
	err := l.owner.Close()
	l.owner = nil
	return err
}
