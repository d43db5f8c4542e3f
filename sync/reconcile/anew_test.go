package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// uncounted is a shop whose till, the authority, has no count for the mug, while the web shows 100.
func uncounted(t *testing.T, absence stock.CountStatus) *shop {
	t.Helper()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: webMug})
	s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: absence}))
	s.read(webMug, 100, at(-120))
	s.wait(5)
	require.Equal(t, "baseline", s.read(webMug, 100, at(-120)).Reason)
	s.now = at(0)
	return s
}

// An authority that is counted after the others have their baselines holds what they sold and received meanwhile: the shelf opens
// with its count, and counts what the others do from then on.
func TestLateAuthorityBeginsAnew(t *testing.T) {
	t.Parallel()
	again := func(s *shop) { s.one(ledger.WantBaseline{Ref: tillMug, Authority: true}) }
	tests := map[string]struct {
		absence    stock.CountStatus
		meanwhile  func(s *shop)
		web, count int64
	}{
		"60 sold on the web":                       {absence: stock.Missing, web: 40, count: 40},
		"60 added on the web":                      {absence: stock.Missing, web: 160, count: 160},
		"counted otherwise":                        {absence: stock.Missing, web: 40, count: 37},
		"tracked again":                            {absence: stock.Untracked, web: 40, count: 40},
		"after a second apply":                     {absence: stock.Missing, web: 40, count: 40, meanwhile: again},
		"after a second apply, tracked again":      {absence: stock.Untracked, web: 40, count: 40, meanwhile: again},
		"nothing happened":                         {absence: stock.Missing, web: 100, count: 100},
		"linked anew in between":                   {absence: stock.Missing, web: 40, count: 40, meanwhile: relinkTill},
		"the others linked anew in between":        {absence: stock.Missing, web: 40, count: 40, meanwhile: relinkWeb},
		"the others' counter was away for a while": {absence: stock.Missing, web: 40, count: 40, meanwhile: hideWeb},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := uncounted(t, test.absence)
			if test.web != 100 {
				s.deliver(reading(webMug, test.web, at(10)))
				s.wait(20)
			}
			if test.meanwhile != nil {
				test.meanwhile(s)
			}
			s.wait(600)
			counted := s.now
			s.deliver(reading(tillMug, test.count, counted))
			require.NotZero(t, s.work(tillMug).Read, "it is read at once")
			require.False(t, s.work(tillMug).ReadDue.After(s.now.Add(3*time.Second)), "it is read at once")
			s.takeBaselines(test.count, counted, test.web, at(10))
			require.Equal(t, stock.Units(test.count), s.model.Level(mug))
			require.Equal(t, stock.Units(test.web), s.expected(webMug))
			if test.web == test.count {
				require.False(t, s.work(webMug).Push, "nothing to push")
			} else {
				require.Equal(t, stock.Units(test.count-test.web), s.push(webMug).Rows[0].Delta)
			}
			s.wait(60)
			s.read(webMug, test.count-1, s.now)
			require.Equal(t, stock.Units(test.count-1), s.model.Level(mug), "from here on the web's differences count")
		})
	}
}

// An authority that comes back for a moment, begins its shelf anew and is away again before it is counted begins it once more when it
// stays. It is not asked again and again meanwhile.
func TestLateAuthorityAwayAgain(t *testing.T) {
	t.Parallel()
	for name, absence := range map[string]stock.CountStatus{"missing": stock.Missing, "untracked": stock.Untracked, "gone": stock.Gone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := uncounted(t, absence)
			s.deliver(reading(webMug, 60, at(10)))
			s.wait(20)
			s.deliver(reading(tillMug, 60, s.now))
			require.Equal(t, "the shelf begins anew: the authority is read last", s.one(s.ownRead(reading(tillMug, 60, s.now))).Reason)
			s.wait(5)
			require.Equal(t, "baseline", s.read(webMug, 60, at(10)).Reason)
			s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: absence}))
			require.True(t, s.work(tillMug).Read == 0 || s.work(tillMug).ReadDue.After(s.now))
			s.deliver(reading(webMug, 55, s.now))
			s.wait(600)
			counted := s.now
			s.deliver(reading(tillMug, 55, counted))
			s.takeBaselines(55, counted, 55, at(25))
			require.Equal(t, stock.Units(55), s.model.Level(mug), "its count holds what the web sold meanwhile")
			require.False(t, s.work(webMug).Push)
		})
	}
}

// What the others do between the second reading and the authority's comes on top, and a sale of meanwhile that is told late still
// finds the difference that it explains.
func TestBeginningAnewCountsFromTheSecondReading(t *testing.T) {
	t.Parallel()
	s := uncounted(t, stock.Missing)
	s.deliver(reading(webMug, 40, at(10)))
	s.now = at(600)
	require.Equal(t, "the shelf begins anew: the authority is read last", s.read(tillMug, 39, at(590)).Reason)
	require.Zero(t, s.model.Level(mug))
	require.Equal(t, "waiting for the baseline", s.deliver(reading(webMug, 39, at(595))).Reason)
	require.Equal(t, "baseline", s.read(webMug, 39, at(595)).Reason)
	s.deliver(reading(webMug, 38, at(601)))
	require.Equal(t, "baseline", s.read(tillMug, 39, at(590)).Reason)
	s.has(38, 39, 38, 0, 62)
	require.Equal(t, "explained", s.deliver(webOrder(at(9), line("1", 62))).Reason)
	s.has(38, 39, 38, 0, 0)
	require.Equal(t, "-100", s.balance(ledger.Opening, ""), "100 units were there, 62 are sold")
	require.Equal(t, stock.Units(-1), s.push(tillMug).Rows[0].Delta)
}

