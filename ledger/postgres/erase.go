package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/evenstock/evenstock/ledger"
)

const (
	sqlErase = `SELECT set_config('evenstock.erase', $1, true)`
	// sqlTables are all tables, and whether their rows are merchants'.
	sqlTables = `SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'merchant' AND NOT a.attisdropped)
		FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`
	sqlTakeOwn = `SELECT pg_try_advisory_lock(hashtextextended('evenstock/owner/' || $1, 0))`

	// ownedPoll is how long is waited between two looks whether the merchant's owner has gone.
	ownedPoll = 100 * time.Millisecond
)

// isRegistry says whether a table is the registry's, which forgets a merchant last.
func isRegistry(table string) bool { return table == "merchants" || table == "merchant_channels" }

// table is one of the database.
type table struct {
	name      string
	merchants bool
}

func tables(ctx context.Context, owner *pgxpool.Pool) ([]table, error) {
	rows, err := owner.Query(ctx, sqlTables)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) {
		err = row.Scan(&t.name, &t.merchants)
		return t, err
	})
}

// Erase removes every row of a merchant that the registry says is being erased, but for the registry's own, as the owner of the tables. It
// waits until no process works on the ledger any more, as long as ctx allows. It may be given again.
func Erase(ctx context.Context, owner *pgxpool.Pool, merchant string) (err error) {
	conn, err := owner.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("erasing %s: %w", merchant, err)
	}
	// The lock goes with the session.
	defer func() { err = errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx))); conn.Release() }()
	if err := awaitOwner(ctx, conn.Conn(), merchant); err != nil {
		return fmt.Errorf("erasing %s: %w", merchant, err)
	}
	all, err := tables(ctx, owner)
	if err != nil {
		return fmt.Errorf("erasing %s: %w", merchant, err)
	}
	for _, t := range all {
		if !t.merchants || isRegistry(t.name) {
			continue
		}
		if err := eraseFrom(ctx, conn.Conn(), t.name, merchant); err != nil {
			return fmt.Errorf("erasing %s from %s: %w", merchant, t.name, err)
		}
	}
	return nil
}

func eraseFrom(ctx context.Context, conn *pgx.Conn, table, merchant string) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlErase, merchant); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM `+pgx.Identifier{table}.Sanitize()+` WHERE merchant = $1`, merchant)
		return err
	})
}

// awaitOwner takes the place of whoever works on the ledger.
func awaitOwner(ctx context.Context, conn *pgx.Conn, merchant string) error {
	for {
		taken := false
		if err := conn.QueryRow(ctx, sqlTakeOwn, merchant).Scan(&taken); err != nil || taken {
			return err
		}
		timer := time.NewTimer(ownedPoll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ledger.ErrOwned, ctx.Err())
		case <-timer.C:
		}
	}
}

// Found is what is left of a merchant in a table.
type Found struct {
	Table string
	Rows  int64
}

// Search reads every row of every table, as the owner, for rows of a merchant and for texts that are known to be its own. It says how many
// tables it read.
func Search(ctx context.Context, owner *pgxpool.Pool, merchant string, texts []string) (found []Found, searched int, err error) {
	all, err := tables(ctx, owner)
	if err != nil {
		return nil, 0, fmt.Errorf("searching for %s: %w", merchant, err)
	}
	for _, t := range all {
		own := "false"
		if t.merchants {
			own = "t.merchant = $1"
		}
		text := `SELECT count(*) FROM ` + pgx.Identifier{t.name}.Sanitize() + ` t WHERE ` + own + ` OR $1::text IS NULL
			OR EXISTS (SELECT FROM unnest($2::text[]) n WHERE strpos(t::text, n) > 0)`
		in := Found{Table: t.name}
		if err := owner.QueryRow(ctx, text, merchant, texts).Scan(&in.Rows); err != nil {
			return nil, 0, fmt.Errorf("searching %s for %s: %w", t.name, merchant, err)
		}
		if in.Rows > 0 {
			found = append(found, in)
		}
	}
	return found, len(all), nil
}

// EraseAt is Erase at the URL of the owner of the tables.
func EraseAt(ctx context.Context, address, merchant string) error {
	owner, err := NewPool(ctx, address)
	if err != nil {
		return err
	}
	defer owner.Close()
	return Erase(ctx, owner, merchant)
}

// SearchAt is Search at the URL of the owner of the tables.
func SearchAt(ctx context.Context, address, merchant string, texts []string) (found []Found, searched int, err error) {
	owner, err := NewPool(ctx, address)
	if err != nil {
		return nil, 0, err
	}
	defer owner.Close()
	return Search(ctx, owner, merchant, texts)
}
