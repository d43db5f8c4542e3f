package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlPostingsAsOf = `SELECT e.item, ` + sqlPostingColumns + ` FROM entries e CROSS JOIN LATERAL (SELECT * FROM postings p WHERE p.merchant = $1 AND p.seq = e.seq OFFSET 0) p`
)

// Entries returns a page of entries with their postings, by seq.
func (s *Store) Entries(ctx context.Context, filter ledger.EntryFilter) ([]ledger.Entry, error) {
	w := ofMerchant("merchant")
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
	w.write(" ORDER BY seq LIMIT ?", ledger.PageSize(filter.Limit))
	text := `SELECT ` + sqlEntryColumns + `, ` + sqlPostingColumns + ` FROM (SELECT * FROM entries` + w.text.String() + `) e
		` + sqlPostingsOf + ` ORDER BY e.seq, p.row`
	var entries []ledger.Entry
	err := s.query(ctx, text, func(rows pgx.Rows) error {
		var r record.Entry
		if err := rows.Scan(append(r.Fields(), r.PostingFields()...)...); err != nil {
			return err
		}
		var err error
		entries, err = r.AppendTo(entries)
		return err
	}, w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return entries, nil
}

// Balances returns the item's accounts that were posted to: now from the cache, at another time summed from the postings.
func (s *Store) Balances(ctx context.Context, item stock.ItemID, at ledger.AsOf) (map[ledger.Account]stock.Quantity, error) {
	balances := map[ledger.Account]stock.Quantity{}
	var err error
	if at == (ledger.AsOf{}) {
		err = s.query(ctx, `SELECT kind, name, quantity FROM balances WHERE merchant = $1 AND item = $2`, func(rows pgx.Rows) error {
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
		err = s.query(ctx, `SELECT item, name, quantity FROM balances WHERE merchant = $1 AND kind = 1 /* available */`, func(rows pgx.Rows) error {
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
	w := ofMerchant("e.merchant")
	if item != "" {
		w.and("e.item = ?", item)
	}
	w.upTo("e.occurred_at", at.Occurred)
	w.upTo("e.recorded_at", at.Recorded)
	return s.query(ctx, sqlPostingsAsOf+w.text.String()+" ORDER BY p.seq, p.row", func(rows pgx.Rows) error {
		var r record.Entry
		if err := rows.Scan(append([]any{r.Item()}, r.PostingFields()...)...); err != nil {
			return err
		}
		p, _ := r.Posting()
		if err := add(p.From, -p.Quantity); err != nil {
			return err
		}
		return add(p.To, p.Quantity)
	}, w.args...)
}

// Shelves returns a page of shelves that have entries, in order.
func (s *Store) Shelves(ctx context.Context, filter ledger.ShelfFilter) ([]ledger.ShelfState, error) {
	w := ofMerchant("h.merchant")
	if filter.Item != "" {
		w.and("h.item = ?", filter.Item)
	}
	if filter.After != (stock.Shelf{}) {
		w.and("(h.item, h.location) > (?, ?)", filter.After.Item, filter.After.Location)
	}
	var shelves []ledger.ShelfState
	w.write(" ORDER BY h.item, h.location LIMIT ?", ledger.PageSize(filter.Limit))
	text := `SELECT h.item, h.location, h.opened, coalesce(l.quantity, 0) FROM shelves h
		LEFT JOIN LATERAL (SELECT l.quantity FROM balances l WHERE l.merchant = $1 AND l.item = h.item AND l.kind = 1 /* available */ AND l.name = h.location OFFSET 0) l ON true` + w.text.String()
	err := s.query(ctx, text, func(rows pgx.Rows) error {
		var shelf ledger.ShelfState
		err := rows.Scan(&shelf.Shelf.Item, &shelf.Shelf.Location, &shelf.Opened, (*int64)(&shelf.Level))
		shelves = append(shelves, shelf)
		return err
	}, w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading shelves: %w", err)
	}
	return shelves, nil
}
