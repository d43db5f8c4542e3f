package sweep

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// toldMost is how many orders are remembered at least; twice as many at most.
	toldMost = 20_000
	// ordersAtOnce is how many orders a sweep asks for before it applies them.
	ordersAtOnce = 24
)

// OrderLister is a Lister whose movements come out of orders. When orders changed costs little to list; what they hold costs much, and
// is asked for of those only that nobody told.
type OrderLister interface {
	ListOrders(ctx context.Context, since time.Time, cursor string) (stock.OrderList, error)
	// ReadOrders reads orders whole. Those that the channel does not show are left out.
	ReadOrders(ctx context.Context, ids []string) (stock.Page, error)
}

// Told remembers which orders the ledger took in, and as of which change of theirs. It forgets the oldest, and everything with the
// process: what it does not know is read once more. It is safe for concurrent use.
type Told struct {
	mu sync.Mutex
	// young is what was told last; old is what filled it before.
	young, old map[ledger.OrderID]time.Time
}

// NewTold knows of no order.
func NewTold() *Told { return &Told{young: map[ledger.OrderID]time.Time{}} }

// Note remembers the orders among inputs that the ledger took in.
func (t *Told) Note(inputs []ledger.Input) {
	for _, input := range inputs {
		switch in := input.(type) {
		case ledger.Delivered:
			if order := in.Event.Order; order != nil {
				t.note(ledger.OrderID{Channel: order.Channel, Order: order.ID}, order.UpdatedAt)
			}
		case ledger.OwnRead:
			for _, order := range in.Orders {
				t.note(ledger.OrderID{Channel: order.Channel, Order: order.ID}, order.UpdatedAt)
			}
		}
	}
}

func (t *Told) note(id ledger.OrderID, updated time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if was, known := t.at(id); known && !was.Before(updated) {
		return
	}
	if len(t.young) >= toldMost {
		t.old, t.young = t.young, map[ledger.OrderID]time.Time{}
	}
	t.young[id] = updated
}

func (t *Told) at(id ledger.OrderID) (time.Time, bool) {
	if updated, known := t.young[id]; known {
		return updated, true
	}
	updated, known := t.old[id]
	return updated, known
}

// Knows says whether the order was told as it was at a time, or later.
func (t *Told) Knows(id ledger.OrderID, updated time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was, known := t.at(id)
	return known && !was.Before(updated)
}

// movements reads one page of a list of movements. Where they come out of orders, the orders that nobody told are read and applied
// before the page counts as applied.
func (r *run) movements(ctx context.Context, since time.Time, cursor string) (stock.Page, error) {
	lister, lists := r.Lister.(OrderLister)
	if !lists || r.Told == nil {
		return r.Lister.ListMovements(ctx, since, cursor)
	}
	list, err := lister.ListOrders(ctx, since, cursor)
	if err != nil {
		return stock.Page{}, err
	}
	return stock.Page{ReadAt: list.ReadAt, Next: list.Next}, r.untold(ctx, lister, list.Orders)
}

// untold reads the orders of a list that nobody told as they are now.
func (r *run) untold(ctx context.Context, lister OrderLister, listed []stock.OrderTime) error {
	listed = slices.DeleteFunc(listed, func(o stock.OrderTime) bool {
		return r.Told.Knows(ledger.OrderID{Channel: r.Channel, Order: o.ID}, o.UpdatedAt)
	})
	for chunk := range slices.Chunk(listed, ordersAtOnce) {
		ids := make([]string, len(chunk))
		for i, order := range chunk {
			ids[i] = order.ID
		}
		asked := r.Now()
		page, err := lister.ReadOrders(ctx, ids)
		if err != nil {
			return fmt.Errorf("reading %d orders that nobody told: %w", len(ids), err)
		}
		page.AskedAt = asked
		if err := r.apply(ctx, page, nil); err != nil {
			return err
		}
		for _, order := range chunk { // also what cannot be understood or was refused: it is told once
			r.Told.note(ledger.OrderID{Channel: r.Channel, Order: order.ID}, order.UpdatedAt)
		}
	}
	return nil
}
