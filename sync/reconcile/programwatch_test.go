package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// mirrored has a program repeat our pushes on the web, whichever counter they were to. It returns what the till was pushed.
func (s *shop) mirrored(times int, web int64) (till int64) {
	s.Helper()
	till = web
	for range times {
		s.wait(2)
		web--
		s.read(webMug, web, s.now)
		s.wait(2)
		if call := s.plan(tillMug); call.Key != "" {
			s.answer(call, stock.Applied)
			till--
			s.wait(2)
			s.read(tillMug, till, s.now, ownRow(call, s.now.Add(-1e9)))
		}
	}
	return till
}

// soldAndMirrored is a till sale that we push to the web and a mirroring program pushes as well, and then mirrors what we do about it.
func soldAndMirrored(t *testing.T) *shop {
	t.Helper()
	s := openShop(t, 150)
	s.read(tillMug, 149, s.now, sold("A1", 1, s.now))
	s.push(webMug)
	s.mirrored(4, 149)
	return s
}

// A program that repeats our pushes makes the counters run away. It is recognised, what it wrote last stays where it is, and sales go on.
func TestProgramThatMirrors(t *testing.T) {
	t.Parallel()
	s := soldAndMirrored(t)
	require.Len(t, s.programs(), 1)
	require.Equal(t, "4", s.programs()[0].Evidence["repeated"])
	s.has(145, 146, 145, 0, 4)
	require.Empty(t, s.plan(tillMug).Key, "the run-away stops")
	require.Len(t, s.findings, 1)
	s.wait(5)
	s.read(tillMug, 145, s.now, sold("A2", 1, s.now))
	s.push(webMug)
	s.wait(2)
	s.read(webMug, 143, s.now)
	require.Empty(t, s.plan(tillMug).Key, "what it makes of a sale is held too")
	s.wait(60)
	s.read(webMug, 142, s.now)
	s.deliver(webOrder(s.now, line("1", 1)))
	require.Equal(t, stock.Units(-1), s.push(tillMug).Rows[0].Delta, "a sale that is told goes on")
	s.wait(2)
	require.Len(t, s.programs(), 1)
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(147), s.model.Level(mug), "three were sold, and all five repetitions are taken back")
	require.Equal(t, stock.Units(5), s.push(webMug).Rows[0].Delta)
}

// A program that is faster than our first push changes its counter before there is anything to repeat. A correction leaves that, and says so.
func TestProgramThatMirrorsFasterThanWe(t *testing.T) {
	t.Parallel()
	s := openShop(t, 50)
	s.read(webMug, 49, s.now)
	s.read(tillMug, 49, s.now, sold("A1", 1, s.now))
	s.push(webMug)
	call := s.push(tillMug)
	s.wait(1)
	s.read(tillMug, 48, s.now, ownRow(call, s.now.Add(-1e9)))
	s.mirrored(4, 48)
	require.Len(t, s.programs(), 1)
	require.Equal(t, "-4", s.programs()[0].Evidence["units"])
	require.Equal(t, "-1", s.programs()[0].Evidence["left"])
}

// The same upwards: goods that came are doubled again and again.
func TestProgramThatMirrorsRaises(t *testing.T) {
	t.Parallel()
	s := openShop(t, 5)
	till, web := int64(6), int64(6)
	s.read(tillMug, till, s.now, stock.Movement{Key: "A1", Ref: tillMug, Quantity: stock.Unit, Cause: stock.Returned, OccurredAt: s.now, ChannelTime: s.now})
	s.read(tillMug, till, s.now)
	s.push(webMug)
	for range 4 {
		s.wait(3)
		web++
		s.read(webMug, web, s.now)
		s.wait(1)
		s.read(webMug, web, s.now)
		if call := s.plan(tillMug); call.Key != "" {
			s.answer(call, stock.Applied)
			till++
			s.wait(2)
			s.read(tillMug, till, s.now, ownRow(call, s.now.Add(-1e9)))
		}
	}
	require.Len(t, s.programs(), 1)
	s.has(10, 9, 10, 0, -4)
	require.Empty(t, s.plan(tillMug).Key)
}

