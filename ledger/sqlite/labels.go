package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlSetLabel = `INSERT INTO labels (channel, item, sku, name) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlLabels   = `SELECT DISTINCT l.channel, l.item, l.sku, l.name FROM refs r JOIN labels l ON l.channel = r.channel AND l.item = r.item
		WHERE r.shelf_item = ?1 AND r.status <> 6 /* unlinked */ ORDER BY l.channel, l.item`
)

// SaveLabels writes what channels call their items now, replacing what is known.
func (s *Store) SaveLabels(ctx context.Context, labels []ledger.Label) error {
	return s.writing(ctx, func(ctx context.Context, w *writer) error {
		for _, label := range labels {
			if _, err := w.setLabel.ExecContext(ctx, label.Channel, label.Item, label.SKU, label.Name); err != nil {
				return fmt.Errorf("writing the label of %s item %s: %w", label.Channel, label.Item, err)
			}
		}
		return nil
	})
}

// Labels returns what the channels call the linked articles of an item, by channel and article.
func (s *Store) Labels(ctx context.Context, item stock.ItemID) ([]ledger.Label, error) {
	var labels []ledger.Label
	err := s.query(ctx, sqlLabels, func(rows *sql.Rows) error {
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
