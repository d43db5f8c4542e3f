package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// returned is a till return as Square's history tells it, received when it occurred.
func returned(key string, units int64, seconds float64) stock.Movement {
	back := sold(key, -units, at(seconds))
	back.Cause = stock.Returned
	return back
}

// refunded is the order of the web shop with units put back on the shelf.
func refunded(units int64, seconds float64) stock.Order {
	l := line("1", 5)
	l.Restocks = []stock.Restock{restock("R1", units, "return", at(seconds))}
	return webOrder(at(seconds), l)
}

// What a recount lowered weeks ago waits in suspense until somebody books it. It must not make goods received look smaller.
func TestTypedTwiceOnAShelfWithShrinkage(t *testing.T) {
	t.Parallel()
	for _, counted := range []int64{5, 11} {
		s := openShop(t, 8)
		s.read(tillMug, counted, at(1))
		s.read(tillMug, counted, at(1))
		s.push(webMug)
		s.read(webMug, counted, at(2))
		s.wait(3600)
		s.read(tillMug, counted+10, at(3600))
		s.wait(60)
		s.read(webMug, counted+10, at(3660))
		require.Contains(t, s.brakes(), "typed in twice", "counted %d before", counted)
	}
}

// A refund that is told before the counter shows it, as Shopify's orders are, is no raise, whatever else waits in suspense.
func TestReturnToldBeforeItsRaise(t *testing.T) {
	t.Parallel()
	for _, suspense := range []int64{-3, 0, 3} {
		s := openShop(t, 8)
		s.deliver(webOrder(at(1), line("1", 5)))
		s.deliver(reading(webMug, 3+suspense, at(2)))
		s.wait(3600)
		s.deliver(refunded(2, 3600))
		s.read(webMug, 5+suspense, at(3601))
		s.read(tillMug, 10, at(3601))
		require.NotContains(t, s.brakes(), "typed in twice", "%d unexplained before", suspense)
	}
}

// The raise that a return explains is the one it made, not the youngest.
func TestReturnExplainsItsOwnRaise(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 10, at(1))
	s.wait(60)
	s.read(tillMug, 15, at(61))
	s.deliver(returned("A1", 2, 1))
	s.read(webMug, 10, at(62))
	require.NotContains(t, s.brakes(), "typed in twice")
	s.read(webMug, 15, at(63))
	require.Contains(t, s.brakes(), "typed in twice", "goods received are still remembered in full")
}

// A return that a recount absorbed, or one that the counter showed together with a sale, must not eat into goods received.
func TestReturnWithoutARaise(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 8, at(5), returned("A1", 2, 4), sold("A2", 2, at(4)))
	s.read(tillMug, 18, at(6))
	s.read(webMug, 18, at(6))
	require.Contains(t, s.brakes(), "typed in twice")
}

// A refund whose raise never comes is forgotten soon.
func TestReturnWhoseRaiseNeverComes(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(webOrder(at(1), line("1", 5)))
	s.deliver(reading(webMug, 3, at(2)))
	s.deliver(refunded(2, 10))
	s.wait(120)
	s.read(webMug, 13, at(120))
	s.read(tillMug, 18, at(120))
	require.Contains(t, s.brakes(), "typed in twice")
}

// A write of ours that strayed past its refusal raised the counter: that is not goods received.
func TestStrayedPushIsNoRaise(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(webMug, 11, at(1))
	s.read(webMug, 11, at(1))
	call := s.plan(tillMug)
	require.NotEmpty(t, call.Key)
	s.answer(call, stock.Refused)
	s.deliver(reading(tillMug, 11, at(9)))
	require.Contains(t, s.brakes(), "typed in twice", "for all that is known")
	s.wait(10)
	s.read(tillMug, 11, at(9), ownRow(call, at(9)))
	require.NotContains(t, s.brakes(), "typed in twice")
	s.has(11, 11, 11, 0, -3)
	require.Equal(t, ledger.Live, s.state(tillMug).Status)
}

