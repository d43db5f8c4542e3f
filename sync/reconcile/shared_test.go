package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// tillMug2 is a second article of the till that shares the mug's shelf.
var tillMug2 = stock.Ref{Channel: till, Item: "V9", Location: "L1"}

// shared is a mug that the till has twice in its library, 10 and 3, and the web once, 12.
func shared(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.link(mug, tillMug, tillMug2, webMug)
	s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: tillMug2, Authority: true})
	s.read(webMug, 12, at(-120))
	s.wait(5)
	require.Equal(t, "baseline", s.read(webMug, 12, at(-120)).Reason)
	return s
}

func (s *shop) openings() (n int) {
	for _, entry := range s.model.Entries() {
		if entry.Opens {
			n++
		}
	}
	return n
}

// Articles of the authority that share a shelf open it with the sum of their counts, in either order, once.
func TestSharedShelfOpensWithTheSum(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]stock.Ref{"one way": {tillMug, tillMug2}, "the other way": {tillMug2, tillMug}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shared(t)
			counts := map[stock.Ref]int64{tillMug: 10, tillMug2: 3}
			require.Equal(t, "baseline", s.read(order[0], counts[order[0]], at(-120)).Reason)
			require.False(t, s.opened(mug), "a part is not the sum")
			require.False(t, s.work(webMug).Push)
			require.Equal(t, "baseline", s.read(order[1], counts[order[1]], at(-120)).Reason)
			require.True(t, s.opened(mug))
			require.Equal(t, stock.Units(13), s.model.Level(mug))
			require.Equal(t, 1, s.openings())
			for ref, delta := range map[stock.Ref]int64{tillMug: 3, tillMug2: 10, webMug: 1} {
				uncaused := s.work(ref).Uncaused
				require.Len(t, uncaused, 1, "%s changes by no cause but the baseline", ref)
				require.Equal(t, stock.Units(delta), uncaused[0].Quantity)
				require.Equal(t, stock.Units(delta), s.push(ref).Rows[0].Delta, "%s", ref)
			}
		})
	}
}

// What is sold of one article, before and after the shelf opens, goes from the shelf of both once.
func TestSharedShelfCountsEachSaleOnce(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.read(tillMug, 10, at(-120))
	s.deliver(reading(tillMug, 9, at(-50)))
	s.read(tillMug2, 3, at(-120))
	require.Equal(t, stock.Units(12), s.model.Level(mug), "sold between the two readings")
	for _, ref := range []stock.Ref{tillMug, tillMug2, webMug} {
		if s.work(ref).Push {
			s.push(ref)
		}
		require.Equal(t, stock.Units(12), s.expected(ref), "%s", ref)
	}
	s.now = at(100)
	s.read(webMug, 10, at(99))
	require.Equal(t, stock.Units(10), s.model.Level(mug))
	for _, ref := range []stock.Ref{tillMug, tillMug2} {
		require.True(t, s.work(ref).Push, "%s follows", ref)
	}
}

// A sum of which a part is unknown is unknown: the shelf stays closed until the other article is counted too, and then begins anew.
func TestSharedShelfWaitsForEveryPart(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.one(s.ownRead(stock.Reading{Ref: tillMug2, Status: stock.Missing}))
	s.read(tillMug, 10, at(-120))
	require.False(t, s.opened(mug))
	s.deliver(reading(webMug, 8, at(10)))
	s.deliver(reading(tillMug, 9, at(20)))
	s.now = at(600)
	counts := map[stock.Ref]stock.Reading{webMug: reading(webMug, 8, at(10)), tillMug: reading(tillMug, 9, at(20)), tillMug2: reading(tillMug2, 4, at(590))}
	for range 12 {
		for _, ref := range []stock.Ref{tillMug2, tillMug, webMug} {
			if w := s.work(ref); w.Read != 0 && !w.ReadDue.After(s.now) {
				s.one(s.ownRead(counts[ref]))
			}
		}
		s.wait(35)
	}
	require.True(t, s.opened(mug))
	require.Equal(t, stock.Units(13), s.model.Level(mug), "9 and 4: what was sold meanwhile is in the counts already")
	require.Equal(t, 1, s.openings())
	require.Equal(t, stock.Units(8), s.expected(webMug))
}