// An authority whose counter was there all the time is only read late: what the others sold meanwhile is not in it.
func TestAuthorityThatIsReadLateDoesNotBeginAnew(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug, Authority: true}, ledger.WantBaseline{Ref: webMug})
	s.read(webMug, 100, at(-120))
	s.wait(5)
	s.read(webMug, 100, at(-120))
	s.deliver(reading(webMug, 40, at(10)))
	s.one(ledger.WantBaseline{Ref: tillMug, Authority: true})
	s.wait(600)
	require.Equal(t, "baseline", s.read(tillMug, 100, at(-120)).Reason)
	s.has(40, 100, 40, 0, 60)
}

// A person who names another authority, because the first has no count, has the shelf opened by that one.
func TestAnotherAuthority(t *testing.T) {
	t.Parallel()
	s := uncounted(t, stock.Missing)
	s.deliver(reading(webMug, 40, at(10)))
	s.now = at(600)
	s.one(ledger.WantBaseline{Ref: webMug, Authority: true})
	require.False(t, s.work(tillMug).Baseline.Authority)
	require.Equal(t, "baseline", s.read(webMug, 40, at(10)).Reason)
	require.Equal(t, stock.Units(40), s.model.Level(mug))
	require.True(t, s.opened(mug))
}

// takeBaselines answers every read that is wanted of the till and the web until none is.
func (s *shop) takeBaselines(till int64, tillAt time.Time, web int64, webAt time.Time) {
	s.Helper()
	for range 12 {
		for ref, shown := range map[stock.Ref]stock.Reading{tillMug: reading(tillMug, till, tillAt), webMug: reading(webMug, web, webAt)} {
			if w := s.work(ref); w.Read != 0 && !w.ReadDue.After(s.now) {
				s.one(s.ownRead(shown))
			}
		}
		s.wait(5)
	}
	require.True(s, s.opened(mug), "the shelf is open")
}

func relinkTill(s *shop) {
	s.one(ledger.UnlinkRef{Ref: tillMug})
	s.link(mug, tillMug)
	s.one(ledger.WantBaseline{Ref: tillMug, Authority: true})
}

func relinkWeb(s *shop) {
	s.one(ledger.UnlinkRef{Ref: webMug})
	s.link(mug, webMug)
	s.one(ledger.WantBaseline{Ref: webMug})
	s.wait(10)
	s.read(webMug, 40, at(10))
	s.wait(10)
	s.read(webMug, 40, at(10))
}

func hideWeb(s *shop) {
	s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Missing}))
	require.Equal(s, ledger.Unreadable, s.state(webMug).Status)
}

// The same with the web for the authority, which has no history and needs two equal readings.
func TestLateAuthorityOnTheWeb(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.link(mug, tillMug, webMug)
	s.apply(ledger.WantBaseline{Ref: tillMug}, ledger.WantBaseline{Ref: webMug, Authority: true})
	s.one(s.ownRead(stock.Reading{Ref: webMug, Status: stock.Missing}))
	require.Equal(t, "baseline", s.read(tillMug, 100, at(-120)).Reason)
	s.now = at(0)
	s.deliver(reading(tillMug, 160, at(10)))
	require.Equal(t, stock.Units(60), s.model.Level(mug))
	s.now = at(600)
	s.deliver(reading(webMug, 160, at(600)))
	s.takeBaselines(160, at(10), 160, at(600))
	s.has(160, 160, 160, -60, 0)
	received := sold("A1", -60, at(9))
	received.Cause = stock.Received
	received.ChannelTime = at(10)
	require.Equal(t, "explained", s.deliver(received).Reason)
	s.has(160, 160, 160, 0, 0)
}

// Of three channels, two count when the authority comes late: both begin anew, and one that is missing then is waited for by nobody.
func TestLateAuthorityOfThree(t *testing.T) {
	t.Parallel()
	for name, third := range map[string]stock.CountStatus{"counted": stock.Counted, "missing": stock.Missing, "gone": stock.Gone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.link(mug, tillMug, webMug, kioskMug)
			s.apply(ledger.WantBaseline{Ref: webMug}, ledger.WantBaseline{Ref: kioskMug}, ledger.WantBaseline{Ref: tillMug, Authority: true})
			s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Missing}))
			s.read(kioskMug, 100, at(-120))
			s.read(webMug, 100, at(-120))
			s.wait(5)
			s.read(webMug, 100, at(-120))
			s.now = at(0)
			s.deliver(reading(webMug, 70, at(1)))
			s.deliver(reading(kioskMug, 90, at(2)))
			require.Equal(t, stock.Units(-40), s.model.Level(mug))
			s.now = at(600)
			s.read(tillMug, 60, at(599))
			require.Zero(t, s.model.Level(mug))
			s.read(webMug, 70, at(1))
			s.one(s.ownRead(stock.Reading{Ref: kioskMug, Status: third, Quantity: stock.Units(90), Version: at(2)}))
			require.Equal(t, "baseline", s.read(tillMug, 60, at(599)).Reason)
			require.Equal(t, stock.Units(60), s.model.Level(mug))
			if third == stock.Counted {
				require.Equal(t, stock.Units(-30), s.push(kioskMug).Rows[0].Delta)
			} else {
				require.Empty(t, s.plan(kioskMug).Key)
				s.wait(60)
				s.read(kioskMug, 55, at(640))
				require.Equal(t, ledger.WaitsToJoin, s.state(kioskMug).Status, "it comes to a shelf that is open by now")
				require.Equal(t, stock.Units(60), s.model.Level(mug))
			}
			require.Equal(t, stock.Units(-10), s.push(webMug).Rows[0].Delta)
		})
	}
}
