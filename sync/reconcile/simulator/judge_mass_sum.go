package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// carries is what a counter shows without a cause after a push.
func (m *massJudge) carries(c *counter, push massPush) stock.Quantity {
	without := c.follower.start
	steps := m.shelf(c.shelf).steps[c.follower.since:push.steps]
	for i, step := range steps {
		switch {
		case step.of != nil && step.of != c:
		case step.counter == nil && (step.about == nil || step.about == c):
			without += step.word
		case step.counter == nil: // what the counter never followed is no repair: it began with a level that held it
			without += step.word - m.takenBack(step, steps[:i])
		case step.counter == c:
			without += c.othersDid(step.from, step.to)
		case step.from > step.to: // an older reading was believed
			without -= m.causedBetween(step.counter, step.to, step.from)
		default:
			without += m.causedBetween(step.counter, step.from, step.to)
		}
	}
	return push.shows - without.FloorTo(c.ch.traits.Step)
}

// takenBack is how much of a correction takes back what its counter changed in some steps without a cause, taken together: what it had
// put back itself before is a person's word when they say that it was right after all.
func (m *massJudge) takenBack(correction massStep, steps []massStep) stock.Quantity {
	var did stock.Quantity
	for _, step := range steps {
		if step.counter == correction.about && step.from < step.to {
			did += step.counter.othersDid(step.from, step.to) - m.causedBetween(step.counter, step.from, step.to)
		}
	}
	return nearest(correction.word, -did)
}

func (m *massJudge) causedBetween(c *counter, from, to int) (sum stock.Quantity) {
	for _, e := range c.effects[from:to] {
		sum += m.caused(c, e)
	}
	return sum
}

// planned judges a call at the moment it is stored.
func (m *massJudge) planned(call ledger.Call) {
	harms := false
	for _, row := range call.Rows {
		c := m.w.counterOf(row.Ref)
		f := &c.follower
		push := massPush{at: m.w.now, call: call.Key, shows: m.w.judge.states[row.Ref].Expected + row.Delta, steps: len(m.shelf(c.shelf).steps)}
		harm := nearest(m.harm(c, push), row.Delta) // of a push the other way nothing can be held: no counter is pushed beyond its level
		if f.followed == 0 && m.carries(c, push).Abs() <= f.opening.Abs()/2 {
			f.followed = m.w.now
		}
		f.pushes = append(f.pushes, push)
		beyond := m.passed(c).Abs() < harm.Abs() && (m.again(c) == 0 || m.reached(c, m.w.now-reconcile.MassChangeWindow) > 0)
		harms = beyond || harms
	}
	if harms {
		m.verdict(call.Channel)
	}
}

// harm is by how much a push takes a counter farther from what it would show without what has no cause. One that takes it nearer is a
// repair, but for the push that an opening wants.
func (m *massJudge) harm(c *counter, push massPush) stock.Quantity {
	f := &c.follower
	if len(f.pushes) == 0 {
		return 0
	}
	was, is := m.carries(c, f.pushes[len(f.pushes)-1]), m.carries(c, push)
	if f.followed == 0 {
		was, is = was+f.opening, is+f.opening
	}
	return farther(was, is)
}

// refused: a push that was judged when it was planned never had its effect.
func (m *massJudge) refused(call ledger.Call) {
	for _, row := range call.Rows {
		f := &m.w.counterOf(row.Ref).follower
		f.pushes = slices.DeleteFunc(f.pushes, func(push massPush) bool { return push.call == call.Key })
	}
}

// verdict adds up what reached the counters of a channel within the window.
func (m *massJudge) verdict(channel stock.Channel) {
	begin := m.w.now - reconcile.MassChangeWindow
	var units, before, parts stock.Quantity
	shelves, stocked := 0, 0
	for _, c := range m.w.byName[channel].counters {
		if !c.known.live || c.known.waits {
			continue
		}
		had := m.levelSince(c.shelf, begin-reconcile.MassChangeWindow)
		before += had
		if had > 0 {
			stocked++
		}
		if carried := m.reached(c, begin); carried >= massTelling {
			units += carried
			parts += part(carried, max(had, c.follower.pushes[0].shows.Abs()))
			shelves++
		}
	}
	if m.w.tracing {
		for _, c := range m.w.byName[channel].counters {
			if len(c.follower.pushes) > 0 {
				m.w.tracef("MASS %s reached %s was %s is %s start %s opening %s", c.ref, m.reached(c, begin), m.carries(c, c.follower.pushes[0]), m.carries(c, c.follower.pushes[len(c.follower.pushes)-1]), c.follower.start, c.follower.opening)
			}
		}
	}
	if shelves >= reconcile.PercentShelvesMin && units > before/100*massShareMax {
		m.w.judge.fail("mass change: %d shelves and %s of %s units of %s were pushed without a cause within the window", shelves, units, before, channel)
	}
	if shelves >= reconcile.PercentShelvesMin && parts > stock.Units(int64(stocked))/100*massShareMax {
		m.w.judge.fail("mass change: %d of %d shelves of %s were pushed without a cause within the window, by as much as %s whole ones", shelves, stocked, channel, parts)
	}
}