// A person's word is about the raises they were shown: others that wait for their double are still remembered.
func TestReleaseForgetsOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 18, at(1))
	s.wait(60)
	s.read(tillMug, 21, at(61))
	s.read(webMug, 11, at(61))
	require.Equal(t, []string{"typed-twice/mug/main/web/3"}, s.typedTwice(mug, tillMug, webMug))
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/3", Shelf: mug, By: "anna"})
	require.Empty(t, s.typedTwice(mug, tillMug, webMug))
	s.wait(60)
	s.read(webMug, 21, at(121))
	require.Equal(t, []string{"typed-twice/mug/main/web/10"}, s.typedTwice(mug, tillMug, webMug))
}

// Two questions at once are two brakes: the answer to one is none to the other.
func TestTwoPairsTypedTwice(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	for i, counts := range [][2]int64{{18, 18}, {21, 21}} {
		s.read(tillMug, counts[0], at(float64(i)+1))
		s.wait(1)
		s.read(webMug, counts[1], at(float64(i)+1))
	}
	require.Equal(t, []string{"typed-twice/mug/main/web/10", "typed-twice/mug/main/web/3"}, s.typedTwice(mug, tillMug, webMug))
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/3", Shelf: mug, By: "anna", Correct: true})
	s.has(31, 21, 21, -13, -10)
	require.Equal(t, []string{"typed-twice/mug/main/web/10"}, s.typedTwice(mug, tillMug, webMug))
}

// Goods typed in on three channels are taken back twice.
func TestTypedInThreeTimes(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.link(mug, kioskMug)
	s.read(kioskMug, 8, at(0))
	refs := []stock.Ref{tillMug, webMug, kioskMug}
	for i, ref := range refs {
		s.wait(1)
		s.read(ref, 18, at(float64(i)+1))
	}
	require.Equal(t, stock.Units(38), s.model.Level(mug))
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/web/10", Shelf: mug, By: "anna", Correct: true})
	s.wait(60)
	s.one(ledger.ReleaseBrake{ID: "typed-twice/mug/main/kiosk/10", Shelf: mug, By: "anna", Correct: true})
	require.Empty(t, s.typedTwice(mug, refs...))
	require.Equal(t, stock.Units(18), s.model.Level(mug))
}

// A raise that fell back before it was confirmed was a slip of somebody's finger.
func TestRaiseTakenBackIsForgotten(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []bool{false, true} {
		s := openShop(t, 8)
		s.deliver(reading(webMug, 11, at(1)))
		if confirmed {
			s.read(webMug, 11, at(1))
		}
		s.read(webMug, 8, at(2))
		s.read(tillMug, 11, at(3))
		require.Equal(t, confirmed, len(s.typedTwice(mug, tillMug, webMug)) == 1, "what was confirmed may have been sold meanwhile")
	}
}

// While a person has not looked yet, units that are sold are still taken off the other channel: only raises wait.
func TestSalesPassTypedTwice(t *testing.T) {
	t.Parallel()
	s := typedTwiceShop(t, 600)
	s.deliver(reading(tillMug, 6, s.now))
	s.has(16, 6, 28, 2, -10)
	require.Equal(t, stock.Units(-12), s.push(webMug).Rows[0].Delta)
	require.Empty(t, s.plan(tillMug).Key)
}

// Two raises of one moment: whoever asks, in whatever order they have the refs, is asked the same question.
func TestTypedTwiceAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(webMug, 12, at(1))
	s.read(tillMug, 12, at(1))
	ids := s.typedTwice(mug, tillMug, webMug)
	require.Len(t, ids, 1)
	require.Equal(t, ids, s.typedTwice(mug, webMug, tillMug))
	require.Equal(t, ledger.Done, s.one(ledger.ReleaseBrake{ID: ids[0], Shelf: mug, By: "a person"}).Ending)
}

