package explain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// TestWhyConnectsWhatComesToNothing: differences and causes belong together when the suspense account is back where it was.
func TestWhyConnectsWhatComesToNothing(t *testing.T) {
	t.Parallel()
	type entry struct {
		units int64
		cause bool
	}
	difference, caused := func(units int64) entry { return entry{units, false} }, func(units int64) entry { return entry{units, true} }
	tests := []struct {
		name    string
		entries []entry
		// want is by which entries each difference is explained, by its entry.
		want map[int64][]int64
	}{
		{"a sale", []entry{difference(1), caused(-1)}, map[int64][]int64{1: {2}}},
		{"told before it showed", []entry{caused(-2), difference(2)}, map[int64][]int64{2: {1}}},
		{"two readings, one sale", []entry{difference(1), difference(2), caused(-3)}, map[int64][]int64{1: {3}, 2: {3}}},
		{"one reading, two sales", []entry{difference(3), caused(-1), caused(-2)}, map[int64][]int64{1: {2, 3}}},
		{"a sale after a hand edit that stays", []entry{difference(-5), difference(2), caused(-2)}, map[int64][]int64{1: nil, 2: {3}}},
		{"told in part", []entry{difference(3), caused(-1)}, map[int64][]int64{1: nil}},
		{"a slip that was taken back", []entry{difference(7), difference(-7), difference(1), caused(-1)}, map[int64][]int64{1: nil, 2: nil, 3: {4}}},
		{"one after the other", []entry{difference(1), caused(-1), difference(1), caused(-1)}, map[int64][]int64{1: {2}, 3: {4}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := &account{}
			steps := map[int64]*Step{}
			for i, e := range test.entries {
				seq, units := int64(i+1), stock.Units(e.units)
				var causes []Cause
				if e.cause {
					causes = []Cause{{Entry: seq}}
				} else {
					steps[seq] = &Step{Entry: seq, What: StepDifference}
				}
				a.suspense += units
				a.move(units, steps[seq], causes)
			}
			got := map[int64][]int64{}
			for seq, step := range steps {
				got[seq] = step.ExplainedBy
			}
			require.Equal(t, test.want, got)
		})
	}
}

// TestToldTogether: readings that one sale explains are told of together, at the last of them.
func TestToldTogether(t *testing.T) {
	t.Parallel()
	shelf := Shelf{Trail: []*Step{{Entry: 1, ExplainedBy: []int64{3}}, {Entry: 2, ExplainedBy: []int64{3}}, {Entry: 4}, {Entry: 5, ExplainedBy: []int64{6, 7}}}}
	require.Equal(t, map[int64]int64{1: 2, 2: 2, 5: 5}, shelf.ToldTogether())
}
