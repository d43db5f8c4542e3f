package reconcile_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// stranger is an input that the engine does not know.
type stranger struct{}

func (stranger) Touch(*ledger.Scope) {}

func TestNewRefusesAStepOfZero(t *testing.T) {
	t.Parallel()
	_, err := reconcile.New(reconcile.Options{Channels: map[stock.Channel]reconcile.Channel{"till": {}}})
	require.ErrorContains(t, err, "till")
}

// What no rule can take is refused by name, and nothing of its batch is written.
func TestRefusedInputs(t *testing.T) {
	t.Parallel()
	const tooMany = 10_000_000_001
	strange := stock.Ref{Channel: "market", Item: "1", Location: "1"}
	event := func(e stock.Event) ledger.Delivered { return ledger.Delivered{Event: e} }
	tooLarge := reading(webMug, tooMany, at(1))
	movement, counted, noCause := sold("A1", tooMany, at(1)), recount("R1", tooMany, at(1), at(1)), sold("A1", 1, at(1))
	noCause.Cause = 0
	sale, reread, order := sold("A1", 1, at(1)), recount("R1", 1, at(1), at(1)), webOrder(at(1), line("1", 1))
	sale.Ref.Channel, reread.Ref.Channel = till, till
	ours := reading(webMug, 1, at(1))
	beforeTime := time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)
	for name, c := range map[string]struct {
		input ledger.Input
		want  error
	}{
		"unknown channel":            {event(stock.Event{Channel: "market", Reading: &stock.Reading{Ref: strange}}), reconcile.ErrInput},
		"empty event":                {event(stock.Event{Channel: web}), reconcile.ErrInput},
		"reading of another channel": {event(stock.Event{Channel: till, Reading: &ours}), reconcile.ErrInput},
		"movement of another":        {event(stock.Event{Channel: web, Movement: &sale}), reconcile.ErrInput},
		"recount of another":         {event(stock.Event{Channel: web, Recount: &reread}), reconcile.ErrInput},
		"order of another":           {event(stock.Event{Channel: till, Order: &order}), reconcile.ErrInput},
		"reading out of range":       {delivered(tooLarge), ledger.ErrOverflow},
		"reading below the range":    {delivered(stock.Reading{Ref: webMug, Status: stock.Counted, Quantity: math.MinInt64, Version: at(1)}), ledger.ErrOverflow},
		"own read out of range":      {ledger.OwnRead{Reading: tooLarge, ReadAt: at(1)}, ledger.ErrOverflow},
		"movement out of range":      {delivered(movement), ledger.ErrOverflow},
		"recount out of range":       {delivered(counted), ledger.ErrOverflow},
		"movement without a cause":   {delivered(noCause), reconcile.ErrInput},
		"order line out of range":    {delivered(webOrder(at(1), line("1", tooMany))), ledger.ErrOverflow},
		"order line below zero":      {delivered(webOrder(at(1), line("1", -1))), reconcile.ErrInput},
		"restock below zero":         {delivered(webOrder(at(1), line("1", 1, restock("R", -1, "return", at(1))))), reconcile.ErrInput},
		"restock out of range":       {delivered(webOrder(at(1), line("1", 1, restock("R", tooMany, "return", at(1))))), ledger.ErrOverflow},
		"restocks out of range together": {delivered(webOrder(at(1), line("1", 1, restock("R", tooMany-2, "return", at(1)), restock("S", tooMany-2, "return", at(1))))),
			reconcile.ErrInput},
		"reading of no time":  {delivered(reading(webMug, 7, beforeTime)), ledger.ErrTime},
		"own read of no time": {ledger.OwnRead{Reading: reading(webMug, 7, beforeTime), ReadAt: at(1)}, ledger.ErrTime},
		"movement of no time": {delivered(sold("A1", 1, beforeTime)), ledger.ErrTime},
		"recount of no time":  {delivered(recount("R1", 1, at(1), beforeTime)), ledger.ErrTime},
		"order of no time":    {delivered(webOrder(beforeTime, line("1", 1))), ledger.ErrTime},
		"restock of no time":  {delivered(webOrder(at(1), line("1", 1, restock("R", 1, "return", beforeTime)))), ledger.ErrTime},
		"an input of no rule": {stranger{}, reconcile.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			require.ErrorIs(t, s.refuse(c.input), c.want)
			s.has(8, 8, 8, 0, 0)
			s.deliver(reading(webMug, 7, at(2)))
			s.has(7, 8, 7, 0, 1)
		})
	}
}

// The largest quantities that are taken do not break the sums.
func TestLargestQuantities(t *testing.T) {
	t.Parallel()
	const most = 10_000_000_000
	s := openShop(t, 8)
	for i, units := range []int64{most, -most, most, -most} {
		s.deliver(reading(tillMug, units, at(float64(i+1))))
	}
	s.has(-most, -most, 8, most+8, 0)
}

// A fact inside a read that no rule can take is counted and does not make the read fail.
func TestStrangeFactsInsideARead(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	const tooMany = 10_000_000_001
	d := s.read(tillMug, 7, at(1), sold("A1", tooMany, at(1)), recount("R1", tooMany, at(1), at(1)), sold("A2", 1, at(1)))
	require.Equal(t, ledger.Done, d.Ending)
	s.has(7, 7, 8, 0, 0)
}
