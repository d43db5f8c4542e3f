package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	sqlItems     = `SELECT id, sku, name FROM items WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3`
	sqlItem      = `SELECT id, sku, name FROM items WHERE merchant = $1 AND id = $2`
	sqlItemBySKU = `SELECT id, sku, name FROM items WHERE merchant = $1 AND sku = $2 UNION
		SELECT i.id, i.sku, i.name FROM labels l JOIN refs r ON r.merchant = $1 AND r.channel = l.channel AND r.item = l.item AND r.status <> 6 /* unlinked */
		JOIN items i ON i.merchant = $1 AND i.id = r.shelf_item WHERE l.merchant = $1 AND l.sku = $2 AND l.sku <> '' ORDER BY id`
	sqlSetItems = `INSERT INTO items (merchant, id, sku, name) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlSetRuns = `INSERT INTO runs (merchant, id, kind, channel, started_at, run) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET kind = excluded.kind, channel = excluded.channel, started_at = excluded.started_at, run = excluded.run`
	sqlSetFindings = `INSERT INTO findings (merchant, id, run, at, class, channel, finding)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET run = excluded.run, at = excluded.at, class = excluded.class, channel = excluded.channel, finding = excluded.finding`
)

// saving writes rows that no entry follows from, in a transaction of their own.
func (s *Store) saving(ctx context.Context, text string, values [][]any) error {
	return s.writing(ctx, func(ctx context.Context, t *transaction) error {
		if err := t.send(ctx, t.begin()); err != nil {
			return err
		}
		q := &pgx.Batch{}
		t.write(q, text, values)
		return t.commit(ctx, q, t.lastSeq)
	})
}

// SaveItems writes items, replacing label and name of those that are known.
func (s *Store) SaveItems(ctx context.Context, items []stock.Item) error {
	var saved rows[stock.ItemID]
	for _, item := range items {
		_ = saved.put(item.ID, []any{string(item.ID), item.SKU, item.Name}, nil)
	}
	if err := s.saving(ctx, sqlSetItems, saved.values); err != nil {
		return fmt.Errorf("writing items: %w", err)
	}
	return nil
}

func (s *Store) items(ctx context.Context, text string, args ...any) ([]stock.Item, error) {
	var items []stock.Item
	err := s.query(ctx, text, func(rows pgx.Rows) error {
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
	if err := s.saving(ctx, sqlSetRuns, [][]any{{run.ID, run.Kind, string(run.Channel), started, text}}); err != nil {
		return fmt.Errorf("writing run %s: %w", run.ID, err)
	}
	return nil
}

// SaveFindings writes findings, replacing those whose ids are known.
func (s *Store) SaveFindings(ctx context.Context, findings []ledger.Finding) error {
	values, err := findingValues(findings)
	if err == nil {
		err = s.saving(ctx, sqlSetFindings, values)
	}
	if err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	return nil
}

func (t *transaction) queueFindings(q *pgx.Batch, findings []ledger.Finding) error {
	values, err := findingValues(findings)
	if err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	t.write(q, sqlSetFindings, values)
	return nil
}

func findingValues(findings []ledger.Finding) ([][]any, error) {
	var found rows[string]
	for _, f := range findings {
		at, err1 := record.Stamp(f.At)
		f.At = f.At.UTC()
		text, err2 := record.Encode(f)
		if err := found.put(f.ID, []any{f.ID, f.Run, at, f.Class, string(f.Channel), text}, errors.Join(err1, err2)); err != nil {
			return nil, fmt.Errorf("finding %s: %w", f.ID, err)
		}
	}
	return found.values, nil
}

// Runs returns runs, youngest first.
func (s *Store) Runs(ctx context.Context, filter ledger.RunFilter) ([]ledger.Run, error) {
	w := ofMerchant("merchant")
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
	w.write(" ORDER BY started_at DESC, id DESC LIMIT ?", ledger.PageSize(filter.Limit))
	runs, err := list[ledger.Run](ctx, s, "SELECT run FROM runs"+w.text.String(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	return runs, nil
}

// Findings returns a page of findings, oldest first.
func (s *Store) Findings(ctx context.Context, filter ledger.FindingFilter) ([]ledger.Finding, error) {
	w := ofMerchant("merchant")
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
	w.write(" ORDER BY at, id LIMIT ?", ledger.PageSize(filter.Limit))
	findings, err := list[ledger.Finding](ctx, s, "SELECT finding FROM findings"+w.text.String(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return findings, nil
}
