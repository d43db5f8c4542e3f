package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const programID = "other-program/mug/main/web"

// undone is a till sale, our push of it to the web, and somebody who writes the old count back.
func (s *shop) undone(key string, till, web int64) {
	s.Helper()
	s.wait(10)
	s.read(tillMug, till, s.now, sold(key, 1, s.now))
	s.read(tillMug, till, s.now)
	s.push(webMug)
	s.wait(3)
	s.read(webMug, web, s.now)
	s.read(webMug, web, s.now)
}

// tillFollows pushes the till and has it show the push.
func (s *shop) tillFollows(delta, shown int64) {
	s.Helper()
	s.wait(2)
	call := s.push(tillMug)
	require.Equal(s, stock.Units(delta), call.Rows[0].Delta)
	s.wait(2)
	s.read(tillMug, shown, s.now, ownRow(call, s.now))
}

// programShop is a shop where a program has written twice back what it knew: the till shows 7, the web 8.
func programShop(t *testing.T) *shop {
	t.Helper()
	s := openShop(t, 8)
	s.undone("A1", 7, 8)
	s.tillFollows(1, 8)
	s.undone("A2", 7, 8)
	require.Len(t, s.programs(), 1)
	return s
}

func (s *shop) programs() (found []ledger.Brake) {
	for _, brake := range s.brakesOf(mug, tillMug, webMug) {
		if brake.Kind == ledger.OtherProgram {
			found = append(found, brake)
		}
	}
	return found
}

// A program writes the count of an hour ago back, whatever we push. The level's books follow the counter, the till does not.
func TestOtherProgram(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	s.undone("A1", 7, 8)
	require.Empty(t, s.programs(), "once may be chance")
	s.tillFollows(1, 8)
	s.undone("A2", 7, 8)
	require.Len(t, s.programs(), 1)
	require.Equal(t, programID, s.programs()[0].ID)
	require.Equal(t, webMug, s.programs()[0].Ref)
	require.Equal(t, "2", s.programs()[0].Evidence["returned"])
	require.Empty(t, s.plan(tillMug).Key, "its raise raises nothing else")
	require.Equal(t, stock.Units(8), s.model.Level(mug), "the books are those of the counters")
	s.undone("A3", 6, 8)
	s.undone("A4", 5, 8)
	require.Empty(t, s.plan(tillMug).Key)
	require.Equal(t, stock.Units(5), s.expected(tillMug), "what the till sold stays sold there")
	require.Len(t, s.findings, 1, "a finding at once, and one only")
	require.Equal(t, webMug, s.findings[0].Ref)
}

// A person says that the program is wrong: what it wrote is taken back, and its counter is pushed. If it goes on, once is enough.
func TestOtherProgramIsWrong(t *testing.T) {
	t.Parallel()
	s := programShop(t)
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(6), s.model.Level(mug), "both returns are taken back")
	require.Empty(t, s.programs())
	require.Equal(t, stock.Units(-2), s.push(webMug).Rows[0].Delta)
	s.wait(5)
	s.read(webMug, 8, s.now)
	require.Len(t, s.programs(), 1, "it went on")
	require.NotEmpty(t, s.programs()[0].Evidence["again"])
	require.Empty(t, s.plan(tillMug).Key)
}