// A program that mirrors onto the till tells itself of what it does: that is no cause.
func TestProgramThatTellsItsRepetitions(t *testing.T) {
	t.Parallel()
	s := openShop(t, 50)
	told := func(key string, till int64) {
		s.wait(3)
		row := sold(key, 1, s.now)
		row.Evidence = stock.Evidence{stock.EvidenceWriter: stock.OtherApplication}
		s.read(tillMug, till, s.now, row)
		s.wait(2)
	}
	for i := range int64(8) {
		told(string(rune('A'+i)), 49-i)
		require.Empty(t, s.programs(), "what is told counts half")
		s.push(webMug)
	}
	told("I", 41)
	require.Len(t, s.programs(), 1)
	require.Empty(t, s.plan(webMug).Key)
	told("J", 40)
	require.Equal(t, stock.Units(-1), s.push(webMug).Rows[0].Delta, "it answers nothing")
	s.wait(70)
	told("K", 39)
	require.Len(t, s.programs(), 1, "who is right is still to be said")
	require.Empty(t, s.plan(webMug).Key)
}

// Sales that look like repetitions are none.
func TestNoProgramThatMirrors(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *shop){
		"orders are told before the counter shows them": func(s *shop) {
			for i := range 6 {
				s.wait(4)
				s.deliver(webOrder(s.now, line(string(rune('1'+i)), 1)))
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
			}
		},
		"orders are told a moment after": func(s *shop) {
			for i := range 6 {
				s.wait(4)
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
				s.wait(2)
				s.deliver(webOrder(s.now, line(string(rune('1'+i)), 1)))
			}
		},
		"somebody takes goods now and then": func(s *shop) {
			for i, pause := range []float64{90, 20, 150, 45, 200, 12} {
				s.wait(pause)
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
			}
		},
		"somebody takes goods every six minutes": func(s *shop) {
			for i := range 8 {
				s.wait(360)
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
			}
		},
		"somebody puts right a count, up and down": func(s *shop) {
			for i := range 8 {
				s.wait(30)
				s.read(webMug, int64(48+2*(i%2)), s.now)
				s.read(webMug, int64(48+2*(i%2)), s.now)
				s.push(tillMug)
			}
		},
		"two hand edits as large as what we pushed": func(s *shop) {
			for i := range 2 {
				s.wait(20)
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
			}
		},
		"goods are taken now and then where far more is sold at the till": func(s *shop) {
			for range 4 {
				for range 2 {
					s.wait(4)
					s.sellOne(tillMug)
					s.pushed(webMug)
				}
				s.wait(4)
				s.setOn(webMug, int64(s.expected(webMug)/stock.Unit)-1, false)
				s.pushed(tillMug)
			}
		},
		"every other sale is told late": func(s *shop) {
			for i := range 10 {
				s.wait(4)
				s.read(webMug, int64(49-i), s.now)
				s.push(tillMug)
				if i%2 == 1 {
					s.deliver(webOrder(s.now, line(string(rune('1'+i)), 1)))
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 50)
			do(s)
			require.Empty(t, s.programs())
		})
	}
}

// loop has a program write to the web after the till has changed by one unit, and after each push of ours to it, until there is none. It
// returns the last counts.
func (s *shop) loop(till int64, lag float64, answer func(till, web, change int64) int64) (lastTill, lastWeb int64) {
	s.Helper()
	return s.loopWith(till, lag, 0, answer)
}

// loopWith is a loop whose pushes something else holds for a while.
func (s *shop) loopWith(till int64, lag, held float64, answer func(till, web, change int64) int64) (lastTill, lastWeb int64) {
	s.Helper()
	web, change := till, int64(-1)
	for range 40 {
		s.wait(lag)
		web = answer(till, web, change)
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		s.wait(held)
		call := s.plan(tillMug)
		if call.Key == "" {
			return till, web
		}
		s.answer(call, stock.Applied)
		till, change = web, web-till
		s.wait(2)
		s.read(tillMug, till, s.now, ownRow(call, s.now.Add(-1e9)))
		s.read(tillMug, till, s.now)
	}
	s.Fatalf("both counters run away: %d and %d", till, web)
	return 0, 0
}

