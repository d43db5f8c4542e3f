package sweep

import (
	"context"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// glanceOverlap is by how much a glance reaches back beyond the one before. What a platform finds by its update time only later than
	// that, the next recent sweep finds.
	glanceOverlap = 15 * time.Second
	// glanceMost is how far a glance reaches back at most, less the overlap: what changed before, recent sweeps list.
	glanceMost = relaxed
)

// glanced is when the lists of glances began last, by the platform's clock; zero: they did not yet.
type glanced struct{ counts, orders time.Time }

// glanceCounts looks at the counters that changed since the last glance. It asks for so little that it can be done every few seconds,
// takes the place of deliveries that do not come, and moves no mark: whatever it does not see is in the window of the next recent sweep.
func (r *run) glanceCounts(ctx context.Context) error {
	// Pushes wait for what these show, as for any confirming read.
	err := r.skim(stock.InLane(ctx, stock.ConfirmingReads), &r.glanced.counts, func(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
		return r.Lister.ListCounts(ctx, since, cursor)
	})
	if err != nil {
		return fmt.Errorf("glancing at counts: %w", err)
	}
	return nil
}

// glanceOrders looks at the orders that changed since the last glance at them. A platform with a history is asked for it when a
// counter changed, and needs none.
func (r *run) glanceOrders(ctx context.Context) error {
	if _, orders := r.Lister.(OrderLister); !orders {
		return nil
	}
	if err := r.skim(stock.InLane(ctx, stock.Causes), &r.glanced.orders, r.movements); err != nil {
		return fmt.Errorf("glancing at orders: %w", err)
	}
	return nil
}

// skim applies a list page by page, from where the last one of its kind began.
func (r *run) skim(ctx context.Context, last *time.Time, read reader) error {
	at := window{Since: *last, Start: r.clock()}
	if least := at.Start.Add(-glanceMost); at.Since.Before(least) {
		at.Since = least
	}
	at.Since = at.Since.Add(-glanceOverlap)
	for range pagesMax {
		page, err := r.page(ctx, at, read)
		if err != nil {
			return err
		}
		if at.Cursor == "" && !page.ReadAt.IsZero() {
			at.Start = page.ReadAt
		}
		if err := r.apply(ctx, page, nil); err != nil {
			return err
		}
		if at.Cursor = page.Next; at.Cursor == "" {
			*last = at.Start
			return nil
		}
	}
	return fmt.Errorf("the list does not end after %d pages", pagesMax)
}
