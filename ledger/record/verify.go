package record

import (
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Rows are the rows of a query, which the caller closes.
type Rows interface {
	Scanner
	Next() bool
	Err() error
}

// Caches are the stored rows of the caches, in the order of their keys: item, kind, name, quantity and since of balances; item, location and
// whether it is open of shelves; the columns of refs.
type Caches struct{ Balances, Shelves, Refs Rows }

// Verify recomputes everything that follows from entries in memory that does not grow with the ledger, and compares it with what is
// stored, byte for byte. All rows are of one moment. The report says how many entries there are and what their last number is. progress
// may be nil; it is told entries done and to be done, each entry once for its accounts and once for its ref.
func Verify(report ledger.VerifyReport, entries EntryRows, caches Caches, progress func(done, total int64)) (ledger.VerifyReport, error) {
	v := &verification{report: report}
	v.balances = &cursor{rows: caches.Balances, scan: v.scanBalance}
	v.shelves = &cursor{rows: caches.Shelves, scan: scanShelf}
	v.refs = &cursor{rows: caches.Refs, scan: scanRef}
	err := v.run(entries, progress)
	return v.report, err
}

// verification walks the recomputed and the stored rows side by side.
type verification struct {
	report                  ledger.VerifyReport
	balances, shelves, refs *cursor
	item                    stock.ItemID
	sum                     stock.Quantity
}

// cursor reads stored rows one at a time, as text that has the key before the content.
type cursor struct {
	rows Rows
	scan func(Scanner) (key [3]string, content string, err error)

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

func (v *verification) run(entries EntryRows, progress func(done, total int64)) error {
	for _, c := range []*cursor{v.balances, v.shelves, v.refs} {
		if err := c.next(); err != nil {
			return err
		}
	}
	again := &Fold{
		Balance: v.balance, Shelf: v.shelf, Ref: v.ref,
		Fault: func(text string) error { v.report.Fault(text); return nil },
	}
	if progress != nil {
		done := int64(0)
		again.Progress = func() { done += ProgressEvery; progress(done, 2*v.report.Entries) }
	}
	if err := again.Run(entries); err != nil {
		return err
	}
	v.report.Postings = again.postings
	for _, c := range []struct {
		name string
		rows *cursor
	}{{"balance", v.balances}, {"shelf", v.shelves}, {"ref", v.refs}} {
		if err := v.surplus(c.name, c.rows); err != nil {
			return err
		}
	}
	v.endItem("")
	return nil
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

func balanceRow(account ledger.Account, b Balance) (key [3]string, content string) {
	return [3]string{string(account.Item), fmt.Sprintf("%03d", account.Kind), account.Name}, fmt.Sprintf("%s since %d", b.Quantity, b.Since)
}

func (v *verification) balance(account ledger.Account, b Balance) error {
	v.report.Accounts++
	key, content := balanceRow(account, b)
	return v.match("balance", v.balances, key, content)
}

// scanBalance also sums the stored balances of each item, which must come to zero.
func (v *verification) scanBalance(rows Scanner) ([3]string, string, error) {
	var account ledger.Account
	var b Balance
	if err := rows.Scan(&account.Item, (*uint8)(&account.Kind), &account.Name, (*int64)(&b.Quantity), &b.Since); err != nil {
		return [3]string{}, "", err
	}
	v.endItem(account.Item)
	v.sum += b.Quantity
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

func scanShelf(rows Scanner) ([3]string, string, error) {
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
	values, err := RefValues(s)
	if err != nil {
		return err
	}
	key, content := refContent(values)
	return v.match("ref", v.refs, key, content)
}

// scanRef reads the columns as they are stored, whatever their text would decode to.
func scanRef(rows Scanner) ([3]string, string, error) {
	var row Ref
	values := make([]any, len(row.Fields()))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	err := rows.Scan(into...)
	key, content := refContent(values)
	return key, content, err
}