// A person says that the program is right: the other channels follow, and it takes two more returns to be asked again.
func TestOtherProgramIsRight(t *testing.T) {
	t.Parallel()
	s := programShop(t)
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna"})
	require.Equal(t, stock.Units(8), s.model.Level(mug))
	s.tillFollows(1, 8)
	s.undone("B1", 7, 8)
	require.Empty(t, s.programs())
	require.ErrorIs(t, s.refuse(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna"}), ledger.ErrNotFound)
}

// boughtOnline is a customer who buys five of eight, which both counters show then.
func (s *shop) boughtOnline() {
	s.Helper()
	s.deliver(webOrder(s.now, line("1", 5)))
	s.read(webMug, 3, s.now)
	s.tillFollows(-5, 3)
}

// seconds is the time of the day of the tests.
func (s *shop) seconds() float64 { return s.now.Sub(at(0)).Seconds() }

// What looks like a program and is none.
func TestNoOtherProgram(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *shop){
		"customers bring back what was sold at the till": func(s *shop) {
			s.boughtOnline()
			s.undone("A", 2, 3)
			s.deliver(refunded(1, 13))
			s.tillFollows(1, 3)
			s.undone("B", 2, 3)
			s.deliver(refunded(2, 30))
		},
		"customers bring back, and it is told before the counter shows it": func(s *shop) {
			s.boughtOnline()
			for i := range 2 {
				s.wait(10)
				s.read(tillMug, 2, s.now, sold(fmt.Sprint("A", i), 1, s.now))
				s.push(webMug)
				s.wait(3)
				s.deliver(refunded(int64(i+1), s.seconds()))
				s.read(webMug, 3, s.now)
				s.read(webMug, 3, s.now)
				s.tillFollows(1, 3)
				require.Empty(s, s.work(webMug).Program.Changes, "it has a cause")
			}
		},
		"two customers bring back between two readings, again and again": func(s *shop) {
			s.boughtOnline()
			for i := range 2 {
				s.wait(10)
				s.read(tillMug, 1, s.now, sold(fmt.Sprint("A", i), 2, s.now))
				s.push(webMug)
				s.wait(3)
				s.read(webMug, 3, s.now)
				s.read(webMug, 3, s.now)
				s.deliver(refunded(int64(2*i+1), s.seconds()))
				s.deliver(refunded(int64(2*i+2), s.seconds()))
				if i == 0 {
					s.tillFollows(2, 3)
				}
			}
		},
		"one reading shows a return and a sale": func(s *shop) {
			s.boughtOnline()
			for i := range 2 {
				s.wait(10)
				s.read(tillMug, 2, s.now, sold(fmt.Sprint("A", i), 1, s.now))
				s.push(webMug)
				s.wait(3)
				s.read(webMug, 3, s.now)
				s.read(webMug, 3, s.now)
				s.deliver(refunded(int64(2*i+2), s.seconds()))
				other := webOrder(s.now, line("1", 1))
				other.ID, other.CreatedAt = fmt.Sprint("90", i+1), s.now
				s.deliver(other)
				if i == 0 {
					s.tillFollows(1, 3)
				}
			}
		},
		"an edit of another size between": func(s *shop) {
			s.undone("A", 7, 8)
			s.wait(5)
			s.read(webMug, 10, s.now)
			s.read(webMug, 10, s.now)
			s.tillFollows(3, 10)
			s.undone("B", 9, 10)
		},
		"two returns to one count minutes apart, with another edit between": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.edited(-1, 7)
			s.edited(1, 8)
			s.wait(120)
			s.undone("B", 7, 8)
		},
		"two returns to one count, with a raise between": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.edited(1, 9)
			s.deliver(webOrder(s.now, line("1", 1)))
			s.read(webMug, 8, s.now)
			s.tillFollows(-1, 8)
			s.undone("B", 7, 8)
		},
		"three returns minutes apart, with other edits between": func(s *shop) {
			for i := range int64(3) {
				s.wait(120)
				s.undone(fmt.Sprint("A", i), 7-i, 8-i)
				s.tillFollows(1, 8-i)
				s.edited(-1, 7-i)
			}
		},
		"two hand edits take back just what we pushed, to other counts": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.deliver(webOrder(s.now, line("1", 2)))
			s.read(webMug, 6, s.now)
			s.tillFollows(-2, 6)
			s.undone("B", 5, 6)
		},
		"one return from below and one from above": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.wait(10)
			back := stock.Movement{Key: "B", Ref: tillMug, Quantity: stock.Unit, Cause: stock.Returned, OccurredAt: s.now, ChannelTime: s.now}
			s.read(tillMug, 9, s.now, back)
			s.read(tillMug, 9, s.now)
			s.push(webMug)
			s.wait(3)
			s.read(webMug, 8, s.now)
		},
		"an empty shelf is counted": func(s *shop) {
			s.read(webMug, 0, s.now)
			s.read(webMug, 0, s.now)
			s.tillFollows(-8, 0)
			s.undone("A", -1, 0)
			s.tillFollows(1, 0)
			s.undone("B", -1, 0)
		},
		"a day apart": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.wait(27 * 3600)
			s.undone("B", 7, 8)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			do(s)
			require.Empty(t, s.programs())
		})
	}
}

// edited is a change of the web without a cause, which the till follows.
func (s *shop) edited(delta, shown int64) {
	s.Helper()
	s.wait(5)
	s.read(webMug, shown, s.now)
	s.read(webMug, shown, s.now)
	s.tillFollows(delta, shown)
}

// What lies between returns soon after each other says nothing: its channel sells, and that is told late or never.
func TestOtherProgramWhileItsChannelSells(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *shop){
		"a number of its own": func(s *shop) {
			s.undone("A", 7, 8)
			s.tillFollows(1, 8)
			s.edited(-2, 6)
			s.undone("B", 5, 8)
		},
		"books of its own": func(s *shop) {
			for i := range int64(3) {
				require.Empty(s, s.programs())
				s.undone(fmt.Sprint("A", i), 7-i, 8-i)
				if i < 2 {
					s.tillFollows(1, 8-i)
					s.edited(-1, 7-i)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, 8)
			do(s)
			require.Len(t, s.programs(), 1)
			require.Empty(t, s.plan(tillMug).Key, "its raise raises nothing else")
		})
	}
}

// Where the platform tells who wrote, the program is named.
func TestOtherProgramIsNamed(t *testing.T) {
	t.Parallel()
	s := openShop(t, 8)
	for i := range 2 {
		s.wait(10)
		s.read(webMug, 7-int64(i), s.now)
		s.read(webMug, 7-int64(i), s.now)
		call := s.push(tillMug)
		s.wait(3)
		recount := stock.Recount{Key: "R" + call.Key, Ref: tillMug, Counted: stock.Units(8), OccurredAt: s.now, ChannelTime: s.now, Evidence: stock.Evidence{"application_id": "sq0idp-old"}}
		s.read(tillMug, 8, s.now, ownRow(call, s.now.Add(-2e9)), recount)
	}
	brakes := s.brakesOf(mug, tillMug, webMug)
	require.Equal(t, ledger.OtherProgram, brakes[len(brakes)-1].Kind)
	require.Equal(t, "sq0idp-old", brakes[len(brakes)-1].Evidence["program"])
}
