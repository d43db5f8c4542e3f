package simulator

import (
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// beginsAnew: a shelf that is not open takes back all that its counters posted, for the authority's count will hold it.
func (j *judge) beginsAnew(e ledger.Entry, s *shelf, d stock.Quantity) {
	posted := s.truth.corrected + s.truth.opening
	s.truth.opening = 0
	for _, c := range s.counters {
		k := &c.known
		posted += k.closed - k.dropped
		k.dropped, k.part = k.closed, false
		if k.live {
			posted += k.posted
			k.dropped += k.posted
			k.anew = true
		}
	}
	s.truth.corrected = 0
	if s.truth.opened || d != -posted {
		j.fail("%s takes %s off the level of %v (open: %t), its counters posted %s", e.Key, -d, s.name, s.truth.opened, posted)
	}
	j.w.reached("a shelf begins anew")
	j.w.measure.truthChanged(j.w, s, d)
}

// readAnew: a counter of such a shelf is read again. What others did to it until then is explained as ever, and moves no level.
func (j *judge) readAnew(e ledger.Entry, c *counter, fact told, d stock.Quantity) {
	k := &c.known
	posted := posted(e)
	k.posted += posted
	k.dropped += posted
	k.anew, k.last, k.since = false, fact.look.mark, fact.look.at
	if want := c.othersDid(k.base, fact.look.mark); k.posted != want && !j.tolerates(fact, true) {
		j.fail("R8: %s is read anew: %s posted since the baseline, others did %s", e.Key, k.posted, want)
	}
	count := c.values[fact.look.mark]
	part := !e.Opens && j.isPart(c, d, count)
	if d != 0 && !e.Opens && !part {
		j.fail("R8: %s is read anew and moves the level by %s", e.Key, d)
	}
	j.w.measure.truthChanged(j.w, c.shelf, -posted)
	if j.arrives(e, c, fact.look.mark); k.waits { // it was missing, and the shelf opened without it
		j.w.measure.truthChanged(j.w, c.shelf, -c.othersDid(fact.look.mark, c.mark()))
	}
	switch {
	case e.Opens:
		j.opening(c)
		j.opens(e, c, count)
		j.w.measure.truthChanged(j.w, c.shelf, count)
	case part:
		c.shelf.truth.opening += count
		j.w.measure.truthChanged(j.w, c.shelf, count)
	}
}

// isPart says that a count which does not open its shelf is a part of the sum that will: another article of the channel shares the
// shelf, and is not read yet.
func (j *judge) isPart(c *counter, d, count stock.Quantity) bool {
	part := !c.shelf.truth.opened && d == count && c.pair != nil
	c.known.part = part
	return part
}

// opens: the last part of the sum opens the shelf. None may be missing.
func (j *judge) opens(e ledger.Entry, c *counter, count stock.Quantity) {
	c.shelf.truth.opened = true
	c.shelf.truth.opening += count
	j.mass.opens(c.shelf)
	if other := c.pair; other != nil {
		j.w.reached("opened with a sum")
		if !other.known.part && !other.untied {
			j.fail("R8: %s opens %v without the part of %s", e.Key, c.shelf.name, other.ref)
		}
	}
}

// opening checks that the count which opens a shelf does not hold what the level counts already: what others do to a counter counts
// beside an authority that was missing only from a look on that came after it was missing. One that is still to be read anew was
// missing itself, and counts for nothing.
func (j *judge) opening(authority *counter) {
	absent := authority.known.absent
	for _, c := range authority.shelf.counters {
		if k := c.known; c != authority && k.live && !k.anew && absent > 0 && k.since <= absent {
			j.fail("R8: the opening of %v books %s twice: %s counts since %s, %s was missing at %s", authority.shelf.name, k.posted-k.dropped, c.ref, k.since, authority.ref, absent)
		}
	}
}