// A program need not write as much as we do to have the counters run away.
func TestProgramThatAnswersOurPushes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lag       float64
		answer    func(till, web, change int64) int64
		till, web int64
	}{
		"four fifths of the till": {4, func(till, _, _ int64) int64 { return till * 4 / 5 }, 37, 29},
		"twice as much":           {4, func(_, web, change int64) int64 { return web + 2*change }, 45, 29},
		"a minute late":           {65, func(_, web, change int64) int64 { return web + change }, 56, 55},
		"upwards by half":         {20, func(till, _, _ int64) int64 { return till * 3 / 2 }, 132, 198},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 60)
			s.read(tillMug, 59, s.now, sold("A1", 1, s.now))
			s.push(webMug)
			till, web := s.loop(59, test.lag, test.answer)
			require.Equal(t, []int64{test.till, test.web}, []int64{till, web})
			require.Len(t, s.programs(), 1)
			require.Equal(t, webMug, s.programs()[0].Ref)
		})
	}
}

// A program may be told late and unevenly, and a recount by one may come between: a loop that doubles is recognised all the same.
func TestProgramThatDoubles(t *testing.T) {
	t.Parallel()
	s := openShop(t, 600)
	s.read(tillMug, 590, s.now, sold("A1", 10, s.now))
	s.push(webMug)
	till, web, change := int64(590), int64(590), int64(-10)
	for round, pause := range []float64{5, 31, 12, 50, 7, 33, 90} {
		s.wait(pause)
		web += 2 * change
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		call := s.plan(tillMug)
		if call.Key == "" {
			break
		}
		s.answer(call, stock.Applied)
		change, till = web-till, web
		s.wait(2)
		s.read(tillMug, till, s.now, ownRow(call, s.now.Add(-1e9)))
		if round == 1 { // somebody counts one more
			s.wait(1)
			web++
			s.read(webMug, web, s.now)
			s.read(webMug, web, s.now)
		}
	}
	require.Len(t, s.programs(), 1)
	require.Equal(t, int64(451), till)
}

// Sales and recounts between the answers of a loop say nothing about it, whichever counter they change.
func TestProgramThatDoublesWhileTheShopSells(t *testing.T) {
	t.Parallel()
	s := openShop(t, 20)
	s.read(tillMug, 19, s.now, sold("A1", 1, s.now))
	s.push(webMug)
	web, change := int64(19), int64(-1)
	for round := range 6 {
		s.wait(20)
		web += 2 * change
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		call := s.plan(tillMug)
		if call.Key == "" {
			break
		}
		s.answer(call, stock.Applied)
		change = int64(call.Rows[0].Delta / stock.Unit)
		s.read(tillMug, web, s.now, ownRow(call, s.now))
		s.wait(2)
		web-- // a customer, told a moment after
		s.read(webMug, web, s.now)
		order := webOrder(s.now, line(fmt.Sprint("1", round), 1))
		order.ID = fmt.Sprint("8", round)
		s.deliver(order)
		s.push(tillMug)
		s.wait(2)
		web++ // somebody counts one more
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		s.push(tillMug)
	}
	require.Len(t, s.programs(), 1)
	require.Equal(t, stock.Units(5), s.expected(tillMug))
}

// A program that doubles answers each push before the platform has told us what became of it.
func TestProgramIsFasterThanOurAnswer(t *testing.T) {
	t.Parallel()
	s := openShop(t, 20)
	s.read(tillMug, 19, s.now, sold("A1", 1, s.now))
	s.push(webMug)
	web := int64(17)
	s.wait(5)
	s.read(webMug, web, s.now)
	s.read(webMug, web, s.now)
	for range 6 {
		call := s.plan(tillMug)
		if call.Key == "" {
			break
		}
		s.wait(2)
		web += 2 * int64(call.Rows[0].Delta/stock.Unit)
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		s.wait(15)
		s.answer(call, stock.Applied)
		s.read(tillMug, int64(s.expected(tillMug)/stock.Unit), s.now, ownRow(call, s.now))
	}
	require.Len(t, s.programs(), 1)
	require.Equal(t, stock.Units(5), s.expected(tillMug))
}

