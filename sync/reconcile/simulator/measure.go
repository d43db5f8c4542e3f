package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// measure follows the way there: how wrong the ledger and the counters were for how long, against an observer who knows at
// once, and what it cost in requests.
type measure struct {
	shelves  map[*shelf]*watch
	facts    int // what others did
	reads    int // read requests
	refsRead int
	attempts int // push requests
	rows     int // pushes that reached a counter
	held     int // pushes that a brake held back
	needless int // pushes that took a counter away from where it belonged
	// needlessUnits is by how much they did.
	needlessUnits stock.Quantity
	settled       time.Duration
	questions     Questions
	toEqual       []time.Duration // from a fact until every counter of the shelf showed it
	toPush        []time.Duration // from a sale until the next push arrived at another counter
}

// watch is one shelf under observation.
type watch struct {
	at      time.Duration
	perfect stock.Quantity // what a perfect ledger would say now
	level   stock.Quantity
	// ledgerWrong and countersWrong are in unit-seconds.
	ledgerWrong, countersWrong float64
	open                       []openFact
}

type openFact struct {
	at      time.Duration
	counter *counter
	sale    bool
	pushed  bool
}

func newMeasure() *measure { return &measure{shelves: map[*shelf]*watch{}} }

func (m *measure) watch(s *shelf) *watch {
	if m.shelves[s] == nil {
		m.shelves[s] = &watch{}
	}
	return m.shelves[s]
}

// pass lets time pass for a shelf.
func (m *measure) pass(w *world, s *shelf) *watch {
	v := m.watch(s)
	seconds := (w.now - v.at).Seconds()
	v.at = w.now
	if !s.truth.opened || seconds == 0 {
		return v
	}
	v.ledgerWrong += units(v.perfect-v.level) * seconds
	for _, c := range s.counters {
		if c.known.live && !c.known.waits {
			v.countersWrong += units(c.quantity-c.target(v.perfect)) * seconds
		}
	}
	return v
}

func units(q stock.Quantity) float64 { return float64(q.Abs()) / float64(stock.Unit) }

func (m *measure) levelChanged(w *world, s *shelf, d stock.Quantity) { m.pass(w, s).level += d }

func (m *measure) truthChanged(w *world, s *shelf, d stock.Quantity) { m.pass(w, s).perfect += d }

// counterChanged is called after an effect, with the quantity before it.
func (m *measure) counterChanged(w *world, c *counter, e effect, before stock.Quantity) {
	after := c.quantity
	c.quantity = before
	v := m.pass(w, c.shelf)
	c.quantity = after
	if e.call != "" {
		w.judge.pushHappened(e.call)
		m.push(w, c, v, before)
	} else if c.known.live && !c.known.waits && e.delta != 0 {
		m.facts++
		v.perfect += e.delta
		v.open = append(v.open, openFact{at: w.now, counter: c, sale: e.explained < 0})
	}
	m.close(w, c.shelf, v)
}

func (m *measure) push(w *world, c *counter, v *watch, before stock.Quantity) {
	m.rows++
	target := c.target(v.perfect)
	if worse := (c.quantity - target).Abs() - (before - target).Abs(); worse > 0 {
		m.needless++
		m.needlessUnits += worse
	}
	for i, f := range v.open {
		if f.sale && !f.pushed && f.counter != c {
			v.open[i].pushed = true
			m.toPush = append(m.toPush, w.now-f.at)
		}
	}
}

// close ends the facts of a shelf whose counters all show what they should.
func (m *measure) close(w *world, s *shelf, v *watch) {
	if len(v.open) == 0 || !s.truth.opened {
		return
	}
	for _, c := range s.counters {
		if c.known.live && !c.known.waits && c.quantity != c.target(v.perfect) {
			return
		}
	}
	for _, f := range v.open {
		m.toEqual = append(m.toEqual, w.now-f.at)
	}
	v.open = v.open[:0]
}

// quantile returns the q-quantile of durations; 0 when there are none.
func quantile(durations []time.Duration, q float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[int(q*float64(len(sorted)-1))]
}
