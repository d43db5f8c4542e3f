package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlCachedBalances = `SELECT item, kind, name, quantity, since FROM balances ORDER BY item, kind, name`
	sqlCachedShelves  = `SELECT item, location, opened FROM shelves ORDER BY item, location`
	sqlCachedRefs     = `SELECT ` + sqlRefColumns + ` FROM refs r ORDER BY r.channel, r.item, r.location`
	sqlNumbers        = `SELECT count(*), coalesce(min(seq), 1), coalesce(max(seq), 0) FROM entries`
	sqlOrphans        = `SELECT count(*) FROM postings p LEFT JOIN entries e ON e.seq = p.seq WHERE e.seq IS NULL`
)

// Verify recomputes everything that follows from entries, in one snapshot and in memory that does not grow with the ledger,
// and compares it with what is stored, byte for byte. Writing goes on meanwhile. progress may be nil; it is told entries done
// and to be done, each entry once for its accounts and once for its ref.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (ledger.VerifyReport, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return ledger.VerifyReport{}, fmt.Errorf("verifying ledger: %w", err)
	}
	v := &verification{tx: tx}
	err = v.run(ctx, progress)
	if err := errors.Join(err, v.close(), tx.Rollback()); err != nil {
		return ledger.VerifyReport{}, fmt.Errorf("verifying ledger: %w", err)
	}
	return v.report, nil
}

// verification walks the recomputed and the stored rows side by side.
type verification struct {
	tx                      *sql.Tx
	report                  ledger.VerifyReport
	balances, shelves, refs *cursor
	item                    stock.ItemID
	sum                     stock.Quantity
}

// cursor reads stored rows one at a time, as text that has the key before the content.
type cursor struct {
	rows *sql.Rows
	scan func(*sql.Rows) (key [3]string, content string, err error)

	key     [3]string
	content string
	more    bool
}

func (c *cursor) next() (err error) {
	if c.more = c.rows.Next(); c.more {
		c.key, c.content, err = c.scan(c.rows)
		return err
	}
	return c.rows.Err()
}

func (v *verification) run(ctx context.Context, progress func(done, total int64)) error {
	var first int64
	if err := v.tx.QueryRowContext(ctx, sqlNumbers).Scan(&v.report.Entries, &first, &v.report.LastSeq); err != nil {
		return err
	}
	if first != 1 || v.report.Entries != v.report.LastSeq {
		v.report.Fault(fmt.Sprintf("entries are not numbered without gaps: %d entries from %d to %d", v.report.Entries, first, v.report.LastSeq))
	}
	if err := v.open(ctx); err != nil {
		return err
	}
	again := &recomputation{
		balance: v.balance, shelf: v.shelf, ref: v.ref,
		fault: func(text string) error { v.report.Fault(text); return nil },
	}
	if progress != nil {
		done := int64(0)
		again.progress = func() { done += progressEvery; progress(done, 2*v.report.Entries) }
	}
	if err := again.run(ctx, v.tx); err != nil {
		return err
	}
	v.report.Postings = again.postings
	for name, c := range map[string]*cursor{"balance": v.balances, "shelf": v.shelves, "ref": v.refs} {
		if err := v.surplus(name, c); err != nil {
			return err
		}
	}
	v.endItem("")
	return v.integrity(ctx)
}