// A loop that grows beyond what the counter could hold is one, however long it pauses: the mass change brake may have held each push.
func TestLoopThatGrowsWithLongPauses(t *testing.T) {
	t.Parallel()
	s := openShop(t, 10)
	s.read(tillMug, 9, s.now, sold("A1", 1, s.now))
	s.push(webMug)
	till, web := s.loopWith(9, 200, 900, func(_, web, change int64) int64 { return web + 2*change })
	require.Equal(t, []int64{-53, -117}, []int64{till, web})
	require.Len(t, s.programs(), 1)
}

// Whoever types in large deliveries one after the other on an empty shelf makes no loop.
func TestDeliveriesAreNoLoop(t *testing.T) {
	t.Parallel()
	s := openShop(t, 0)
	web := int64(0)
	for _, came := range []int64{20, 45, 30} {
		s.wait(120)
		web += came
		s.read(webMug, web, s.now)
		s.read(webMug, web, s.now)
		s.push(tillMug)
	}
	require.Empty(t, s.programs())
}

// Once asked, the question stays until a person answers it, or what was held has a cause: changes that answer nothing end nothing, on the
// same day or later.
func TestProgramStaysAsked(t *testing.T) {
	t.Parallel()
	s := soldAndMirrored(t)
	held := s.programs()[0]
	for i := range int64(4) {
		s.wait(40 * 60)
		s.read(webMug, 144-i, s.now)
		require.Equal(t, stock.Units(-1), s.push(tillMug).Rows[0].Delta, "it answers nothing")
	}
	s.wait(27 * 3600)
	s.read(webMug, 140, s.now)
	s.push(tillMug)
	require.Len(t, s.programs(), 1)
	require.Equal(t, held.ID, s.programs()[0].ID)
	require.Equal(t, stock.Units(-4), s.programs()[0].Quantity)
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna"})
	require.Equal(t, stock.Units(-1), s.push(tillMug).Rows[0].Delta, "what was held")
}

// Who counts a shelf that was sold below zero makes no loop, however often: zero is what people count there.
func TestSoldOutShelfIsCounted(t *testing.T) {
	t.Parallel()
	s := openShop(t, 0)
	for i := range 8 {
		s.wait(10)
		order := webOrder(s.now, line("1", 2))
		order.ID, order.CreatedAt = fmt.Sprint("8", i), s.now
		s.deliver(order)
		s.read(webMug, -2, s.now)
		s.tillFollows(-2, -2)
		s.wait(5)
		back := stock.Movement{Key: fmt.Sprint("A", i), Ref: tillMug, Quantity: stock.Unit, Cause: stock.Returned, OccurredAt: s.now, ChannelTime: s.now}
		s.read(tillMug, -1, s.now, back)
		s.read(tillMug, -1, s.now)
		s.push(webMug)
		s.wait(10)
		s.read(webMug, 0, s.now)
		s.read(webMug, 0, s.now)
		s.tillFollows(1, 0)
		require.Empty(t, s.programs())
	}
}

// A loop that was held for sales of a shop that lost its webhooks ends as soon as they are told.
func TestProgramLetGoByCauses(t *testing.T) {
	t.Parallel()
	s := openShop(t, 50)
	for i := range 5 {
		s.wait(4)
		s.read(webMug, int64(49-i), s.now)
		if i < 4 {
			s.push(tillMug)
		}
	}
	require.Len(t, s.programs(), 1)
	require.Empty(t, s.plan(tillMug).Key)
	order := webOrder(s.now, line("1", 1))
	s.deliver(order)
	require.Empty(t, s.programs())
	require.Equal(t, stock.Units(-1), s.push(tillMug).Rows[0].Delta)
}

// What a program carried away for many writes stays held as a whole, however much is remembered.
func TestProgramThatMirrorsForLong(t *testing.T) {
	t.Parallel()
	s := soldAndMirrored(t)
	for i := range int64(40) {
		s.wait(5)
		s.read(tillMug, 145-i, s.now, sold("B"+string(rune('0'+i)), 1, s.now))
		s.push(webMug)
		s.wait(2)
		s.read(webMug, 143-2*i, s.now)
		require.Empty(t, s.plan(tillMug).Key)
	}
	require.Equal(t, stock.Units(-44), s.programs()[0].Quantity)
}

