package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// R2: a movement explains, before or after the reading, and never moves a level.
func TestMovementExplains(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]any{
		"after the reading":        {reading(tillMug, 6, at(1)), sold("A1", 2, at(1))},
		"before the reading":       {sold("A1", 2, at(1)), reading(tillMug, 6, at(1))},
		"twice":                    {sold("A1", 2, at(1)), reading(tillMug, 6, at(1)), sold("A1", 2, at(1))},
		"in two parts":             {sold("A1", 1, at(1)), reading(tillMug, 6, at(1)), sold("A2", 1, at(1))},
		"with readings in between": {reading(tillMug, 7, at(1)), sold("A1", 2, at(1)), reading(tillMug, 6, at(2))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			for _, fact := range order {
				s.deliver(fact)
			}
			s.has(6, 6, 8, 0, 0)
			require.Equal(t, "2", s.balance(ledger.Sold, "till"))
		})
	}
}

func TestMovementCauses(t *testing.T) {
	t.Parallel()
	for cause, account := range map[stock.Cause]ledger.Account{
		stock.Sold:      {Item: "mug", Kind: ledger.Sold, Name: "till"},
		stock.Returned:  {Item: "mug", Kind: ledger.Returned, Name: "till"},
		stock.Received:  {Item: "mug", Kind: ledger.Received},
		stock.Shrinkage: {Item: "mug", Kind: ledger.Shrinkage},
		stock.Moved:     {Item: "mug", Kind: ledger.Moved, Name: "till"},
	} {
		for _, units := range []int64{-3, 3} {
			s := openShop(t, 8)
			m := sold("A1", -units, at(1))
			m.Cause, m.Evidence = cause, stock.Evidence{"payment": "P1"}
			require.Equal(t, "explained", s.deliver(m).Reason)
			require.Equal(t, stock.Units(-units), s.model.Balances("mug")[account], "cause %d", cause)
			require.Equal(t, "P1", s.last().Evidence["payment"])
			s.has(8, 8, 8, units, 0)
		}
	}
}

func TestMovementThatExplainsNothing(t *testing.T) {
	t.Parallel()
	nothing := sold("A1", 0, at(1))
	unlinked := sold("A1", 1, at(1))
	unlinked.Ref = tillCup
	unmapped := sold("A1", 1, at(1))
	unmapped.Ref.Location = "L9"
	for name, c := range map[string]struct {
		before func(s *shop)
		fact   any
		reason string
	}{
		"moves nothing":              {nil, nothing, "no effect on the counter"},
		"before the baseline":        {nil, sold("A1", 1, at(-120)), "before baseline"},
		"of an item of no shelf":     {nil, unlinked, "unlinked item"},
		"at a place of none of ours": {nil, unmapped, "location not mapped"},
		"waits for the baseline":     {func(s *shop) { s.link(cup, tillCup) }, unlinked, "waiting for the baseline"},
		"not tracked": {func(s *shop) { s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Untracked})) },
			sold("A1", 1, at(1)), "not tracked"},
		"recount before the baseline":    {nil, recount("R1", 8, at(-121), at(-121)), "before baseline"},
		"recount of an untracked item":   {func(s *shop) { s.one(s.ownRead(stock.Reading{Ref: tillMug, Status: stock.Untracked})) }, recount("R1", 8, at(1), at(1)), "not tracked"},
		"recount without a baseline yet": {func(s *shop) { s.apply(ledger.UnlinkRef{Ref: tillMug}); s.link(mug, tillMug) }, recount("R1", 8, at(1), at(1)), "waiting for the baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			if c.before != nil {
				c.before(s)
			}
			entries := len(s.model.Entries())
			require.Equal(t, ledger.Disposition{Ending: ledger.Ignored, Channel: till, Reason: c.reason}, s.deliver(c.fact))
			require.Len(t, s.model.Entries(), entries)
		})
	}
}

func TestKeyReused(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(sold("A1", 1, at(1)))
	s.deliver(recount("R1", 7, at(2), at(2)))
	require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: till, Reason: "movement known"}, s.deliver(sold("A1", 1, at(1))))
	require.Equal(t, ledger.Disposition{Ending: ledger.Duplicate, Channel: till, Reason: "recount known"}, s.deliver(recount("R1", 7, at(2), at(2))))
	// A count is never edited, a row never becomes one, and it never moves to another place.
	elsewhere := sold("A1", 1, at(1))
	elsewhere.Ref = tillMugAnnex
	s.open(mugAnnex, 4, tillMugAnnex, webMugAnnex)
	for name, fact := range map[string]any{
		"other count": recount("R1", 6, at(2), at(2)), "a movement under a recount's key": sold("R1", 1, at(3)), "other place": elsewhere,
	} {
		require.ErrorIs(t, s.refuse(delivered(fact)), ledger.ErrKeyReused, name)
	}
	// In a read of ours a contradiction is counted and does not make the read fail for ever.
	s.wait(60)
	require.Equal(t, ledger.Done, s.read(tillMug, 7, at(4), sold("A2", 5, at(1)), sold("A2", 4, at(1))).Ending)
	require.Equal(t, "idempotency key reused with other content: till:A2", s.noted[0].Reason)
	require.Equal(t, s.noted[0], s.noted[1])
	s.has(7, 7, 8, 0, 0)
	// The key belongs to the channel: another one may use it.
	fromWeb := stock.Movement{Key: "A1", Ref: webMug, Quantity: stock.Units(-1), Cause: stock.Sold, OccurredAt: at(1), ChannelTime: at(1)}
	require.Equal(t, "explained", s.deliver(fromWeb).Reason)
}

