package record

import (
	"context"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func (r Reader) items(ctx context.Context, text string, args ...any) ([]stock.Item, error) {
	items, err := rows(ctx, r, text, func(row Scanner) (item stock.Item, err error) {
		return item, row.Scan(&item.ID, &item.SKU, &item.Name)
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("reading items: %w", err)
	}
	return items, nil
}

// Items returns a page of items by id; after is the last id of the page before.
func (r Reader) Items(ctx context.Context, after stock.ItemID, limit int) ([]stock.Item, error) {
	return r.items(ctx, r.sql.Items, after, ledger.PageSize(limit))
}

// ItemBySKU returns the items that have exactly this label, or a linked article that has this SKU in its channel now, by id; merchants
// may give one twice.
func (r Reader) ItemBySKU(ctx context.Context, sku string) ([]stock.Item, error) {
	return r.items(ctx, r.sql.ItemBySKU, sku)
}

// Item returns an item, or ErrNotFound.
func (r Reader) Item(ctx context.Context, id stock.ItemID) (stock.Item, error) {
	items, err := r.items(ctx, r.sql.Item, id)
	if err != nil {
		return stock.Item{}, err
	}
	if len(items) == 0 {
		return stock.Item{}, fmt.Errorf("reading item %s: %w", id, ledger.ErrNotFound)
	}
	return items[0], nil
}

// Labels returns what the channels call the linked articles of items, by channel and article.
func (r Reader) Labels(ctx context.Context, items ...stock.ItemID) ([]ledger.Label, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ids, err := Encode(items)
	if err != nil {
		return nil, err
	}
	labels, err := rows(ctx, r, r.sql.Labels, func(row Scanner) (l ledger.Label, err error) {
		return l, row.Scan(&l.Channel, &l.Item, &l.SKU, &l.Name)
	}, ids)
	if err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	return labels, nil
}

// Runs returns runs, youngest first.
func (r Reader) Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error) {
	var c conditions
	c.is("channel", string(filter.Channel))
	c.is("kind", filter.Kind)
	c.since("started_at", filter.From)
	c.before("started_at", filter.To)
	runs, err := rows(ctx, r, c.in(r.sql.Runs), ScanJSON[ledger.Run], append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	return runs, nil
}

// Findings returns a page of findings, oldest first.
func (r Reader) Findings(ctx context.Context, filter ledger.FindingFilter) ([]ledger.Finding, error) {
	var c conditions
	c.is("run", filter.Run)
	c.is("channel", string(filter.Channel))
	c.is("class", filter.Class)
	c.since("at", filter.From)
	c.before("at", filter.To)
	if filter.AfterID != "" {
		c.and("(at, id) > (?, ?)", Nanos(filter.AfterAt), filter.AfterID)
	}
	findings, err := rows(ctx, r, c.in(r.sql.Findings), ScanJSON[ledger.Finding], append(c.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return findings, nil
}
