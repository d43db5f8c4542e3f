package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// typists type in on every channel what happened once: goods received, by other steps on each, and a shelf that is empty. They have
// dice of their own: a run without them goes as it would.
type typists struct {
	w    *world
	dice dice
	// steps: goods are typed in by steps. empty: empty shelves are set to zero on every counter.
	steps, empty bool
	emptied      []*emptied
}

func newTypists(w *world, seed int64, opts Options) *typists {
	t := &typists{w: w, dice: newDice(seed ^ 0x747970697374)}
	plain := opts.Bug != "" && opts.Bug != bugStepsForgotten && opts.Bug != bugEmptiedTwice
	t.steps = (t.dice.chance(0.2) && !opts.Busy || opts.Steps) && !plain
	t.empty = (t.dice.chance(0.15) || opts.Bug == bugEmptiedTwice) && !plain && !opts.Busy
	return t
}

// plan puts what they do into the hour.
func (t *typists) plan() {
	if t.steps {
		for range 1 + t.dice.IntN(3) {
			t.w.after(t.dice.between(3*time.Minute, 45*time.Minute), t.typeIn)
		}
	}
	if t.empty {
		for range 2 + t.dice.IntN(4) {
			t.w.after(t.dice.between(3*time.Minute, 55*time.Minute), t.setToZero)
		}
	}
}

// shelf draws a shelf whose counters all are live; nil: the drawn one is not such.
func (t *typists) shelf() *shelf {
	s := t.w.shelves[t.dice.IntN(len(t.w.shelves))]
	for _, c := range s.counters {
		if c.twin || !c.exists || !c.tracked || !c.known.live || c.known.waits {
			return nil
		}
	}
	return s
}

// typeIn is goods received that one channel is told of at once and the others by two or three steps.
func (t *typists) typeIn() {
	s := t.shelf()
	if s == nil || slices.ContainsFunc(t.w.typed, func(goods *typedGoods) bool { return goods.steps && goods.shelf == s }) {
		return
	}
	t.w.happened("typed in by steps")
	goods := &typedGoods{shelf: s, units: stock.Units(40 + int64(t.dice.IntN(40))), steps: true}
	t.w.typed = append(t.w.typed, goods)
	atOnce := t.dice.IntN(len(s.counters))
	for i, c := range s.counters {
		parts := []stock.Quantity{goods.units}
		if i != atOnce {
			parts = t.parts(goods.units, 2+t.dice.IntN(2), 11+3*i)
		}
		for _, part := range parts {
			t.w.after(t.dice.between(0, 10*time.Minute), func() {
				goods.came(c, part)
				receive(c, part)
			})
		}
	}
}

// parts divides units into steps of more than other goods ever are, each of another size, the least of which is given.
func (t *typists) parts(units stock.Quantity, steps, least int) (parts []stock.Quantity) {
	for n := range steps - 1 {
		part := stock.Units(int64(least + n))
		parts = append(parts, part)
		units -= part
	}
	return append(parts, units)
}

// receive types goods received in on one counter.
func receive(c *counter, units stock.Quantity) {
	if c.ch.square != nil {
		c.ch.square.adjust(c, units, stock.Received, 0, "received")
		return
	}
	c.ch.shopify.hand(c, units, "receipt typed")
}

// emptied is a shelf of which every counter was set to zero, for the same reason.
type emptied struct {
	shelf *shelf
	units stock.Quantity
	// marks are the states of the counters afterwards; nothing else has happened as long as others did nothing more.
	marks           map[*counter]int
	asked, answered bool
}

// leastEmptied is more units than one sale takes.
const leastEmptied = 5 * stock.Unit

// setToZero has a person find an even shelf empty and set every counter to zero, within some seconds, now and then while we are down.
func (t *typists) setToZero() {
	s := t.shelf()
	// fewer may be what a sale took that was told before, and with another place they may have been moved there
	if s == nil || s.counters[0].quantity < leastEmptied || s.counters[0].elsewhere() != nil {
		return
	}
	down := t.dice.chance(0.4)
	e := &emptied{shelf: s, units: s.counters[0].quantity, marks: map[*counter]int{}}
	if !t.even(e) {
		return
	}
	t.w.happened("set to zero on both")
	if down && t.w.up {
		t.w.crash()
	}
	t.emptied = append(t.emptied, e)
	for i, c := range s.counters {
		t.w.after(time.Duration(i)*t.dice.between(0, 1500*time.Millisecond), func() {
			if c.quantity != e.units || !t.idle(e) {
				e.answered = true // our push came first, or something else did
				return
			}
			set(t.w, c, 0, "set to zero")
			e.marks[c] = c.mark()
		})
	}
}

// even says that every counter shows what the shelf has.
func (t *typists) even(e *emptied) bool {
	for _, c := range e.shelf.counters {
		if c.quantity != e.units || t.w.measure.watch(e.shelf).perfect != e.units {
			return false
		}
	}
	return true
}

// idle says that others did nothing more to the counters that were set.
func (t *typists) idle(e *emptied) bool {
	for c, mark := range e.marks {
		others := slices.ContainsFunc(c.effects[mark:], func(did effect) bool { return did.call == "" })
		if others || !c.tracked || !c.known.live {
			return false
		}
	}
	return true
}

// entry notes that the ledger was told a cause on the shelf: it may be of what was set to zero, for all that it knows.
func (t *typists) entry(told ledger.Entry) {
	for _, e := range t.emptied {
		if told.Kind == ledger.KindMovement && len(told.Postings) > 0 && told.Shelf == e.shelf.name {
			e.answered = true
		}
	}
}

// planned checks that nothing is pushed below zero before a person was asked.
func (t *typists) planned(call ledger.Call) {
	for _, row := range call.Rows {
		shows := t.w.judge.states[row.Ref].Expected + row.Delta
		for _, e := range t.emptied {
			if c := t.w.counterOf(row.Ref); row.Delta < 0 && shows < 0 && c.shelf == e.shelf && t.open(e) {
				t.w.judge.fail("set to zero on both: call %s lowers %s to %s, and nobody was asked", call.Key, row.Ref, shows)
			}
		}
	}
}

// open says that an empty shelf was set to zero on every counter, nothing else happened, and no person has answered.
func (t *typists) open(e *emptied) bool {
	e.answered = e.answered || !t.idle(e)
	return !e.answered && len(e.marks) == len(e.shelf.counters)
}

// answer notes a person's answer about a count that was typed in twice.
func (t *typists) answer(brake ledger.Brake) (known bool) {
	for _, e := range t.emptied {
		if e.shelf.name == brake.Shelf && len(e.marks) > 1 {
			e.asked, known = true, true
			e.answered = true
		}
	}
	return known
}
