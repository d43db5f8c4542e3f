package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// arrivals are the ways in which a ref comes to a shelf that is open, at the till or on the web. Each ends before its first read.
var arrivals = map[string]func(s *shop, ref stock.Ref) stock.Ref{
	"linked later": func(s *shop, ref stock.Ref) stock.Ref {
		s.one(ledger.UnlinkRef{Ref: ref})
		s.wait(3600)
		s.link(mug, ref)
		return ref
	},
	"tracked again": func(s *shop, ref stock.Ref) stock.Ref {
		s.one(s.ownRead(stock.Reading{Ref: ref, Status: stock.Untracked}))
		s.wait(3600)
		return ref
	},
	"made anew": func(s *shop, ref stock.Ref) stock.Ref {
		s.one(s.ownRead(stock.Reading{Ref: ref, Status: stock.Gone}))
		ref.Item += "new"
		s.link(mug, ref)
		return ref
	},
	"back after it was gone": func(s *shop, ref stock.Ref) stock.Ref {
		s.one(s.ownRead(stock.Reading{Ref: ref, Status: stock.Gone}))
		s.wait(3600)
		return ref
	},
	"counted for the first time": func(s *shop, ref stock.Ref) stock.Ref {
		ref.Item += "empty"
		s.link(mug, ref)
		s.wait(5)
		s.one(s.ownRead(stock.Reading{Ref: ref, Status: stock.Missing}))
		s.wait(3600)
		return ref
	},
}

// arrived has a ref come to the open shelf and show units.
func arrived(t *testing.T, how string, ref stock.Ref, units int64) (*shop, stock.Ref) {
	t.Helper()
	s := openShop(t, 8)
	ref = arrivals[how](s, ref)
	shown := s.now.Add(-600e9)
	for range 4 {
		s.wait(5)
		s.read(ref, units, shown)
	}
	return s, ref
}

// R9: whatever comes to an open shelf with its number joins; with another it waits, and moves nothing.
func TestJoining(t *testing.T) {
	t.Parallel()
	for how := range arrivals {
		for _, ref := range []stock.Ref{tillMug, webMug} {
			t.Run(how+" at the "+string(ref.Channel), func(t *testing.T) {
				t.Parallel()
				s, joined := arrived(t, how, ref, 8)
				require.Equal(t, ledger.Live, s.state(joined).Status, "equal to its target: it joins")
				require.Equal(t, stock.Units(8), s.model.Level(mug))

				s, waits := arrived(t, how, ref, 3)
				require.Equal(t, ledger.WaitsToJoin, s.state(waits).Status)
				require.Equal(t, stock.Units(3), s.expected(waits))
				require.Equal(t, stock.Units(8), s.model.Level(mug))
				require.Empty(t, s.plan(waits).Key, "nothing is pushed to it")
				s.wait(60)
				s.deliver(reading(waits, 2, s.now))
				require.Equal(t, stock.Units(2), s.expected(waits), "what it shows is kept up to date")
				require.Equal(t, stock.Units(8), s.model.Level(mug), "and moves nothing")
				s.one(s.ownRead(stock.Reading{Ref: waits, Status: stock.Missing}))
				require.Equal(t, ledger.WaitsToJoin, s.state(waits).Status)
			})
		}
	}
}

// What a person says of a ref that waits: it came with 3 to a shelf of 8, and sold one meanwhile, which is lost in no case.
func TestJoinAnswers(t *testing.T) {
	t.Parallel()
	tests := map[ledger.JoinHow]struct {
		level, push, others int64
		shrinkage           string
	}{
		ledger.JoinAdd:     {level: 8 + 2, push: 8, others: 2},
		ledger.JoinLevel:   {level: 8 - 1, push: 5, others: -1},
		ledger.JoinCounter: {level: 2, push: 0, others: -6, shrinkage: "5"},
	}
	for how := range arrivals {
		for _, ref := range []stock.Ref{tillMug, webMug} {
			for answer, want := range tests {
				t.Run(how+" at the "+string(ref.Channel)+": "+answer.String(), func(t *testing.T) {
					t.Parallel()
					s, waits := arrived(t, how, ref, 3)
					s.wait(60)
					before := len(s.model.Entries())
					s.deliver(reading(waits, 2, s.now))
					others, word := reconcile.JoinMoves(answer, ledger.UntoldMoved, s.state(waits))
					require.Equal(t, stock.Units(want.level), s.model.Level(mug)+others+word)
					require.Equal(t, "joined", s.one(ledger.JoinRef{Ref: waits, How: answer, Untold: ledger.UntoldMoved, By: "anna"}).Reason)
					require.Len(t, s.model.Entries(), before+2, "one entry each")
					require.Equal(t, "anna", s.last().Evidence["by"])
					require.Equal(t, ledger.Live, s.state(waits).Status)
					require.Equal(t, stock.Units(want.level), s.model.Level(mug))
					if want.shrinkage != "" {
						require.Equal(t, want.shrinkage, s.balance(ledger.Shrinkage, ""))
					}
					if want.push == 0 {
						require.Empty(t, s.plan(waits).Key)
					} else {
						require.Equal(t, stock.Units(want.push), s.push(waits).Rows[0].Delta)
					}
					other := map[stock.Channel]stock.Ref{till: webMug, web: tillMug}[ref.Channel]
					require.Equal(t, stock.Units(want.others), s.push(other).Rows[0].Delta)
					require.ErrorIs(t, s.refuse(ledger.JoinRef{Ref: waits, How: answer}), ledger.ErrNotFound)
				})
			}
		}
	}
}

