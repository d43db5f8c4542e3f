package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// tillSells is a till sale that we push to the web.
func (s *shop) tillSells(units int64) {
	s.Helper()
	s.wait(6)
	till := int64(s.expected(tillMug)/stock.Unit) - units
	s.read(tillMug, till, s.now, sold(fmt.Sprint("S", s.seconds()), units, s.now))
	s.read(tillMug, till, s.now)
	s.push(webMug)
}

// webIsSet is a count that somebody writes on the web, and our push of it to the till if there is one.
func (s *shop) webIsSet(to int64) {
	s.Helper()
	s.wait(7)
	s.read(webMug, to, s.now)
	s.read(webMug, to, s.now)
	if call := s.plan(tillMug); call.Key != "" {
		s.answer(call, stock.Applied)
		s.wait(2)
		s.read(tillMug, int64(s.expected(tillMug)/stock.Unit), s.now, ownRow(call, s.now))
	}
}

// returnsTo is a program that knows only its own number.
func (s *shop) returnsTo(count int64) {
	s.Helper()
	s.tillSells(5)
	s.webIsSet(count)
	s.tillSells(1)
	s.webIsSet(count)
}

// A correction takes back what the program wrote in the way by which it was recognised, and leaves what people typed in, whatever it looks
// like: a count that goes the way of a push of ours is no return, and one that happens to be a count of before is no answer of a loop.
func TestCorrectionOfAProgramLeavesWhatPeopleTypedIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		open  int64
		do    func(s *shop)
		says  map[string]string
		level int64
	}{
		"a shelf was counted empty and put right again": {40, func(s *shop) {
			s.tillSells(1)
			s.webIsSet(0)
			s.webIsSet(39)
			s.returnsTo(39)
			s.webIsSet(39)
		}, map[string]string{"returned": "2", "units": "6"}, 33},
		"a shelf was counted": {40, func(s *shop) {
			s.tillSells(1)
			s.webIsSet(30)
			s.returnsTo(30)
		}, map[string]string{"returned": "2", "units": "6", "left": "-9"}, 24},
		"a shelf was counted a minute later": {37, func(s *shop) {
			s.tillSells(1)
			s.wait(60)
			s.webIsSet(20)
			s.returnsTo(20)
		}, map[string]string{"returned": "2", "units": "6", "left": "-16"}, 14},
		"a unit was found and counted before a loop": {50, func(s *shop) {
			s.tillSells(1)
			s.webIsSet(50)
			s.tillSells(1)
			s.mirrored(4, 49)
		}, map[string]string{"repeated": "4", "units": "-4", "left": "1"}, 49},
		"a unit was missing and counted long before a loop": {50, func(s *shop) {
			s.tillSells(1)
			s.webIsSet(47)
			s.wait(600)
			s.tillSells(1)
			s.mirrored(4, 46)
		}, map[string]string{"repeated": "4", "units": "-4", "left": "-2"}, 46},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, test.open)
			test.do(s)
			require.Len(t, s.programs(), 1)
			says := map[string]string{}
			for _, key := range []string{"returned", "repeated", "rows", "units", "left"} {
				if value := s.programs()[0].Evidence[key]; value != "" {
					says[key] = value
				}
			}
			require.Equal(t, test.says, says)
			s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna", Correct: true})
			require.Equal(t, stock.Units(test.level), s.model.Level(mug))
		})
	}
}

// However long a program goes on, what it wrote and what people typed in beside it are told apart.
func TestProgramAndPeopleForLong(t *testing.T) {
	t.Parallel()
	s := openShop(t, 100)
	s.returnsTo(100)
	for i := range int64(40) {
		s.tillSells(1)
		s.webIsSet(100 - i)
		s.wait(400)
		s.webIsSet(99 - i)
	}
	require.Equal(t, "46", s.programs()[0].Evidence["units"])
	require.Equal(t, "-40", s.programs()[0].Evidence["left"])
	s.one(ledger.ReleaseBrake{ID: programID, Shelf: mug, By: "anna", Correct: true})
	require.Equal(t, stock.Units(14), s.model.Level(mug))
}
