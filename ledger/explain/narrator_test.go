package explain

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestCausesAndUnexplainedAreTheLevel tells short stories and expects every unit to be told, in causes or as not explained.
func TestCausesAndUnexplainedAreTheLevel(t *testing.T) {
	t.Parallel()
	type units map[string]int64
	tests := []struct {
		name        string
		write       func(s *story)
		causes      units
		unexplained int64
		hint        string
	}{
		{"nothing yet", func(*story) {}, units{}, 0, ""},
		{"an opening", func(s *story) { s.baseline(till, 8, true) }, units{"opening": 8}, 0, ""},
		{"a sale", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, -2)
			s.movement(till, ledger.Sold, -2)
		}, units{"opening": 8, "sold": -2}, 0, ""},
		{"a hand edit", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, 3)
		}, units{"opening": 8}, 3, "a return was restocked without a refund"},
		{"a hand edit that takes away", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, -3)
		}, units{"opening": 8}, -3, "by hand"},
		{"told before it showed", func(s *story) {
			s.baseline(till, 8, true)
			s.movement(till, ledger.Sold, -1)
		}, units{"opening": 8, "sold": -1}, 1, "its counter has not moved"},
		{"a recount", func(s *story) {
			s.baseline(till, 8, true)
			s.add(ledger.Entry{Kind: ledger.KindMovement, Ref: till, Recount: &ledger.RecountMark{Counted: stock.Units(5)}})
			s.reading(till, -3)
		}, units{"opening": 8}, -3, "somebody counted"},
		{"a sale below zero", func(s *story) {
			s.baseline(till, 1, true)
			s.reading(till, -3)
			s.movement(till, ledger.Sold, -3)
		}, units{"opening": 1, "sold": -3}, 0, ""},
		{"a correction", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, 10)
			s.add(ledger.Entry{Kind: ledger.KindCorrection, Ref: till, Evidence: stock.Evidence{"by": "Ann", "note": "typed in twice"},
				Postings: ledger.Post(ledger.UnexplainedBy(tee.Item, till), ledger.AvailableOn(tee), stock.Units(-10))})
		}, units{"opening": 8, CauseCorrected: 10, CauseCorrection: -10}, 0, ""},
		{"settled, and sold after all", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, -2)
			s.settles("a", -2)
			s.reading(till, -1)
			s.takesBack("b", "a", 1)
			s.movement(till, ledger.Sold, -1)
		}, units{"opening": 8, "shrinkage": -1, "sold": -1}, -1, "by hand"},
		{"settled, and reopened", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, -2)
			s.settles("a", -2)
			s.takesBack("b", "a", 2)
		}, units{"opening": 8, "shrinkage": 0}, -2, "by hand"},
		{"found", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, 1)
			s.settles("a", 1)
		}, units{"opening": 8, CauseGain: 1}, 0, ""},
		{"found, and returned after all", func(s *story) {
			s.baseline(till, 8, true)
			s.reading(till, 1)
			s.settles("a", 1)
			s.takesBack("b", "a", -1)
			s.movement(till, ledger.Returned, 1)
		}, units{"opening": 8, CauseGain: 0, "returned": 1}, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			test.write(s)
			shelf := s.explain()
			require.Empty(t, shelf.Faults)
			require.Equal(t, s.Level, shelf.Sum)
			got := units{}
			for _, c := range shelf.Causes {
				got[c.Cause] += int64(c.Quantity / stock.Unit)
			}
			require.Equal(t, test.causes, got)
			if test.unexplained == 0 {
				require.Empty(t, shelf.Unexplained)
				return
			}
			require.Len(t, shelf.Unexplained, 1)
			require.Equal(t, stock.Units(test.unexplained), shelf.Unexplained[0].Quantity)
			require.Contains(t, shelf.Unexplained[0].Hint, test.hint)
		})
	}
}

// TestUnexplainedSince: what moved the suspense account counts from when it left zero, or changed sides, for the last time.
func TestUnexplainedSince(t *testing.T) {
	t.Parallel()
	s := tell()
	s.baseline(till, 8, true)
	s.reading(till, -1)
	s.movement(till, ledger.Sold, -1)
	s.reading(till, -1)
	changed := s.reading(till, 3)
	last := s.reading(till, 2)
	u := s.explain().Unexplained
	require.Len(t, u, 1)
	require.Equal(t, stock.Units(4), u[0].Quantity)
	require.Equal(t, minute(changed), u[0].Since)
	require.Equal(t, []int64{changed, last}, []int64{u[0].Readings[0].Entry, u[0].Readings[1].Entry})
	require.Equal(t, stock.Units(11), u[0].Readings[1].Showed)
}

