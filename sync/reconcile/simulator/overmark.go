package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// overMarks are people who see that a counter shows none, because another channel's mark hides what there is, and type in what stands on
// the shelf.
type overMarks struct {
	*marks
	// on: they do it in this run.
	on    bool
	typed []*typedOverMark
}

// typedOverMark is what somebody typed in on a counter over a mark, by its state afterwards.
type typedOverMark struct {
	counter *counter
	units   stock.Quantity
	mark    int
	// asked: a person was asked about it. over: it was answered, or something else happened to the counter that nobody tells from it.
	asked, over bool
}

// overQuiet is how long nobody else may have changed a counter: what is told later may explain what is typed in.
const overQuiet = 75 * time.Second

// plan has somebody look now and then at the counters that a mark of a till hides.
func (o *overMarks) plan(marked *counter) {
	if o.on && marked.hides() && !o.w.calm {
		o.w.after(o.dice.between(10*time.Second, 40*time.Second), func() {
			o.see(marked)
			o.plan(marked)
		})
	}
}

// see has somebody type in over a mark: while it lasts, right after it is taken back, or while we are down.
func (o *overMarks) see(marked *counter) {
	c := marked.shelf.counters[o.dice.IntN(len(marked.shelf.counters))]
	if o.w.calm || c.ch == marked.ch || !marked.hides() || !o.shows(c) {
		return
	}
	typeIn := func() { o.typeIn(c) }
	switch o.dice.IntN(3) {
	case 0:
		typeIn()
	case 1:
		o.set(marked, false)
		o.w.after(o.dice.between(0, 1500*time.Millisecond), typeIn)
	case 2:
		if o.w.up {
			o.w.crash()
		}
		typeIn()
		if o.dice.chance(0.5) {
			o.set(marked, false)
		}
	}
}

// shows says that a counter shows none because of a mark, as the ledger knows, and that others did nothing that it does not know.
func (o *overMarks) shows(c *counter) bool {
	state, s := o.w.judge.states[c.ref], c.shelf
	for _, other := range s.counters {
		asked := slices.ContainsFunc(o.w.ledger.ref(other.ref).Work.Raises, func(raise ledger.Raise) bool { return raise.Hidden })
		if other.twin || other.successor != nil || o.w.programs[other.ref] || asked {
			return false
		}
	}
	known := state.Status == ledger.Live && !c.known.waits && state.Expected == c.quantity && len(state.Unconfirmed) == 0
	return known && c.elsewhere() == nil && o.quiet(c) && c.quantity <= 0 && o.w.judge.hidden(c) && o.w.judge.balances[ledger.AvailableOn(s.name)] > 0
}

// quiet says that others did nothing to a counter lately, and nothing that the ledger has not taken.
func (o *overMarks) quiet(c *counter) bool {
	return !slices.ContainsFunc(c.effects, func(e effect) bool { return e.call == "" && o.w.now-e.at < overQuiet }) &&
		c.othersDid(min(c.known.last, c.mark()), c.mark()) == 0
}

// typeIn types in what the shelf has on a counter that still shows none.
func (o *overMarks) typeIn(c *counter) {
	units := o.w.judge.balances[ledger.AvailableOn(c.shelf.name)].FloorTo(stock.Unit)
	if units <= 0 || c.quantity > 0 || !o.quiet(c) || !c.tracked || !c.known.live || slices.ContainsFunc(o.typed, func(t *typedOverMark) bool { return t.counter.shelf == c.shelf }) {
		return
	}
	o.w.happened("typed in over a mark")
	t := &typedOverMark{counter: c, units: units - c.quantity}
	set(o.w, c, units, "typed in over a mark")
	t.mark = c.mark()
	o.typed = append(o.typed, t)
}

// open says that the ledger took what was typed in, nothing else happened to the counter, and no person has answered.
func (o *overMarks) open(t *typedOverMark) bool {
	c := t.counter
	others := slices.ContainsFunc(c.effects[t.mark:], func(did effect) bool { return did.call == "" })
	t.over = t.over || others || !c.tracked || !c.known.live || c.known.waits || c.known.misled || c.strayMark != 0
	return !t.over && c.known.last >= t.mark
}

// entry notes what the ledger was told of a counter: it may explain what was typed in, for all that it knows.
func (o *overMarks) entry(told ledger.Entry) {
	for _, t := range o.typed {
		explains := told.Kind == ledger.KindMovement && len(told.Postings) > 0 || told.Kind == ledger.KindBaseline
		t.over = t.over || explains && told.Ref == t.counter.ref
	}
}

// planned checks that no counter is raised by what was typed in before a person was asked.
func (o *overMarks) planned(call ledger.Call) {
	for _, row := range call.Rows {
		shows := o.w.judge.states[row.Ref].Expected + row.Delta
		for _, t := range o.typed {
			c := o.w.counterOf(row.Ref)
			if row.Delta <= 0 || c.shelf != t.counter.shelf || !o.open(t) {
				continue
			}
			if level := o.w.judge.balances[ledger.AvailableOn(c.shelf.name)]; shows > o.w.judge.target(c, level-t.units) {
				o.w.judge.fail("typed in over a mark: call %s raises %s to %s, and nobody was asked", call.Key, row.Ref, shows)
			}
		}
	}
}

// answer notes a person's answer, and says whether it was about something that was typed in over a mark.
func (o *overMarks) answer(brake ledger.Brake) (known bool) {
	for _, t := range o.typed {
		if t.counter.shelf.name == brake.Shelf && (t.counter.ref == brake.Ref || brake.Kind == ledger.OtherProgram) {
			t.asked, known = t.asked || typedOver(brake), true
			t.over = true
		}
	}
	return known
}
