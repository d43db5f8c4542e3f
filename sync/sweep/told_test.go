package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// ordering is a lister whose movements come out of orders, which are listed in pages of two.
type ordering struct {
	*lister
	mu     sync.Mutex
	orders []stock.Order
	read   [][]string
	listed []string
	fail   error
}

func (o *ordering) ListOrders(_ context.Context, since time.Time, cursor string) (list stock.OrderList, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.listed = append(o.listed, cursor)
	from := 0
	if cursor != "" {
		if _, err := fmt.Sscan(cursor, &from); err != nil {
			return list, err
		}
	}
	for i := from; i < len(o.orders); i++ {
		if len(list.Orders) == 2 {
			list.Next = fmt.Sprint(i)
			break
		}
		if !o.orders[i].UpdatedAt.Before(since) {
			list.Orders = append(list.Orders, stock.OrderTime{ID: o.orders[i].ID, UpdatedAt: o.orders[i].UpdatedAt})
		}
	}
	return list, nil
}

// lists is how many lists of orders were asked for.
func (o *ordering) lists() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.listed)
}

func (o *ordering) ReadOrders(_ context.Context, ids []string) (page stock.Page, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read = append(o.read, ids)
	if o.fail != nil {
		return page, o.fail
	}
	for _, order := range o.orders {
		for _, id := range ids {
			if order.ID == id && order.Name != "unreadable" {
				page.Orders = append(page.Orders, order)
			}
		}
	}
	return page, nil
}

func sold(id string, item int, units int64, updated time.Time) stock.Order {
	return stock.Order{Channel: "web", ID: id, CreatedAt: at(-60), UpdatedAt: updated, Lines: []stock.OrderLine{
		{ID: "1", SoldAs: "variant-" + webRef(item).Item, Location: "77", Taken: stock.Units(units)}}}
}

// told is a stage whose sweeps know the orders that were told.
func told(t *testing.T, items int, orders ...stock.Order) (*stage, *ordering) {
	s := newStage(t, items)
	o := &ordering{lister: s.lister, orders: orders}
	s.Sweeper.Lister, s.Told = o, sweep.NewTold()
	return s, o
}

// tell applies an order as a delivery does.
func (s *stage) tell(order stock.Order) {
	inputs := []ledger.Input{ledger.Delivered{Event: stock.Event{ID: order.ID, Channel: "web", Topic: "orders/updated", Order: &order}}}
	s.apply(inputs...)
	s.Told.Note(inputs)
}

// Of the orders that changed, a sweep reads those that nobody told as they are now: once.
func TestSweepReadsOrdersThatNobodyTold(t *testing.T) {
	t.Parallel()
	s, o := told(t, 4, sold("1", 0, 1, at(-30)), sold("2", 1, 2, at(-20)), sold("3", 2, 1, at(-10)), sold("4", 3, 1, at(-5)))
	s.tell(sold("1", 0, 1, at(-30)))
	s.tell(sold("2", 1, 1, at(-25)))
	s.tell(sold("4", 3, 1, at(-5)))
	s.sweep(sweep.Recent)
	require.Equal(t, [][]string{{"2"}, {"3"}}, o.read, "not told, or told as it was before")
	require.Equal(t, stock.Units(-2), s.store.Ref(webRef(1)).Unexplained)
	require.Equal(t, stock.Units(-1), s.store.Ref(webRef(2)).Unexplained)
	o.read = nil
	s.now = at(60)
	s.sweep(sweep.Recent)
	require.Empty(t, o.read, "the window overlaps, and all is told")
	o.orders[0] = sold("1", 0, 3, at(40))
	s.sweep(sweep.Recent)
	require.Equal(t, [][]string{{"1"}}, o.read)
}

// A process that knows nothing of what was told reads it once more.
func TestNextProcessReadsOrdersOnce(t *testing.T) {
	t.Parallel()
	s, o := told(t, 1, sold("1", 0, 1, at(-30)))
	s.tell(o.orders[0])
	s.Told = sweep.NewTold()
	s.sweep(sweep.Recent)
	s.sweep(sweep.Recent)
	require.Equal(t, [][]string{{"1"}}, o.read)
	require.Equal(t, stock.Units(-1), s.store.Ref(webRef(0)).Unexplained, "and nothing counts twice")
}

// An order that the channel shows nothing of is asked for once.
func TestUnreadableOrderIsReadOnce(t *testing.T) {
	t.Parallel()
	order := sold("1", 0, 1, at(-30))
	order.Name = "unreadable"
	s, o := told(t, 1, order)
	s.sweep(sweep.Recent)
	s.sweep(sweep.Recent)
	require.Equal(t, [][]string{{"1"}}, o.read)
}

// Orders that could not be read are not taken for told, and the list goes on with the page they stand on.
func TestOrdersThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	s, o := told(t, 3, sold("1", 0, 1, at(-30)), sold("2", 1, 1, at(-20)), sold("3", 2, 1, at(-10)))
	s.tell(o.orders[0])
	s.tell(o.orders[1])
	o.fail = errors.New("down")
	_, _, err := s.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, o.fail)
	o.fail = nil
	s.sweep(sweep.Recent)
	require.Equal(t, []string{"", "2", "2"}, o.listed)
	require.Equal(t, [][]string{{"3"}, {"3"}}, o.read)
	require.Equal(t, stock.Units(-1), s.store.Ref(webRef(2)).Unexplained)
}

// A full sweep reads orders whole, told or not.
func TestFullReadsToldOrders(t *testing.T) {
	t.Parallel()
	s, o := told(t, 1)
	listed := 0
	s.lister.Movements = func(time.Time, string) (stock.Page, error) { listed++; return stock.Page{}, nil }
	s.sweep(sweep.Full)
	require.Equal(t, 1, listed)
	require.Empty(t, o.listed)
}

// What is remembered of orders is bounded, the youngest are kept, and orders of channels are not confused.
func TestToldIsBounded(t *testing.T) {
	t.Parallel()
	known := sweep.NewTold()
	const many = 100_000
	for i := range many {
		order := sold(fmt.Sprint(i), 0, 1, at(i))
		known.Note([]ledger.Input{ledger.OwnRead{Orders: []stock.Order{order}}})
	}
	kept := 0
	for i := range many {
		if known.Knows(ledger.OrderID{Channel: "web", Order: fmt.Sprint(i)}, at(i)) {
			kept++
		}
	}
	require.LessOrEqual(t, kept, 2*20_000)
	last := ledger.OrderID{Channel: "web", Order: fmt.Sprint(many - 1)}
	require.True(t, known.Knows(last, at(many-1)))
	require.True(t, known.Knows(last, at(0)), "it was told as it is now, which contains what was before")
	require.False(t, known.Knows(last, at(many)))
	require.False(t, known.Knows(ledger.OrderID{Channel: "shop", Order: last.Order}, at(0)))
}
