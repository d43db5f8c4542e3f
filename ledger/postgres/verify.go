package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlCachedBalances = `SELECT item, kind, name, quantity, since FROM balances WHERE merchant = $1 ORDER BY item, kind, name`
	sqlCachedShelves  = `SELECT item, location, opened FROM shelves WHERE merchant = $1 ORDER BY item, location`
	sqlCachedRefs     = `SELECT ` + sqlRefColumns + ` FROM refs r WHERE r.merchant = $1 ORDER BY r.channel, r.item, r.location`
	sqlNumbers        = `SELECT count(*), coalesce(min(e.seq), 1), coalesce(max(e.seq), 0), coalesce((SELECT last_seq FROM heads WHERE merchant = $1), 0)
		FROM entries e WHERE e.merchant = $1`
	sqlByItem = `SELECT e.seq, e.key, e.kind, e.item, e.location, e.opens, e.recorded_at, ` + sqlPostingColumns + `
		FROM entries e ` + sqlPostingsOf + ` WHERE e.merchant = $1 ORDER BY e.item, e.seq, p.row`
	sqlByRef = `SELECT ` + sqlEntryColumns + ` FROM entries e WHERE e.merchant = $1 AND e.channel <> ''
		ORDER BY e.channel, e.ref_item, e.ref_location, e.seq`
	sqlOrphans = `SELECT count(*) FROM postings p
		WHERE p.merchant = $1 AND NOT (SELECT count(*) > 0 FROM entries e WHERE e.merchant = $1 AND e.seq = p.seq)`

	sqlRebuiltBalances = `INSERT INTO balances (merchant, item, kind, name, quantity, since)
		SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])`
)

// sqlLongFence is sqlFence for a transaction whose rows are read in turns with work of ours in between.
const sqlLongFence = `SELECT set_config('evenstock.merchant', $1, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`

// fetched is how many rows a cursor brings at a time.
const fetched = 1000

// Verify recomputes everything that follows from entries, in one snapshot and in memory that does not grow with the ledger,
// and compares it with what is stored, byte for byte. Writing goes on meanwhile. progress may be nil; it is told entries done
// and to be done, each entry once for its accounts and once for its ref.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (ledger.VerifyReport, error) {
	done, err := s.use()
	if err != nil {
		return ledger.VerifyReport{}, err
	}
	defer done()
	var report ledger.VerifyReport
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLongFence, s.merchant); err != nil {
			return err
		}
		report, err = s.verify(ctx, tx, progress)
		return err
	})
	if err != nil {
		return ledger.VerifyReport{}, fmt.Errorf("verifying ledger: %w", err)
	}
	return report, nil
}

func (s *Store) verify(ctx context.Context, tx pgx.Tx, progress func(done, total int64)) (report ledger.VerifyReport, err error) {
	var first, head, orphans int64
	if err := tx.QueryRow(ctx, sqlNumbers, s.merchant).Scan(&report.Entries, &first, &report.LastSeq, &head); err != nil {
		return report, err
	}
	if first != 1 || report.Entries != report.LastSeq || head != report.LastSeq {
		report.Fault(fmt.Sprintf("entries are not numbered without gaps: %d entries from %d to %d, the head is at %d", report.Entries, first, report.LastSeq, head))
	}
	var caches [3]record.Rows
	for i, text := range []string{sqlCachedBalances, sqlCachedShelves, sqlCachedRefs} {
		if caches[i], err = openCursor(ctx, tx.Conn(), fmt.Sprint("cache", i), text, s.merchant); err != nil {
			return report, err
		}
	}
	report, err = record.Verify(report, entryRows(ctx, tx.Conn(), s.merchant), record.Caches{Balances: caches[0], Shelves: caches[1], Refs: caches[2]}, progress)
	if err != nil {
		return report, err
	}
	if err := tx.QueryRow(ctx, sqlOrphans, s.merchant).Scan(&orphans); err != nil {
		return report, err
	}
	if orphans > 0 {
		report.Fault(fmt.Sprintf("%d postings belong to no entry", orphans))
	}
	return report, nil
}

// entryRows are the entries in the orders in which they are folded, read by a transaction.
func entryRows(ctx context.Context, conn *pgx.Conn, merchant string) record.EntryRows {
	run := func(name, text string) func(scan func(record.Scanner) error) error {
		return func(scan func(record.Scanner) error) error {
			c, err := openCursor(ctx, conn, name, text, merchant)
			if err != nil {
				return err
			}
			for c.Next() {
				if err := scan(c); err != nil {
					return err
				}
			}
			return c.Err()
		}
	}
	return record.EntryRows{ByItem: run("by_item", sqlByItem), ByRef: run("by_ref", sqlByRef)}
}

