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
	sqlSetItems = `INSERT INTO items (merchant, id, sku, name) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET sku = excluded.sku, name = excluded.name`
	sqlSetRuns = `INSERT INTO runs (merchant, id, kind, channel, started_at, run) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET kind = excluded.kind, channel = excluded.channel, started_at = excluded.started_at, run = excluded.run`
	sqlSetFindings = `INSERT INTO findings (merchant, id, run, at, class, channel, finding)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
		ON CONFLICT (merchant, id) DO UPDATE SET run = excluded.run, at = excluded.at, class = excluded.class, channel = excluded.channel, finding = excluded.finding`
	sqlSetLabels = `INSERT INTO labels (merchant, channel, item, sku, name) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
		ON CONFLICT (merchant, channel, item) DO UPDATE SET sku = excluded.sku, name = excluded.name`
)

// saving writes rows that no entry follows from, in a transaction of their own.
func (s *Store) saving(ctx context.Context, text string, values [][]any) error {
	return s.writing(ctx, func(ctx context.Context, t *transaction) error {
		ctx, cancel := context.WithTimeout(ctx, s.patience)
		defer cancel()
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