// part is what part of its units a shelf is changed by, at most all.
func part(change, of stock.Quantity) stock.Quantity {
	return min(stock.Unit, stock.Quantity(float64(change)/float64(max(1, of))*float64(stock.Unit)))
}

// reached is how many units without a cause reached a counter since then, and are to stay.
func (m *massJudge) reached(c *counter, begin time.Duration) stock.Quantity {
	if len(c.follower.pushes) == 0 {
		return 0
	}
	was, is, opening := m.window(c, begin)
	reached := nearest(farther(was, is), farther(was, m.carries(c, m.wanted(c))+opening))
	pushes := c.follower.pushes
	reached = nearest(reached, m.pushed(c, pushes[0], pushes[len(pushes)-1]))
	reached -= nearest(reached, m.again(c))
	if pass := m.passes[c]; m.w.now < pass.since+massPass {
		reached -= nearest(reached, -pass.let)
	}
	return max(0, reached.Abs()-m.against(c, begin, reached)-m.ahead(c, reached)-m.behindMark(c, begin, reached))
}

// behindMark is how much of what reached a counter takes back what it did itself since then: while another channel marks its item as sold
// out, it is to show none whatever it counts.
func (m *massJudge) behindMark(c *counter, since time.Duration, reached stock.Quantity) (own stock.Quantity) {
	if !m.w.judge.hidden(c) {
		return 0
	}
	for _, step := range m.shelf(c.shelf).steps {
		if step.at >= since && step.counter == c {
			own += c.othersDid(step.from, step.to)
		}
	}
	return nearest(reached, -own).Abs()
}

// window is what a counter carried when a window began and carries since the last push, both with what its opening wanted of it if that
// was followed within the window.
func (m *massJudge) window(c *counter, begin time.Duration) (was, is, opening stock.Quantity) {
	f := &c.follower
	for len(f.pushes) > 1 && f.pushes[1].at <= begin {
		f.pushes = f.pushes[1:]
	}
	if f.followed == 0 || f.followed > begin {
		opening = f.opening
	}
	return m.carries(c, f.pushes[0]) + opening, m.carries(c, f.pushes[len(f.pushes)-1]) + opening, opening
}

// against is how much others changed the shelf's other counters since then for a cause, the other way than a quantity.
func (m *massJudge) against(c *counter, since time.Duration, quantity stock.Quantity) (sum stock.Quantity) {
	for _, step := range m.shelf(c.shelf).steps {
		if step.at < since || step.counter == nil || step.counter == c || step.from > step.to {
			continue
		}
		for _, e := range step.counter.effects[step.from:step.to] {
			if caused := m.caused(step.counter, e); (caused < 0) != (quantity < 0) {
				sum += caused.Abs()
			}
		}
	}
	return sum
}

// ahead is how much the ledger was told of the shelf's other counters that no reading has shown yet, the way of a quantity.
func (m *massJudge) ahead(c *counter, quantity stock.Quantity) (sum stock.Quantity) {
	for _, other := range c.shelf.counters {
		if other == c {
			continue
		}
		for _, e := range other.effects[other.known.last:] {
			if caused := m.caused(other, e); (caused < 0) == (quantity < 0) {
				sum += caused.Abs()
			}
		}
	}
	return sum
}

// wanted is the push that would have the counter follow its shelf now.
func (m *massJudge) wanted(c *counter) massPush {
	level := m.w.judge.balances[ledger.AvailableOn(c.shelf.name)]
	return massPush{at: m.w.now, shows: m.w.judge.target(c, level), steps: len(m.shelf(c.shelf).steps)}
}

// farther is by how much one quantity is farther from zero than another was, on its side of zero.
func farther(was, is stock.Quantity) stock.Quantity {
	if (is < 0) != (was < 0) {
		return is
	}
	if is.Abs() <= was.Abs() {
		return 0
	}
	return is - was
}

// nearest is what two quantities have in common.
func nearest(a, b stock.Quantity) stock.Quantity {
	switch {
	case (a < 0) != (b < 0):
		return 0
	case a.Abs() < b.Abs():
		return a
	}
	return b
}

// pushed is by how much our pushes changed a counter from one to another.
func (m *massJudge) pushed(c *counter, first, last massPush) stock.Quantity {
	sum := last.shows - first.shows
	for _, step := range m.shelf(c.shelf).steps[first.steps:last.steps] {
		if step.counter == c {
			sum -= c.othersDid(step.from, step.to)
		}
	}
	return sum
}

// levelSince is the level of a shelf farthest from zero since then.
func (m *massJudge) levelSince(s *shelf, at time.Duration) (farthest stock.Quantity) {
	list := m.shelf(s).levels
	for i := len(list) - 1; i >= 0; i-- {
		farthest = max(farthest, list[i].level.Abs())
		if list[i].at <= at {
			break
		}
	}
	return farthest
}

// massShareMax is how many per cent of a channel may be pushed without a cause. A shelf counts from massTelling on.
const (
	massShareMax = 40
	massTelling  = 5 * stock.Unit
)