// TestCausesAreListedByWhenTheyHappened but for the opening, from which everything counts.
func TestCausesAreListedByWhenTheyHappened(t *testing.T) {
	t.Parallel()
	s := tell()
	s.movement(till, ledger.Sold, -1)
	s.baseline(till, 8, true)
	s.movement(till, ledger.Returned, 1)
	s.Entries[2].OccurredAt = morning.Add(-time.Hour)
	var got []string
	for _, c := range s.explain().Causes {
		got = append(got, c.Cause)
	}
	require.Equal(t, []string{"opening", "returned", "sold"}, got)
}

// TestCounters follows what each counter should show, until it leaves the shelf.
func TestCounters(t *testing.T) {
	t.Parallel()
	s := tell()
	s.baseline(web, 3, false)
	s.baseline(till, 8, true)
	s.answered("call-1", web, 5)
	s.reading(web, -2)
	s.Refs = []ledger.DueRef{
		{Ref: ledger.Ref{State: ledger.RefState{Ref: till, Status: ledger.Live, Expected: stock.Units(8)}, Work: ledger.Work{Push: true}}, Opened: true},
		{Ref: ledger.Ref{State: ledger.RefState{Ref: web, Status: ledger.Live, Expected: stock.Units(6)}, Unexplained: stock.Units(2)}, Opened: true},
	}
	shelf := s.explain()
	require.Empty(t, shelf.Faults)
	require.Equal(t, []Counter{
		{Ref: till, Status: "live", Baseline: stock.Units(8), Expected: stock.Units(8), Version: minute(2), State: StatePushWanted},
		{Ref: web, Status: "live", Baseline: stock.Units(3), Differences: stock.Units(-2), Pushes: stock.Units(5), Expected: stock.Units(6),
			Version: minute(4), State: StateEven},
	}, shelf.Counters)

	s.Refs = nil
	s.At.Recorded = minute(9)
	require.Empty(t, s.explain().Counters[0].State, "nobody knows how it stood then")
	s.At.Occurred = minute(9)
	require.Empty(t, s.explain().Counters)

	s.At = ledger.AsOf{}
	s.add(ledger.Entry{Kind: ledger.KindBaseline, Ref: web, Status: ledger.Unlinked, ExpectedDelta: stock.Units(-6)})
	shelf = s.explain()
	require.Len(t, shelf.Counters, 1)
	require.Equal(t, "unlinked", shelf.Trail[len(shelf.Trail)-1].Note)
}

// TestFaults damages what the ledger keeps beside its entries.
func TestFaults(t *testing.T) {
	t.Parallel()
	kept := func(expected, unexplained int64) []ledger.DueRef {
		return []ledger.DueRef{{Ref: ledger.Ref{State: ledger.RefState{Ref: till, Status: ledger.Live, Expected: stock.Units(expected)},
			Unexplained: stock.Units(unexplained)}}}
	}
	tests := []struct {
		name   string
		damage func(s *story)
		want   []string
	}{
		{"none", func(s *story) { s.Refs = kept(7, 1) }, []string{}},
		{"the level", func(s *story) { s.Level += stock.Unit }, []string{"the entries come to 7, but the ledger shows 8"}},
		{"expected", func(s *story) { s.Refs = kept(8, 1) }, []string{"what the ledger keeps about till/V1@L1 does not follow from its entries"}},
		{"the suspense", func(s *story) { s.Refs = kept(7, 0) }, []string{"what the ledger keeps about till/V1@L1 does not follow from its entries"}},
		{"a ref without entries", func(s *story) {
			s.Refs = kept(7, 1)
			s.Refs[0].State.Ref = web
		},
			[]string{"what the ledger keeps about web/45@77 does not follow from its entries"}},
		{"a forgotten count", func(s *story) {
			s.add(ledger.Entry{Kind: ledger.KindReading, Ref: till, Status: ledger.Untracked, ExpectedDelta: stock.Units(-6)})
		}, []string{"the entries of till/V1@L1 come to 0, but 1 is expected of it"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			s.baseline(till, 8, true)
			s.reading(till, -1)
			test.damage(s)
			require.Equal(t, test.want, s.explain().Faults)
		})
	}
}