// A person who applies the baseline again, with both counted by now, opens the shelf with the sum too.
func TestSharedShelfAfterASecondApply(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.one(s.ownRead(stock.Reading{Ref: tillMug2, Status: stock.Missing}))
	s.read(tillMug, 10, at(-120))
	s.now = at(600)
	s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: tillMug2, Authority: true})
	require.True(t, s.work(tillMug2).Baseline.Authority, "the last word does not take the other's part")
	counts := map[stock.Ref]stock.Reading{webMug: reading(webMug, 12, at(-120)), tillMug: reading(tillMug, 10, at(-120)), tillMug2: reading(tillMug2, 3, at(590))}
	for range 12 {
		for _, ref := range []stock.Ref{tillMug, tillMug2, webMug} {
			if w := s.work(ref); w.Read != 0 && !w.ReadDue.After(s.now) {
				s.one(s.ownRead(counts[ref]))
			}
		}
		s.wait(35)
	}
	require.True(t, s.opened(mug))
	require.Equal(t, stock.Units(13), s.model.Level(mug))
}

// A part that was counted, and is not any more before the other is, makes the sum unknown again: half of it opens nothing.
func TestSharedShelfLosesAPart(t *testing.T) {
	t.Parallel()
	for _, status := range []stock.CountStatus{stock.Untracked, stock.Gone} {
		t.Run(status.String(), func(t *testing.T) {
			t.Parallel()
			s := shared(t)
			s.one(s.ownRead(stock.Reading{Ref: tillMug2, Status: stock.Missing}))
			s.read(tillMug, 10, at(-120))
			s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: status}))
			counts := map[stock.Ref]stock.Reading{webMug: reading(webMug, 12, at(-120)), tillMug: {Ref: tillMug, Status: status}, tillMug2: reading(tillMug2, 4, at(590))}
			goOn := func() {
				for range 12 {
					for _, ref := range []stock.Ref{tillMug2, tillMug, webMug} {
						if w := s.work(ref); w.Read != 0 && !w.ReadDue.After(s.now) {
							s.one(s.ownRead(counts[ref]))
						}
					}
					s.wait(35)
				}
			}
			s.now = at(600)
			goOn()
			require.False(t, s.opened(mug), "the other part is unknown")
			require.False(t, s.work(webMug).Push)

			counts[tillMug] = reading(tillMug, 9, at(1200))
			s.deliver(counts[tillMug])
			goOn()
			require.True(t, s.opened(mug))
			require.Equal(t, stock.Units(13), s.model.Level(mug))
			require.Equal(t, 1, s.openings())
		})
	}
}

// A baseline that is given up with a part of the sum counted opens nothing, whatever is read still; the next one opens with the sum.
func TestGivenUpWithAPartOfTheSum(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.read(tillMug, 10, at(-120))
	require.Equal(t, "baseline given up", s.one(ledger.CancelBaseline{Shelf: mug}).Reason)
	require.Equal(t, "no baseline wanted", s.one(ledger.CancelBaseline{Shelf: mug}).Reason)
	s.wait(60)
	s.read(tillMug2, 3, at(-120))
	s.read(tillMug, 9, s.now)
	s.read(webMug, 11, s.now)
	require.False(t, s.opened(mug))
	require.Empty(t, s.plan(webMug, tillMug).Key)
	s.wait(60)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: tillMug2, Authority: true})
	for range 4 {
		s.wait(40)
		s.read(tillMug, 9, at(30))
		s.read(tillMug2, 3, at(-120))
		s.read(webMug, 11, at(30))
	}
	require.True(t, s.opened(mug))
	require.Equal(t, stock.Units(12), s.model.Level(mug))
	require.Equal(t, "the shelf is open", s.one(ledger.CancelBaseline{Shelf: mug}).Reason)
}
