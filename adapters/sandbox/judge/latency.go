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

// Mirrored is one thing that others did to a counter, and when our push to another counter of the item made up for it.
type Mirrored struct {
	Effect shop.Effect
	// At is when that push arrived; zero: none has yet.
	At time.Time
}

// Took is how long the push took to come.
func (m Mirrored) Took() time.Duration { return m.At.Sub(m.Effect.At) }

// SaleToPush measures, for each thing that others did to a counter, how long our push to the other shop's counter took to
// come. What no push has followed yet is left out.
func SaleToPush(items []Item, effects []shop.Effect) []time.Duration {
	var times []time.Duration
	for _, m := range Mirror(items, effects) {
		if !m.At.IsZero() {
			times = append(times, m.Took())
		}
	}
	return times
}

// Mirror finds, for each thing that others did to a counter, the push to the other shop's counter that made up for it: the
// first one with which our pushes add up to what had happened by then, or later. What was cancelled out before a push was needed is
// left out. Effects must be in order of time.
func Mirror(items []Item, effects []shop.Effect) []Mirrored {
	mirrors := NewMirrors(items)
	mirrored := mirrors.Take(effects)
	for _, item := range items {
		for _, ref := range item.Refs {
			for _, left := range mirrors.counters[ref.ID()].waiting {
				mirrored = append(mirrored, Mirrored{Effect: left.effect})
			}
		}
	}
	return mirrored
}

// Mirrors is Mirror over effects that come bit by bit.
type Mirrors struct {
	counters map[CounterID]*mirror
	others   map[CounterID][]CounterID
}

// NewMirrors begins with items as they were at first.
func NewMirrors(items []Item) *Mirrors {
	m := &Mirrors{counters: map[CounterID]*mirror{}, others: map[CounterID][]CounterID{}}
	for _, item := range items {
		for _, ref := range item.Refs {
			m.counters[ref.ID()] = &mirror{owed: item.Opening - ref.Start}
			for _, other := range item.Refs {
				if other.ID() != ref.ID() {
					m.others[ref.ID()] = append(m.others[ref.ID()], other.ID())
				}
			}
		}
	}
	return m
}

// Take takes what was done next, in order of time, and returns what pushes among it made up for.
func (m *Mirrors) Take(effects []shop.Effect) (mirrored []Mirrored) {
	for _, e := range effects {
		id := CounterID{e.Shop, e.Item, e.Location}
		switch counter := m.counters[id]; {
		case counter == nil || e.Delta == 0:
		case e.By == shop.ByApp:
			mirrored = append(mirrored, counter.push(e.At, e.Delta)...)
		default:
			for _, other := range m.others[id] {
				m.counters[other].owe(e)
			}
		}
	}
	return mirrored
}

// mirror is what the other counters of an item owe to one counter, and what we pushed to it.
type mirror struct {
	owed, pushed stock.Quantity
	waiting      []owing
}

// owing is one thing that was done elsewhere, with what was owed from then on.
type owing struct {
	effect shop.Effect
	owed   stock.Quantity
}

func (m *mirror) owe(e shop.Effect) {
	m.owed += e.Delta
	m.waiting = append(m.waiting, owing{e, m.owed})
	if m.owed == m.pushed {
		m.waiting = nil // cancelled out: nothing is left to push
	}
}

// push returns what it makes up for.
func (m *mirror) push(at time.Time, quantity stock.Quantity) (mirrored []Mirrored) {
	m.pushed += quantity
	for i := len(m.waiting) - 1; i >= 0; i-- {
		if m.waiting[i].owed != m.pushed {
			continue
		}
		for _, w := range m.waiting[:i+1] {
			mirrored = append(mirrored, Mirrored{w.effect, at})
		}
		m.waiting = m.waiting[i+1:]
		break
	}
	return mirrored
}
