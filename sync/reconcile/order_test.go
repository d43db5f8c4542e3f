package reconcile_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// webOrder is order 900 of the web shop as it stands at a time. It was created one second after nine.
func webOrder(updated time.Time, lines ...stock.OrderLine) stock.Order {
	return stock.Order{Channel: web, ID: "900", Name: "#1001", CreatedAt: at(1), UpdatedAt: updated, Lines: lines}
}

// line is a line of mugs taken from the main shelf.
func line(id string, taken int64, restocks ...stock.Restock) stock.OrderLine {
	return stock.OrderLine{ID: id, SoldAs: soldAs(webMug), Location: "77", Taken: stock.Units(taken), Restocks: restocks}
}

func restock(id string, units int64, kind string, when time.Time) stock.Restock {
	return stock.Restock{ID: id, Location: "77", Quantity: stock.Units(units), Type: kind, At: when}
}

func TestOrderExplains(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(webMug, 6, at(1)))
	require.Equal(t, "explained", s.deliver(webOrder(at(1), line("1", 2))).Reason)
	s.has(6, 8, 6, 0, 0)
	require.Equal(t, "2", s.balance(ledger.Sold, "web"))
	require.Equal(t, stock.Evidence{"order": "900", "order_name": "#1001", "line": "1"}, s.last().Evidence)
	require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: web, Reason: "order counters known"}, s.deliver(webOrder(at(1), line("1", 2))))
	require.Equal(t, ledger.Duplicate, s.deliver(webOrder(at(0.5), line("1", 1))).Ending, "an older event changes nothing")
	s.deliver(reading(webMug, 7, at(60)))
	s.deliver(webOrder(at(60), line("1", 2, restock("R1", 1, "return", at(60)))))
	s.has(7, 8, 7, 0, 0)
	require.Equal(t, "-1", s.balance(ledger.Returned, "web"))
}

// A refund without restock removes units from the order, not from the shelf: it explains nothing.
func TestRefundWithoutRestock(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(reading(webMug, 6, at(1)))
	s.deliver(webOrder(at(1), line("1", 2)))
	require.Equal(t, ledger.Duplicate, s.deliver(webOrder(at(60), line("1", 2))).Ending)
	s.has(6, 8, 6, 0, 0)
}

var orderSeed = flag.Uint64("seed", 0, "seed of TestOrderEventsCommute; 0: a new one")

// Every webhook carries the whole order, so its events may come in any order and any number of times.
func TestOrderEventsCommute(t *testing.T) {
	t.Parallel()
	history := []any{
		reading(webMug, 6, at(1)), webOrder(at(1), line("1", 2)), // create: two taken
		reading(webMug, 3, at(10)), webOrder(at(10), line("1", 3), line("2", 2)), // edit: one more, and a second line of two
		reading(webMug, 4, at(20)), webOrder(at(20), line("1", 3), line("2", 2, restock("C1", 1, "cancel", at(20)))),
		webOrder(at(30), line("1", 3), line("2", 2, restock("C1", 1, "cancel", at(20)))), // refund of one without restock
		reading(webMug, 6, at(40)), webOrder(at(40), line("1", 3, restock("R1", 2, "return", at(40))), line("2", 2, restock("C1", 1, "cancel", at(20)))),
	}
	end := func(s *shop, facts []any) {
		for _, fact := range facts {
			s.deliver(fact)
		}
		s.wait(60)
		s.read(webMug, 6, at(40))
	}
	straight := openShop(t, 8)
	end(straight, history)
	straight.has(6, 8, 6, 0, 0)
	seed := *orderSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for n := range 1000 {
		facts := slices.Clone(history)
		for range random.IntN(4) {
			facts = append(facts, history[random.IntN(len(history))])
		}
		random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		s := openShop(t, 8)
		end(s, facts)
		require.Equal(t, straight.model.Balances("mug"), s.model.Balances("mug"), "-seed %d, permutation %d: %v", seed, n, facts)
		require.Equal(t, straight.expected(webMug), s.expected(webMug), "-seed %d, permutation %d", seed, n)
	}
}

