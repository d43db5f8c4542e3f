package simulator

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// marks are what people mark as sold out at the tills of some runs, whatever is counted there, and take back after a while or never.
// They have dice of their own: a run without them goes as it would.
type marks struct {
	w    *world
	dice dice
	on   bool
	// zeroEnds: where nothing is left the platform's own mark takes the place of a person's, and ends with the first unit. Nobody
	// published it, so it is drawn per run.
	zeroEnds bool
	over     *overMarks
}

// marksChance is how often the people of a shop mark; markChannel how often the other channels are to follow a till that does.
const (
	marksChance = 0.15
	markChannel = 0.7
)

func newMarks(w *world, seed int64, opts Options) *marks {
	m := &marks{w: w, dice: newDice(seed ^ 0x6d61726b73)}
	wanted := opts.Bug == bugMarkStays || opts.Bug == bugMarkMoves || opts.Bug == bugMarkTrusted
	m.on = (m.dice.chance(marksChance) || wanted) && (opts.Bug == "" || wanted) && !opts.Busy
	m.zeroEnds = m.dice.chance(0.5)
	m.over = &overMarks{marks: m, on: m.dice.chance(0.5) || opts.Bug == bugMarkTrusted}
	return m
}

// configure draws whether the marks of a till count for the other channels.
func (m *marks) configure(ch *channel) {
	ch.marksCount = m.on && ch.square != nil && m.dice.chance(markChannel)
}

// plan puts the marks into the hour.
func (m *marks) plan() {
	if !m.on {
		return
	}
	for range 3 + m.dice.IntN(12) {
		m.w.after(m.dice.between(2*time.Minute, hour), func() {
			ch := m.w.channels[m.dice.IntN(len(m.w.channels))]
			if c := ch.counters[m.dice.IntN(len(ch.counters))].now(); ch.square != nil {
				m.mark(c)
			}
		})
	}
}

// mark marks an item of a till, and takes that back later, most often.
func (m *marks) mark(c *counter) {
	if c.marked || c.deleted || c.quantity <= 0 {
		return
	}
	m.w.happened("mark as sold out")
	m.set(c, true)
	m.over.plan(c)
	if m.dice.chance(0.8) {
		m.w.after(m.dice.between(20*time.Second, 12*time.Minute), func() {
			if !m.w.calm {
				m.set(c, false)
			}
		})
	}
}

func (m *marks) set(c *counter, marked bool) {
	if c.marked == marked {
		return
	}
	m.w.measure.pass(m.w, c.shelf)
	c.marked, c.markedAt = marked, m.w.clock(c.ch)
	m.w.hash(uint64(c.index))
	m.w.tracef("shop    %s marked as sold out: %t", c.ref, marked)
	m.w.measure.close(m.w, c.shelf, m.w.measure.watch(c.shelf))
}

// counted is told of every change of a counter.
func (m *marks) counted(c *counter) {
	if c.marked && c.quantity <= 0 && m.zeroEnds {
		m.set(c, false)
	}
}

// said is what the catalog of a till says of a counter.
func (m *marks) said(c *counter) stock.SoldOut {
	switch {
	case !m.on || c.ch.square == nil || c.deleted:
		return ""
	case c.marked || c.tracked && c.exists && c.quantity <= 0:
		return stock.IsSoldOut
	}
	return stock.IsNotSoldOut
}

// told is what the catalog answers about a counter that shows this. Our process remembers whether it has to be asked again.
func (m *marks) told(c *counter, reading stock.Reading) stock.SoldOut {
	said := m.said(c)
	c.catalogKnown = 0
	if said == stock.IsNotSoldOut && reading.Status == stock.Counted {
		c.catalogKnown = m.w.life
	}
	return said
}

// asked adds what the catalog says to a count, unless it said before that the item is counted and not marked: then it is asked only when
// something hints at it. A mark hints at it as long as it was told last, whatever was counted then.
func (m *marks) asked(c *counter, reading stock.Reading) stock.Reading {
	if reading.Status != stock.Counted || c.catalogKnown != m.w.life {
		reading.SoldOut = m.told(c, reading)
	}
	return reading
}

// isMarked says that a person's mark of a counter stands. What has run out has the platform's own.
func (c *counter) isMarked() bool {
	runOut := c.tracked && c.exists && c.quantity <= 0
	return c.marked && !runOut && !c.deleted && !c.untied
}

// hides says that a mark of a counter counts for the other channels of its shelf.
func (c *counter) hides() bool { return c.isMarked() && c.ch.marksCount }

// target is what a counter is to show of a level.
func (c *counter) target(level stock.Quantity) stock.Quantity {
	for _, other := range c.shelf.counters {
		if other.ch != c.ch && other.hides() {
			return reconcile.TargetSoldOut(level, c.ch.traits)
		}
	}
	return level.FloorTo(c.ch.traits.Step)
}

// target is what a counter is to show by what the ledger knows of marks.
func (j *judge) target(c *counter, level stock.Quantity) stock.Quantity {
	if j.hidden(c) {
		return reconcile.TargetSoldOut(level, c.ch.traits)
	}
	return level.FloorTo(c.ch.traits.Step)
}

// marks checks that the ledger knows of each mark what it was told last.
func (j *judge) marks(facts []told) {
	last := map[*counter]stock.Reading{}
	for _, fact := range facts {
		if fact.look.reading.SoldOut != "" {
			last[fact.look.counter] = fact.look.reading
		}
	}
	for c, reading := range last {
		state := j.states[c.ref]
		runOut := reading.Status == stock.Counted && reading.Quantity <= 0
		told, tied := reading.SoldOut == stock.IsSoldOut && !runOut, state.Status != 0 && state.Status != ledger.Unlinked
		if told != !state.SoldOut.IsZero() && tied {
			j.fail("sold out: the ledger was told that %s is %s, and has the mark: %t", c.ref, reading.SoldOut, !state.SoldOut.IsZero())
		}
	}
}

// hidden says whether the ledger knows a mark of another channel that counts for a counter.
func (j *judge) hidden(c *counter) bool {
	for _, other := range c.shelf.counters {
		if other.ch != c.ch && other.ch.marksCount && !j.states[other.ref].SoldOut.IsZero() {
			return true
		}
	}
	return false
}