// cursor reads a query of a transaction some rows at a time, so that several can be read in turns on one connection.
type cursor struct {
	ctx    context.Context
	conn   *pgx.Conn
	name   string
	fields []pgconn.FieldDescription
	rows   [][][]byte
	// at is the row behind the current one; last says that no more are to be fetched.
	at   int
	last bool
	err  error
}

func openCursor(ctx context.Context, conn *pgx.Conn, name, text, merchant string) (*cursor, error) {
	_, err := conn.Exec(ctx, "DECLARE "+name+" NO SCROLL CURSOR FOR "+text, merchant)
	return &cursor{ctx: ctx, conn: conn, name: name}, err
}

// Next goes to the next row.
func (c *cursor) Next() bool {
	if c.at == len(c.rows) && !c.last && c.err == nil {
		c.err = c.fetch()
	}
	if c.err != nil || c.at == len(c.rows) {
		return false
	}
	c.at++
	return true
}

func (c *cursor) fetch() error {
	rows, err := c.conn.Query(c.ctx, fmt.Sprintf("FETCH %d FROM %s", fetched, c.name), pgx.QueryExecModeDescribeExec)
	if err != nil {
		return err
	}
	c.fields, c.rows, c.at = slices.Clone(rows.FieldDescriptions()), nil, 0
	err = drain(rows, func(rows pgx.Rows) error {
		var values [][]byte
		for _, value := range rows.RawValues() {
			if value != nil {
				value = append([]byte{}, value...)
			}
			values = append(values, value)
		}
		c.rows = append(c.rows, values)
		return nil
	})
	c.last = len(c.rows) < fetched
	return err
}

// Scan reads the current row.
func (c *cursor) Scan(into ...any) error {
	types := c.conn.TypeMap()
	for i, field := range c.fields {
		if err := types.Scan(field.DataTypeOID, field.Format, c.rows[c.at-1][i], into[i]); err != nil {
			return fmt.Errorf("column %s: %w", field.Name, err)
		}
	}
	return nil
}

// Err is what ended the rows too early.
func (c *cursor) Err() error { return c.err }

// Rebuild writes the caches anew from the entries, in one transaction. Intentions are left as they are.
func (s *Store) Rebuild(ctx context.Context) error {
	return s.writing(ctx, func(ctx context.Context, t *transaction) error {
		q := t.begin()
		for _, text := range []string{`DELETE FROM balances WHERE merchant = $1`, `DELETE FROM shelves WHERE merchant = $1`, `DELETE FROM refs WHERE merchant = $1`} {
			t.queue(q, text)
		}
		if err := t.send(ctx, q); err != nil {
			return fmt.Errorf("emptying caches: %w", err)
		}
		balances, shelves, refs := t.caching(ctx, sqlRebuiltBalances), t.caching(ctx, sqlSetShelves), t.caching(ctx, sqlSetRefs)
		again := &record.Fold{
			Balance: func(account ledger.Account, b record.Balance) error {
				return balances.add([]any{string(account.Item), int64(account.Kind), account.Name, int64(b.Quantity), b.Since})
			},
			Shelf: func(shelf stock.Shelf, opened bool) error {
				return shelves.add([]any{string(shelf.Item), string(shelf.Location), opened})
			},
			Ref: func(state ledger.RefState) error {
				values, err := record.RefValues(state)
				if err != nil {
					return err
				}
				return refs.add(values)
			},
			Fault: func(text string) error { return fmt.Errorf("rebuilding ledger: %s", text) },
		}
		if err := again.Run(entryRows(ctx, t.conn.Conn(), s.merchant)); err != nil {
			return err
		}
		rest := &pgx.Batch{}
		for _, table := range []*caching{balances, shelves, refs} {
			t.write(rest, table.text, table.rows)
		}
		return t.commit(ctx, rest, t.lastSeq)
	})
}

// caching writes rows of a cache, some at a time.
type caching struct {
	ctx  context.Context
	t    *transaction
	text string
	rows [][]any
}

func (t *transaction) caching(ctx context.Context, text string) *caching {
	return &caching{ctx: ctx, t: t, text: text}
}

func (c *caching) add(values []any) error {
	if c.rows = append(c.rows, values); len(c.rows) < fetched {
		return nil
	}
	q := &pgx.Batch{}
	c.t.write(q, c.text, c.rows)
	c.rows = nil
	return c.t.send(c.ctx, q)
}
