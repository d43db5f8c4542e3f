package simulator

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

func toLevel(e ledger.Entry) (sum stock.Quantity) {
	available := ledger.AvailableOn(e.Shelf)
	for _, p := range e.Postings {
		switch available {
		case p.To:
			sum += p.Quantity
		case p.From:
			sum -= p.Quantity
		}
	}
	return sum
}

func (j *judge) entry(e ledger.Entry, facts []told, used []bool) {
	c := j.w.counterOf(e.Ref)
	if c == nil {
		j.fail("entry %s of an unknown ref", e.Key)
		return
	}
	d := toLevel(e)
	j.w.measure.levelChanged(j.w, c.shelf, d)
	switch {
	case e.Kind == ledger.KindBaseline && e.Status == ledger.Live:
		j.baseline(e, c, facts, used, d)
	case e.Kind == ledger.KindReading && e.Status == ledger.Untracked:
		j.untracked(c)
	case e.Kind == ledger.KindReading && e.Status == ledger.Unreadable:
		j.w.reached("counter unreadable")
	case e.Kind == ledger.KindReading:
		j.difference(e, c, facts, used, d)
	case e.Kind == ledger.KindCorrection && e.Push == nil:
		c.shelf.truth.corrected += d
		c.known.corrected += d
		j.w.measure.truthChanged(j.w, c.shelf, d)
	case d != 0:
		j.fail("entry %s moves the level by %s, and is no reading", e.Key, d)
	}
	if e.Push != nil {
		j.w.reached("push " + e.Push.Phase.String())
	}
}

// find returns the fact that an entry of a reading came from.
func (j *judge) find(e ledger.Entry, facts []told, used []bool) (told, bool) {
	for i, fact := range facts {
		r := fact.look.reading
		if !used[i] && fact.look.counter != nil && r.Ref == e.Ref && r.Status == stock.Counted &&
			r.Version.Equal(e.OccurredAt) && r.Quantity == j.states[e.Ref].Expected {
			used[i] = true
			return fact, true
		}
	}
	return told{}, false
}

func (j *judge) baseline(e ledger.Entry, c *counter, facts []told, used []bool, d stock.Quantity) {
	fact, ok := j.find(e, facts, used)
	if !ok {
		j.fail("baseline %s comes from no reading", e.Key)
		return
	}
	k := &c.known
	if k.live {
		j.fail("%s got a second baseline", c.ref)
	}
	mark := fact.look.mark
	for _, lost := range c.effects[min(k.last, mark):mark] { // untracked until now
		if k.base > 0 && lost.explained != 0 {
			k.maybe = append(k.maybe, lost.explained)
		}
	}
	if k.base > 0 {
		k.again = true
		j.w.reached("tracked again")
	}
	k.live, k.base, k.last, k.posted = true, mark, mark, 0
	gone := c.othersDid(mark, c.mark())
	if e.Opens {
		if c.shelf.truth.opened {
			j.fail("%v got a second opening", c.shelf.name)
		}
		c.shelf.truth.opened, c.shelf.truth.opening = true, c.values[mark]
		if d != c.values[mark] {
			j.fail("opening of %v posts %s, the counter showed %s", c.shelf.name, d, c.values[mark])
		}
		gone += c.values[mark]
	} else if d != 0 {
		j.fail("baseline of %s moves the level by %s and does not open the shelf", c.ref, d)
	}
	j.w.measure.truthChanged(j.w, c.shelf, gone)
}

// doubtWindow is how late the webhook or the sweep that tells of a movement may come.
const doubtWindow = 8 * time.Minute

// untracked ends the period in which differences of a counter count. What happened since the last accepted reading is lost.
func (j *judge) untracked(c *counter) {
	k := &c.known
	if !k.live {
		return
	}
	j.w.reached("untracked while live")
	k.live = false
	k.closed += k.posted
	for _, e := range c.effects[k.base:k.last] { // what tells of it may come too late
		if e.explained != 0 && j.w.now-e.at < doubtWindow {
			k.maybe = append(k.maybe, -e.explained)
		}
	}
	k.explained += j.explainedBy(c, k.base, k.last)
	j.w.measure.truthChanged(j.w, c.shelf, -c.othersDid(k.last, c.mark()))
}

// difference is R1's invariant: what was posted since the baseline is what others did to the counter since then, as of the
// accepted reading.
func (j *judge) difference(e ledger.Entry, c *counter, facts []told, used []bool, d stock.Quantity) {
	fact, ok := j.find(e, facts, used)
	if !ok {
		j.fail("reading %s comes from no fact", e.Key)
		return
	}
	k := &c.known
	if !k.live {
		j.fail("reading %s of a ref without a baseline", e.Key)
		return
	}
	k.posted += d
	_, own := fact.input.(ledger.OwnRead)
	if fact.look.mark < k.last {
		j.w.reached("accepted reading is older than the one before")
	}
	tolerated := c.tolerates(fact.look, own)
	if want := c.othersDid(k.base, fact.look.mark); k.posted != want && !tolerated {
		if d == 0 && !own {
			j.confirmedEarly++
			j.w.reached("delivery confirmed a push that it does not contain")
		} else {
			j.fail("R1: %s posts %s (own read: %t): %s posted since the baseline, others did %s up to effect %d", e.Key, d, own, k.posted, want, fact.look.mark)
		}
	}
	k.last = fact.look.mark
}

// accepted checks a reading that was accepted and posted nothing.
func (j *judge) accepted(seen look, what string) {
	k := &seen.counter.known
	if !k.live {
		return
	}
	tolerated := seen.counter.tolerates(seen, what == "own read")
	if want := seen.counter.othersDid(k.base, seen.mark); k.posted != want && !tolerated {
		if what == "own read" {
			j.fail("R1: own read of %s finds no difference: %s posted since the baseline, others did %s up to effect %d", seen.counter.ref, k.posted, want, seen.mark)
			return
		}
		j.confirmedEarly++
	}
	k.last = seen.mark
}
