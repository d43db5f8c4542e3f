package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A row of history whose words nobody knows explains nothing, and its key stays free: once the word is known, it explains.
func TestMovementOfAnUnknownWord(t *testing.T) {
	t.Parallel()
	ending := ledger.Disposition{Ending: ledger.Ignored, Channel: till, Reason: `unknown inventory state "ON_LOAN"`}
	s := openShop(t, 8)
	lent := sold("A1", 2, at(1))
	lent.Cause, lent.Unknown = 0, &stock.UnknownWord{What: "inventory state", Word: "ON_LOAN"}
	s.read(tillMug, 6, at(1), lent)
	s.has(6, 6, 8, 2, 0)
	require.Equal(t, []ledger.Disposition{ending}, s.noted)
	require.Equal(t, ending, s.deliver(lent), "a sweep tells of it")
	s.has(6, 6, 8, 2, 0)

	lent.Cause, lent.Unknown = stock.Moved, nil
	require.Equal(t, "explained", s.deliver(lent).Reason)
	s.has(6, 6, 8, 0, 0)
}

// What an order says in known words counts as ever; the others are noted, each once.
func TestOrderWithUnknownWords(t *testing.T) {
	t.Parallel()
	noted := []ledger.Disposition{
		{Ending: ledger.Ignored, Channel: web, Reason: `unknown restock type "exchange"`},
		{Ending: ledger.Ignored, Channel: web, Reason: `unknown restock type "swap"`},
	}
	s := openShop(t, 8)
	order := webOrder(at(1), line("1", 2))
	order.Unknown = []stock.UnknownWord{{What: "restock type", Word: "exchange"}, {What: "restock type", Word: "exchange"}, {What: "restock type", Word: "swap"}}
	require.Equal(t, "explained", s.deliver(order).Reason)
	require.Equal(t, noted, s.noted)
	s.deliver(reading(webMug, 6, at(1)))
	s.has(6, 8, 6, 0, 0)
	require.Equal(t, ledger.Duplicate, s.deliver(order).Ending)
	require.Equal(t, noted, s.noted)
}

// One order cannot fill the tallies.
func TestOrderOfManyUnknownWords(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	order := webOrder(at(1), line("1", 2))
	for i := range 100 {
		order.Unknown = append(order.Unknown, stock.UnknownWord{What: "restock type", Word: fmt.Sprint("type", i)})
	}
	s.deliver(order)
	require.Len(t, s.noted, 8)
}
