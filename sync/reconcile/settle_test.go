package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// settle books units of the till that nobody has explained.
func (s *shop) settle(cause stock.Cause, units int64) {
	s.Helper()
	s.one(ledger.SettleRef{Ref: tillMug, Shelf: mug, Cause: cause, Quantity: stock.Units(units), By: "anna", Note: "looked everywhere"})
}

func (t *teller) settles(words []string) error {
	cause, err := stock.ParseCause(words[3])
	t.one(ledger.SettleRef{Ref: refOf(words[2]), Shelf: mug, Cause: cause, Quantity: stock.Units(units(words[1])), By: words[0]})
	return err
}

func (t *teller) reopens(words []string) error {
	t.one(ledger.ReopenRef{Ref: refOf(words[1]), Shelf: mug, By: words[0]})
	return nil
}

func TestSettle(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 5, at(1))
	s.has(5, 5, 8, 3, 0)
	s.settle(stock.Shrinkage, -2)
	s.has(5, 5, 8, 1, 0)
	require.Equal(t, "2", s.balance(ledger.Shrinkage, ""))
	last := s.last()
	require.Equal(t, ledger.KindCorrection, last.Kind)
	require.Equal(t, "anna", last.Evidence["by"])
	require.Equal(t, "looked everywhere", last.Evidence["note"])
	s.settle(stock.Sold, -1)
	s.has(5, 5, 8, 0, 0)
	require.Equal(t, "1", s.balance(ledger.Sold, "till"))

	s.one(ledger.ReopenRef{Ref: tillMug, Shelf: mug, By: "anna"})
	s.has(5, 5, 8, 3, 0)
	require.Equal(t, "0", s.balance(ledger.Shrinkage, ""))
	require.Equal(t, "0", s.balance(ledger.Sold, "till"))
	require.Nil(t, s.state(tillMug).Settled)

	s.read(tillMug, 9, at(2))
	s.has(9, 9, 8, -1, 0)
	s.settle(stock.Shrinkage, 1)
	s.has(9, 9, 8, 0, 0)
	require.Equal(t, "-1", s.balance(ledger.Shrinkage, ""), "a unit was found")
	s.whole()
}

func TestRefusedToSettle(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	word := ledger.SettleRef{Ref: tillMug, Shelf: mug, Cause: stock.Shrinkage, Quantity: -stock.Unit}
	require.ErrorIs(t, s.refuse(word), reconcile.ErrInput, "nothing is unexplained")
	require.ErrorIs(t, s.refuse(ledger.ReopenRef{Ref: tillMug, Shelf: mug}), ledger.ErrNotFound, "nothing was settled")
	s.read(tillMug, 7, at(1))
	for name, wrong := range map[string]func(*ledger.SettleRef){
		"more than there is": func(w *ledger.SettleRef) { w.Quantity = -2 * stock.Unit },
		"the other way":      func(w *ledger.SettleRef) { w.Quantity = stock.Unit },
		"nothing":            func(w *ledger.SettleRef) { w.Quantity = 0 },
		"no cause":           func(w *ledger.SettleRef) { w.Cause = 0 },
		"another shelf":      func(w *ledger.SettleRef) { w.Shelf = cup },
		"a stranger":         func(w *ledger.SettleRef) { w.Ref.Item = "V9" },
	} {
		in := word
		wrong(&in)
		require.Error(t, s.refuse(in), name)
	}
	s.has(7, 7, 8, 1, 0)
	s.one(word)

	s, waits := arrived(t, "linked later", tillMug, 3)
	s.wait(60)
	s.deliver(reading(waits, 2, s.now))
	require.ErrorIs(t, s.refuse(ledger.SettleRef{Ref: waits, Shelf: mug, Cause: stock.Shrinkage, Quantity: -stock.Unit}), reconcile.ErrInput)
}

