package record

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Entries returns a page of entries with their postings, by seq.
func (r Reader) Entries(ctx context.Context, filter ledger.EntryFilter) ([]ledger.Entry, error) {
	c := conditions{args: []any{filter.AfterSeq}}
	c.is("item", string(filter.Item))
	c.is("location", string(filter.Location))
	if filter.Ref != (stock.Ref{}) {
		c.and("channel <> '' AND channel = ? AND ref_item = ? AND ref_location = ?", filter.Ref.Channel, filter.Ref.Item, filter.Ref.Location)
	}
	c.upTo("occurred_at", filter.OccurredUpTo)
	c.upTo("recorded_at", filter.RecordedUpTo)
	var entries []ledger.Entry
	err := r.run(ctx, c.in(r.sql.Entries), func(row Scanner) error {
		var e Entry
		if err := row.Scan(append(e.Fields(), e.PostingFields()...)...); err != nil {
			return err
		}
		var err error
		entries, err = e.AppendTo(entries)
		return err
	}, append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return entries, nil
}

// Balances returns the item's accounts that were posted to: now from the cache, at another time summed from the postings.
func (r Reader) Balances(ctx context.Context, item stock.ItemID, at ledger.AsOf) (map[ledger.Account]stock.Quantity, error) {
	balances := map[ledger.Account]stock.Quantity{}
	var err error
	if at == (ledger.AsOf{}) {
		err = r.run(ctx, r.sql.Balances, func(row Scanner) error {
			account := ledger.Account{Item: item}
			var quantity int64
			err := row.Scan((*uint8)(&account.Kind), &account.Name, &quantity)
			balances[account] = stock.Quantity(quantity)
			return err
		}, item)
	} else {
		err = r.postingsAsOf(ctx, item, at, func(account ledger.Account, quantity stock.Quantity) error {
			return addTo(balances, account, account, quantity)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading balances of %s: %w", item, err)
	}
	return balances, nil
}

// Levels returns the level of every shelf that was posted to, now or at another time.
func (r Reader) Levels(ctx context.Context, at ledger.AsOf) (map[stock.Shelf]stock.Quantity, error) {
	levels := map[stock.Shelf]stock.Quantity{}
	var err error
	if at == (ledger.AsOf{}) {
		err = r.run(ctx, r.sql.Levels, func(row Scanner) error {
			var shelf stock.Shelf
			var quantity int64
			err := row.Scan(&shelf.Item, &shelf.Location, &quantity)
			levels[shelf] = stock.Quantity(quantity)
			return err
		})
	} else {
		err = r.postingsAsOf(ctx, "", at, func(account ledger.Account, quantity stock.Quantity) error {
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
func (r Reader) postingsAsOf(ctx context.Context, item stock.ItemID, at ledger.AsOf, add func(ledger.Account, stock.Quantity) error) error {
	var c conditions
	c.is("e.item", string(item))
	c.upTo("e.occurred_at", at.Occurred)
	c.upTo("e.recorded_at", at.Recorded)
	return r.run(ctx, c.in(r.sql.PostingsAsOf), func(row Scanner) error {
		var e Entry
		if err := row.Scan(append([]any{e.Item()}, e.PostingFields()...)...); err != nil {
			return err
		}
		p, _ := e.Posting()
		if err := add(p.From, -p.Quantity); err != nil {
			return err
		}
		return add(p.To, p.Quantity)
	}, c.args...)
}

// Shelves returns a page of shelves that have entries, in order.
func (r Reader) Shelves(ctx context.Context, filter ledger.ShelfFilter) ([]ledger.ShelfState, error) {
	var c conditions
	c.is("h.item", string(filter.Item))
	if filter.After != (stock.Shelf{}) {
		c.and("(h.item, h.location) > (?, ?)", filter.After.Item, filter.After.Location)
	}
	shelves, err := rows(ctx, r, c.in(r.sql.Shelves), func(row Scanner) (s ledger.ShelfState, err error) {
		return s, row.Scan(&s.Shelf.Item, &s.Shelf.Location, &s.Opened, (*int64)(&s.Level))
	}, append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading shelves: %w", err)
	}
	return shelves, nil
}
