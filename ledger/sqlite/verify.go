package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlCachedBalances = `SELECT item, kind, name, quantity, since FROM balances ORDER BY item, kind, name`
	sqlCachedShelves  = `SELECT item, location, opened FROM shelves ORDER BY item, location`
	sqlCachedRefs     = `SELECT ` + sqlRefColumns + ` FROM refs r ORDER BY r.channel, r.item, r.location`
	sqlNumbers        = `SELECT count(*), coalesce(min(seq), 1), coalesce(max(seq), 0) FROM entries`
	sqlByItem         = `SELECT e.seq, e.key, e.kind, e.item, e.location, e.opens, e.recorded_at, ` + sqlPostingColumns + `
		FROM entries e LEFT JOIN postings p ON p.seq = e.seq ORDER BY e.item, e.seq, p.row`
	sqlByRef = `SELECT ` + sqlEntryColumns + ` FROM entries e WHERE e.channel <> ''
		ORDER BY e.channel, e.ref_item, e.ref_location, e.seq`
	// sqlAllUrgency writes the urgency of all that is wished for anew.
	sqlAllUrgency = `UPDATE work SET urgency = coalesce((SELECT abs(l.quantity) FROM refs r
		JOIN balances l ON l.item = r.shelf_item AND l.kind = 1 /* available */ AND l.name = r.shelf_location
		WHERE r.channel = work.channel AND r.item = work.item AND r.location = work.location), 0)
		WHERE read_wished = 1 OR push = 1`
	sqlOrphans = `SELECT count(*) FROM postings p LEFT JOIN entries e ON e.seq = p.seq WHERE e.seq IS NULL`
)

// Verify recomputes everything that follows from entries, in one snapshot and in memory that does not grow with the ledger,
// and compares it with what is stored, byte for byte. Writing goes on meanwhile. progress may be nil; it is told entries done
// and to be done, each entry once for its accounts and once for its ref.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (ledger.VerifyReport, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return ledger.VerifyReport{}, fmt.Errorf("verifying ledger: %w", err)
	}
	report, err := verify(ctx, tx, progress)
	if err := errors.Join(err, tx.Rollback()); err != nil {
		return ledger.VerifyReport{}, fmt.Errorf("verifying ledger: %w", err)
	}
	return report, nil
}

func verify(ctx context.Context, tx *sql.Tx, progress func(done, total int64)) (report ledger.VerifyReport, err error) {
	var first int64
	if err := tx.QueryRowContext(ctx, sqlNumbers).Scan(&report.Entries, &first, &report.LastSeq); err != nil {
		return report, err
	}
	if first != 1 || report.Entries != report.LastSeq {
		report.Fault(fmt.Sprintf("entries are not numbered without gaps: %d entries from %d to %d", report.Entries, first, report.LastSeq))
	}
	var caches [3]*sql.Rows
	for i, text := range []string{sqlCachedBalances, sqlCachedShelves, sqlCachedRefs} {
		if caches[i], err = tx.QueryContext(ctx, text); err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, caches[i].Close()) }()
	}
	report, err = record.Verify(report, entryRows(ctx, tx), record.Caches{Balances: caches[0], Shelves: caches[1], Refs: caches[2]}, progress)
	if err != nil {
		return report, err
	}
	err = integrity(ctx, tx, &report)
	return report, err
}

// querier is a connection inside a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// entryRows are the entries in the orders in which they are folded.
func entryRows(ctx context.Context, q querier) record.EntryRows {
	run := func(text string) func(scan func(record.Scanner) error) error {
		return func(scan func(record.Scanner) error) error {
			rows, err := q.QueryContext(ctx, text)
			if err != nil {
				return err
			}
			return drain(rows, func(rows *sql.Rows) error { return scan(rows) })
		}
	}
	return record.EntryRows{ByItem: run(sqlByItem), ByRef: run(sqlByRef)}
}

// integrity asks SQLite about its own structures, and about postings without an entry.
func integrity(ctx context.Context, tx *sql.Tx, report *ledger.VerifyReport) error {
	var orphans int64
	if err := tx.QueryRowContext(ctx, sqlOrphans).Scan(&orphans); err != nil {
		return err
	}
	if orphans > 0 {
		report.Fault(fmt.Sprintf("%d postings belong to no entry", orphans))
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", ledger.MaxFaults))
	if err != nil {
		return err
	}
	return drain(rows, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		if err == nil && text != "ok" {
			report.Fault("database: " + text)
		}
		return err
	})
}

// Rebuild writes the caches anew from the entries, in one transaction. Intentions are left as they are.
func (s *Store) Rebuild(ctx context.Context) error {
	return s.writing(ctx, func(calm context.Context, w *writer) error {
		w.forget()
		for _, table := range []string{"balances", "shelves", "refs"} {
			if _, err := w.conn.ExecContext(calm, "DELETE FROM "+table); err != nil {
				return fmt.Errorf("emptying %s: %w", table, err)
			}
		}
		again := &record.Fold{
			Balance: func(account ledger.Account, b record.Balance) error { return w.putBalance(calm, account, b) },
			Shelf: func(shelf stock.Shelf, opened bool) error {
				_, err := w.setShelf.ExecContext(calm, shelf.Item, shelf.Location, opened)
				return err
			},
			Ref: func(state ledger.RefState) error {
				values, err := record.RefValues(state)
				if err == nil {
					_, err = w.setRef.ExecContext(calm, values...)
				}
				return err
			},
			Fault: func(text string) error { return fmt.Errorf("rebuilding ledger: %s", text) },
		}
		// Reading under the caller's context makes a long rebuild cancellable.
		if err := again.Run(entryRows(ctx, w.conn)); err != nil {
			return err
		}
		if _, err := w.conn.ExecContext(calm, sqlAllUrgency); err != nil {
			return fmt.Errorf("ordering what is wished: %w", err)
		}
		return nil
	})
}
