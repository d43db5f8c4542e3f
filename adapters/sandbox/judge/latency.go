package judge

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Percentiles are durations in milliseconds; all zero when nothing was measured.
type Percentiles struct {
	P50 int64 `json:"p50"`
	P95 int64 `json:"p95"`
	P99 int64 `json:"p99"`
}

// PercentilesOf returns the percentiles of times in any order.
func PercentilesOf(times []time.Duration) Percentiles {
	if len(times) == 0 {
		return Percentiles{}
	}
	sorted := slices.Sorted(slices.Values(times))
	rank := func(percent int) int64 { return sorted[(len(sorted)*percent+99)/100-1].Milliseconds() }
	return Percentiles{rank(50), rank(95), rank(99)}
}

// SaleToPush measures, for each thing that others did to a counter, how long our push to the other shop's counter took to
// come: the first one with which our pushes add up to what had happened by then, or later. What was cancelled out before a
// push was needed is left out, and so is what no push has followed yet. Effects must be in order of time.
func SaleToPush(items []Item, effects []shop.Effect) []time.Duration {
	mirrors := map[CounterID]*mirror{}
	others := map[CounterID][]CounterID{}
	for _, item := range items {
		for _, ref := range item.Refs {
			mirrors[ref.ID()] = &mirror{owed: item.Opening - ref.Start}
			for _, other := range item.Refs {
				if other.ID() != ref.ID() {
					others[ref.ID()] = append(others[ref.ID()], other.ID())
				}
			}
		}
	}
	var times []time.Duration
	for _, e := range effects {
		id := CounterID{e.Shop, e.Item, e.Location}
		switch m := mirrors[id]; {
		case m == nil || e.Delta == 0:
		case e.By == shop.ByApp:
			times = append(times, m.push(e.At, e.Delta)...)
		default:
			for _, other := range others[id] {
				mirrors[other].owe(e.At, e.Delta)
			}
		}
	}
	return times
}

// mirror is what the other counters of an item owe to one counter, and what we pushed to it.
type mirror struct {
	owed, pushed stock.Quantity
	waiting      []owing
}

// owing is one thing that was done elsewhere, with what was owed from then on.
type owing struct {
	at   time.Time
	owed stock.Quantity
}

func (m *mirror) owe(at time.Time, quantity stock.Quantity) {
	m.owed += quantity
	m.waiting = append(m.waiting, owing{at, m.owed})
	if m.owed == m.pushed {
		m.waiting = nil // cancelled out: nothing is left to push
	}
}

// push returns how long what it mirrors has waited.
func (m *mirror) push(at time.Time, quantity stock.Quantity) (waited []time.Duration) {
	m.pushed += quantity
	for i := len(m.waiting) - 1; i >= 0; i-- {
		if m.waiting[i].owed != m.pushed {
			continue
		}
		for _, w := range m.waiting[:i+1] {
			waited = append(waited, at.Sub(w.at))
		}
		m.waiting = m.waiting[i+1:]
		break
	}
	return waited
}