// An order that nobody has routed waits; the order is asked again, and once it says where it explains.
func TestUnroutedOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.link(mugAnnex, tillMugAnnex, webMugAnnex)
	s.now = at(2)
	nowhere := line("1", 2)
	nowhere.Location = ""
	require.Equal(t, ledger.Disposition{Ending: ledger.Parked, Channel: web, Reason: "location not known yet"}, s.deliver(webOrder(at(1), nowhere)))
	s.has(8, 8, 8, 0, 0)
	require.NotZero(t, s.work(webMug).Read, "the counter may have moved")
	wishes := s.resources()
	require.Equal(t, "order/900", wishes[0].Resource)
	require.Equal(t, at(3), wishes[0].Due)
	s.read(webMug, 6, at(1))
	s.has(6, 8, 6, 0, 2)
	// Its pauses grow with its age, up to an hour, and two seconds to the next moment at which orders are read.
	for age, pause := range map[float64]float64{10: 5, 3600: 1800, 86400: 3600} {
		s.now = at(1 + age)
		require.Equal(t, ledger.Parked, s.deliver(webOrder(at(1), nowhere)).Ending)
		require.Equal(t, s.now.Add(time.Duration((pause+2)*float64(time.Second))), s.resources()[0].Due)
	}
	require.Equal(t, "explained", s.deliver(webOrder(at(5), line("1", 2))).Reason)
	s.has(6, 8, 6, 0, 0)
	require.Equal(t, "order will be read", s.one(ledger.Delivered{Event: stock.Event{Channel: web, Hint: &stock.Hint{Resource: "order/900"}}}).Reason)
	require.Equal(t, s.now.Add(2*time.Second), s.resources()[0].Due)
	s.one(ledger.ResourceRead{Channel: web, Resource: "order/900", Retry: s.now.Add(time.Hour)})
	require.Equal(t, s.now.Add(time.Hour), s.resources()[0].Due)
	s.one(ledger.ResourceRead{Channel: web, Resource: "order/900"})
	require.Empty(t, s.resources())
	require.Equal(t, ledger.Ignored, s.one(ledger.Delivered{Event: stock.Event{Channel: web, Hint: &stock.Hint{Resource: "product/1"}}}).Ending)
	for range 3 { // an edit of many articles
		s.wait(1)
		require.Equal(t, "catalog will be read", s.one(ledger.Delivered{Event: stock.Event{Channel: till, Hint: &stock.Hint{Resource: stock.CatalogResource}}}).Reason)
	}
	wishes, err := s.model.DueResources(context.Background(), till, s.now.Add(5*time.Second), 10)
	require.NoError(t, err)
	require.Len(t, wishes, 1)
	require.Zero(t, wishes[0].Due.Unix()%5)
}

func (s *shop) resources() []ledger.ResourceWish {
	wishes, err := s.model.DueResources(context.Background(), web, s.now.Add(1e6*time.Second), 0)
	require.NoError(s, err)
	return wishes
}

// Of items without a shelf only the counters are kept.
func TestOrderOfUnlinkedItem(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	cups := line("2", 3)
	cups.SoldAs = soldAs(webCup)
	require.Equal(t, ledger.Disposition{Ending: ledger.Ignored, Channel: web, Reason: "unlinked item"}, s.deliver(webOrder(at(1), cups)))
	s.wait(600)
	s.open(cup, 5, tillCup, webCup)
	s.now = at(1200)
	require.Equal(t, ledger.Duplicate, s.deliver(webOrder(at(1), cups)).Ending, "what was counted before the link explains nothing")
	cups.Taken = stock.Units(4)
	require.Equal(t, "explained", s.deliver(webOrder(at(1200), cups)).Reason, "what comes after it does")
	require.Equal(t, stock.Units(1), s.model.Balances("cup")[ledger.Account{Item: "cup", Kind: ledger.Sold, Name: "web"}])
}

// An item may be unlinked at one location only: what happened there is counted all the same, and explains nothing later.
func TestCountersOfAnItemUnlinkedAtOneLocation(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.open(mugAnnex, 3, tillMugAnnex, webMugAnnex)
	s.one(ledger.UnlinkRef{Ref: webMugAnnex})
	there := line("1", 2)
	there.Location = "78"
	require.Equal(t, "unlinked item", s.deliver(webOrder(at(1), there)).Reason)
	s.wait(3600)
	s.link(mugAnnex, webMugAnnex)
	s.read(webMugAnnex, 1, at(1))
	s.wait(4)
	require.Equal(t, "baseline", s.read(webMugAnnex, 1, at(1)).Reason)
	s.wait(60)
	there.Taken = stock.Units(3)
	edited := webOrder(at(3700), there, line("2", 1))
	edited.CreatedAt = at(1)
	s.deliver(edited)
	require.Equal(t, stock.Units(-1), s.model.Ref(webMugAnnex).Unexplained, "only what the edit added")
}

