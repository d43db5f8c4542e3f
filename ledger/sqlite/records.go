package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/record"
	"github.com/evenstock/evenstock/ledger/stock"
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