func (v *verification) open(ctx context.Context) error {
	for _, o := range []struct {
		cursor **cursor
		query  string
		scan   func(*sql.Rows) ([3]string, string, error)
	}{{&v.balances, sqlCachedBalances, v.scanBalance}, {&v.shelves, sqlCachedShelves, scanShelf}, {&v.refs, sqlCachedRefs, scanRef}} {
		rows, err := v.tx.QueryContext(ctx, o.query)
		if err != nil {
			return err
		}
		*o.cursor = &cursor{rows: rows, scan: o.scan}
		if err := (*o.cursor).next(); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) close() error {
	var errs []error
	for _, c := range []*cursor{v.balances, v.shelves, v.refs} {
		if c != nil {
			errs = append(errs, c.rows.Close())
		}
	}
	return errors.Join(errs...)
}

// match compares a recomputed row with the stored ones, which are in the same order.
func (v *verification) match(what string, c *cursor, key [3]string, content string) error {
	for c.more && before(c.key, key) {
		v.report.Fault(fmt.Sprintf("stored %s %v has no entries", what, c.key))
		if err := c.next(); err != nil {
			return err
		}
	}
	if !c.more || c.key != key {
		v.report.Fault(fmt.Sprintf("%s %v is not stored", what, key))
		return nil
	}
	if c.content != content {
		v.report.Fault(fmt.Sprintf("%s %v is stored as %s, entries come to %s", what, key, c.content, content))
	}
	return c.next()
}

func before(a, b [3]string) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// surplus reports the stored rows behind the last recomputed one.
func (v *verification) surplus(what string, c *cursor) error {
	for c.more {
		v.report.Fault(fmt.Sprintf("stored %s %v has no entries", what, c.key))
		if err := c.next(); err != nil {
			return err
		}
	}
	return nil
}

func balanceRow(account ledger.Account, b balance) (key [3]string, content string) {
	return [3]string{string(account.Item), fmt.Sprintf("%03d", account.Kind), account.Name}, fmt.Sprintf("%s since %d", b.quantity, b.since)
}

func (v *verification) balance(account ledger.Account, b balance) error {
	v.report.Accounts++
	key, content := balanceRow(account, b)
	return v.match("balance", v.balances, key, content)
}

// scanBalance also sums the stored balances of each item, which must come to zero.
func (v *verification) scanBalance(rows *sql.Rows) ([3]string, string, error) {
	var account ledger.Account
	var b balance
	if err := rows.Scan(&account.Item, (*uint8)(&account.Kind), &account.Name, (*int64)(&b.quantity), &b.since); err != nil {
		return [3]string{}, "", err
	}
	v.endItem(account.Item)
	v.sum += b.quantity
	key, content := balanceRow(account, b)
	return key, content, nil
}

func (v *verification) endItem(next stock.ItemID) {
	if next != v.item {
		if v.sum != 0 {
			v.report.Fault(fmt.Sprintf("balances of item %s come to %s, not to zero", v.item, v.sum))
		}
		v.item, v.sum = next, 0
	}
}

func shelfRow(shelf stock.Shelf, opened bool) (key [3]string, content string) {
	return [3]string{string(shelf.Item), string(shelf.Location)}, fmt.Sprintf("opened %t", opened)
}

func (v *verification) shelf(shelf stock.Shelf, opened bool) error {
	v.report.Shelves++
	key, content := shelfRow(shelf, opened)
	return v.match("shelf", v.shelves, key, content)
}

func scanShelf(rows *sql.Rows) ([3]string, string, error) {
	var shelf stock.Shelf
	var opened bool
	err := rows.Scan(&shelf.Item, &shelf.Location, &opened)
	key, content := shelfRow(shelf, opened)
	return key, content, err
}

// refContent has the columns behind the key; text is quoted, so that it differs where one of them does.
func refContent(values []any) (key [3]string, content string) {
	for i := range key {
		key[i] = fmt.Sprint(values[i])
	}
	return key, fmt.Sprintf("%#v", values[len(key):])
}

func (v *verification) ref(s ledger.RefState) error {
	v.report.Refs++
	values, err := refValues(s)
	if err != nil {
		return err
	}
	key, content := refContent(values)
	return v.match("ref", v.refs, key, content)
}

// scanRef reads the columns as they are stored, whatever their text would decode to.
func scanRef(rows *sql.Rows) ([3]string, string, error) {
	var row refRow
	values := make([]any, len(row.fields()))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	err := rows.Scan(into...)
	key, content := refContent(values)
	return key, content, err
}

// integrity asks SQLite about its own structures, and about postings without an entry.
func (v *verification) integrity(ctx context.Context) error {
	var orphans int64
	if err := v.tx.QueryRowContext(ctx, sqlOrphans).Scan(&orphans); err != nil {
		return err
	}
	if orphans > 0 {
		v.report.Fault(fmt.Sprintf("%d postings belong to no entry", orphans))
	}
	rows, err := v.tx.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", ledger.MaxFaults))
	if err != nil {
		return err
	}
	return drain(rows, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		if err == nil && text != "ok" {
			v.report.Fault("database: " + text)
		}
		return err
	})
}

// Rebuild writes the caches anew from the entries, in one transaction. Intentions are left as they are.
func (s *Store) Rebuild(ctx context.Context) error {
	return s.writing(ctx, func(calm context.Context, w *writer) error {
		for _, table := range []string{"balances", "shelves", "refs"} {
			if _, err := w.conn.ExecContext(calm, "DELETE FROM "+table); err != nil {
				return fmt.Errorf("emptying %s: %w", table, err)
			}
		}
		again := &recomputation{
			balance: func(account ledger.Account, b balance) error { return w.putBalance(calm, account, b) },
			shelf: func(shelf stock.Shelf, opened bool) error {
				_, err := w.setShelf.ExecContext(calm, shelf.Item, shelf.Location, flag(opened))
				return err
			},
			ref:   func(state ledger.RefState) error { return putRef(calm, w.setRef, state) },
			fault: func(text string) error { return fmt.Errorf("rebuilding ledger: %s", text) },
		}
		// Reading under the caller's context makes a long rebuild cancellable.
		return again.run(ctx, w.conn)
	})
}