func TestOrderThatExplainsNothing(t *testing.T) {
	t.Parallel()
	before := webOrder(at(-600), line("1", 2))
	before.CreatedAt = at(-600)
	elsewhere := line("1", 2)
	elsewhere.Location = "99"
	for name, c := range map[string]struct {
		before  func(s *shop)
		order   stock.Order
		booking bool
		ending  ledger.Ending
		reason  string
	}{
		"before the baseline":        {nil, before, false, ledger.Ignored, "before baseline"},
		"at a place of none of ours": {nil, webOrder(at(1), elsewhere), false, ledger.Ignored, "location not mapped"},
		"not tracked": {func(s *shop) { s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Untracked})) },
			webOrder(at(1), line("1", 2)), false, ledger.Ignored, "not tracked"},
		"waits for the baseline": {func(s *shop) { s.apply(ledger.UnlinkRef{Ref: webMug}); s.link(mug, webMug) },
			webOrder(at(1), line("1", 2)), false, ledger.Ignored, "waiting for the baseline"},
		"is booked": {func(s *shop) { s.apply(ledger.UnlinkRef{Ref: webMug}); s.link(mug, webMug) },
			webOrder(at(1), line("1", 2)), true, ledger.Ignored, "waiting for the baseline"},
		"is booked too late": {nil, webOrder(at(1), line("1", 2)), true, ledger.Duplicate, "order counters known"},
		"has no lines":       {nil, webOrder(at(1)), false, ledger.Duplicate, "order counters known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			if c.before != nil {
				c.before(s)
			}
			in := delivered(c.order)
			in.Booking = c.booking
			entries := len(s.model.Entries())
			require.Equal(t, ledger.Disposition{Ending: c.ending, Channel: web, Reason: c.reason}, s.one(in))
			require.Len(t, s.model.Entries(), entries)
		})
	}
}

// A line that an edit adds to a booked order is news.
func TestEditAfterBooking(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, webMug)
	booked := webOrder(at(-600), line("1", 2))
	booked.CreatedAt = at(-600)
	s.one(ledger.Delivered{Event: stock.Event{Channel: web, Order: &booked}, Booking: true})
	s.apply(ledger.WantBaseline{Ref: webMug, Authority: true})
	s.read(webMug, 6, at(-500))
	s.wait(4)
	s.read(webMug, 6, at(-500))
	s.deliver(reading(webMug, 3, at(10)))
	edited := webOrder(at(10), line("1", 2), line("2", 3))
	edited.CreatedAt = booked.CreatedAt
	require.Equal(t, "explained", s.deliver(edited).Reason)
	require.Zero(t, s.model.Ref(webMug).Unexplained)
}

// Units may come back at another place than they were taken from.
func TestRestockElsewhere(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.open(mugAnnex, 3, tillMugAnnex, webMugAnnex)
	s.deliver(reading(webMug, 6, at(1)))
	s.deliver(reading(webMugAnnex, 4, at(60)))
	back := restock("R1", 1, "return", at(60))
	back.Location = "78"
	s.deliver(webOrder(at(60), line("1", 2, back)))
	require.Zero(t, s.model.Ref(webMug).Unexplained)
	require.Zero(t, s.model.Ref(webMugAnnex).Unexplained)
	require.Equal(t, stock.Units(4), s.model.Level(mugAnnex))
}

// A line waits for its location only: whatever becomes of it then, it is not listed as waiting.
func TestRoutedLineWaitsForNothing(t *testing.T) {
	t.Parallel()
	nowhere, elsewhere, here := line("1", 2), line("1", 2), line("1", 2)
	nowhere.Location, elsewhere.Location = "", "99"
	for name, c := range map[string]struct {
		before func(s *shop)
		routed stock.OrderLine
		want   string
	}{
		"to a place that is not ours": {func(*shop) {}, elsewhere, "location not mapped"},
		"of an item unlinked since":   {func(s *shop) { s.one(ledger.UnlinkRef{Ref: webMug}) }, here, "unlinked item"},
		"of an item untracked since": {func(s *shop) {
			s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Untracked}))
		}, here, "not tracked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			s.deliver(webOrder(at(1), nowhere))
			require.Len(t, s.waiting(t), 1)
			c.before(s)
			require.Equal(t, c.want, s.deliver(webOrder(at(60), c.routed)).Reason)
			require.Empty(t, s.waiting(t))
		})
	}
}