// Whoever undoes an edit puts back what the counter had lost: no goods received, whatever comes to the other counter meanwhile. Only where
// that had followed the loss may the same have been put back on both.
func TestPutBackIsNoGoodsReceived(t *testing.T) {
	t.Parallel()
	received := sold("A1", -8, at(3659))
	received.Cause = stock.Received
	lost := func(s *shop, counts ...int64) {
		for _, count := range counts {
			s.wait(60)
			s.read(webMug, count, s.now)
			s.read(webMug, count, s.now)
		}
	}
	for name, c := range map[string]struct {
		do    func(s *shop)
		asked []string
		level int64
	}{
		"at once": {func(s *shop) {
			lost(s, 0, 8)
			s.read(tillMug, 16, s.now)
		}, nil, 16},
		"an hour later, after goods came to the till": {func(s *shop) {
			lost(s, 0)
			s.wait(3600)
			s.read(tillMug, 16, s.now)
			lost(s, 8)
		}, nil, 16},
		"of two edits": {func(s *shop) {
			lost(s, 5, 0, 8)
			s.read(tillMug, 16, s.now)
		}, nil, 16},
		"of the last edit alone": {func(s *shop) {
			lost(s, 5, 0, 5)
			s.read(tillMug, 13, s.now)
		}, nil, 10},
		"goods that came to the till by steps": {func(s *shop) {
			lost(s, 0, 8)
			s.read(tillMug, 13, s.now)
			s.wait(1)
			s.read(tillMug, 16, s.now)
		}, nil, 16},
		"once only": {func(s *shop) {
			lost(s, 0, 8, 16)
			s.wait(1)
			s.read(tillMug, 16, s.now)
		}, []string{"typed-twice/mug/main/till/8"}, 24},
		"on both, for the till had followed": {func(s *shop) {
			s.read(webMug, 0, s.now)
			s.read(webMug, 0, s.now)
			call := s.push(tillMug)
			s.wait(1)
			s.read(tillMug, 0, s.now, ownRow(call, s.now))
			s.wait(600)
			s.read(webMug, 8, s.now)
			s.wait(1)
			s.read(tillMug, 8, s.now)
		}, []string{"typed-twice/mug/main/till/8"}, 16},
		"goods that the till says came": {func(s *shop) {
			s.read(tillMug, 0, s.now)
			s.wait(3600)
			s.read(tillMug, 8, s.now, received)
			s.read(webMug, 16, s.now)
		}, []string{"typed-twice/mug/main/web/8"}, 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			c.do(s)
			require.Equal(t, c.asked, s.typedTwice(mug, tillMug, webMug))
			require.Equal(t, stock.Units(c.level), s.model.Level(mug))
		})
	}
}

// Sales are told in any order and long after their counter showed them: what fell by them was not put back by goods that came meanwhile,
// nor do they make these goods look like more or less.
func TestSalesToldAfterGoodsReceived(t *testing.T) {
	t.Parallel()
	order := func(id string, units int64, seconds float64) stock.Order {
		return stock.Order{Channel: web, ID: id, Name: "#" + id, CreatedAt: at(seconds), UpdatedAt: at(seconds), Lines: []stock.OrderLine{line(id, units)}}
	}
	for name, c := range map[string]struct {
		do     func(s *shop)
		raised int64
	}{
		"as much as the goods": {func(s *shop) {
			s.read(webMug, 5, at(10))
			s.read(webMug, 8, at(20))
			s.wait(60)
			s.deliver(order("901", 3, 10))
		}, 3},
		"as much as the goods in two sales": {func(s *shop) {
			s.read(webMug, 5, at(10))
			s.read(webMug, 2, at(20))
			s.read(webMug, 8, at(30))
			s.wait(60)
			s.deliver(order("901", 3, 10))
			s.deliver(order("902", 3, 20))
		}, 6},
		"sales of one second, the later one first": {func(s *shop) {
			s.read(webMug, 5, at(10))
			s.deliver(order("902", 1, 10))
			s.deliver(order("901", 3, 10))
			s.read(webMug, 4, at(10.5))
			s.read(webMug, 14, at(12))
		}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			c.do(s)
			s.read(tillMug, 8+c.raised, s.now)
			require.Len(t, s.typedTwice(mug, tillMug, webMug), 1)
		})
	}
}
