package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlEntryColumns = `e.seq, e.key, e.fingerprint, e.kind, e.item, e.location, e.channel, e.ref_item, e.ref_location,
		e.occurred_at, e.observed_at, e.recorded_at, e.expected_delta, e.status, e.opens, e.push, e.recount, e.evidence`
	sqlPostingColumns = `p.from_kind, p.from_name, p.to_kind, p.to_name, p.quantity`
	sqlPostingsAsOf   = `SELECT e.item, ` + sqlPostingColumns + ` FROM entries e JOIN postings p ON p.seq = e.seq`
)

// entryRow reads entries, with a posting beside them where the query has one.
type entryRow struct {
	entry                     ledger.Entry
	occurred, observed, wrote int64
	push, recount, evidence   sql.NullString
	fromKind, toKind, units   sql.NullInt64
	fromName, toName          sql.NullString
}

// fields are the destinations of sqlEntryColumns.
func (r *entryRow) fields() []any {
	e := &r.entry
	return []any{
		&e.Seq, &e.Key, &e.Fingerprint, (*uint8)(&e.Kind), &e.Shelf.Item, &e.Shelf.Location, &e.Ref.Channel, &e.Ref.Item,
		&e.Ref.Location, &r.occurred, &r.observed, &r.wrote, (*int64)(&e.ExpectedDelta), (*uint8)(&e.Status), &e.Opens,
		&r.push, &r.recount, &r.evidence,
	}
}

// postingFields are the destinations of sqlPostingColumns.
func (r *entryRow) postingFields() []any {
	return []any{&r.fromKind, &r.fromName, &r.toKind, &r.toName, &r.units}
}

// result is the entry without its postings.
func (r *entryRow) result() (ledger.Entry, error) {
	e := r.entry
	e.OccurredAt, e.ObservedAt, e.RecordedAt = moment(r.occurred), moment(r.observed), moment(r.wrote)
	err := errors.Join(decodeIf(r.push, &e.Push), decodeIf(r.recount, &e.Recount), decodeIf(r.evidence, &e.Evidence))
	return e, err
}

// posting is the posting beside the entry, if any.
func (r *entryRow) posting() (ledger.Posting, bool) {
	item := r.entry.Shelf.Item
	return ledger.Posting{
		From:     ledger.Account{Item: item, Kind: ledger.AccountKind(r.fromKind.Int64), Name: r.fromName.String},
		To:       ledger.Account{Item: item, Kind: ledger.AccountKind(r.toKind.Int64), Name: r.toName.String},
		Quantity: stock.Quantity(r.units.Int64),
	}, r.units.Valid
}