// What the channel tells after a person has settled it goes first: the settlement gives it back.
func TestToldAfterItWasSettled(t *testing.T) {
	t.Parallel()
	late := func(key string, units int64, occurred, received float64) stock.Movement {
		m := sold(key, units, at(occurred))
		m.ChannelTime = at(received)
		return m
	}
	tests := map[string]struct {
		story           func(s *shop)
		sold, shrinkage string
		unexplained     int64
	}{
		"all of it": {func(s *shop) {
			s.read(tillMug, 7, at(2))
			s.settle(stock.Shrinkage, -1)
			s.read(tillMug, 7, at(2), sold("A1", 1, at(1)))
		}, "1", "0", 0},
		"a part of it": {func(s *shop) {
			s.read(tillMug, 5, at(2))
			s.settle(stock.Shrinkage, -3)
			s.read(tillMug, 5, at(2), sold("A1", 1, at(1)))
		}, "1", "2", 0},
		"a late sale that a recount holds": {func(s *shop) {
			s.read(tillMug, 7, at(3), recount("R1", 7, at(2), at(3)))
			s.settle(stock.Shrinkage, -1)
			s.wait(600)
			s.read(tillMug, 7, at(3), late("A1", 1, 1, 500))
		}, "1", "0", 0},
		"the rest that was not settled explains first": {func(s *shop) {
			s.read(tillMug, 5, at(2))
			s.settle(stock.Shrinkage, -2)
			s.read(tillMug, 5, at(2), sold("A1", 1, at(1)))
		}, "1", "2", 0},
		"more than the rest that was not settled": {func(s *shop) {
			s.read(tillMug, 5, at(2))
			s.settle(stock.Shrinkage, -1)
			s.settle(stock.Shrinkage, -1)
			s.deliver(sold("A1", 3, at(1)))
		}, "3", "0", 0},
		"what happened after it": {func(s *shop) {
			s.read(tillMug, 7, at(2))
			s.settle(stock.Shrinkage, -1)
			s.wait(60)
			s.deliver(sold("A1", 1, at(61)))
			s.has(7, 7, 8, -1, 0)
			s.read(tillMug, 6, at(61))
		}, "1", "1", 0},
		"a new difference does not stand in for it": {func(s *shop) {
			s.read(tillMug, 7, at(2))
			s.settle(stock.Shrinkage, -1)
			s.wait(60)
			s.read(tillMug, 6, at(60))
			s.deliver(sold("A1", 1, at(1)))
		}, "1", "0", 1},
		"the oldest that may hold it": {func(s *shop) {
			s.read(tillMug, 7, at(2))
			s.settle(stock.Shrinkage, -1)
			s.wait(60)
			s.read(tillMug, 6, at(60))
			s.settle(stock.Shrinkage, -1)
			s.deliver(sold("A1", 1, at(1)))
			s.deliver(sold("A2", 1, at(59)))
		}, "2", "0", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			test.story(s)
			require.Equal(t, test.sold, s.balance(ledger.Sold, "till"))
			require.Equal(t, test.shrinkage, s.balance(ledger.Shrinkage, ""))
			require.Equal(t, stock.Units(test.unexplained), s.model.Ref(tillMug).Unexplained)
			s.whole()
		})
	}
}

// A settlement is no part of a later period of its ref: the baseline contains what could take it back.
func TestABaselineForgetsSettlements(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 7, at(1))
	s.settle(stock.Shrinkage, -1)
	require.Len(t, s.state(tillMug).Settled, 1)
	s.one(ledger.UnlinkRef{Ref: tillMug})
	require.Nil(t, s.state(tillMug).Settled)
	require.Equal(t, "1", s.balance(ledger.Shrinkage, ""))
}

// Days in which units are sold and lost: whenever the channel tells of the sales, before or after the person has settled what was
// missing in the evening, the books come to the same.
func TestSettlingIsIndependentOfWhenSalesAreTold(t *testing.T) {
	t.Parallel()
	type day struct {
		sales []stock.Movement
		lost  int64
	}
	rapid.Check(t, func(t *rapid.T) {
		days := make([]day, rapid.IntRange(1, 5).Draw(t, "days"))
		inTime, late := openShop(t, 1000), openShop(t, 1000)
		var untold []stock.Movement
		var wantSold, wantLost, shown int64
		tell := func() {
			for len(untold) > 0 && rapid.Bool().Draw(t, "told") {
				i := rapid.IntRange(0, len(untold)-1).Draw(t, "which")
				late.deliver(untold[i])
				untold = append(untold[:i], untold[i+1:]...)
			}
		}
		for n := range days {
			began := float64(1 + n*1000)
			days[n].lost = int64(rapid.IntRange(0, 3).Draw(t, "lost"))
			for i := range rapid.IntRange(0, 4).Draw(t, "sales") {
				sale := sold(fmt.Sprintf("A%d/%d", n, i), int64(rapid.IntRange(1, 3).Draw(t, "units")), at(began+float64(i)))
				days[n].sales = append(days[n].sales, sale)
				wantSold += int64(-sale.Quantity / stock.Unit)
				shown += int64(-sale.Quantity / stock.Unit)
			}
			wantLost, shown = wantLost+days[n].lost, shown+days[n].lost
			for _, s := range []*shop{inTime, late} {
				s.now = at(began + 100)
				s.read(tillMug, 1000-shown, at(began+50))
			}
			for _, sale := range days[n].sales {
				inTime.deliver(sale)
			}
			untold = append(untold, days[n].sales...)
			tell()
			for _, s := range []*shop{inTime, late} {
				if open := s.model.Ref(tillMug).Unexplained; open != 0 {
					require.Positive(t, open, "units left")
					s.one(ledger.SettleRef{Ref: tillMug, Shelf: mug, Cause: stock.Shrinkage, Quantity: -open, By: "anna"})
				}
			}
			tell()
		}
		for _, sale := range untold {
			late.deliver(sale)
		}
		for name, s := range map[string]*shop{"told in time": inTime, "told late": late} {
			require.Equal(t, stock.Units(1000-shown), s.model.Level(mug), name)
			require.Equal(t, stock.Units(wantSold).String(), s.balance(ledger.Sold, "till"), name)
			require.Equal(t, stock.Units(wantLost).String(), s.balance(ledger.Shrinkage, ""), name)
			require.Zero(t, s.model.Ref(tillMug).Unexplained, name)
			s.whole()
		}
	})
}
