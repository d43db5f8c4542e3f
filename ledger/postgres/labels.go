package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlSetLabels = `INSERT INTO labels (merchant, channel, item, sku, name) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
		ON CONFLICT (merchant, channel, item) DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlLabels = `SELECT DISTINCT l.channel, l.item, l.sku, l.name FROM refs r JOIN labels l ON l.merchant = $1 AND l.channel = r.channel AND l.item = r.item
		WHERE r.merchant = $1 AND r.shelf_item = $2 AND r.status <> 6 /* unlinked */ ORDER BY l.channel, l.item`
)

// SaveLabels writes what channels call their items now, replacing what is known.
func (s *Store) SaveLabels(ctx context.Context, labels []ledger.Label) error {
	var saved rows[[2]string]
	for _, label := range labels {
		_ = saved.put([2]string{string(label.Channel), label.Item}, []any{string(label.Channel), label.Item, label.SKU, label.Name}, nil)
	}
	if err := s.saving(ctx, sqlSetLabels, saved.values); err != nil {
		return fmt.Errorf("writing labels: %w", err)
	}
	return nil
}

// Labels returns what the channels call the linked articles of an item, by channel and article.
func (s *Store) Labels(ctx context.Context, item stock.ItemID) ([]ledger.Label, error) {
	var labels []ledger.Label
	err := s.query(ctx, sqlLabels, func(rows pgx.Rows) error {
		var label ledger.Label
		err := rows.Scan(&label.Channel, &label.Item, &label.SKU, &label.Name)
		labels = append(labels, label)
		return err
	}, item)
	if err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	return labels, nil
}