// Entries returns a page of entries with their postings, by seq.
func (s *Store) Entries(ctx context.Context, filter ledger.EntryFilter) ([]ledger.Entry, error) {
	var w where
	w.and("seq > ?", filter.AfterSeq)
	if filter.Item != "" {
		w.and("item = ?", filter.Item)
	}
	if filter.Location != "" {
		w.and("location = ?", filter.Location)
	}
	if filter.Ref != (stock.Ref{}) {
		w.and("channel <> '' AND channel = ? AND ref_item = ? AND ref_location = ?", filter.Ref.Channel, filter.Ref.Item, filter.Ref.Location)
	}
	w.upTo("occurred_at", filter.OccurredUpTo)
	w.upTo("recorded_at", filter.RecordedUpTo)
	text := `SELECT ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (SELECT * FROM entries` + w.text.String() + ` ORDER BY seq LIMIT ?) e
		LEFT JOIN postings p ON p.seq = e.seq ORDER BY e.seq, p.row`
	var entries []ledger.Entry
	err := s.query(ctx, text, func(rows *sql.Rows) error {
		var r entryRow
		if err := rows.Scan(append(r.fields(), r.postingFields()...)...); err != nil {
			return err
		}
		if n := len(entries); n == 0 || entries[n-1].Seq != r.entry.Seq {
			e, err := r.result()
			if err != nil {
				return fmt.Errorf("entry %d: %w", r.entry.Seq, err)
			}
			entries = append(entries, e)
		}
		if p, has := r.posting(); has {
			last := &entries[len(entries)-1]
			last.Postings = append(last.Postings, p)
		}
		return nil
	}, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return entries, nil
}

// upTo restricts a time column, inclusively; a zero time does not.
func (w *where) upTo(column string, t time.Time) {
	if !t.IsZero() {
		w.and(column+" <= ?", nanos(t))
	}
}

// Balances returns the item's accounts that were posted to: now from the cache, at another time summed from the postings.
func (s *Store) Balances(ctx context.Context, item stock.ItemID, at ledger.AsOf) (map[ledger.Account]stock.Quantity, error) {
	balances := map[ledger.Account]stock.Quantity{}
	var err error
	if at == (ledger.AsOf{}) {
		err = s.query(ctx, `SELECT kind, name, quantity FROM balances WHERE item = ?1`, func(rows *sql.Rows) error {
			account := ledger.Account{Item: item}
			var quantity int64
			err := rows.Scan((*uint8)(&account.Kind), &account.Name, &quantity)
			balances[account] = stock.Quantity(quantity)
			return err
		}, item)
	} else {
		err = s.postingsAsOf(ctx, item, at, func(account ledger.Account, quantity stock.Quantity) error {
			return addTo(balances, account, account, quantity)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading balances of %s: %w", item, err)
	}
	return balances, nil
}

// Levels returns the level of every shelf that was posted to, now or at another time.
func (s *Store) Levels(ctx context.Context, at ledger.AsOf) (map[stock.Shelf]stock.Quantity, error) {
	levels := map[stock.Shelf]stock.Quantity{}
	var err error
	if at == (ledger.AsOf{}) {
		err = s.query(ctx, `SELECT item, name, quantity FROM balances WHERE kind = 1 /* available */`, func(rows *sql.Rows) error {
			var shelf stock.Shelf
			var quantity int64
			err := rows.Scan(&shelf.Item, &shelf.Location, &quantity)
			levels[shelf] = stock.Quantity(quantity)
			return err
		})
	} else {
		err = s.postingsAsOf(ctx, "", at, func(account ledger.Account, quantity stock.Quantity) error {
			if account.Kind != ledger.Available {
				return nil
			}
			return addTo(levels, stock.Shelf{Item: account.Item, Location: stock.Location(account.Name)}, account, quantity)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading levels: %w", err)
	}
	return levels, nil
}

func addTo[K comparable](sums map[K]stock.Quantity, key K, account ledger.Account, quantity stock.Quantity) error {
	sum, fits := sums[key].Plus(quantity)
	if !fits {
		return fmt.Errorf("%w: account %s", ledger.ErrOverflow, account)
	}
	sums[key] = sum
	return nil
}

// postingsAsOf calls add for both sides of each posting of the item (all items where it is empty) that had happened and was
// known.
func (s *Store) postingsAsOf(ctx context.Context, item stock.ItemID, at ledger.AsOf, add func(ledger.Account, stock.Quantity) error) error {
	var w where
	if item != "" {
		w.and("e.item = ?", item)
	}
	w.upTo("e.occurred_at", at.Occurred)
	w.upTo("e.recorded_at", at.Recorded)
	return s.query(ctx, sqlPostingsAsOf+w.text.String()+" ORDER BY p.seq, p.row", func(rows *sql.Rows) error {
		var r entryRow
		if err := rows.Scan(append([]any{&r.entry.Shelf.Item}, r.postingFields()...)...); err != nil {
			return err
		}
		p, _ := r.posting()
		if err := add(p.From, -p.Quantity); err != nil {
			return err
		}
		return add(p.To, p.Quantity)
	}, w.args...)
}

// Shelves returns a page of shelves that have entries, in order.
func (s *Store) Shelves(ctx context.Context, filter ledger.ShelfFilter) ([]ledger.ShelfState, error) {
	var w where
	if filter.Item != "" {
		w.and("h.item = ?", filter.Item)
	}
	if filter.After != (stock.Shelf{}) {
		w.and("(h.item, h.location) > (?, ?)", filter.After.Item, filter.After.Location)
	}
	var shelves []ledger.ShelfState
	text := `SELECT h.item, h.location, h.opened, coalesce(l.quantity, 0) FROM shelves h
		LEFT JOIN balances l ON l.item = h.item AND l.kind = 1 /* available */ AND l.name = h.location` + w.text.String() + ` ORDER BY h.item, h.location LIMIT ?`
	err := s.query(ctx, text, func(rows *sql.Rows) error {
		var shelf ledger.ShelfState
		err := rows.Scan(&shelf.Shelf.Item, &shelf.Shelf.Location, &shelf.Opened, (*int64)(&shelf.Level))
		shelves = append(shelves, shelf)
		return err
	}, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading shelves: %w", err)
	}
	return shelves, nil
}