// A program that keeps its own books goes on counting what its channel sells, and takes back just what we push.
func TestProgramWithBooksOfItsOwn(t *testing.T) {
	t.Parallel()
	s := openShop(t, 20)
	till, books := int64(20), int64(20)
	for i := range 3 {
		s.wait(10)
		till--
		s.read(tillMug, till, s.now, sold(string(rune('A'+i)), 1, s.now))
		s.read(tillMug, till, s.now)
		s.push(webMug)
		s.wait(2)
		order := webOrder(s.now, line("1", 1))
		order.ID, order.CreatedAt = string(rune('1'+i)), s.now
		s.deliver(order)
		s.read(webMug, books-2, s.now)
		books--
		s.wait(4)
		s.read(webMug, books, s.now)
		s.read(webMug, books, s.now)
		require.Len(t, s.programs(), i/2)
		if call := s.plan(tillMug); call.Key != "" {
			s.answer(call, stock.Applied)
			till += int64(call.Rows[0].Delta / stock.Unit)
			s.wait(1)
			s.read(tillMug, till, s.now, ownRow(call, s.now))
		}
	}
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(14), s.model.Level(mug), "three were sold on each side; all three returns are taken back, the first too")
}

// A program that writes zero lowers the others once. The second time at once, or the third time, it is recognised, and lowers nothing.
func TestProgramThatWritesZero(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pause   float64
		returns int
	}{{10, 2}, {900, 3}} {
		s := openShop(t, 0)
		till := int64(0)
		for i := range test.returns {
			require.Empty(t, s.programs())
			s.wait(20)
			till += 5
			s.read(tillMug, till, s.now, stock.Movement{Key: string(rune('A' + i)), Ref: tillMug, Quantity: stock.Units(5), Cause: stock.Received, OccurredAt: s.now, ChannelTime: s.now})
			s.read(tillMug, till, s.now)
			s.push(webMug)
			s.wait(test.pause)
			s.read(webMug, 0, s.now)
			s.read(webMug, 0, s.now)
			if call := s.plan(tillMug); call.Key != "" {
				s.answer(call, stock.Applied)
				till -= 5
				s.wait(2)
				s.read(tillMug, till, s.now, ownRow(call, s.now))
			}
		}
		require.Len(t, s.programs(), 1)
		require.Equal(t, stock.Units(5), s.expected(tillMug), "the till is not emptied again")
		s.wait(5)
		s.read(tillMug, 3, s.now, sold("Z", 2, s.now))
		s.has(-2, 3, 0, int64(0), 5*int64(test.returns))
	}
}

// A row of an installation that this ledger does not know holds everything of its shelf, at once and once again after an answer.
func TestAnotherInstallation(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	theirs := func(key string, till int64) {
		s.wait(10)
		row := stock.Movement{Key: key, Ref: tillMug, Quantity: -stock.Unit, Cause: stock.Moved, OccurredAt: s.now, ChannelTime: s.now,
			Reference: "evenstock:" + key + ":0", Evidence: stock.Evidence{stock.EvidenceWriter: stock.UnknownEvenstock}}
		s.read(tillMug, till, s.now, row)
	}
	theirs("x1", 7)
	const id = "other-program/mug/main/till"
	require.Len(t, s.programs(), 1)
	require.Equal(t, id, s.programs()[0].ID)
	require.Equal(t, "evenstock:x1:0", s.programs()[0].Evidence["reference"])
	require.Len(t, s.findings, 1)
	require.Equal(t, tillMug, s.findings[0].Ref)
	require.Empty(t, s.plan(webMug).Key)
	s.wait(5)
	s.read(webMug, 7, s.now)
	s.deliver(webOrder(s.now, line("1", 1)))
	require.Empty(t, s.plan(tillMug).Key, "the other one pushes sales too")
	s.one(ledger.ReleaseBrake{ID: id, Shelf: mug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(7), s.model.Level(mug), "its row is taken back")
	require.Empty(t, s.plan(webMug).Key)
	theirs("x2", 6)
	require.Len(t, s.programs(), 1)
}