// A sale that was told while the ref waited, or after it joined, explains its difference.
func TestSaleWhileItWaits(t *testing.T) {
	t.Parallel()
	s, waits := arrived(t, "tracked again", webMug, 3)
	s.wait(60)
	early, late := webOrder(s.now, line("1", 1)), webOrder(s.now, line("2", 1))
	early.CreatedAt, late.CreatedAt, late.ID = s.now, s.now, "901"
	s.deliver(reading(waits, 1, s.now))
	require.Equal(t, "explained", s.deliver(early).Reason)
	s.one(ledger.JoinRef{Ref: waits, How: ledger.JoinLevel, Untold: ledger.UntoldMoved, By: "anna"})
	require.Equal(t, "explained", s.deliver(late).Reason)
	s.has(6, 8, 1, 0, 0)
	require.Equal(t, "2", s.balance(ledger.Sold, "web"))
}

// What the other channels sell while a ref waits is undone by no answer.
func TestOthersSellWhileItWaits(t *testing.T) {
	t.Parallel()
	for answer, level := range map[ledger.JoinHow]int64{ledger.JoinAdd: 6 + 11, ledger.JoinLevel: 6, ledger.JoinCounter: 11 - 2} {
		for _, ref := range []stock.Ref{tillMug, webMug} {
			s, waits := arrived(t, "tracked again", ref, 11)
			other := map[stock.Channel]stock.Ref{till: webMug, web: tillMug}[ref.Channel]
			s.wait(60)
			s.deliver(reading(other, 6, s.now))
			s.one(ledger.JoinRef{Ref: waits, How: answer, By: "anna"})
			require.Equal(t, stock.Units(level), s.model.Level(mug), "%s at %s", answer, ref)
			require.Equal(t, []string{"11", "8"}, []string{s.last().Evidence[reconcile.EvidenceCame], s.last().Evidence[reconcile.EvidenceCameTo]})
		}
	}
}

// Numbers that are equal by chance, because of a sale that was told, leave the sale to be counted.
func TestSoldDownToTheLevel(t *testing.T) {
	t.Parallel()
	for answer, level := range map[ledger.JoinHow]int64{ledger.JoinAdd: 16, ledger.JoinLevel: 7, ledger.JoinCounter: 8} {
		s, waits := arrived(t, "linked later", webMug, 9)
		s.wait(60)
		s.deliver(reading(waits, 8, s.now))
		order := webOrder(s.now, line("1", 1))
		order.CreatedAt = s.now
		s.deliver(order)
		s.one(ledger.JoinRef{Ref: waits, How: answer, By: "anna"})
		require.Equal(t, stock.Units(level), s.model.Level(mug), "%s", answer)
	}
}

// A number that changes for no told reason while it waits was typed in, and holds what was sold before, or goods moved. It is asked,
// where the answer depends on it; what is told later is no question.
func TestTypedInWhileItWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		how    ledger.JoinHow
		untold ledger.UntoldHow
		level  int64
	}{
		"typed in, the count is right":    {ledger.JoinCounter, ledger.UntoldCounted, 11 - 1 - 1},
		"moved, the count was right":      {ledger.JoinCounter, ledger.UntoldMoved, 3 - 2 - 1 + 8 - 1},
		"typed in, the level is right":    {ledger.JoinLevel, ledger.UntoldCounted, 8 - 3 - 1},
		"moved, the level was right":      {ledger.JoinLevel, ledger.UntoldMoved, 8 - 3 + 8 - 1},
		"other goods, whatever was typed": {ledger.JoinAdd, 0, 8 - 3 + 11 - 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, waits := arrived(t, "linked later", webMug, 3)
			s.wait(60)
			s.deliver(reading(tillMug, 6, s.now)) // two sold at the till
			s.wait(60)
			s.deliver(reading(waits, 11, s.now)) // typed in
			s.wait(60)
			s.deliver(reading(tillMug, 5, s.now)) // one more
			s.wait(60)
			s.deliver(reading(waits, 10, s.now)) // one sold there
			order := webOrder(s.now, line("1", 1))
			order.CreatedAt = s.now
			s.deliver(order)
			if test.how != ledger.JoinAdd {
				require.ErrorIs(t, s.refuse(ledger.JoinRef{Ref: waits, How: test.how}), reconcile.ErrUntold)
				require.Equal(t, "linked", s.one(ledger.LinkRef{Ref: waits, Shelf: mug, SoldAs: s.state(waits).SoldAs, Join: test.how}).Reason)
			}
			s.one(ledger.JoinRef{Ref: waits, How: test.how, Untold: test.untold, By: "anna"})
			require.Equal(t, stock.Units(test.level), s.model.Level(mug))
			require.Equal(t, test.untold.String(), s.last().Evidence[reconcile.EvidenceUntold])
		})
	}
}

