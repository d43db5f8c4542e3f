package simulator

import (
	"errors"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Options choose how a run goes. The zero value is an ordinary run.
type Options struct {
	// Bug is a mistake to plant; empty: none.
	Bug Bug
	// Trace keeps a readable trace; a run without it is several times faster and goes the same way.
	Trace bool
	// Faultless leaves out every fault of network, requests and processes; people still do what people do.
	Faultless bool
	// Busy plays a busy shop with two places instead of an ordinary one.
	Busy bool
	// Mass: somebody changes a whole channel, and the brake on mass changes has limits.
	Mass bool
	// Steps: goods are typed in by steps.
	Steps bool
	// Events is how many things people do within the hour; 0 draws between 40 and 260.
	Events int
	// Without names acts that people leave out ("untrack", "late recount", ...).
	Without []string
}

// Report is the outcome of one run.
type Report struct {
	Seed     int64
	OK       bool
	Failures []string
	// Trace is the readable trace, if one was asked for; Hash is equal for equal runs.
	Trace []string
	Hash  uint64
	// Reached counts the faults and branches that the run reached, Endings how inputs ended.
	Reached map[string]int
	Endings map[string]int
	Metrics Metrics
}

// Metrics tell how good the way was.
type Metrics struct {
	Facts, Applies, Entries int
	// Reads counts read requests, RefsRead the refs in them; Attempts counts push requests, Rows the pushes that arrived, Held
	// those that a brake held back once more.
	Reads, RefsRead, Attempts, Rows, Held int
	// Needless counts pushes that took a counter away from where it belonged, NeedlessUnits by how much.
	Needless      int
	NeedlessUnits float64
	// LedgerWrong and CountersWrong are unit-seconds against an observer who knows at once; ShelfSeconds is over how long.
	LedgerWrong, CountersWrong, ShelfSeconds float64
	// ToEqual is the time from a fact until all counters of the shelf showed it, ToPush from a sale until the next push arrived.
	ToEqual, ToPush []time.Duration
	Questions       Questions
	// Settled is how long after the last fault everything was at rest.
	Settled time.Duration
}

// Run plays one shop hour and judges it. The same seed and options give the same run.
func Run(seed int64, opts Options) Report {
	w, err := newWorld(seed, opts)
	if err != nil {
		return Report{Seed: seed, Failures: []string{err.Error()}}
	}
	w.play(opts)
	report := Report{
		Seed: seed, OK: len(w.judge.failures) == 0, Failures: w.judge.failures, Trace: w.lines, Hash: w.sum, Reached: w.reaches, Endings: w.endings,
	}
	report.Metrics = w.metrics()
	return report
}

// Timing of the end of a run.
const (
	settleStep = 20 * time.Second
	// settleMax is how long after the last fault everything must be at rest.
	settleMax = 15 * time.Minute
)

func (w *world) play(opts Options) {
	events := opts.Events
	if events == 0 {
		events = 40 + w.dice.IntN(220)
	}
	w.sell(events, opts.Without)
	w.strange.plan()
	w.marks.plan()
	w.settler.plan()
	w.typists.plan()
	w.start()
	w.person.start()
	w.after(w.dice.between(time.Second, 10*time.Second), w.firstSync)
	w.runUntil(hour)
	w.heal()
	end := max(hour, w.faultsEnd()) + settleMax
	w.runUntil(hour + time.Minute)
	w.sweeper.full()
	why := "not looked at"
	for why != "" && w.now < end && !w.judge.hopeless() {
		w.runUntil(w.now + settleStep)
		why = w.judge.settled()
	}
	if why != "" {
		w.judge.fail("not at rest %s after the last fault: %s", settleMax, why)
	}
	w.measure.settled = w.now - max(hour, w.faultsEnd())
	w.fixpoint()
	w.judge.verdict()
}

// faultsEnd is when the last answer that nobody hears is over.
func (w *world) faultsEnd() (end time.Duration) {
	for _, ch := range w.channels {
		if ch.blackHoleKey != "" {
			end = max(end, ch.blackHoleUntil)
		}
	}
	return end
}

// fixpoint sweeps everything once more: nothing may change.
func (w *world) fixpoint() {
	if len(w.judge.failures) > 0 {
		return
	}
	rows, entries := w.measure.rows, len(w.judge.states)
	levels := w.levels()
	w.person.away = true
	w.sweeper.full()
	w.runUntil(w.now + 30*time.Second)
	if w.measure.rows != rows || len(w.judge.states) != entries || w.levels() != levels {
		w.judge.fail("a sweep at rest changed something: %d pushes, levels %s, were %s", w.measure.rows-rows, w.levels(), levels)
	}
}

func (w *world) levels() (text string) {
	for _, s := range w.shelves {
		text += w.ledger.model.Level(s.name).String() + " "
	}
	return text
}

// firstSync looks at the counters for a plan, and does it a while later.
func (w *world) firstSync() {
	seen := map[stock.Ref]*ledger.Candidate{}
	for _, s := range w.shelves {
		for _, c := range s.counters {
			if reading := c.look(w.now).reading; w.dice.chance(0.5) && reading.Status == stock.Counted {
				seen[c.ref] = &ledger.Candidate{Quantity: reading.Quantity, Version: reading.Version, ReadAt: w.clock(c.ch).Truncate(time.Second)}
			}
		}
	}
	at := w.ours()
	w.after(w.dice.between(0, 20*time.Second), func() { w.doPlan(seen, at) })
}

// doPlan links all refs, books the orders there are, and wishes for the baselines, one of them the authority's.
func (w *world) doPlan(seen map[stock.Ref]*ledger.Candidate, at time.Time) {
	if !w.up {
		w.after(time.Second, func() { w.doPlan(seen, at) })
		return
	}
	w.reached("first sync")
	var links, wishes []ledger.Input
	for _, s := range w.shelves {
		authority := s.counters[w.dice.IntN(len(s.counters))].ch
		for _, c := range s.counters {
			links = append(links, ledger.LinkRef{Ref: c.ref, Shelf: s.name, SoldAs: s.soldAs(c.ch)})
			wishes = append(wishes, ledger.WantBaseline{Ref: c.ref, Authority: c.ch == authority, Seen: seen[c.ref], SeenAt: at, OrdersFrom: w.clock(c.ch).Add(-5 * time.Minute)})
		}
	}
	var bookings []ledger.Input
	for _, ch := range w.channels {
		if ch.shopify != nil {
			for _, order := range ch.shopify.list(epoch.Add(-24 * time.Hour)) {
				bookings = append(bookings, booking(ch, order))
			}
		}
	}
	for _, inputs := range [][]ledger.Input{links, bookings, wishes} {
		for {
			_, err := w.decide(inputs...)
			if err == nil || errors.Is(err, errCrashedAfter) {
				break
			}
			if !errors.Is(err, errCrashedBefore) {
				w.judge.fail("first sync: %v", err)
				return
			}
		}
	}
}

func (w *world) metrics() Metrics {
	w.measure.countTyped(w)
	w.measure.countMass(w)
	m := Metrics{
		Facts: w.measure.facts, Applies: w.applies, Entries: len(w.ledger.model.Entries()),
		Reads: w.measure.reads, RefsRead: w.measure.refsRead, Attempts: w.measure.attempts, Rows: w.measure.rows, Held: w.measure.held,
		Needless: w.measure.needless, NeedlessUnits: units(w.measure.needlessUnits),
		ToEqual: w.measure.toEqual, ToPush: w.measure.toPush, Settled: w.measure.settled, Questions: w.measure.questions,
	}
	for _, s := range w.shelves {
		v := w.measure.pass(w, s)
		m.LedgerWrong += v.ledgerWrong
		m.CountersWrong += v.countersWrong
		m.ShelfSeconds += w.now.Seconds()
	}
	return m
}

// String is the report in a few lines.
func (r Report) String() string {
	m := r.Metrics
	return fmt.Sprintf("seed %d ok %t: %d facts, %d applies, %d entries, %d reads, %d pushes (%d needless), settled %s after the last fault\n%s",
		r.Seed, r.OK, m.Facts, m.Applies, m.Entries, m.Reads, m.Rows, m.Needless, m.Settled, lines(r.Failures))
}

func lines(list []string) (text string) {
	for _, line := range list {
		text += "  " + line + "\n"
	}
	return text
}

func booking(ch *channel, order stock.Order) ledger.Input {
	return ledger.Delivered{Booking: true, Event: stock.Event{ID: "booking/" + order.ID, Channel: ch.name, Topic: "booking", Order: &order}}
}