// A movement that the counter may not show yet wishes for a read, which lives until three seconds after it.
func TestMovementMayBeNews(t *testing.T) {
	t.Parallel()
	t.Run("older than the last version: no news", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.read(tillMug, 7, at(10))
		s.deliver(sold("A1", 1, at(6)))
		require.Zero(t, s.work(tillMug).Read)
	})
	t.Run("not shown yet: read soon, and again until it is old enough", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(sold("A1", 1, at(10)))
		require.Equal(t, at(11), s.work(tillMug).ReadDue)
		require.Equal(t, at(13), s.work(tillMug).ReadUntil)
		s.now = at(11)
		s.read(tillMug, 8, at(-120))
		require.NotZero(t, s.work(tillMug).Read, "two seconds are missing")
		require.Equal(t, at(13), s.work(tillMug).ReadDue)
		s.now = at(13)
		s.read(tillMug, 7, at(10))
		require.Zero(t, s.work(tillMug).Read)
		s.has(7, 7, 8, 0, 0)
	})
	t.Run("its units were waiting: one read at the end will do", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.read(tillMug, 7, at(10))
		s.deliver(sold("A1", 1, at(10)))
		require.Equal(t, at(15), s.work(tillMug).ReadDue)
		s.now = at(11)
		s.read(tillMug, 7, at(10))
		require.Equal(t, at(15), s.work(tillMug).ReadDue, "too early, and nobody waits")
		s.now = at(15)
		s.read(tillMug, 7, at(10))
		require.Zero(t, s.work(tillMug).Read)
	})
	t.Run("brought by a read that was sent late enough: it shows", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(13)
		s.read(tillMug, 7, at(10), sold("A1", 1, at(10)))
		require.Zero(t, s.work(tillMug).Read)
		s.now = at(20)
		s.read(tillMug, 6, at(18), sold("A2", 1, at(18)))
		require.Equal(t, at(21), s.work(tillMug).ReadUntil, "a second is missing")
	})
	t.Run("its counter's webhook comes: the read waits for the end", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(webOrder(at(10), line("1", 2)))
		require.Equal(t, at(11), s.work(webMug).ReadDue)
		s.now = at(10.2)
		s.deliver(reading(webMug, 6, at(10)))
		s.has(6, 8, 6, 0, 0)
		require.Equal(t, at(15), s.work(webMug).ReadDue)
		s.now = at(15)
		s.read(webMug, 6, at(10))
		require.Zero(t, s.work(webMug).Read)
	})
	t.Run("its counter's webhook tells of something before it: the read does not wait", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(webOrder(at(10), line("1", 2)))
		s.now = at(10.2)
		s.deliver(reading(webMug, 7, at(9)))
		require.Equal(t, at(11), s.work(webMug).ReadDue)
	})
	t.Run("a raise wants its second reading: the read does not wait", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(webOrder(at(10), line("1", 2)))
		s.now = at(10.2)
		s.deliver(reading(webMug, 9, at(10)))
		require.Equal(t, s.now, s.work(webMug).ReadDue)
	})
	t.Run("told while a read is under way: what that was sent too early for is read later", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(reading(webMug, 9, at(10)))
		s.now = at(10.1)
		early := s.ownRead(reading(webMug, 9, at(10)))
		s.deliver(webOrder(at(10), line("1", 2, restock("r", 3, "return", at(10)))))
		s.one(early)
		require.Empty(t, s.brakes(), "the raise is confirmed")
		require.Equal(t, at(15), s.work(webMug).ReadDue, "and not read at once again")
	})
	t.Run("something more urgent is wished: it stays so", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, 8)
		s.now = at(10)
		s.deliver(stock.Reading{Ref: webMug, Status: stock.Missing})
		s.deliver(webOrder(at(10), line("1", 2)))
		require.Equal(t, ledger.ReadMissing, s.work(webMug).ReadReason)
		s.deliver(reading(webMug, 6, at(10)))
		require.Equal(t, s.now, s.work(webMug).ReadDue)
	})
}

// A late offline sale that a recount absorbed still explains, and says by which.
func TestAbsorbedSaleIsMarked(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.read(tillMug, 7, at(10), recount("R1", 7, at(10), at(10)))
	s.has(7, 7, 8, 1, 0)
	late := sold("A1", 1, at(5))
	late.ChannelTime = at(600)
	s.deliver(late)
	require.Equal(t, "R1", s.last().Evidence["absorbed"])
	s.has(7, 7, 8, 0, 0)
	second := sold("A2", 1, at(700))
	s.deliver(second)
	require.NotContains(t, s.last().Evidence, "absorbed")
}

func TestRecountIsRemembered(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.deliver(recount("R2", 8, at(20), at(21)))
	s.deliver(recount("R1", 9, at(10), at(22)))
	require.Equal(t, &ledger.RecountMark{Key: "R2", Counted: stock.Units(8), OccurredAt: at(20), ChannelTime: at(21)}, s.state(tillMug).Recount)
	require.Empty(t, s.last().Postings, "a recount posts nothing")
	s.has(8, 8, 8, 0, 0)
	require.Equal(t, at(22).Add(3*time.Second), s.work(tillMug).ReadUntil)
}
