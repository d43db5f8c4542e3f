package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// massJudge judges mass changes from the truth: who changed which counter, which of it the ledger took, which causes it was told and
// when, what a person said. It reads nothing of what the engine remembers.
//
// A counter that follows its shelf shows what it would show if only changes with a cause had been pushed to it, and something beside:
// what it carries without a cause. Its own changes, what a person said, and what a cause that was told since explains are no part of
// that. What it carries more than at the beginning of the window reached it within the window; what takes it nearer to what it would
// show without is a repair. From PercentShelvesMin shelves on, no more of the units before the window may have reached a channel than
// the brake's limit.
//
// It tolerates what nobody who sees only readings and causes, as they come, can tell better:
//
//   - A call that only repairs is not judged, whatever other counters carry by now.
//   - What is put back, as far as the ledger knows, counts no more, though it is still to be pushed: the brake adds up what was done
//     and what is to be done.
//   - A reading shows several changes at once, and a cause that comes later does not say in which reading it was shown. So sales of
//     the window may have been taken for a repair of a raise, and the raise for less; a cause that was told ahead of its reading may be
//     taken for what another counter of the shelf shows; and no counter was changed by more than was pushed to it. A shelf counts from
//     massTelling on, and massShareMax is above the limit.
//   - Behind a mark of sold out that counts for all channels a counter's own changes are taken back, for it is to show none.
//   - The level before the window is known from the last change before it or the first one in it. So the units before are taken to be
//     as many as they were at any time since a window before the window.
//
// What a mass change does is far beyond: all of a channel, or twice as much as it had.
type massJudge struct {
	w *world
	// rows are the quantities that were told of each row, lines the highest of each counter of an order line.
	rows    map[causeKey][]stock.Quantity
	lines   map[causeKey]stock.Quantity
	shelves map[*shelf]*massShelf
	// passes is what a person lets pass.
	passes map[*counter]massPasses
}

// massPasses is what of a person's word about a counter is not pushed yet, and as much again of which nobody was shown anything. Both pass
// for a while since the word; let is what was pushed of it: to put that back meanwhile is a repair.
type massPasses struct {
	since             time.Duration
	shown, again, let stock.Quantity
}

type causeKey struct {
	channel stock.Channel
	cause   string
}

// massShelf is what the ledger took of a shelf's counters, in order, and its level.
type massShelf struct {
	steps  []massStep
	levels []massLevel
}

// massStep is a reading that was accepted, by the marks before and after, or what a person said that the level is to be changed by. A
// correction takes back what one counter did: that is a word about the counter, and a repair for those that followed it. One that
// follows its shelf only since then began with a level that held it, and for it too the correction is a word.
type massStep struct {
	at       time.Duration
	counter  *counter
	from, to int
	word     stock.Quantity
	about    *counter
	// of is the only counter that the word is about; nil: all of the shelf.
	of *counter
}

type massLevel struct {
	at    time.Duration
	level stock.Quantity
}

// follower is a counter that follows its shelf since it showed start and the shelf had so many steps. The first of pushes is where the
// window, or all of it, began.
type follower struct {
	start  stock.Quantity
	since  int
	pushes []massPush
	// opening is by how much the counter had to be changed when its shelf opened, followed when the most of that was done.
	opening  stock.Quantity
	followed time.Duration
}

// massPush is what a counter shows after a push, and the steps of its shelf that were taken by then.
type massPush struct {
	at    time.Duration
	call  string
	shows stock.Quantity
	steps int
}

func newMassJudge(w *world) *massJudge {
	return &massJudge{w: w, rows: map[causeKey][]stock.Quantity{}, lines: map[causeKey]stock.Quantity{}, shelves: map[*shelf]*massShelf{}, passes: map[*counter]massPasses{}}
}

func (m *massJudge) shelf(s *shelf) *massShelf {
	if m.shelves[s] == nil {
		m.shelves[s] = &massShelf{}
	}
	return m.shelves[s]
}

// accepts: the ledger took a reading of a counter that counts into its level.
func (m *massJudge) accepts(c *counter, from, to int) {
	if s := m.shelf(c.shelf); from != to && !c.known.waits {
		s.steps = append(s.steps, massStep{at: m.w.now, counter: c, from: from, to: to})
	}
}

// says: a person changes the level. about is the counter that they correct; nil: the word is about the shelf.
func (m *massJudge) says(s *shelf, about *counter, d stock.Quantity) {
	if d != 0 {
		m.shelf(s).steps = append(m.shelf(s).steps, massStep{at: m.w.now, word: d, about: about})
	}
}

func (m *massJudge) levelIs(s *shelf, level stock.Quantity) {
	m.shelf(s).levels = append(m.shelf(s).levels, massLevel{at: m.w.now, level: level})
}

// opens: a shelf has a level now. That it differs from what its counters show has no cause.
func (m *massJudge) opens(s *shelf) {
	m.shelf(s).levels = nil
	m.levelIs(s, m.w.judge.balances[ledger.AvailableOn(s.name)])
	for _, c := range s.counters {
		if c.known.live {
			m.follows(c)
			f := &c.follower
			f.pushes[0].shows = m.w.judge.states[c.ref].Expected
			f.opening = f.start - f.pushes[0].shows
		}
	}
}

// follows: a counter belongs to its open shelf from now on, whatever it shows.
func (m *massJudge) follows(c *counter) {
	level := m.w.judge.balances[ledger.AvailableOn(c.shelf.name)]
	steps := len(m.shelf(c.shelf).steps)
	c.follower = follower{start: level.FloorTo(c.ch.traits.Step), since: steps, pushes: []massPush{m.wanted(c)}}
}

