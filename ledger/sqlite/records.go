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
	sqlItems     = `SELECT id, sku, name FROM items WHERE id > ?1 ORDER BY id LIMIT ?2`
	sqlItem      = `SELECT id, sku, name FROM items WHERE id = ?1`
	sqlItemBySKU = `SELECT id, sku, name FROM items WHERE sku = ?1 UNION
		SELECT i.id, i.sku, i.name FROM labels l JOIN refs r ON r.channel = l.channel AND r.item = l.item AND r.status <> 6 /* unlinked */
		JOIN items i ON i.id = r.shelf_item WHERE l.sku = ?1 AND l.sku <> '' ORDER BY id`
)

// SaveItems writes items, replacing label and name of those that are known.
func (s *Store) SaveItems(ctx context.Context, items []stock.Item) error {
	return s.writing(ctx, func(ctx context.Context, w *writer) error {
		for _, item := range items {
			if _, err := w.setItem.ExecContext(ctx, item.ID, item.SKU, item.Name); err != nil {
				return fmt.Errorf("writing item %s: %w", item.ID, err)
			}
		}
		return nil
	})
}

func (s *Store) items(ctx context.Context, text string, args ...any) ([]stock.Item, error) {
	var items []stock.Item
	err := s.query(ctx, text, func(rows *sql.Rows) error {
		var item stock.Item
		err := rows.Scan(&item.ID, &item.SKU, &item.Name)
		items = append(items, item)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("reading items: %w", err)
	}
	return items, nil
}

// Items returns a page of items by id; after is the last id of the page before.
func (s *Store) Items(ctx context.Context, after stock.ItemID, limit int) ([]stock.Item, error) {
	return s.items(ctx, sqlItems, after, ledger.PageSize(limit))
}

// ItemBySKU returns the items that have exactly this label, or a linked article that has this SKU in its channel now, by id; merchants
// may give one twice.
func (s *Store) ItemBySKU(ctx context.Context, sku string) ([]stock.Item, error) {
	return s.items(ctx, sqlItemBySKU, sku)
}

// Item returns an item, or ErrNotFound.
func (s *Store) Item(ctx context.Context, id stock.ItemID) (stock.Item, error) {
	items, err := s.items(ctx, sqlItem, id)
	if err != nil {
		return stock.Item{}, err
	}
	if len(items) == 0 {
		return stock.Item{}, fmt.Errorf("reading item %s: %w", id, ledger.ErrNotFound)
	}
	return items[0], nil
}

// SaveRun writes a run, replacing what was written under its id.
func (s *Store) SaveRun(ctx context.Context, run ledger.Run) error {
	started, err1 := record.Stamp(run.StartedAt)
	run.StartedAt, run.EndedAt = run.StartedAt.UTC(), run.EndedAt.UTC()
	text, err2 := record.Encode(run)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("writing run %s: %w", run.ID, err)
	}
	return s.writing(ctx, func(ctx context.Context, w *writer) error {
		if _, err := w.setRun.ExecContext(ctx, run.ID, run.Kind, run.Channel, started, text); err != nil {
			return fmt.Errorf("writing run %s: %w", run.ID, err)
		}
		return nil
	})
}

// SaveFindings writes findings, replacing those whose ids are known.
func (s *Store) SaveFindings(ctx context.Context, findings []ledger.Finding) error {
	return s.writing(ctx, func(ctx context.Context, w *writer) error {
		return w.putFindings(ctx, findings)
	})
}

func (w *writer) putFindings(ctx context.Context, findings []ledger.Finding) error {
	for _, f := range findings {
		at, err1 := record.Stamp(f.At)
		f.At = f.At.UTC()
		text, err2 := record.Encode(f)
		err := errors.Join(err1, err2)
		if err == nil {
			_, err = w.setFinding.ExecContext(ctx, f.ID, f.Run, at, f.Class, f.Channel, text)
		}
		if err != nil {
			return fmt.Errorf("writing finding %s: %w", f.ID, err)
		}
	}
	return nil
}

// Runs returns runs, youngest first.
func (s *Store) Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error) {
	var w where
	if filter.Channel != "" {
		w.and("channel = ?", filter.Channel)
	}
	if filter.Kind != "" {
		w.and("kind = ?", filter.Kind)
	}
	if !filter.From.IsZero() {
		w.and("started_at >= ?", record.Nanos(filter.From))
	}
	if !filter.To.IsZero() {
		w.and("started_at < ?", record.Nanos(filter.To))
	}
	text := "SELECT run FROM runs" + w.text.String() + " ORDER BY started_at DESC, id DESC LIMIT ?"
	runs, err := list[ledger.Run](ctx, s, text, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	return runs, nil
}

// Findings returns a page of findings, oldest first.
func (s *Store) Findings(ctx context.Context, filter ledger.FindingFilter) ([]ledger.Finding, error) {
	var w where
	if filter.Run != "" {
		w.and("run = ?", filter.Run)
	}
	if filter.Channel != "" {
		w.and("channel = ?", filter.Channel)
	}
	if filter.Class != "" {
		w.and("class = ?", filter.Class)
	}
	if !filter.From.IsZero() {
		w.and("at >= ?", record.Nanos(filter.From))
	}
	if !filter.To.IsZero() {
		w.and("at < ?", record.Nanos(filter.To))
	}
	if filter.AfterID != "" {
		w.and("(at, id) > (?, ?)", record.Nanos(filter.AfterAt), filter.AfterID)
	}
	text := "SELECT finding FROM findings" + w.text.String() + " ORDER BY at, id LIMIT ?"
	findings, err := list[ledger.Finding](ctx, s, text, append(w.args, ledger.PageSize(filter.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return findings, nil
}
