package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	annexMug     = stock.Shelf{Item: "mug", Location: "annex"}
	tillAnnexMug = stock.Ref{Channel: till, Item: tillMug.Item, Location: "L2"}
	webAnnexMug  = stock.Ref{Channel: web, Item: webMug.Item, Location: "78"}
)

// twoPlaces is a shop that holds eight mugs in each of two places.
func twoPlaces(t *testing.T) *shop {
	t.Helper()
	s := openShop(t, 8)
	s.open(annexMug, 8, tillAnnexMug, webAnnexMug)
	s.wait(60)
	return s
}

// Units that move from one place to another are no goods received, whatever the other channel shows.
func TestMovesAreNotTypedInTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do    func(s *shop)
		asked bool
	}{
		"received and typed in on both": {func(s *shop) { s.read(tillMug, 28, s.now); s.read(webMug, 28, s.now) }, true},
		"a transfer, told by its fall first": {func(s *shop) {
			s.read(tillAnnexMug, 3, s.now)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
		}, false},
		"a transfer, told by its raise first": {func(s *shop) {
			s.read(webMug, 13, s.now)
			s.read(tillMug, 13, s.now)
			s.wait(20)
			s.read(tillAnnexMug, 3, s.now)
		}, false},
		"an order that is taken from another place": {func(s *shop) {
			s.read(tillMug, 11, s.now)
			s.read(webMug, 11, s.now)
			s.read(webAnnexMug, 5, s.now)
		}, false},
		"both channels move": {func(s *shop) {
			for _, ref := range []stock.Ref{tillAnnexMug, webAnnexMug} {
				s.read(ref, 3, s.now)
			}
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
		}, true},
		"less left the other place than came": {func(s *shop) {
			s.read(tillAnnexMug, 4, s.now)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
		}, true},
		"one transfer excuses one raise": {func(s *shop) {
			s.read(tillAnnexMug, 3, s.now)
			s.read(tillMug, 13, s.now)
			s.wait(60)
			s.read(tillMug, 18, s.now)
			s.read(webMug, 13, s.now)
		}, true},
		"what left the other place was sold there": {func(s *shop) {
			s.read(tillAnnexMug, 3, s.now)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
			sale := sold("S1", 5, s.now)
			sale.Ref = tillAnnexMug
			s.deliver(sale)
		}, true},
		"sold there, told before it showed": {func(s *shop) {
			sale := sold("S1", 5, s.now)
			sale.Ref = tillAnnexMug
			s.deliver(sale)
			s.read(tillAnnexMug, 3, s.now)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
		}, true},
		"moved and sold at once": {func(s *shop) {
			s.read(tillAnnexMug, 1, s.now)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
			sale := sold("S1", 2, s.now)
			sale.Ref = tillAnnexMug
			s.deliver(sale)
		}, false},
		"long ago": {func(s *shop) {
			s.read(tillAnnexMug, 3, s.now)
			s.wait(360)
			s.read(tillMug, 13, s.now)
			s.read(webMug, 13, s.now)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := twoPlaces(t)
			c.do(s)
			require.Equal(t, c.asked, len(s.typedTwice(mug, tillMug, webMug)) > 0)
		})
	}
}

// A single unit more proves nothing, and two do not where such small raises are made anyway.
func TestSmallRaisesMeetByChance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before int64
		raise  int64
		asked  bool
	}{
		"one unit":                            {0, 1, false},
		"two, for the first time":             {0, 2, true},
		"two, where one more was counted":     {1, 2, false},
		"two, where two more were counted":    {2, 2, false},
		"two, where goods were received":      {9, 2, true},
		"three, where one more was counted":   {1, 3, true},
		"twenty, where one more was counted":  {1, 20, true},
		"twenty, where twenty were received":  {20, 20, true},
		"twenty, and nothing had been before": {0, 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			s.read(tillMug, 8+c.before, s.now)
			s.wait(3600)
			s.read(tillMug, 8+c.before+c.raise, s.now)
			s.read(webMug, 8+c.raise, s.now)
			require.Equal(t, c.asked, len(s.typedTwice(mug, tillMug, webMug)) > 0)
		})
	}
}

// A raise that a reading shows together with a sale or a return has the size of what came.
func TestRaiseShownWithASale(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *shop){
		"told afterwards": func(s *shop) { s.read(tillMug, 17, s.now); s.deliver(sold("S1", 1, s.now)) },
		"told before":     func(s *shop) { s.deliver(sold("S1", 1, s.now)); s.read(tillMug, 17, s.now) },
		"and a recount": func(s *shop) {
			s.read(tillMug, 19, s.now, stock.Movement{Key: "B1", Ref: tillMug, Quantity: stock.Units(10), Cause: stock.Received, OccurredAt: s.now, ChannelTime: s.now})
		},
		"and a return": func(s *shop) { s.read(tillMug, 18, s.now, sold("S1", 1, s.now), returned("R1", 1, 60)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.wait(60)
			do(s)
			s.read(webMug, 18, s.now)
			require.Equal(t, []string{"typed-twice/mug/main/web/10"}, s.typedTwice(mug, tillMug, webMug))
		})
	}
}

// An order that is edited takes more when it is edited, not when it was placed: goods that came in between are no larger for it.
func TestEditedOrderIsNotInAnEarlierRaise(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.wait(60)
	s.deliver(webOrder(s.now, line("1", 1)))
	s.read(webMug, 7, s.now)
	call := s.push(tillMug)
	s.wait(1)
	s.read(tillMug, 7, s.now, ownRow(call, s.now))
	s.wait(600)
	s.read(webMug, 17, s.now)
	s.wait(300)
	s.read(webMug, 16, s.now)
	edited := webOrder(s.now, line("1", 1), line("2", 1))
	edited.CreatedAt = at(60)
	s.deliver(edited)
	s.read(tillMug, 17, s.now)
	require.Equal(t, []string{"typed-twice/mug/main/till/10"}, s.typedTwice(mug, tillMug, webMug))
}

// Two deliveries that one reading shows are two, in whatever order they are told.
func TestTwoDeliveriesInOneReading(t *testing.T) {
	t.Parallel()
	for _, units := range [][2]int64{{10, 4}, {4, 10}} {
		s := openShop(t, 8)
		s.wait(60)
		var told []any
		for i, n := range units {
			told = append(told, stock.Movement{Key: string(rune('A' + i)), Ref: tillMug, Quantity: stock.Units(n), Cause: stock.Received, OccurredAt: s.now, ChannelTime: s.now})
		}
		s.read(tillMug, 22, s.now, told...)
		var came []stock.Quantity
		for _, raise := range s.work(tillMug).Raises {
			came = append(came, raise.Quantity)
		}
		require.ElementsMatch(t, []stock.Quantity{stock.Units(10), stock.Units(4)}, came)
	}
}
