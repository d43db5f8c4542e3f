package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// What asks why within a few seconds is asked together, when everything until then shows: one read each is enough.
func TestCausesAreGathered(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.open(cup, 8, tillCup, webCup)
	for i, sale := range []struct {
		ref stock.Ref
		at  float64
	}{{tillMug, 10.1}, {tillCup, 11.9}} {
		s.now = at(sale.at)
		s.deliver(reading(sale.ref, 7, s.now))
		require.Equal(t, at(15), s.work(sale.ref).ReadDue, "sale %d", i)
		require.True(t, reconcile.OnlyExplains(s.model.Ref(sale.ref)))
	}
	s.now = at(15)
	s.apply(s.ownRead(reading(tillMug, 7, at(10.1)), sold("A1", 1, at(10.1))),
		s.ownRead(reading(tillCup, 7, at(11.9)), stock.Movement{Key: "A2", Ref: tillCup, Quantity: -stock.Unit, Cause: stock.Sold, OccurredAt: at(11.9), ChannelTime: at(11.9)}))
	require.Zero(t, s.work(tillMug).Read)
	require.Zero(t, s.work(tillCup).Read)
	s.now = at(15.1)
	s.deliver(reading(tillMug, 6, s.now))
	require.Equal(t, at(20), s.work(tillMug).ReadDue)
}

// What our pushes did is asked together too, and not before their rows can be there.
func TestConfirmingIsGathered(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.now = at(10)
	s.deliver(reading(webMug, 6, at(10)))
	s.now = at(10.2)
	s.push(tillMug)
	require.Equal(t, at(15), s.work(tillMug).ReadDue)
	require.Zero(t, s.work(webMug).Read, "no history to ask")
	// What others did meanwhile is not put off: until the push is confirmed no webhook is believed.
	s.now = at(11)
	s.deliver(reading(tillMug, 5, at(11)))
	require.Equal(t, s.now, s.work(tillMug).ReadDue)
}

// An order is read before the counters that it changed, so that one read of these is enough.
func TestOrdersAreReadAhead(t *testing.T) {
	t.Parallel()
	for tenths := range 100 {
		s := openShop(t, 8)
		s.now = at(10 + float64(tenths)/10)
		s.deliver(reading(webMug, 6, s.now.Truncate(time.Second)))
		unrouted := line("1", 2)
		unrouted.Location = ""
		told := s.now.Truncate(time.Second)
		require.Equal(t, ledger.Parked, s.deliver(webOrder(told, unrouted)).Ending)
		order, counter := s.resources()[0].Due, s.work(webMug).ReadDue
		require.Equal(t, 2*time.Second, counter.Sub(order), "told at %s", s.now)
		require.GreaterOrEqual(t, order.Sub(s.now), time.Second)
		s.now = order
		s.deliver(webOrder(told, line("1", 2)))
		s.has(6, 8, 6, 0, 0)
		require.Equal(t, counter, s.work(webMug).ReadDue)
		s.now = counter
		s.read(webMug, 6, told)
		require.Zero(t, s.work(webMug).Read)
	}
}