// What a ref sold while it waited is not lost because its counter goes and comes back before a person answers.
func TestGoneWhileItWaits(t *testing.T) {
	t.Parallel()
	for _, away := range []stock.CountStatus{stock.Untracked, stock.Gone} {
		for answer, level := range map[ledger.JoinHow]int64{ledger.JoinLevel: 8 - 2, ledger.JoinCounter: 8, ledger.JoinAdd: 16} {
			s, waits := arrived(t, "linked later", webMug, 3)
			s.wait(60)
			s.deliver(reading(waits, 1, s.now))
			order := webOrder(s.now, line("1", 2))
			order.CreatedAt = s.now
			s.deliver(order)
			s.one(s.ownRead(stock.Reading{Ref: waits, Status: away}))
			s.wait(3600)
			shown := s.now
			for range 4 {
				s.wait(5)
				s.read(waits, 8, shown)
			}
			require.Equal(t, ledger.WaitsToJoin, s.state(waits).Status, "equal, but two were sold there: %s", away)
			s.one(ledger.JoinRef{Ref: waits, How: answer, By: "anna"})
			require.Equal(t, stock.Units(level), s.model.Level(mug), "%s after %s", answer, away)
		}
	}
}

// Two refs wait for one shelf: what a person says of the first is no sale, and what the first sold is one.
func TestTwoWaitForOneShelf(t *testing.T) {
	t.Parallel()
	kiosk := stock.Ref{Channel: till, Item: "V9", Location: "L1"}
	for answer, level := range map[ledger.JoinHow]int64{ledger.JoinLevel: 10, ledger.JoinCounter: 10, ledger.JoinAdd: 20} {
		s, waits := arrived(t, "linked later", webMug, 11)
		s.wait(60)
		s.deliver(reading(waits, 10, s.now))
		order := webOrder(s.now, line("1", 1))
		order.CreatedAt = s.now
		s.deliver(order)
		s.one(ledger.LinkRef{Ref: kiosk, Shelf: mug, SoldAs: "V9"})
		s.read(kiosk, 10, at(-30))
		require.Equal(t, ledger.WaitsToJoin, s.state(kiosk).Status)
		s.one(ledger.JoinRef{Ref: waits, How: ledger.JoinCounter, By: "anna"})
		require.Equal(t, stock.Units(10), s.model.Level(mug))
		s.one(ledger.JoinRef{Ref: kiosk, How: answer, By: "anna"})
		require.Equal(t, stock.Units(level), s.model.Level(mug), "%s", answer)
	}
}

// A standing answer, given with the link, joins the ref as soon as it was read.
func TestJoinAnsweredWithTheLink(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	second := stock.Ref{Channel: till, Item: "V9", Location: "L1"}
	link := ledger.LinkRef{Ref: second, Shelf: mug, SoldAs: "V9", Join: ledger.JoinAdd, By: "anna"}
	s.one(link)
	s.read(second, 5, at(-30))
	require.Equal(t, ledger.Live, s.state(second).Status)
	require.Equal(t, stock.Units(13), s.model.Level(mug))
	require.Equal(t, "anna", s.last().Evidence["by"])

	s = openShop(t, 8)
	link.Join = 0
	s.one(link)
	s.read(second, 5, at(-30))
	require.Equal(t, ledger.WaitsToJoin, s.state(second).Status)
	link.Join = ledger.JoinCounter
	require.Equal(t, "joined", s.one(link).Reason, "the same links imported again, with an answer")
	require.Equal(t, stock.Units(5), s.model.Level(mug))
}

func TestUnlinkWhileItWaits(t *testing.T) {
	t.Parallel()
	s, waits := arrived(t, "linked later", tillMug, 3)
	s.wait(60)
	s.deliver(reading(waits, 1, s.now))
	require.Empty(t, s.findings)
	s.one(ledger.UnlinkRef{Ref: waits})
	require.Len(t, s.findings, 1)
	require.Equal(t, reconcile.ClassDropped, s.findings[0].Class)
	require.Equal(t, "-2", s.findings[0].Evidence["others"])
	require.Equal(t, ledger.Unlinked, s.state(waits).Status)
	require.Zero(t, s.expected(waits))
	require.Nil(t, s.state(waits).Joining)
	require.Equal(t, stock.Units(8), s.model.Level(mug))
}
