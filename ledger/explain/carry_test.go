package explain

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestPushesCarrySteps tells what led to each push: the steps that the counter lacked when it was planned.
func TestPushesCarrySteps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		write func(s *story)
		// want is which steps each call carried.
		want map[string][]int64
	}{
		{"a sale elsewhere", func(s *story) {
			s.reading(till, -1) // 3
			s.answered("a", web, -1)
		}, map[string][]int64{"a": {3}}},
		{"a sale on the web, which the web shows by itself", func(s *story) {
			s.reading(web, -1) // 3
			s.answered("a", till, -1)
		}, map[string][]int64{"a": {3}}},
		{"two sales in one push", func(s *story) {
			s.reading(till, -1) // 3
			s.reading(till, -2) // 4
			s.answered("a", web, -3)
		}, map[string][]int64{"a": {3, 4}}},
		{"a sale while a push is on its way", func(s *story) {
			s.reading(till, -1) // 3
			s.plan("a", web, -1, ledger.CallApplied)
			s.reading(till, -2) // 4
			s.push("a", web, -1, -1, ledger.Answered, nil)
			s.answered("b", web, -2)
		}, map[string][]int64{"a": {3}, "b": {4}}},
		{"even without a push", func(s *story) {
			s.reading(till, -1) // 3
			s.reading(till, 1)  // 4
			s.reading(till, -2) // 5
			s.answered("a", web, -2)
		}, map[string][]int64{"a": {5}}},
		{"a void push is carried again", func(s *story) {
			s.reading(till, -1) // 3
			s.answered("a", web, -1)
			s.push("a", web, -1, 1, ledger.Absorbed, stock.Evidence{"recount": "P1", "counted": "8"})
			s.answered("b", web, -1)
		}, map[string][]int64{"a": {3}, "b": {3}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			s.baseline(web, 8, false)
			s.baseline(till, 8, true)
			test.write(s)
			shelf := s.explain()
			require.Empty(t, shelf.Faults)
			got := map[string][]int64{}
			for _, step := range shelf.Trail {
				require.NotEqual(t, StepPush, step.What, "a push that nothing led to")
				for _, push := range step.Pushes {
					require.Contains(t, push.Because, step.Entry)
					got[push.Call] = push.Because
				}
			}
			require.Equal(t, test.want, got)
		})
	}
}

// TestPushOutcomes tells how each push stands, by the last that became known of it.
func TestPushOutcomes(t *testing.T) {
	t.Parallel()
	recount := stock.Evidence{"recount": "P1", "counted": "8"}
	tests := []struct {
		name          string
		write         func(s *story)
		outcome, note string
		confirmed     bool
	}{
		{"in flight", func(s *story) { s.plan("a", web, -1, ledger.CallOpen) }, "in flight", "", false},
		{"refused", func(s *story) { s.plan("a", web, -1, ledger.CallRefused) }, "refused", "", false},
		{"answered", func(s *story) { s.answered("a", web, -1) }, "answered", "", false},
		{"read back", func(s *story) {
			s.answered("a", web, -1)
			s.reading(web, -2)
		}, "answered", "", true},
		{"absorbed", func(s *story) {
			s.answered("a", web, -1)
			s.push("a", web, -1, 1, ledger.Absorbed, recount)
		}, "absorbed", "recount P1 counted 8", false},
		{"undecided", func(s *story) {
			s.answered("a", web, -1)
			s.push("a", web, -1, 0, ledger.Undecided, recount)
		}, "undecided", "recount P1 counted 8", false},
		{"resolved by a person", func(s *story) {
			s.plan("a", web, -1, ledger.CallSetAside)
			s.push("a", web, -1, -1, ledger.Resolved, stock.Evidence{"by": "Ann", "applied": "true"})
		}, "resolved", "applied, says Ann", false},
		{"resolved as not applied", func(s *story) {
			s.plan("a", web, -1, ledger.CallSetAside)
			s.push("a", web, -1, 0, ledger.Resolved, stock.Evidence{"applied": "false"})
		}, "resolved", "not applied, says -", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := tell()
			s.baseline(web, 8, false)
			s.baseline(till, 8, true)
			sold := s.reading(till, -1)
			test.write(s)
			shelf := s.explain()
			step := shelf.Trail[2]
			require.Equal(t, sold, step.Entry)
			require.Len(t, step.Pushes, 1)
			push := step.Pushes[0]
			require.Equal(t, test.outcome, push.Outcome)
			require.Equal(t, test.note, push.Note)
			require.Equal(t, test.confirmed, push.Confirmed)
			require.Equal(t, minute(sold).Add(time.Second), push.SentAt)
		})
	}
}

// TestRefusalsAreToldOnlyAtTheEnd: what followed a refusal says more than it.
func TestRefusalsAreToldOnlyAtTheEnd(t *testing.T) {
	t.Parallel()
	s := tell()
	s.baseline(web, 8, false)
	s.baseline(till, 8, true)
	s.reading(till, -1)
	s.plan("a", web, -1, ledger.CallRefused)
	s.reading(till, -1)
	s.plan("b", web, -2, ledger.CallRefused)
	var calls []string
	for _, push := range s.explain().Trail[3].Pushes {
		calls = append(calls, push.Call)
	}
	require.Equal(t, []string{"b"}, calls)
	s.At.Recorded = minute(9)
	require.Empty(t, s.explain().Trail[3].Pushes, "a refusal is of the present")
}

// TestPushAlone: a push that no step led to, such as one of an older program, has a place in the trail all the same.
func TestPushAlone(t *testing.T) {
	t.Parallel()
	s := tell()
	s.baseline(web, 8, false)
	s.baseline(till, 8, true)
	entry := s.push("lost", web, -1, -1, ledger.Answered, nil)
	trail := s.explain().Trail
	last := trail[len(trail)-1]
	require.Equal(t, StepPush, last.What)
	require.Equal(t, entry, last.Entry)
	require.Equal(t, entry-1, last.Pushes[0].Through, "without its call, as if planned just before")
}