// letPass: a person lets what they were shown pass, what was pushed of it and what was not, and for a while as much again.
func (m *massJudge) letPass(shown []ledger.PlannedPush) {
	for _, push := range shown {
		c := m.w.counterOf(push.Ref)
		pushed := m.forgive(c, push.Quantity)
		m.passes[c] = massPasses{since: m.w.now, shown: push.Quantity - pushed, again: push.Quantity, let: pushed}
	}
}

// right: a person has answered that what is held of a shelf is right. What its counters are to be pushed for that answer is theirs, but for
// what such a push repairs: that needs no word.
func (m *massJudge) right(s *shelf, answered ledger.Brake) {
	for _, c := range s.counters {
		if !c.known.live || c.known.waits {
			continue
		}
		wanted := m.wanted(c)
		shown := wanted
		shown.shows = m.w.judge.states[c.ref].Expected
		word := nearest(farther(m.carries(c, shown), m.carries(c, wanted)), wanted.shows-shown.shows)
		if typedOver(answered) { // what a mark hid beside it comes back whatever the answer is
			word = nearest(word, answered.Quantity)
		}
		m.shelf(s).steps = append(m.shelf(s).steps, massStep{at: m.w.now, word: word, of: c})
	}
}

// passed takes what a person was shown and what is pushed only now out of what reached a counter, and returns it.
func (m *massJudge) passed(c *counter) stock.Quantity {
	pass := m.passes[c]
	if m.w.now >= pass.since+massPass {
		return 0
	}
	passed := m.forgive(c, pass.shown)
	pass.shown, pass.let = pass.shown-passed, pass.let+passed
	m.passes[c] = pass
	return passed
}

// again is what a counter carries more since a release because that let pass as much again, for a while. Nobody has said that it is right:
// to take it back is a repair.
func (m *massJudge) again(c *counter) stock.Quantity {
	pass, pushes := m.passes[c], c.follower.pushes
	if pass.again == 0 || len(pushes) == 0 {
		return 0
	}
	released, passed := pushes[0], pushes[0]
	for _, push := range pushes {
		if push.at <= pass.since {
			released = push
		}
		if push.at < pass.since+massPass {
			passed = push
		}
	}
	since := m.carries(c, released)
	let := nearest(pass.again, m.carries(c, passed)-since)
	return nearest(let, m.carries(c, pushes[len(pushes)-1])-since)
}

// forgive takes so much at most out of what reached a counter in the window, as if its shelf had changed for a cause: to put it back is a
// change of its own. It returns what it took.
func (m *massJudge) forgive(c *counter, quantity stock.Quantity) stock.Quantity {
	f := &c.follower
	if len(f.pushes) == 0 {
		return 0
	}
	was, is, opening := m.window(c, m.w.now-reconcile.MassChangeWindow)
	forgiven := nearest(farther(was, is), quantity)
	for i, push := range f.pushes { // each keeps its moment: the window goes on, and ends with what was pushed by then
		f.pushes[i].shows += forgiven - nearest(farther(was, m.carries(c, push)+opening), forgiven)
	}
	opened := nearest(opening, forgiven)
	f.opening, f.start = f.opening-opened, f.start+forgiven-opened
	return forgiven
}

// massPass is how long changes pass that a person lets pass.
const massPass = 15 * time.Minute

// facts notes which causes a transaction was told.
func (m *massJudge) facts(facts []told) {
	for _, fact := range facts {
		switch in := fact.input.(type) {
		case ledger.OwnRead:
			m.movements(in.Movements...)
			for _, order := range in.Orders {
				m.order(order)
			}
		case ledger.Delivered:
			if in.Event.Movement != nil {
				m.movements(*in.Event.Movement)
			}
			if in.Event.Order != nil {
				m.order(*in.Event.Order)
			}
		}
	}
}

func (m *massJudge) movements(list ...stock.Movement) {
	for _, movement := range list {
		known := causeKey{movement.Ref.Channel, movement.Key}
		if movement.Reference == "" && !slices.Contains(m.rows[known], movement.Quantity) {
			m.rows[known] = append(m.rows[known], movement.Quantity)
		}
	}
}

func (m *massJudge) order(o stock.Order) {
	for _, line := range o.Lines {
		var back stock.Quantity
		for _, restock := range line.Restocks {
			back += restock.Quantity
		}
		for key, total := range map[string]stock.Quantity{takenKey(line.ID): line.Taken, restockedKey(line.ID): back} {
			if key == takenKey(line.ID) && line.Location == "" {
				continue // told, but nobody can say of which counter
			}
			known := causeKey{o.Channel, key}
			m.lines[known] = max(m.lines[known], total)
		}
	}
}

// caused is the part of an effect that a cause explains which the ledger was told.
func (m *massJudge) caused(c *counter, e effect) stock.Quantity {
	rows := m.rows[causeKey{c.ch.name, e.key + e.row}]
	switch {
	case e.call != "" || e.unproven:
		return 0
	case e.line != "" && m.lines[causeKey{c.ch.name, e.line}] >= e.lineTotal:
		return e.explained
	case e.row != "" && slices.Contains(rows, e.to):
		return e.delta
	case e.key != "" && len(rows) > 0:
		return e.asWritten()
	}
	return 0
}

// asWritten is what the row of an effect said before anybody edited it.
func (e effect) asWritten() stock.Quantity {
	quantity := e.explained
	for _, edit := range e.edits {
		quantity -= edit.change
	}
	return quantity
}
